// What every store must do, rule by rule (docs/protocol.md, "Channels"; design section 3). Run over each adapter.
// Not its concern: what an adapter does beyond the interface (its own tests).

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChannelEvent, ChannelStore, StoreLimits } from '../../src/store/channel-store.ts';
import {
  grants,
  hex,
  key,
  make,
  outcome,
  request,
  spec,
  START,
  type Clock,
  type StoreAdapter,
} from './harness.ts';

const DAY = 86_400;
const LIMITS: Partial<StoreLimits> = {
  mailboxBlocks: 8,
  logBlocks: 40,
  poolBlocks: 6,
  mailboxAppendIds: 64,
  logAppendIds: 128,
};

export function channelStoreSuite(adapter: StoreAdapter): void {
  describe(`channel store: ${adapter.name}`, () => {
    let place: string;
    let clock: Clock;
    let store: ChannelStore;

    beforeEach(async () => {
      place = adapter.newPlace();
      clock = { seconds: START };
      store = await adapter.open(place, clock, LIMITS);
    });
    afterEach(async () => {
      await store.close();
      adapter.dispose(place);
    });
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await adapter.open(place, clock, LIMITS);
    };
    const put = async (
      grant: Parameters<ChannelStore['append']>[0],
      more: Parameters<typeof request>[0] = {},
    ) => {
      const made = request(more);
      const accepted = await store.append(grant, made);
      await accepted.durable;
      return { ...accepted, ...made };
    };

    describe('creation and grants', () => {
      test('creates once, answers again, and lets each right prove itself', async () => {
        const made = spec('mailbox');
        const first = await store.create(made);
        const again = await store.create({ ...made, readerKey: key() });
        expect([first.existed, again.existed]).toEqual([false, true]);
        expect(first.ttlSeconds).toBe(14 * DAY);
        expect(hex(again.grant.incarnation)).toBe(hex(first.grant.incarnation));
        expect(first.grant).toMatchObject({
          right: 'owner',
          policy: 'mailbox',
          superseded: false,
          lastSequence: 0,
          orderedSequence: 0,
        });
        const { reader, writer } = await grants(store, made);
        expect([reader.right, writer.right, reader.generation]).toEqual(['reader', 'writer', 1]);
      });

      test.each([
        ['mailbox', 14 * DAY, 30 * DAY],
        ['log', DAY, 30 * DAY],
        ['pool', 1800, DAY],
      ] as const)('a %s gets its default TTL, its own, or the cap', async (policy, standard, cap) => {
        expect((await store.create(spec(policy))).ttlSeconds).toBe(standard);
        expect((await store.create(spec(policy, { ttlSeconds: 600 }))).ttlSeconds).toBe(600);
        expect((await store.create(spec(policy, { ttlSeconds: 400 * DAY }))).ttlSeconds).toBe(cap);
      });

      test('unknown id, wrong key, wrong kind of id, another right and deleted are one refusal', async () => {
        const made = await make(store, 'mailbox');
        const gone = await make(store, 'mailbox');
        await store.delete(gone.owner);
        const { readId, writeId, ownerKey, readerKey, writerKey } = made.spec;
        const tries = [
          () => store.grant('reader', spec('mailbox').readId, readerKey),
          () => store.grant('reader', readId, key()),
          () => store.grant('reader', writeId, readerKey),
          () => store.grant('writer', readId, writerKey),
          () => store.grant('writer', writeId, readerKey),
          () => store.grant('owner', readId, readerKey),
          () => store.grant('joiner', writeId, writerKey),
          () => store.grant('reader', gone.spec.readId, gone.spec.readerKey),
          () => store.append(gone.writer, request()),
          () => store.read(gone.reader, 0, 1),
          () => store.create({ ...made.spec, ownerKey: key() }),
          () => store.create({ ...made.spec, writeId: spec('mailbox').writeId, ownerKey }),
          () => store.create({ ...spec('mailbox'), writeId }),
        ];
        const refusals = [];
        for (const attempt of tries) {
          const error = await attempt().then(
            () => 'accepted',
            (reason: unknown) => {
              const refusal = reason as Error & { code: string };
              return JSON.stringify([refusal.code, refusal.message, Object.keys(refusal).sort()]);
            },
          );
          refusals.push(error);
        }
        expect(new Set(refusals).size).toBe(1);
        expect(refusals[0]).toContain('UNKNOWN');
      });

      test('a deleted channel can be made again with the same ids, as another incarnation', async () => {
        const made = await make(store, 'mailbox');
        await put(made.writer);
        await store.delete(made.owner);
        const again = await store.create(made.spec);
        expect(again.existed).toBe(false);
        expect(hex(again.grant.incarnation)).not.toBe(hex(made.owner.incarnation));
        const fresh = await grants(store, made.spec);
        expect(await store.bounds(fresh.reader)).toEqual({ head: 0, floor: 1, orderedSequence: 0 });
        await reopen();
        expect(await store.bounds((await grants(store, made.spec)).reader)).toMatchObject({ head: 0 });
      });

      test('everything is there after reopening', async () => {
        const made = await make(store, 'mailbox');
        const sent = await put(made.writer);
        await reopen();
        const { reader } = await grants(store, made.spec);
        expect(hex(reader.incarnation)).toBe(hex(made.reader.incarnation));
        const [block] = await store.read(reader, 0, 10);
        expect(block).toMatchObject({
          sequence: 1,
          ordered: false,
          hour: Math.floor(START / 3600),
          keptUntil: sent.keptUntil,
        });
        expect([hex(block!.block), hex(block!.appendId), hex(block!.commitment)]).toEqual([
          hex(sent.block),
          hex(sent.appendId),
          hex(sent.commitment),
        ]);
      });
    });

    describe('append', () => {
      test('gives rising sequences and keeps at least the TTL, at most an hour more', async () => {
        const { writer, reader } = await make(store, 'mailbox');
        for (let n = 1; n <= 5; n++) {
          const { sequence, duplicate, keptUntil } = await put(writer);
          expect([sequence, duplicate]).toEqual([n, false]);
          expect(keptUntil).toBeGreaterThanOrEqual(START + 14 * DAY);
          expect(keptUntil).toBeLessThanOrEqual(START + 14 * DAY + 3600);
        }
        expect((await store.read(reader, 0, 3)).map((b) => b.sequence)).toEqual([1, 2, 3]);
        expect((await store.read(reader, 3, 9)).map((b) => b.sequence)).toEqual([4, 5]);
      });

      test('a repeat answers with the first sequence: while pending, later, after the ack, after reopening', async () => {
        const made = await make(store, 'mailbox');
        const same = request();
        const [first, second] = await Promise.all([
          store.append(made.writer, same),
          store.append(made.writer, same),
        ]);
        expect([first.duplicate, second.duplicate]).toEqual([false, true]);
        expect([first.sequence, second.sequence]).toEqual([1, 1]);
        expect(second.keptUntil).toBe(first.keptUntil);
        await second.durable;
        await store.ack(made.reader, [{ sequence: 1, appendId: same.appendId }]);
        expect(await store.append(made.writer, same)).toMatchObject({
          duplicate: true,
          sequence: 1,
          keptUntil: 0,
        });
        await reopen();
        const { writer } = await grants(store, made.spec);
        expect(writer.lastSequence).toBe(1);
        expect(await store.append(writer, same)).toMatchObject({
          duplicate: true,
          sequence: 1,
          keptUntil: 0,
        });
        expect((await put(writer)).sequence).toBe(2);
      });

      test('remembers the promised number of ids, across reopening', async () => {
        const made = await make(store, 'mailbox');
        const sent = [];
        for (let n = 1; n <= 300; n++) {
          const one = request();
          sent.push(one);
          await store.append(made.writer, one);
          await store.ack(made.reader, [{ sequence: n, appendId: one.appendId }]);
          if (n === 150) await reopen();
          if (n === 150) Object.assign(made, await grants(store, made.spec));
        }
        for (const [i, one] of sent.slice(-64).entries()) {
          expect(await store.append(made.writer, one)).toMatchObject({ duplicate: true, sequence: 237 + i });
        }
        expect(await store.append(made.writer, sent[0]!)).toMatchObject({ duplicate: false, sequence: 301 });
      });

      test('only the right rights append', async () => {
        const mailbox = await make(store, 'mailbox');
        const pool = await make(store, 'pool');
        const joinerKey = key();
        const log = await make(store, 'log', { joinerKey });
        const joiner = await store.grant('joiner', log.spec.writeId, joinerKey);
        const ordered = { expect: 0 };
        const results: Record<string, string> = {};
        for (const [name, made] of Object.entries({ mailbox, pool, log })) {
          for (const right of ['owner', 'reader', 'writer'] as const) {
            results[`${name} ${right}`] = await outcome(() => store.append(made[right], request()));
            results[`${name} ${right} ordered`] = await outcome(() =>
              store.append(
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
        expect(await outcome(() => store.append(joiner, request()))).toBe('INVALID');
        expect(await outcome(() => store.append(joiner, request({ ordered })))).toBe('STALE');
        expect(await outcome(() => store.append(joiner, request({ ordered: { expect: 3 } })))).toBe(
          'accepted',
        );
        expect(
          await outcome(() =>
            store.append(log.writer, request({ ordered: { expect: 4, change: { writerKey: key() } } })),
          ),
        ).toBe('INVALID');
      });

      test('the mailbox is full at its quota and has room again after an ack', async () => {
        const { writer, reader } = await make(store, 'mailbox');
        const sent = [];
        for (let n = 0; n < 8; n++) sent.push(await put(writer));
        const ninth = request();
        expect(await outcome(() => store.append(writer, ninth))).toBe('QUOTA');
        expect(await store.append(writer, sent[0]!)).toMatchObject({ duplicate: true, sequence: 1 });
        await store.ack(reader, [sent[3]!]);
        expect(await store.append(writer, ninth)).toMatchObject({ duplicate: false, sequence: 9 });
      });

      test('order of checks: id, right, expect, quota', async () => {
        const made = await make(store, 'log', { ttlSeconds: 600 });
        const sent = [];
        for (let n = 0; n < 40; n++) sent.push(await put(made.writer));
        expect(await outcome(() => store.append(made.writer, request()))).toBe('QUOTA');
        // expect before quota; and ordered blocks have room of their own.
        expect(await outcome(() => store.append(made.writer, request({ ordered: { expect: 9 } })))).toBe(
          'STALE',
        );
        expect(
          await outcome(() =>
            store.append(made.owner, request({ ordered: { expect: 0, change: { writerKey: key() } } })),
          ),
        ).toBe('accepted');
        // id before right, right before expect and quota.
        expect(await store.append(made.writer, sent[5]!)).toMatchObject({ duplicate: true, sequence: 6 });
        expect(await outcome(() => store.append(made.writer, request({ ordered: { expect: 9 } })))).toBe(
          'SUPERSEDED',
        );
        expect(await outcome(() => store.append(made.writer, request()))).toBe('SUPERSEDED');
      });
    });

    describe('ordered append and the slot', () => {
      test('is compare-and-set: of two with one expectation one wins, the other hears the value', async () => {
        const { owner, writer } = await make(store, 'log');
        await put(writer);
        const results = await Promise.allSettled([
          store.append(owner, request({ ordered: { expect: 0 } })),
          store.append(writer, request({ ordered: { expect: 0 } })),
        ]);
        expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected']);
        expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'STALE', current: 2 });
        expect((await store.bounds(owner)).orderedSequence).toBe(2);
      });

      test('in a log it is delivered, flagged, and kept in the slot with 16 before it', async () => {
        const made = await make(store, 'log');
        const sent = [];
        let expected = 0;
        for (let n = 0; n < 20; n++) {
          await put(made.writer);
          const one = await put(made.owner, { ordered: { expect: expected } });
          expected = one.sequence;
          sent.push(one);
        }
        await reopen();
        const { reader } = await grants(store, made.spec);
        const blocks = await store.read(reader, 0, 100);
        expect(blocks.map((b) => b.ordered)).toEqual(Array.from({ length: 40 }, (_, i) => i % 2 === 1));
        for (const back of [0, 1, 16]) {
          const slot = await store.slot(reader, back);
          const original = sent[19 - back]!;
          expect([slot!.sequence, hex(slot!.block), hex(slot!.appendId)]).toEqual([
            original.sequence,
            hex(original.block),
            hex(original.appendId),
          ]);
        }
        expect(await store.slot(reader, 17)).toBeUndefined();
      });

      test('in a mailbox it counts apart, is not delivered, and a repeat is known', async () => {
        const made = await make(store, 'mailbox');
        const first = await put(made.owner, { ordered: { expect: 0 } });
        expect(first.sequence).toBe(1);
        expect((await put(made.writer)).sequence).toBe(1);
        const second = await put(made.owner, { ordered: { expect: 1 } });
        expect(second.sequence).toBe(2);
        expect((await store.read(made.reader, 0, 10)).length).toBe(1);
        for (const grant of [made.owner, made.reader, made.writer]) {
          expect(hex((await store.slot(grant, 0))!.block)).toBe(hex(second.block));
          expect(await store.slot(grant, 1)).toBeUndefined();
        }
        await reopen();
        const { owner, writer } = await grants(store, made.spec);
        expect(await store.append(owner, { ...first, ordered: { expect: 0 } })).toMatchObject({
          duplicate: true,
          sequence: 1,
        });
        expect(owner).toMatchObject({ lastSequence: 1, orderedSequence: 2 });
        expect(hex((await store.slot(writer, 0))!.block)).toBe(hex(second.block));
      });

      test('lives as long as promised: 7 days in the log, 30 in the slot, and expect outlives both', async () => {
        const made = await make(store, 'log');
        const plain = await put(made.writer);
        const ordered = await put(made.owner, { ordered: { expect: 0 } });
        expect(plain.keptUntil - START).toBe(DAY);
        clock.seconds = START + DAY + 3600;
        await store.sweep();
        expect((await store.read(made.reader, 0, 9)).map((b) => b.sequence)).toEqual([2]);
        clock.seconds = START + 7 * DAY + 3600;
        await store.sweep();
        expect(await store.read(made.reader, 0, 9)).toEqual([]);
        expect(await store.bounds(made.reader)).toEqual({ head: 2, floor: 3, orderedSequence: 2 });
        expect(hex((await store.slot(made.reader, 0))!.block)).toBe(hex(ordered.block));
        clock.seconds = START + 30 * DAY + 3600;
        await store.sweep();
        expect(await store.slot(made.reader, 0)).toBeUndefined();
        await reopen();
        const { owner } = await grants(store, made.spec);
        expect(await outcome(() => store.append(owner, request({ ordered: { expect: 0 } })))).toBe('STALE');
        expect(await outcome(() => store.append(owner, request({ ordered: { expect: 2 } })))).toBe(
          'accepted',
        );
      });
    });

    describe('keys', () => {
      test('a change ends the grants of that right and no other, and watchers hear it', async () => {
        const made = await make(store, 'mailbox');
        const heard: ChannelEvent[] = [];
        store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
        const readerKey = key();
        const writerKey = key();
        await store.changeKeys(made.owner, { readerKey, writerKey });
        expect(heard).toEqual([{ type: 'keys', rights: ['reader', 'writer'], at: 0 }]);
        expect(await outcome(() => store.append(made.writer, request()))).toBe('SUPERSEDED');
        expect(await outcome(() => store.read(made.reader, 0, 1))).toBe('UNKNOWN');
        expect(await outcome(() => store.ack(made.reader, []))).toBe('UNKNOWN');
        expect(await outcome(() => store.bounds(made.owner))).toBe('accepted');
        expect(await outcome(() => store.grant('reader', made.spec.readId, made.spec.readerKey))).toBe(
          'UNKNOWN',
        );
        expect((await store.grant('reader', made.spec.readId, readerKey)).generation).toBe(2);
        await reopen();
        expect((await store.grant('writer', made.spec.writeId, writerKey)).generation).toBe(2);
        expect((await store.grant('writer', made.spec.writeId, made.spec.writerKey)).superseded).toBe(true);
      });

      test('the same keys again change nothing', async () => {
        const made = await make(store, 'log');
        const heard: ChannelEvent[] = [];
        store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
        await store.changeKeys(made.owner, {
          readerKey: made.spec.readerKey,
          writerKey: made.spec.writerKey,
        });
        expect(heard).toEqual([]);
        expect(await outcome(() => store.append(made.writer, request()))).toBe('accepted');
      });

      test('only the owner changes keys or deletes, and a replaced owner key is unknown', async () => {
        const made = await make(store, 'mailbox');
        expect(await outcome(() => store.changeKeys(made.writer, {}))).toBe('INVALID');
        expect(await outcome(() => store.delete(made.reader))).toBe('INVALID');
        const ownerKey = key();
        await store.changeKeys(made.owner, { ownerKey });
        expect(await outcome(() => store.delete(made.owner))).toBe('UNKNOWN');
        expect(await outcome(() => store.grant('owner', made.spec.readId, made.spec.ownerKey))).toBe(
          'UNKNOWN',
        );
        expect(await outcome(() => store.create(made.spec))).toBe('UNKNOWN');
        await store.delete(await store.grant('owner', made.spec.readId, ownerKey));
      });

      test('the previous writer key is answered repeats; the one before that is unknown', async () => {
        const made = await make(store, 'mailbox');
        const sent = await put(made.writer);
        const second = key();
        await store.changeKeys(made.owner, { writerKey: second });
        const old = await store.grant('writer', made.spec.writeId, made.spec.writerKey);
        expect(old).toMatchObject({ superseded: true, lastSequence: 1 });
        expect(await store.append(old, sent)).toMatchObject({
          duplicate: true,
          sequence: 1,
          keptUntil: sent.keptUntil,
        });
        expect(await outcome(() => store.append(old, request()))).toBe('SUPERSEDED');
        await store.changeKeys(made.owner, { writerKey: key() });
        expect(await outcome(() => store.grant('writer', made.spec.writeId, made.spec.writerKey))).toBe(
          'UNKNOWN',
        );
        expect((await store.grant('writer', made.spec.writeId, second)).superseded).toBe(true);
      });

      test('an ordered append changes keys in the same step; old log readers read up to it, never beyond', async () => {
        const made = await make(store, 'log');
        await put(made.writer);
        const heard: ChannelEvent[] = [];
        store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
        const readerKey = key();
        const writerKey = key();
        const removal = await put(made.owner, { ordered: { expect: 0, change: { readerKey, writerKey } } });
        expect(heard).toEqual([{ type: 'appended' }, { type: 'keys', rights: ['reader', 'writer'], at: 2 }]);
        expect(await outcome(() => store.read(made.reader, 0, 9))).toBe('UNKNOWN');
        const writer = await store.grant('writer', made.spec.writeId, writerKey);
        await put(writer);
        await put(made.owner, { ordered: { expect: 2 } });
        await reopen();
        const old = await store.grant('reader', made.spec.readId, made.spec.readerKey);
        expect(old).toMatchObject({ superseded: true, until: 2 });
        expect((await store.read(old, 0, 9)).map((b) => b.sequence)).toEqual([1, 2]);
        expect(hex((await store.slot(old, 0))!.block)).toBe(hex(removal.block));
        const now = await store.grant('reader', made.spec.readId, readerKey);
        expect((await store.read(now, 0, 9)).map((b) => b.sequence)).toEqual([1, 2, 3, 4]);
        expect((await store.slot(now, 0))!.sequence).toBe(4);
      });

      test('a refused ordered append changes no key', async () => {
        const made = await make(store, 'log');
        expect(
          await outcome(() =>
            store.append(made.owner, request({ ordered: { expect: 5, change: { writerKey: key() } } })),
          ),
        ).toBe('STALE');
        expect(await outcome(() => store.append(made.writer, request()))).toBe('accepted');
      });

      test('securing: once, repeated with the same key; then for nobody else; not where it is forbidden', async () => {
        const made = await make(store, 'mailbox');
        const other = await store.grant('writer', made.spec.writeId, made.spec.writerKey);
        const mine = key();
        await store.secure(made.writer, mine);
        expect(await outcome(() => store.secure(made.writer, mine))).toBe('accepted');
        expect(await outcome(() => store.secure(other, key()))).toBe('SUPERSEDED');
        expect(await outcome(() => store.append(other, request()))).toBe('SUPERSEDED');
        await reopen();
        const again = await store.grant('writer', made.spec.writeId, made.spec.writerKey);
        expect(await outcome(() => store.secure(again, mine))).toBe('accepted');
        expect(await outcome(() => store.secure(again, key()))).toBe('SUPERSEDED');
        const secured = await store.grant('writer', made.spec.writeId, mine);
        expect(await outcome(() => store.append(secured, request()))).toBe('accepted');
        expect(await outcome(() => store.secure(secured, key()))).toBe('INVALID');
        const never = await make(store, 'mailbox', { securing: 'never' });
        expect(await outcome(() => store.secure(never.writer, key()))).toBe('INVALID');
      });

      test('of two who secure at once, one wins', async () => {
        const made = await make(store, 'mailbox');
        const other = await store.grant('writer', made.spec.writeId, made.spec.writerKey);
        const results = await Promise.all([
          outcome(() => store.secure(made.writer, key())),
          outcome(() => store.secure(other, key())),
        ]);
        expect(results).toEqual(['accepted', 'SUPERSEDED']);
      });
    });

    describe('mailbox', () => {
      test('an ack unlinks what matches in sequence and id, for good', async () => {
        const made = await make(store, 'mailbox');
        const sent = [await put(made.writer), await put(made.writer), await put(made.writer)];
        await store.ack(made.reader, [
          { sequence: 1, appendId: sent[1]!.appendId },
          { sequence: 2, appendId: sent[1]!.appendId },
          { sequence: 9, appendId: sent[0]!.appendId },
        ]);
        expect((await store.read(made.reader, 0, 9)).map((b) => b.sequence)).toEqual([1, 3]);
        await reopen();
        const { reader } = await grants(store, made.spec);
        expect((await store.read(reader, 0, 9)).map((b) => b.sequence)).toEqual([1, 3]);
        await store.ack(reader, [sent[0]!]);
        await reopen();
        expect(
          (await store.read((await grants(store, made.spec)).reader, 0, 9)).map((b) => b.sequence),
        ).toEqual([3]);
      });

      test('what is read and acked before it is durable is still known by its id', async () => {
        const made = await make(store, 'mailbox');
        const one = request();
        const accepted = await store.append(made.writer, one);
        const [block] = await store.read(made.reader, 0, 1);
        expect(hex(block!.block)).toBe(hex(one.block));
        await store.ack(made.reader, [{ sequence: 1, appendId: one.appendId }]);
        await accepted.durable;
        expect(await store.read(made.reader, 0, 1)).toEqual([]);
        await reopen();
        const { writer, reader } = await grants(store, made.spec);
        expect(await store.append(writer, one)).toMatchObject({ duplicate: true, sequence: 1 });
        expect(await store.read(reader, 0, 1)).toEqual([]);
      });

      test('a second exclusive watcher evicts the first; others stay', async () => {
        const { reader, writer } = await make(store, 'mailbox');
        const heard: string[] = [];
        store.watch(reader.channel, { hear: (event) => heard.push(`first ${event.type}`) }, true);
        const plain = { hear: (event: ChannelEvent) => heard.push(`plain ${event.type}`) };
        store.watch(reader.channel, plain, false);
        store.watch(reader.channel, { hear: (event) => heard.push(`second ${event.type}`) }, true);
        await put(writer);
        store.unwatch(reader.channel, plain);
        await put(writer);
        expect(heard).toEqual(['first evicted', 'plain appended', 'second appended', 'second appended']);
      });

      test('expired blocks are not read, not counted, and swept', async () => {
        const made = await make(store, 'mailbox', { ttlSeconds: 600 });
        for (let n = 0; n < 8; n++) await put(made.writer);
        clock.seconds = START + 601 + 60;
        expect(await store.read(made.reader, 0, 99)).toEqual([]);
        expect(await outcome(() => store.append(made.writer, request()))).toBe('accepted');
        clock.seconds += 3600;
        await reopen();
        await store.sweep();
        const { reader, writer } = await grants(store, made.spec);
        expect(await store.bounds(reader)).toEqual({ head: 9, floor: 10, orderedSequence: 0 });
        expect((await put(writer)).sequence).toBe(10);
      });
    });

    describe('log', () => {
      test('every reader reads by its own cursor; acks remove nothing', async () => {
        const { reader, writer } = await make(store, 'log');
        const sent = [await put(writer), await put(writer), await put(writer)];
        await store.ack(reader, [sent[2]!]);
        expect((await store.read(reader, 1, 9)).map((b) => b.sequence)).toEqual([2, 3]);
        expect(await store.bounds(reader)).toEqual({ head: 3, floor: 1, orderedSequence: 0 });
      });

      test('spills under a log count apart until they are deleted or over, have a bound of their own, and lend nothing on', async () => {
        const log = await make(store, 'log');
        const against = log.writer.channel;
        const lend = (blocks: number, policy: 'log' | 'mailbox' = 'log') =>
          outcome(() => store.create(spec(policy, { spill: { against, blocks }, ttlSeconds: 600 })));
        const spill = await make(store, 'log', { spill: { against, blocks: 37 }, ttlSeconds: 600 });
        for (let n = 0; n < 37; n++) await put(spill.writer);
        expect(await outcome(() => store.append(spill.writer, request()))).toBe('QUOTA');
        const under = { against: spill.writer.channel, blocks: 1 };
        expect(await outcome(() => store.create(spec('log', { spill: under })))).toBe('QUOTA');
        for (let n = 0; n < 39; n++) await put(log.writer);
        expect([await lend(4), await lend(3), await lend(1)]).toEqual(['QUOTA', 'accepted', 'QUOTA']);
        expect(await lend(1, 'mailbox')).toBe('INVALID');
        expect(await outcome(() => store.append(log.writer, request()))).toBe('accepted');
        expect(await outcome(() => store.append(log.writer, request()))).toBe('QUOTA');
        await store.delete(spill.owner);
        expect([await lend(38), await lend(37)]).toEqual(['QUOTA', 'accepted']);
        clock.seconds += 601;
        expect(await lend(40)).toBe('accepted');
      });

      test('spills under a mailbox count apart, up to the quota of a log, and never hold up a message', async () => {
        const mailbox = await make(store, 'mailbox');
        const against = mailbox.writer.channel;
        const lend = (blocks: number) =>
          outcome(() => store.create(spec('log', { spill: { against, blocks }, ttlSeconds: 600 })));
        for (let n = 0; n < 7; n++) await put(mailbox.writer);
        expect([await lend(41), await lend(30), await lend(11), await lend(10)]).toEqual([
          'QUOTA',
          'accepted',
          'QUOTA',
          'accepted',
        ]);
        expect(await outcome(() => store.append(mailbox.writer, request()))).toBe('accepted');
        expect(await outcome(() => store.append(mailbox.writer, request()))).toBe('QUOTA');
        clock.seconds += 601;
        expect(await lend(40)).toBe('accepted');
      });

      test('a spill that is over is swept away, whoever reads meanwhile', async () => {
        const against = (await make(store, 'mailbox')).writer.channel;
        const over = await make(store, 'log', { spill: { against, blocks: 1 }, ttlSeconds: DAY });
        const running = await make(store, 'log', { spill: { against, blocks: 1 }, ttlSeconds: 9 * DAY });
        for (const { writer } of [over, running]) await put(writer);
        await grants(store, over.spec);
        clock.seconds += 2 * DAY;
        expect(await store.sweep()).toMatchObject({ channels: 1 });
        expect(await outcome(() => grants(store, over.spec))).toBe('UNKNOWN');
        expect(await outcome(() => grants(store, running.spec))).toBe('accepted');
      });
    });

    describe('pool', () => {
      test('claims the oldest unleased; a lapsed or returned lease puts it back; a claim deletes nothing', async () => {
        const made = await make(store, 'pool');
        const sent = [await put(made.writer), await put(made.writer)];
        const first = await store.claim(made.reader, 60);
        const second = await store.claim(made.reader, 30);
        expect([first!.sequence, second!.sequence]).toEqual([1, 2]);
        expect(first!.leasedUntil).toBe(START + 60);
        expect(hex(first!.block)).toBe(hex(sent[0]!.block));
        expect(await store.claim(made.reader, 60)).toBeUndefined();
        expect(await store.lease(made.reader, 1, 0)).toBe(0);
        expect((await store.claim(made.reader, 60))!.sequence).toBe(1);
        clock.seconds = START + 31;
        expect((await store.claim(made.reader, 60))!.sequence).toBe(2);
        expect(await store.lease(made.reader, 2, 600)).toBe(START + 31 + 600);
        clock.seconds = START + 500;
        expect((await store.claim(made.reader, 10))!.sequence).toBe(1);
      });

      test('only the holder of a lease prolongs or returns it, and no more once another has claimed', async () => {
        const made = await make(store, 'pool');
        await put(made.writer);
        const other = await store.grant('reader', made.spec.readId, made.spec.readerKey);
        await store.claim(made.reader, 60);
        for (const seconds of [0, 60]) {
          expect(await outcome(() => store.lease(other, 1, seconds))).toBe('UNKNOWN');
        }
        clock.seconds += 61;
        expect((await store.claim(other, 90))!.sequence).toBe(1);
        for (const seconds of [0, 60]) {
          expect(await outcome(() => store.lease(made.reader, 1, seconds))).toBe('UNKNOWN');
        }
        expect(await store.lease(other, 1, 120)).toBe(clock.seconds + 120);
      });

      test('two readers at once get two blocks', async () => {
        const { reader, writer } = await make(store, 'pool');
        await put(writer);
        await put(writer);
        const claimed = await Promise.all([
          store.claim(reader, 60),
          store.claim(reader, 60),
          store.claim(reader, 60),
        ]);
        expect(claimed.map((block) => block?.sequence)).toEqual([1, 2, undefined]);
      });

      test('the author withdraws its own, leased or not; leases survive reopening', async () => {
        const made = await make(store, 'pool');
        const one = await put(made.writer);
        await put(made.writer);
        await store.claim(made.reader, 60);
        await store.claim(made.reader, 600);
        await store.withdraw(made.writer, one.appendId);
        expect(await outcome(() => store.withdraw(made.writer, one.appendId))).toBe('accepted');
        expect(await outcome(() => store.lease(made.reader, 1, 60))).toBe('UNKNOWN');
        clock.seconds += 100;
        await reopen();
        const { reader } = await grants(store, made.spec);
        expect(await store.claim(reader, 60)).toBeUndefined();
        clock.seconds += 501;
        expect((await store.claim(reader, 60))!.sequence).toBe(2);
      });

      test('is full at its quota; TTL ends blocks and caps leases', async () => {
        const { reader, writer } = await make(store, 'pool', { ttlSeconds: 300 });
        for (let n = 0; n < 6; n++) await put(writer);
        expect(await outcome(() => store.append(writer, request()))).toBe('QUOTA');
        expect((await store.claim(reader, 600))!.leasedUntil).toBeLessThanOrEqual(START + 360);
        clock.seconds += 360;
        expect(await store.claim(reader, 60)).toBeUndefined();
        expect(await outcome(() => store.append(writer, request()))).toBe('accepted');
      });

      test('is not read like a log, nor claimed by a writer', async () => {
        const { reader, writer } = await make(store, 'pool');
        expect(await outcome(() => store.read(reader, 0, 1))).toBe('INVALID');
        expect(await outcome(() => store.claim(writer, 60))).toBe('INVALID');
        expect(await outcome(() => store.withdraw(reader, new Uint8Array(16)))).toBe('INVALID');
        const mailbox = await make(store, 'mailbox');
        expect(await outcome(() => store.claim(mailbox.reader, 60))).toBe('INVALID');
      });
    });

    describe('deletion, closing, idleness', () => {
      test('deletion ends everything, for good', async () => {
        const made = await make(store, 'log');
        await put(made.writer);
        const heard: ChannelEvent[] = [];
        store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
        await store.delete(made.owner);
        expect(heard).toEqual([{ type: 'deleted' }]);
        expect(await outcome(() => store.read(made.reader, 0, 1))).toBe('UNKNOWN');
        await reopen();
        expect(await outcome(() => grants(store, made.spec))).toBe('UNKNOWN');
      });

      test('a closed channel answers every act with the reason, after reopening too, and stays closed', async () => {
        const made = await make(store, 'log');
        const heard: ChannelEvent[] = [];
        store.watch(made.reader.channel, { hear: (event) => heard.push(event) }, false);
        await store.block(made.spec.writeId, 'spam');
        await store.block(made.spec.readId, 'abuse');
        expect(heard).toEqual([{ type: 'blocked', reason: 'spam' }]);
        expect(await store.blockedCount()).toBe(1);
        for (let round = 0; round < 2; round++) {
          const acts = [
            () => store.grant('reader', made.spec.readId, made.spec.readerKey),
            () => store.create(made.spec),
            ...(round === 0
              ? [
                  () => store.append(made.writer, request()),
                  () => store.read(made.reader, 0, 1),
                  () => store.slot(made.reader, 0),
                  () => store.delete(made.owner),
                ]
              : []),
          ];
          for (const act of acts)
            await expect(act()).rejects.toMatchObject({ code: 'BLOCKED', reason: 'spam' });
          expect(await outcome(() => store.grant('reader', made.spec.readId, key()))).toBe('UNKNOWN');
          await reopen();
        }
        expect(await store.blockedCount()).toBe(1);
        expect(await outcome(() => store.block(spec('log').writeId, 'spam'))).toBe('UNKNOWN');
      });

      test('at most 20 channels a day are closed', async () => {
        for (let n = 0; n < 20; n++) await store.block((await make(store, 'log')).spec.writeId, 'illegal');
        const next = await make(store, 'log');
        expect(await outcome(() => store.block(next.spec.writeId, 'illegal'))).toBe('LIMIT');
        await reopen();
        expect(await outcome(() => store.block(next.spec.writeId, 'illegal'))).toBe('LIMIT');
        clock.seconds += DAY;
        expect(await outcome(() => store.block(next.spec.writeId, 'illegal'))).toBe('accepted');
        expect(await store.blockedCount()).toBe(21);
      });

      test('a channel dies 180 days after the last proof of its reader', async () => {
        const idle = await make(store, 'mailbox');
        const used = await make(store, 'mailbox');
        await reopen();
        clock.seconds += 100 * DAY;
        await store.grant('reader', used.spec.readId, used.spec.readerKey);
        await store.grant('owner', idle.spec.readId, idle.spec.ownerKey);
        clock.seconds += 81 * DAY;
        expect((await store.sweep()).channels).toBe(1);
        expect(await outcome(() => grants(store, idle.spec))).toBe('UNKNOWN');
        await reopen();
        expect(await outcome(() => grants(store, idle.spec))).toBe('UNKNOWN');
        expect(await outcome(() => grants(store, used.spec))).toBe('accepted');
      });
    });

    test('a clock that steps back moves neither stamps nor expiry', async () => {
      const { writer, reader } = await make(store, 'mailbox');
      const first = await put(writer);
      clock.seconds -= 5 * 3600;
      const second = await put(writer);
      expect(second.keptUntil).toBe(first.keptUntil);
      const blocks = await store.read(reader, 0, 2);
      expect(blocks[1]!.hour).toBe(blocks[0]!.hour);
      expect(store.now()).toBe(START);
    });

    test('a clock that was days ahead and was set right again, with a restart between, loses nothing', async () => {
      clock.seconds = START + 10 * DAY;
      await reopen();
      await store.sweep();
      clock.seconds = START;
      await reopen();
      const made = await make(store, 'pool');
      const sent = await put(made.writer);
      await reopen();
      const claimed = await store.claim((await grants(store, made.spec)).reader, 60);
      expect(hex(claimed!.block)).toBe(hex(sent.block));
    });

    test('what the store hands out and is handed is not changed by it', async () => {
      const made = await make(store, 'log');
      const one = request();
      const before = hex(one.block);
      await (
        await store.append(made.writer, one)
      ).durable;
      await reopen();
      const { reader } = await grants(store, made.spec);
      const [read] = await store.read(reader, 0, 1);
      read!.block.fill(0);
      expect(hex((await store.read(reader, 0, 1))[0]!.block)).toBe(before);
      expect(hex(one.block)).toBe(before);
    });
  });
}
