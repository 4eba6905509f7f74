// An operator's file may hold anything: it opens or is refused with a code, and what opens never lets grade D be seen.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  applyPack,
  directory,
  helpFor,
  openState,
  PACK_FORMAT,
  parsePack,
  validateRows,
} from '../src/index.ts';
import type { Grade, Row } from '../src/index.ts';
import { row, today } from './rows.ts';

test('any JSON is parsed or refused with a code', () => {
  const head = { format: PACK_FORMAT, version: 1, issuedOn: today };
  const content = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { rows: fc.jsonValue(), remove: fc.jsonValue(), emergencies: fc.jsonValue() },
      { requiredKeys: [] },
    ),
    fc.jsonValue().map((value) => ({ rows: [{ ...row, contacts: value }] })),
  );
  fc.assert(
    fc.property(content, (value) => {
      const text = JSON.stringify(typeof value === 'object' ? Object.assign({}, head, value) : value);
      try {
        parsePack(text, today);
      } catch (error) {
        expect((error as { readonly code: string }).code).toMatch(/^CARE_PACK_(SHAPE|RULES)$/);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('whatever a file adds, replaces and removes, no grade D is shown and nothing dangles', () => {
  const ids = directory.rows.map(({ id }) => id);
  const override = fc.record({
    id: fc.constantFrom(...ids),
    grade: fc.constantFrom<Grade>('A', 'B', 'C', 'D'),
  });
  fc.assert(
    fc.property(fc.array(override, { maxLength: 8 }), fc.subarray(ids), (overrides, remove) => {
      const rows = new Map<string, Row>();
      for (const { id, grade } of overrides) {
        const country = directory.rows.find((known) => known.id === id)!.country;
        // A country that ships without any shown row has no emergency number: its rows must stay doubtful.
        const covered = directory.emergencies.some((e) => e.country === country);
        rows.set(id, { ...row, id, country, grade: covered ? grade : 'D' });
      }
      const content = { format: PACK_FORMAT, version: 1, issuedOn: today, remove, rows: [...rows.values()] };
      const { directory: merged } = applyPack(directory, parsePack(JSON.stringify(content), today));
      expect(validateRows(merged.rows, today, merged)).toEqual([]);
      for (const country of new Set(merged.rows.map((r) => r.country))) {
        const { first, others } = helpFor(
          { country, languages: ['en'], at: new Date(`${today}T00:00:00Z`) },
          merged,
        );
        for (const view of [first, ...others]) expect(view?.row.grade).not.toBe('D');
      }
    }),
    { numRuns: 40 },
  );
});

test('any hours give open, closed or unknown', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.boolean(),
      fc.date({ noInvalidDate: false }),
      (tz, spec, is247, at) => {
        expect(['open', 'closed', 'unknown']).toContain(openState({ tz, spec, is247 }, at));
      },
    ),
  );
});

test('a line that is closed on no day is open at every minute', () => {
  const hours = { tz: 'America/New_York', spec: 'Mo-Su 08:00-20:00,20:00-08:00', is247: false };
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
      (at) => {
        expect(openState(hours, at)).toBe('open');
      },
    ),
  );
});
