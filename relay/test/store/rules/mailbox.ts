// Mailboxes: reading, acks, eviction, expiry. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import type { ChannelEvent } from '../../../src/store/channel-store.ts';
import { grants, hex, make, outcome, request, START } from '../harness.ts';
import type { Ground } from './ground.ts';

export function mailboxRules(at: Ground): void {
  describe('mailbox', () => {
    test('an ack unlinks what matches in sequence and id, for good', async () => {
      const made = await make(at.store, 'mailbox');
      const sent = [await at.put(made.writer), await at.put(made.writer), await at.put(made.writer)];
      await at.store.ack(made.reader, [
        { sequence: 1, appendId: sent[1]!.appendId },
        { sequence: 2, appendId: sent[1]!.appendId },
        { sequence: 9, appendId: sent[0]!.appendId },
      ]);
      expect((await at.store.read(made.reader, 0, 9)).map((b) => b.sequence)).toEqual([1, 3]);
      await at.reopen();
      const { reader } = await grants(at.store, made.spec);
      expect((await at.store.read(reader, 0, 9)).map((b) => b.sequence)).toEqual([1, 3]);
      await at.store.ack(reader, [sent[0]!]);
      await at.reopen();
      expect(
        (await at.store.read((await grants(at.store, made.spec)).reader, 0, 9)).map((b) => b.sequence),
      ).toEqual([3]);
    });

    test('what is read and acked before it is durable is still known by its id', async () => {
      const made = await make(at.store, 'mailbox');
      const one = request();
      const accepted = await at.store.append(made.writer, one);
      const [block] = await at.store.read(made.reader, 0, 1);
      expect(hex(block!.block)).toBe(hex(one.block));
      await at.store.ack(made.reader, [{ sequence: 1, appendId: one.appendId }]);
      await accepted.durable;
      expect(await at.store.read(made.reader, 0, 1)).toEqual([]);
      await at.reopen();
      const { writer, reader } = await grants(at.store, made.spec);
      expect(await at.store.append(writer, one)).toMatchObject({ duplicate: true, sequence: 1 });
      expect(await at.store.read(reader, 0, 1)).toEqual([]);
    });

    test('a second exclusive watcher evicts the first; others stay', async () => {
      const { reader, writer } = await make(at.store, 'mailbox');
      const heard: string[] = [];
      at.store.watch(reader.channel, { hear: (event) => heard.push(`first ${event.type}`) }, true);
      const plain = { hear: (event: ChannelEvent) => heard.push(`plain ${event.type}`) };
      at.store.watch(reader.channel, plain, false);
      at.store.watch(reader.channel, { hear: (event) => heard.push(`second ${event.type}`) }, true);
      await at.put(writer);
      at.store.unwatch(reader.channel, plain);
      await at.put(writer);
      expect(heard).toEqual(['first evicted', 'plain appended', 'second appended', 'second appended']);
    });

    test('expired blocks are not read, not counted, and swept', async () => {
      const made = await make(at.store, 'mailbox', { ttlSeconds: 600 });
      for (let n = 0; n < 8; n++) await at.put(made.writer);
      at.clock.seconds = START + 601 + 60;
      expect(await at.store.read(made.reader, 0, 99)).toEqual([]);
      expect(await outcome(() => at.store.append(made.writer, request()))).toBe('accepted');
      at.clock.seconds += 3600;
      await at.reopen();
      await at.store.sweep();
      const { reader, writer } = await grants(at.store, made.spec);
      expect(await at.store.bounds(reader)).toEqual({ head: 9, floor: 10, orderedSequence: 0 });
      expect((await at.put(writer)).sequence).toBe(10);
    });
  });
}
