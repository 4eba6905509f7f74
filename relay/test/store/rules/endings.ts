// How channels end: deletion, closing, idleness. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import type { ChannelEvent } from '../../../src/store/channel-store.ts';
import { grants, key, make, outcome, request, spec } from '../harness.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400;

export function endingRules(at: Ground): void {
  describe('deletion, closing, idleness', () => {
    test('deletion ends everything, for good', async () => {
      const made = await make(at.store, 'log');
      await at.put(made.writer);
      const heard: ChannelEvent[] = [];
      at.store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
      await at.store.delete(made.owner);
      expect(heard).toEqual([{ type: 'deleted' }]);
      expect(await outcome(() => at.store.read(made.reader, 0, 1))).toBe('UNKNOWN');
      await at.reopen();
      expect(await outcome(() => grants(at.store, made.spec))).toBe('UNKNOWN');
    });

    test('a closed channel answers every act with the reason, after reopening too, and stays closed', async () => {
      const made = await make(at.store, 'log');
      const heard: ChannelEvent[] = [];
      at.store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
      await at.store.block(made.spec.writeId, 'spam');
      await at.store.block(made.spec.readId, 'abuse');
      expect(heard).toEqual([{ type: 'blocked', reason: 'spam' }]);
      expect(await at.store.blockedCount()).toBe(1);
      for (let round = 0; round < 2; round++) {
        const acts = [
          () => at.store.grant('reader', made.spec.readId, made.spec.readerKey),
          () => at.store.create(made.spec),
          ...(round === 0
            ? [
                () => at.store.append(made.writer, request()),
                () => at.store.read(made.reader, 0, 1),
                () => at.store.slot(made.reader, 0),
                () => at.store.delete(made.owner),
              ]
            : []),
        ];
        for (const act of acts)
          await expect(act()).rejects.toMatchObject({ code: 'BLOCKED', reason: 'spam' });
        expect(await outcome(() => at.store.grant('reader', made.spec.readId, key()))).toBe('UNKNOWN');
        await at.reopen();
      }
      expect(await at.store.blockedCount()).toBe(1);
      expect(await outcome(() => at.store.block(spec('log').writeId, 'spam'))).toBe('UNKNOWN');
    });

    test('at most 20 channels a day are closed', async () => {
      for (let n = 0; n < 20; n++)
        await at.store.block((await make(at.store, 'log')).spec.writeId, 'illegal');
      const next = await make(at.store, 'log');
      expect(await outcome(() => at.store.block(next.spec.writeId, 'illegal'))).toBe('LIMIT');
      await at.reopen();
      expect(await outcome(() => at.store.block(next.spec.writeId, 'illegal'))).toBe('LIMIT');
      at.clock.seconds += DAY;
      expect(await outcome(() => at.store.block(next.spec.writeId, 'illegal'))).toBe('accepted');
      expect(await at.store.blockedCount()).toBe(21);
    });

    test('a channel dies 180 days after the last proof of its reader', async () => {
      const idle = await make(at.store, 'mailbox');
      const used = await make(at.store, 'mailbox');
      await at.reopen();
      at.clock.seconds += 100 * DAY;
      await at.store.grant('reader', used.spec.readId, used.spec.readerKey);
      await at.store.grant('owner', idle.spec.readId, idle.spec.ownerKey);
      at.clock.seconds += 81 * DAY;
      expect((await at.store.sweep()).channels).toBe(1);
      expect(await outcome(() => grants(at.store, idle.spec))).toBe('UNKNOWN');
      await at.reopen();
      expect(await outcome(() => grants(at.store, idle.spec))).toBe('UNKNOWN');
      expect(await outcome(() => grants(at.store, used.spec))).toBe('accepted');
    });
  });
}
