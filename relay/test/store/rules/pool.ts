// Pools: claims, leases, withdrawal. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import { grants, hex, make, outcome, request, START } from '../harness.ts';
import type { Ground } from './ground.ts';

export function poolRules(at: Ground): void {
  describe('pool', () => {
    test('claims the oldest unleased; a lapsed or returned lease puts it back; a claim deletes nothing', async () => {
      const made = await make(at.store, 'pool');
      const sent = [await at.put(made.writer), await at.put(made.writer)];
      const first = await at.store.claim(made.reader, 60);
      const second = await at.store.claim(made.reader, 30);
      expect([first!.sequence, second!.sequence]).toEqual([1, 2]);
      expect(first!.leasedUntil).toBe(START + 60);
      expect(hex(first!.block)).toBe(hex(sent[0]!.block));
      expect(await at.store.claim(made.reader, 60)).toBeUndefined();
      expect(await at.store.lease(made.reader, 1, 0)).toBe(0);
      expect((await at.store.claim(made.reader, 60))!.sequence).toBe(1);
      at.clock.seconds = START + 31;
      expect((await at.store.claim(made.reader, 60))!.sequence).toBe(2);
      expect(await at.store.lease(made.reader, 2, 600)).toBe(START + 31 + 600);
      at.clock.seconds = START + 500;
      expect((await at.store.claim(made.reader, 10))!.sequence).toBe(1);
    });

    test('only the holder of a lease prolongs or returns it, and no more once another has claimed', async () => {
      const made = await make(at.store, 'pool');
      await at.put(made.writer);
      const other = await at.store.grant('reader', made.spec.readId, made.spec.readerKey);
      await at.store.claim(made.reader, 60);
      for (const seconds of [0, 60]) {
        expect(await outcome(() => at.store.lease(other, 1, seconds))).toBe('UNKNOWN');
      }
      at.clock.seconds += 61;
      expect((await at.store.claim(other, 90))!.sequence).toBe(1);
      for (const seconds of [0, 60]) {
        expect(await outcome(() => at.store.lease(made.reader, 1, seconds))).toBe('UNKNOWN');
      }
      expect(await at.store.lease(other, 1, 120)).toBe(at.clock.seconds + 120);
    });

    test('two readers at once get two blocks', async () => {
      const { reader, writer } = await make(at.store, 'pool');
      await at.put(writer);
      await at.put(writer);
      const claimed = await Promise.all([
        at.store.claim(reader, 60),
        at.store.claim(reader, 60),
        at.store.claim(reader, 60),
      ]);
      expect(claimed.map((block) => block?.sequence)).toEqual([1, 2, undefined]);
    });

    test('the author withdraws its own, leased or not; leases survive reopening', async () => {
      const made = await make(at.store, 'pool');
      const one = await at.put(made.writer);
      await at.put(made.writer);
      await at.store.claim(made.reader, 60);
      await at.store.claim(made.reader, 600);
      await at.store.withdraw(made.writer, one.appendId);
      expect(await outcome(() => at.store.withdraw(made.writer, one.appendId))).toBe('accepted');
      expect(await outcome(() => at.store.lease(made.reader, 1, 60))).toBe('UNKNOWN');
      at.clock.seconds += 100;
      await at.reopen();
      const { reader } = await grants(at.store, made.spec);
      expect(await at.store.claim(reader, 60)).toBeUndefined();
      at.clock.seconds += 501;
      expect((await at.store.claim(reader, 60))!.sequence).toBe(2);
    });

    test('is full at its quota; TTL ends blocks and caps leases', async () => {
      const { reader, writer } = await make(at.store, 'pool', { ttlSeconds: 300 });
      for (let n = 0; n < 6; n++) await at.put(writer);
      expect(await outcome(() => at.store.append(writer, request()))).toBe('QUOTA');
      expect((await at.store.claim(reader, 600))!.leasedUntil).toBeLessThanOrEqual(START + 360);
      at.clock.seconds += 360;
      expect(await at.store.claim(reader, 60)).toBeUndefined();
      expect(await outcome(() => at.store.append(writer, request()))).toBe('accepted');
    });

    test('is not read like a log, nor claimed by a writer', async () => {
      const { reader, writer } = await make(at.store, 'pool');
      expect(await outcome(() => at.store.read(reader, 0, 1))).toBe('INVALID');
      expect(await outcome(() => at.store.claim(writer, 60))).toBe('INVALID');
      expect(await outcome(() => at.store.withdraw(reader, new Uint8Array(16)))).toBe('INVALID');
      const mailbox = await make(at.store, 'mailbox');
      expect(await outcome(() => at.store.claim(mailbox.reader, 60))).toBe('INVALID');
    });
  });
}
