// Logs, and the spills under logs and mailboxes. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import { grants, make, outcome, request, spec } from '../harness.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400;

export function logRules(at: Ground): void {
  describe('log', () => {
    test('every reader reads by its own cursor; acks remove nothing', async () => {
      const { reader, writer } = await make(at.store, 'log');
      const sent = [await at.put(writer), await at.put(writer), await at.put(writer)];
      await at.store.ack(reader, [sent[2]!]);
      expect((await at.store.read(reader, 1, 9)).map((b) => b.sequence)).toEqual([2, 3]);
      expect(await at.store.bounds(reader)).toEqual({ head: 3, floor: 1, orderedSequence: 0 });
    });

    test('spills under a log count apart until they are deleted or over, have a bound of their own, and lend nothing on', async () => {
      const log = await make(at.store, 'log');
      const against = log.writer.channel;
      const lend = (blocks: number, policy: 'log' | 'mailbox' = 'log') =>
        outcome(() => at.store.create(spec(policy, { spill: { against, blocks }, ttlSeconds: 600 })));
      const spill = await make(at.store, 'log', { spill: { against, blocks: 37 }, ttlSeconds: 600 });
      for (let n = 0; n < 37; n++) await at.put(spill.writer);
      expect(await outcome(() => at.store.append(spill.writer, request()))).toBe('QUOTA');
      const under = { against: spill.writer.channel, blocks: 1 };
      expect(await outcome(() => at.store.create(spec('log', { spill: under })))).toBe('QUOTA');
      for (let n = 0; n < 39; n++) await at.put(log.writer);
      expect([await lend(4), await lend(3), await lend(1)]).toEqual(['QUOTA', 'accepted', 'QUOTA']);
      expect(await lend(1, 'mailbox')).toBe('INVALID');
      expect(await outcome(() => at.store.append(log.writer, request()))).toBe('accepted');
      expect(await outcome(() => at.store.append(log.writer, request()))).toBe('QUOTA');
      await at.store.delete(spill.owner);
      expect([await lend(38), await lend(37)]).toEqual(['QUOTA', 'accepted']);
      at.clock.seconds += 601;
      expect(await lend(40)).toBe('accepted');
    });

    test('spills under a mailbox count apart, up to the quota of a log, and never hold up a message', async () => {
      const mailbox = await make(at.store, 'mailbox');
      const against = mailbox.writer.channel;
      const lend = (blocks: number) =>
        outcome(() => at.store.create(spec('log', { spill: { against, blocks }, ttlSeconds: 600 })));
      for (let n = 0; n < 7; n++) await at.put(mailbox.writer);
      expect([await lend(41), await lend(30), await lend(11), await lend(10)]).toEqual([
        'QUOTA',
        'accepted',
        'QUOTA',
        'accepted',
      ]);
      expect(await outcome(() => at.store.append(mailbox.writer, request()))).toBe('accepted');
      expect(await outcome(() => at.store.append(mailbox.writer, request()))).toBe('QUOTA');
      at.clock.seconds += 601;
      expect(await lend(40)).toBe('accepted');
    });

    test('a spill that is over is swept away, whoever reads meanwhile', async () => {
      const against = (await make(at.store, 'mailbox')).writer.channel;
      const over = await make(at.store, 'log', { spill: { against, blocks: 1 }, ttlSeconds: DAY });
      const running = await make(at.store, 'log', { spill: { against, blocks: 1 }, ttlSeconds: 9 * DAY });
      for (const { writer } of [over, running]) await at.put(writer);
      await grants(at.store, over.spec);
      at.clock.seconds += 2 * DAY;
      expect(await at.store.sweep()).toMatchObject({ channels: 1 });
      expect(await outcome(() => grants(at.store, over.spec))).toBe('UNKNOWN');
      expect(await outcome(() => grants(at.store, running.spec))).toBe('accepted');
    });
  });
}
