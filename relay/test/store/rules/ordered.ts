// Ordered appends: compare-and-set, the slot, what is kept and how long. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import { grants, hex, make, outcome, request, START } from '../harness.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400;

export function orderedRules(at: Ground): void {
  describe('ordered append and the slot', () => {
    test('is compare-and-set: of two with one expectation one wins, the other hears the value', async () => {
      const { owner, writer } = await make(at.store, 'log');
      await at.put(writer);
      const results = await Promise.allSettled([
        at.store.append(owner, request({ ordered: { expect: 0 } })),
        at.store.append(writer, request({ ordered: { expect: 0 } })),
      ]);
      expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected']);
      expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'STALE', current: 2 });
      expect((await at.store.bounds(owner)).orderedSequence).toBe(2);
    });

    test('in a log it is delivered, flagged, and kept in the slot with 16 before it', async () => {
      const made = await make(at.store, 'log');
      const sent = [];
      let expected = 0;
      for (let n = 0; n < 20; n++) {
        await at.put(made.writer);
        const one = await at.put(made.owner, { ordered: { expect: expected } });
        expected = one.sequence;
        sent.push(one);
      }
      await at.reopen();
      const { reader } = await grants(at.store, made.spec);
      const blocks = await at.store.read(reader, 0, 100);
      expect(blocks.map((b) => b.ordered)).toEqual(Array.from({ length: 40 }, (_, i) => i % 2 === 1));
      for (const back of [0, 1, 16]) {
        const slot = await at.store.slot(reader, back);
        const original = sent[19 - back]!;
        expect([slot!.sequence, hex(slot!.block), hex(slot!.appendId)]).toEqual([
          original.sequence,
          hex(original.block),
          hex(original.appendId),
        ]);
      }
      expect(await at.store.slot(reader, 17)).toBeUndefined();
    });

    test('in a mailbox it counts apart, is not delivered, and a repeat is known', async () => {
      const made = await make(at.store, 'mailbox');
      const first = await at.put(made.owner, { ordered: { expect: 0 } });
      expect(first.sequence).toBe(1);
      expect((await at.put(made.writer)).sequence).toBe(1);
      const second = await at.put(made.owner, { ordered: { expect: 1 } });
      expect(second.sequence).toBe(2);
      expect((await at.store.read(made.reader, 0, 10)).length).toBe(1);
      for (const grant of [made.owner, made.reader, made.writer]) {
        expect(hex((await at.store.slot(grant, 0))!.block)).toBe(hex(second.block));
        expect(await at.store.slot(grant, 1)).toBeUndefined();
      }
      await at.reopen();
      const { owner, writer } = await grants(at.store, made.spec);
      expect(await at.store.append(owner, { ...first, ordered: { expect: 0 } })).toMatchObject({
        duplicate: true,
        sequence: 1,
      });
      expect(owner).toMatchObject({ lastSequence: 1, orderedSequence: 2 });
      expect(hex((await at.store.slot(writer, 0))!.block)).toBe(hex(second.block));
    });

    test('lives as long as promised: 7 days in the log, 30 in the slot, and expect outlives both', async () => {
      const made = await make(at.store, 'log');
      const plain = await at.put(made.writer);
      const ordered = await at.put(made.owner, { ordered: { expect: 0 } });
      expect(plain.keptUntil - START).toBe(DAY);
      at.clock.seconds = START + DAY + 3600;
      await at.store.sweep();
      expect((await at.store.read(made.reader, 0, 9)).map((b) => b.sequence)).toEqual([2]);
      at.clock.seconds = START + 7 * DAY + 3600;
      await at.store.sweep();
      expect(await at.store.read(made.reader, 0, 9)).toEqual([]);
      expect(await at.store.bounds(made.reader)).toEqual({ head: 2, floor: 3, orderedSequence: 2 });
      expect(hex((await at.store.slot(made.reader, 0))!.block)).toBe(hex(ordered.block));
      at.clock.seconds = START + 30 * DAY + 3600;
      await at.store.sweep();
      expect(await at.store.slot(made.reader, 0)).toBeUndefined();
      await at.reopen();
      const { owner } = await grants(at.store, made.spec);
      expect(await outcome(() => at.store.append(owner, request({ ordered: { expect: 0 } })))).toBe('STALE');
      expect(await outcome(() => at.store.append(owner, request({ ordered: { expect: 2 } })))).toBe(
        'accepted',
      );
    });
  });
}
