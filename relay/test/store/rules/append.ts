// Appending: sequences, repeats, remembered ids, quotas, the order of checks. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import { grants, key, make, outcome, request, START } from '../harness.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400;

export function appendRules(at: Ground): void {
  describe('append', () => {
    test('gives rising sequences and keeps at least the TTL, at most an hour more', async () => {
      const { writer, reader } = await make(at.store, 'mailbox');
      for (let n = 1; n <= 5; n++) {
        const { sequence, duplicate, keptUntil } = await at.put(writer);
        expect([sequence, duplicate]).toEqual([n, false]);
        expect(keptUntil).toBeGreaterThanOrEqual(START + 14 * DAY);
        expect(keptUntil).toBeLessThanOrEqual(START + 14 * DAY + 3600);
      }
      expect((await at.store.read(reader, 0, 3)).map((b) => b.sequence)).toEqual([1, 2, 3]);
      expect((await at.store.read(reader, 3, 9)).map((b) => b.sequence)).toEqual([4, 5]);
    });

    test('a repeat answers with the first sequence: while pending, later, after the ack, after reopening', async () => {
      const made = await make(at.store, 'mailbox');
      const same = request();
      const [first, second] = await Promise.all([
        at.store.append(made.writer, same),
        at.store.append(made.writer, same),
      ]);
      expect([first.duplicate, second.duplicate]).toEqual([false, true]);
      expect([first.sequence, second.sequence]).toEqual([1, 1]);
      expect(second.keptUntil).toBe(first.keptUntil);
      await second.durable;
      await at.store.ack(made.reader, [{ sequence: 1, appendId: same.appendId }]);
      expect(await at.store.append(made.writer, same)).toMatchObject({
        duplicate: true,
        sequence: 1,
        keptUntil: 0,
      });
      await at.reopen();
      const { writer } = await grants(at.store, made.spec);
      expect(writer.lastSequence).toBe(1);
      expect(await at.store.append(writer, same)).toMatchObject({
        duplicate: true,
        sequence: 1,
        keptUntil: 0,
      });
      expect((await at.put(writer)).sequence).toBe(2);
    });

    test('remembers the promised number of ids, across reopening', async () => {
      const made = await make(at.store, 'mailbox');
      const sent = [];
      for (let n = 1; n <= 300; n++) {
        const one = request();
        sent.push(one);
        await at.store.append(made.writer, one);
        await at.store.ack(made.reader, [{ sequence: n, appendId: one.appendId }]);
        if (n === 150) await at.reopen();
        if (n === 150) Object.assign(made, await grants(at.store, made.spec));
      }
      for (const [i, one] of sent.slice(-64).entries()) {
        expect(await at.store.append(made.writer, one)).toMatchObject({ duplicate: true, sequence: 237 + i });
      }
      expect(await at.store.append(made.writer, sent[0]!)).toMatchObject({ duplicate: false, sequence: 301 });
    });

    test('only the right rights append', async () => {
      const mailbox = await make(at.store, 'mailbox');
      const pool = await make(at.store, 'pool');
      const joinerKey = key();
      const log = await make(at.store, 'log', { joinerKey });
      const joiner = await at.store.grant('joiner', log.spec.writeId, joinerKey);
      const ordered = { expect: 0 };
      const results: Record<string, string> = {};
      for (const [name, made] of Object.entries({ mailbox, pool, log })) {
        for (const right of ['owner', 'reader', 'writer'] as const) {
          results[`${name} ${right}`] = await outcome(() => at.store.append(made[right], request()));
          results[`${name} ${right} ordered`] = await outcome(() =>
            at.store.append(
              made[right],
              request({ ordered: { expect: made === log && right === 'writer' ? 1 : 0 } }),
            ),
          );
        }
      }
      expect(results).toEqual({
        'mailbox owner': 'INVALID',
        'mailbox owner ordered': 'accepted',
        'mailbox reader': 'INVALID',
        'mailbox reader ordered': 'INVALID',
        'mailbox writer': 'accepted',
        'mailbox writer ordered': 'INVALID',
        'pool owner': 'INVALID',
        'pool owner ordered': 'accepted',
        'pool reader': 'INVALID',
        'pool reader ordered': 'INVALID',
        'pool writer': 'accepted',
        'pool writer ordered': 'INVALID',
        'log owner': 'INVALID',
        'log owner ordered': 'accepted',
        'log reader': 'INVALID',
        'log reader ordered': 'INVALID',
        'log writer': 'accepted',
        'log writer ordered': 'accepted',
      });
      expect(await outcome(() => at.store.append(joiner, request()))).toBe('INVALID');
      expect(await outcome(() => at.store.append(joiner, request({ ordered })))).toBe('STALE');
      expect(await outcome(() => at.store.append(joiner, request({ ordered: { expect: 3 } })))).toBe(
        'accepted',
      );
      expect(
        await outcome(() =>
          at.store.append(log.writer, request({ ordered: { expect: 4, change: { writerKey: key() } } })),
        ),
      ).toBe('INVALID');
    });

    test('the mailbox is full at its quota and has room again after an ack', async () => {
      const { writer, reader } = await make(at.store, 'mailbox');
      const sent = [];
      for (let n = 0; n < 8; n++) sent.push(await at.put(writer));
      const ninth = request();
      expect(await outcome(() => at.store.append(writer, ninth))).toBe('QUOTA');
      expect(await at.store.append(writer, sent[0]!)).toMatchObject({ duplicate: true, sequence: 1 });
      await at.store.ack(reader, [sent[3]!]);
      expect(await at.store.append(writer, ninth)).toMatchObject({ duplicate: false, sequence: 9 });
    });

    test('order of checks: id, right, expect, quota', async () => {
      const made = await make(at.store, 'log', { ttlSeconds: 600 });
      const sent = [];
      for (let n = 0; n < 40; n++) sent.push(await at.put(made.writer));
      expect(await outcome(() => at.store.append(made.writer, request()))).toBe('QUOTA');
      // expect before quota; and ordered blocks have room of their own.
      expect(await outcome(() => at.store.append(made.writer, request({ ordered: { expect: 9 } })))).toBe(
        'STALE',
      );
      expect(
        await outcome(() =>
          at.store.append(made.owner, request({ ordered: { expect: 0, change: { writerKey: key() } } })),
        ),
      ).toBe('accepted');
      // id before right, right before expect and quota.
      expect(await at.store.append(made.writer, sent[5]!)).toMatchObject({ duplicate: true, sequence: 6 });
      expect(await outcome(() => at.store.append(made.writer, request({ ordered: { expect: 9 } })))).toBe(
        'SUPERSEDED',
      );
      expect(await outcome(() => at.store.append(made.writer, request()))).toBe('SUPERSEDED');
    });
  });
}
