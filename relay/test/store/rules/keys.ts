// Changes of keys, and securing. One of the rules of every store (../channel-store.suite.ts).
import { describe, expect, test } from '@jest/globals';
import type { ChannelEvent } from '../../../src/store/channel-store.ts';
import { hex, key, make, outcome, request } from '../harness.ts';
import type { Ground } from './ground.ts';

export function keyRules(at: Ground): void {
  describe('keys', () => {
    test('a change ends the grants of that right and no other, and watchers hear it', async () => {
      const made = await make(at.store, 'mailbox');
      const heard: ChannelEvent[] = [];
      at.store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
      const readerKey = key();
      const writerKey = key();
      await at.store.changeKeys(made.owner, { readerKey, writerKey });
      expect(heard).toEqual([{ type: 'keys', rights: ['reader', 'writer'], at: 0 }]);
      expect(await outcome(() => at.store.append(made.writer, request()))).toBe('SUPERSEDED');
      expect(await outcome(() => at.store.read(made.reader, 0, 1))).toBe('UNKNOWN');
      expect(await outcome(() => at.store.ack(made.reader, []))).toBe('UNKNOWN');
      expect(await outcome(() => at.store.bounds(made.owner))).toBe('accepted');
      expect(await outcome(() => at.store.grant('reader', made.spec.readId, made.spec.readerKey))).toBe(
        'UNKNOWN',
      );
      expect((await at.store.grant('reader', made.spec.readId, readerKey)).generation).toBe(2);
      await at.reopen();
      expect((await at.store.grant('writer', made.spec.writeId, writerKey)).generation).toBe(2);
      expect((await at.store.grant('writer', made.spec.writeId, made.spec.writerKey)).superseded).toBe(true);
    });

    test('the same keys again change nothing', async () => {
      const made = await make(at.store, 'log');
      const heard: ChannelEvent[] = [];
      at.store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
      await at.store.changeKeys(made.owner, {
        readerKey: made.spec.readerKey,
        writerKey: made.spec.writerKey,
      });
      expect(heard).toEqual([]);
      expect(await outcome(() => at.store.append(made.writer, request()))).toBe('accepted');
    });

    test('only the owner changes keys or deletes, and a replaced owner key is unknown', async () => {
      const made = await make(at.store, 'mailbox');
      expect(await outcome(() => at.store.changeKeys(made.writer, {}))).toBe('INVALID');
      expect(await outcome(() => at.store.delete(made.reader))).toBe('INVALID');
      const ownerKey = key();
      await at.store.changeKeys(made.owner, { ownerKey });
      expect(await outcome(() => at.store.delete(made.owner))).toBe('UNKNOWN');
      expect(await outcome(() => at.store.grant('owner', made.spec.readId, made.spec.ownerKey))).toBe(
        'UNKNOWN',
      );
      expect(await outcome(() => at.store.create(made.spec))).toBe('UNKNOWN');
      await at.store.delete(await at.store.grant('owner', made.spec.readId, ownerKey));
    });

    test('the previous writer key is answered repeats; the one before that is unknown', async () => {
      const made = await make(at.store, 'mailbox');
      const sent = await at.put(made.writer);
      const second = key();
      await at.store.changeKeys(made.owner, { writerKey: second });
      const old = await at.store.grant('writer', made.spec.writeId, made.spec.writerKey);
      expect(old).toMatchObject({ superseded: true, lastSequence: 1 });
      expect(await at.store.append(old, sent)).toMatchObject({
        duplicate: true,
        sequence: 1,
        keptUntil: sent.keptUntil,
      });
      expect(await outcome(() => at.store.append(old, request()))).toBe('SUPERSEDED');
      await at.store.changeKeys(made.owner, { writerKey: key() });
      expect(await outcome(() => at.store.grant('writer', made.spec.writeId, made.spec.writerKey))).toBe(
        'UNKNOWN',
      );
      expect((await at.store.grant('writer', made.spec.writeId, second)).superseded).toBe(true);
    });

    test('an ordered append changes keys in the same step; old log readers read up to it, never beyond', async () => {
      const made = await make(at.store, 'log');
      await at.put(made.writer);
      const heard: ChannelEvent[] = [];
      at.store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
      const readerKey = key();
      const writerKey = key();
      const removal = await at.put(made.owner, { ordered: { expect: 0, change: { readerKey, writerKey } } });
      // In either order: `at` says up to where an old reader goes on, whether or not it knows of the block yet.
      const told = [{ type: 'appended' }, { type: 'keys', rights: ['reader', 'writer'], at: 2 }];
      expect(heard).toHaveLength(told.length);
      expect(heard).toEqual(expect.arrayContaining(told));
      expect(await outcome(() => at.store.read(made.reader, 0, 9))).toBe('UNKNOWN');
      const writer = await at.store.grant('writer', made.spec.writeId, writerKey);
      await at.put(writer);
      await at.put(made.owner, { ordered: { expect: 2 } });
      await at.reopen();
      const old = await at.store.grant('reader', made.spec.readId, made.spec.readerKey);
      expect(old).toMatchObject({ superseded: true, until: 2 });
      expect((await at.store.read(old, 0, 9)).map((b) => b.sequence)).toEqual([1, 2]);
      expect(hex((await at.store.slot(old, 0))!.block)).toBe(hex(removal.block));
      const now = await at.store.grant('reader', made.spec.readId, readerKey);
      expect((await at.store.read(now, 0, 9)).map((b) => b.sequence)).toEqual([1, 2, 3, 4]);
      expect((await at.store.slot(now, 0))!.sequence).toBe(4);
    });

    test('a refused ordered append changes no key', async () => {
      const made = await make(at.store, 'log');
      expect(
        await outcome(() =>
          at.store.append(made.owner, request({ ordered: { expect: 5, change: { writerKey: key() } } })),
        ),
      ).toBe('STALE');
      expect(await outcome(() => at.store.append(made.writer, request()))).toBe('accepted');
    });

    test('securing: once, repeated with the same key; then for nobody else; not where it is forbidden', async () => {
      const made = await make(at.store, 'mailbox');
      const other = await at.store.grant('writer', made.spec.writeId, made.spec.writerKey);
      const mine = key();
      await at.store.secure(made.writer, mine);
      expect(await outcome(() => at.store.secure(made.writer, mine))).toBe('accepted');
      expect(await outcome(() => at.store.secure(other, key()))).toBe('SUPERSEDED');
      expect(await outcome(() => at.store.append(other, request()))).toBe('SUPERSEDED');
      await at.reopen();
      const again = await at.store.grant('writer', made.spec.writeId, made.spec.writerKey);
      expect(await outcome(() => at.store.secure(again, mine))).toBe('accepted');
      expect(await outcome(() => at.store.secure(again, key()))).toBe('SUPERSEDED');
      const secured = await at.store.grant('writer', made.spec.writeId, mine);
      expect(await outcome(() => at.store.append(secured, request()))).toBe('accepted');
      expect(await outcome(() => at.store.secure(secured, key()))).toBe('INVALID');
      const never = await make(at.store, 'mailbox', { securing: 'never' });
      expect(await outcome(() => at.store.secure(never.writer, key()))).toBe('INVALID');
    });

    test('of two who secure at once, one wins', async () => {
      const made = await make(at.store, 'mailbox');
      const other = await at.store.grant('writer', made.spec.writeId, made.spec.writerKey);
      const results = await Promise.all([
        outcome(() => at.store.secure(made.writer, key())),
        outcome(() => at.store.secure(other, key())),
      ]);
      expect(results).toEqual(['accepted', 'SUPERSEDED']);
    });
  });
}
