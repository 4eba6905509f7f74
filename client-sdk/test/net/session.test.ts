// A session against the real relay: channels, delivery, slots, keys, eviction, quota, the promise.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomKey, ready, signingKeyPair, type VerifyKey } from '../../src/crypto/index.ts';
import { type Clock, systemClock } from '../../src/net/index.ts';
import type {
  ChannelReset,
  RightStatus,
  SessionStatus,
  WriterFlow,
  WriterHistory,
} from '../../src/net/index.ts';
import {
  closeSessions,
  Inbox,
  newChannel,
  numbered,
  numberIn,
  openSession,
  range,
  relayKeyOf,
  until,
} from './support/pair.ts';
import { RelayProcess } from './support/relay-process.ts';

let relay: RelayProcess;
let relayKey: VerifyKey;

beforeAll(async () => {
  await ready();
  relay = await RelayProcess.start({ quotaMailbox: 16 });
  relayKey = await relayKeyOf(relay.url);
});
afterEach(closeSessions);
afterAll(() => relay.stop());

const open = () => openSession({ url: relay.url, relayKey });

test('a channel is made once, and found made', async () => {
  const session = open();
  const { spec } = newChannel();
  const first = await session.create(spec);
  const second = await session.create(spec);
  expect([first.existed, second.existed]).toEqual([false, true]);
  expect(second.incarnation).toEqual(first.incarnation);
  expect(first.ttlSeconds).toBe(14 * 86_400);
});

test('blocks arrive once, in order, registered before anything is connected', async () => {
  const channel = newChannel();
  const [alice, bob] = [open(), open()];
  await alice.create(channel.spec);
  const inbox = new Inbox();
  alice.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'mailbox',
    onBlock: inbox.onBlock,
  });
  const writer = bob.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const outcomes = await Promise.all(range(1, 200).map((n) => writer.append(numbered(n))));
  expect(outcomes.map(({ sequence }) => sequence)).toEqual(range(1, 200));
  expect(outcomes.some(({ duplicate }) => duplicate)).toBe(false);
  await until(() => inbox.numbers.length === 200);
  expect(inbox.numbers).toEqual(range(1, 200));
  expect(inbox.repeats).toBe(0);
  expect(writer.unanswered).toBe(0);
});

test('the same append id is a duplicate', async () => {
  const channel = newChannel();
  const session = open();
  await session.create(channel.spec);
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const append = numbered(1);
  const first = await writer.append(append);
  expect(await writer.append(append)).toEqual({ ...first, duplicate: true });
});

test('the slot: empty, written, compared and set, read by writer and reader', async () => {
  const channel = newChannel();
  const session = open();
  await session.create(channel.spec);
  const owner = session.owner({ readId: channel.readId, keySeed: channel.ownerSeed });
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  expect(await writer.readSlot()).toBeUndefined();
  const { sequence } = await owner.orderedAppend({ ...numbered(7), expect: 0 });
  const slot = await writer.readSlot();
  expect(slot && numberIn(slot.block)).toBe(7);
  await expect(owner.orderedAppend({ ...numbered(8), expect: 0 })).rejects.toMatchObject({
    code: 'NET_STALE',
    current: sequence,
  });
  await owner.orderedAppend({ ...numbered(9), expect: sequence });
  const reader = session.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'mailbox',
    onBlock: () => Promise.resolve(),
  });
  const again = await reader.readSlot();
  expect(again && numberIn(again.block)).toBe(9);
});

test('securing a link: the first key is dead for everyone else, the handle goes on', async () => {
  const channel = newChannel();
  const [alice, bob, mallory] = [open(), open(), open()];
  await alice.create(channel.spec);
  const link = { writeId: channel.writeId, keySeed: channel.writerSeed };
  const writer = bob.writer(link);
  const before = writer.append(numbered(1));
  await writer.secure(randomKey('signing-seed'));
  await before;
  expect((await writer.append(numbered(2))).sequence).toBe(2);
  const late = mallory.writer(link);
  await expect(late.secure(randomKey('signing-seed'))).rejects.toMatchObject({ code: 'NET_LINK_DEAD' });
  await expect(late.append(numbered(3))).rejects.toMatchObject({ code: 'NET_LINK_DEAD', retry: 'never' });
  expect(late.status.state).toBe('dead');
});

test('an old writer key: repeats are answered, new appends are refused by name', async () => {
  const channel = newChannel('mailbox', 'never');
  const session = open();
  await session.create(channel.spec);
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const first = numbered(1);
  await writer.append(first);
  const owner = session.owner({ readId: channel.readId, keySeed: channel.ownerSeed });
  await owner.changeKeys({ writerKey: signingKeyPair(randomKey('signing-seed')).publicKey });
  await expect(writer.append(numbered(2))).rejects.toMatchObject({ code: 'NET_SUPERSEDED' });
  expect(await writer.append({ ...first, repeat: true })).toMatchObject({ sequence: 1, duplicate: true });
});

test('the owner replaces its own key and goes on; deletes; deletion twice is no error', async () => {
  const channel = newChannel();
  const session = open();
  await session.create(channel.spec);
  const owner = session.owner({ readId: channel.readId, keySeed: channel.ownerSeed });
  const next = randomKey('signing-seed');
  const states: RightStatus[] = [];
  session.writer({
    writeId: channel.writeId,
    keySeed: channel.writerSeed,
    onStatus: (status) => states.push(status),
  });
  const both = [owner.changeKeys({ ownerSeed: next }), owner.orderedAppend({ ...numbered(1), expect: 0 })];
  await Promise.all(both);
  const old = session.owner({ readId: channel.readId, keySeed: channel.ownerSeed });
  await expect(old.readSlot()).rejects.toMatchObject({ code: 'NET_LINK_DEAD' });
  await owner.delete();
  await until(() => states.at(-1)?.state === 'dead');
  expect(states.at(-1)?.error?.code).toBe('NET_LINK_DEAD');
});

test('a second subscription evicts the first, which does not fight back until told to', async () => {
  const channel = newChannel();
  const [first, second, bob] = [open(), open(), open()];
  await first.create(channel.spec);
  const states: string[] = [];
  const inboxes = [new Inbox(), new Inbox()];
  const options = { readId: channel.readId, keySeed: channel.readerSeed, policy: 'mailbox' } as const;
  const old = first.reader({
    ...options,
    onBlock: (inboxes[0] as Inbox).onBlock,
    onStatus: ({ state }) => states.push(state),
  });
  await until(() => states.includes('active'));
  const young = second.reader({ ...options, onBlock: (inboxes[1] as Inbox).onBlock });
  await until(() => states.includes('evicted'));
  const writer = bob.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await writer.append(numbered(1));
  await until(() => inboxes[1]?.numbers.length === 1);
  expect(inboxes[0]?.numbers).toEqual([]);
  expect(states).toEqual(['active', 'evicted']);
  old.retry();
  // Active means proved; until the subscription behind it stands, the second still reads, and may take what comes.
  await until(() => old.status.state === 'active' && young.status.state === 'evicted');
  await writer.append(numbered(2));
  // The second's ack of the first block may not have come in before it was evicted: then that one is handed out again.
  await until(() => inboxes[0]?.numbers.at(-1) === 2);
});

test('a full mailbox holds everything back in order until it is drained', async () => {
  const channel = newChannel();
  const [alice, bob] = [open(), open()];
  await alice.create(channel.spec);
  const flows: WriterFlow[] = [];
  const writer = bob.writer({
    writeId: channel.writeId,
    keySeed: channel.writerSeed,
    onFlow: (flow) => flows.push(flow),
  });
  const sent = Promise.all(range(1, 60).map((n) => writer.append(numbered(n))));
  await until(() => flows.some(({ state }) => state === 'full'));
  await until(() => writer.unanswered === 44);
  const inbox = new Inbox();
  alice.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'mailbox',
    onBlock: inbox.onBlock,
  });
  const outcomes = await sent;
  expect(outcomes.map(({ sequence }) => sequence)).toEqual(range(1, 60));
  await until(() => inbox.numbers.length === 60);
  expect(inbox.numbers).toEqual(range(1, 60));
  expect(flows.at(-1)?.state).toBe('flowing');
}, 120_000);

test('a timer that fires a fraction of a millisecond early does not leave a full mailbox waiting for ever', async () => {
  const channel = newChannel();
  const alice = open();
  await alice.create(channel.spec);
  let last = 0;
  let earlyAt: number | undefined;
  let early = 0;
  const clock: Clock = {
    now: () => {
      if (earlyAt !== undefined) early++;
      last = Math.max(last, earlyAt ?? systemClock.now());
      earlyAt = undefined;
      return last;
    },
    // The first look at the clock in each longer timer is before its time, the next one after it.
    after: (delayMs, task) => {
      const dueAt = last + delayMs;
      return systemClock.after(delayMs + 2, () => {
        if (delayMs > 100) earlyAt = dueAt - 0.5;
        task();
        earlyAt = undefined;
      });
    },
  };
  const bob = openSession({ url: relay.url, relayKey, clock, chance: () => 0.5 });
  const writer = bob.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const sent = Promise.all(range(1, 20).map((n) => writer.append(numbered(n))));
  await until(() => writer.unanswered === 4);
  const inbox = new Inbox();
  const { readId, readerSeed: keySeed } = channel;
  alice.reader({ readId, keySeed, policy: 'mailbox', onBlock: inbox.onBlock });
  await until(() => inbox.numbers.length === 20);
  expect((await sent).map(({ sequence }) => sequence)).toEqual(range(1, 20));
  expect(early).toBeGreaterThan(0);
}, 60_000);

test('a slow consumer gets one block at a time, and the relay keeps the rest', async () => {
  const channel = newChannel();
  const [alice, bob] = [open(), open()];
  await alice.create(channel.spec);
  let running = 0;
  let most = 0;
  const got: number[] = [];
  alice.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'mailbox',
    credit: 4,
    onBlock: async ({ block }) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      got.push(numberIn(block));
    },
  });
  const writer = bob.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await Promise.all(range(1, 40).map((n) => writer.append(numbered(n))));
  await until(() => got.length === 40);
  expect(got).toEqual(range(1, 40));
  expect(most).toBe(1);
});

test('a block that cannot be stored is offered 5 times, then the reader is stuck and nothing is lost', async () => {
  const channel = newChannel();
  const session = openSession({ url: relay.url, relayKey, chance: () => 0 });
  await session.create(channel.spec);
  const attempts: number[] = [];
  let broken = true;
  const reader = session.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'mailbox',
    onBlock: ({ attempt }) => {
      attempts.push(attempt);
      if (broken) throw new Error('the disk is full');
      return Promise.resolve();
    },
  });
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await writer.append(numbered(1));
  await until(() => reader.status.state === 'stuck');
  expect(attempts).toEqual([1, 2, 3, 4, 5]);
  expect(reader.status.error).toMatchObject({ code: 'NET_STUCK' });
  broken = false;
  reader.retry();
  await until(() => attempts.length === 6);
  expect(attempts.at(-1)).toBe(1);
});

test('a log: two readers with cursors of their own, ordered appends by the writer, catching up', async () => {
  const channel = newChannel('log', 'never');
  const session = open();
  const { incarnation } = await session.create(channel.spec);
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  for (const n of range(1, 10)) await writer.append(numbered(n));
  const { sequence } = await writer.append({ ...numbered(11), ordered: { expect: 0 } });
  expect(sequence).toBe(11);
  await expect(writer.append({ ...numbered(12), ordered: { expect: 0 } })).rejects.toMatchObject({
    code: 'NET_STALE',
    current: 11,
  });
  const inboxes = [new Inbox(), new Inbox()];
  let caughtUp = 0;
  const resets: ChannelReset[] = [];
  const reader = (inbox: Inbox | undefined, after: number) =>
    session.reader({
      readId: channel.readId,
      keySeed: channel.readerSeed,
      policy: 'log',
      after: { incarnation, sequence: after },
      onBlock: (inbox as Inbox).onBlock,
      onCaughtUp: () => caughtUp++,
      onReset: (reset) => resets.push(reset),
    });
  reader(inboxes[0], 0);
  reader(inboxes[1], 7);
  await until(() => caughtUp === 2);
  expect(inboxes.map(({ numbers }) => numbers)).toEqual([range(1, 11), range(8, 11)]);
  await writer.append(numbered(13));
  await until(() => inboxes.every(({ numbers }) => numbers.at(-1) === 13));
  expect(resets).toEqual([]);
});

test('a log reader whose key is replaced gets everything up to the change, then is told', async () => {
  const channel = newChannel('log', 'never');
  const session = open();
  await session.create(channel.spec);
  const inbox = new Inbox();
  const reader = session.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'log',
    onBlock: inbox.onBlock,
  });
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await writer.append(numbered(1));
  const owner = session.owner({ readId: channel.readId, keySeed: channel.ownerSeed });
  const readerKey = signingKeyPair(randomKey('signing-seed')).publicKey;
  await owner.orderedAppend({ ...numbered(2), expect: 0, change: { readerKey } });
  await writer.append(numbered(3));
  await until(() => reader.status.state === 'dead');
  expect(reader.status.error?.code).toBe('NET_SUPERSEDED');
  expect(inbox.numbers).toEqual([1, 2]);
});

test('a copied profile is noticed before it sends anything new', async () => {
  const channel = newChannel();
  const session = open();
  const { incarnation } = await session.create(channel.spec);
  const lastKnown = { incarnation, sequence: 0 };
  const options = { writeId: channel.writeId, keySeed: channel.writerSeed, lastKnown };
  const original = session.writer(options);
  const unanswered = numbered(1);
  await original.append(unanswered);
  await original.append(numbered(2));
  original.release();
  const histories: WriterHistory[] = [];
  const copy = open().writer({ ...options, onHistory: (history) => histories.push(history) });
  const repeat = copy.append({ ...unanswered, repeat: true });
  const fresh = copy.append(numbered(3));
  expect(await repeat).toMatchObject({ sequence: 1, duplicate: true });
  await expect(fresh).rejects.toMatchObject({ code: 'NET_REWOUND', retry: 'never' });
  expect(histories).toMatchObject([{ verdict: 'rewound', lastSequence: 2, knownSequence: 0 }]);
  expect(await copy.append(numbered(4))).toMatchObject({ sequence: 3, duplicate: false });
});

test('an append that was answered to nobody explains itself', async () => {
  const channel = newChannel();
  const session = open();
  const { incarnation } = await session.create(channel.spec);
  const options = {
    writeId: channel.writeId,
    keySeed: channel.writerSeed,
    lastKnown: { incarnation, sequence: 0 },
  };
  const first = session.writer(options);
  const unanswered = numbered(1);
  await first.append(unanswered);
  first.release();
  const histories: WriterHistory[] = [];
  const second = open().writer({ ...options, onHistory: (history) => histories.push(history) });
  const repeat = second.append({ ...unanswered, repeat: true });
  const unsent = second.append({ ...numbered(2), repeat: true });
  const fresh = second.append(numbered(3));
  expect(await Promise.all([repeat, unsent, fresh])).toMatchObject([
    { sequence: 1, duplicate: true },
    { sequence: 2, duplicate: false },
    { sequence: 3, duplicate: false },
  ]);
  expect(histories).toMatchObject([{ verdict: 'same' }]);
});

test('more rights than a connection has handles: idle writers step aside', async () => {
  const maker = open();
  const channels = range(1, 129).map(() => newChannel());
  await Promise.all(channels.map(({ spec }) => maker.create(spec)));
  const session = open();
  const writers = channels.map((c) => session.writer({ writeId: c.writeId, keySeed: c.writerSeed }));
  await until(() => writers.every(({ status }) => status.state === 'active'));
  const inboxes = channels.map(({ readId, readerSeed }) => {
    const inbox = new Inbox();
    session.reader({ readId, keySeed: readerSeed, policy: 'mailbox', onBlock: inbox.onBlock });
    return inbox;
  });
  await Promise.all(writers.map((writer, i) => writer.append(numbered(i))));
  await until(() => inboxes.every(({ numbers }) => numbers.length === 1));
  expect(inboxes.map(({ numbers }) => numbers[0])).toEqual(range(0, 128));
}, 120_000);

test('a wrong link is refused by name, and nothing else tells why', async () => {
  const session = open();
  const { readId, writeId } = newChannel();
  const writer = session.writer({ writeId, keySeed: randomKey('signing-seed') });
  await expect(writer.append(numbered(1))).rejects.toMatchObject({ code: 'NET_LINK_DEAD' });
  const owner = session.owner({ readId, keySeed: randomKey('signing-seed') });
  await expect(owner.delete()).rejects.toMatchObject({ code: 'NET_LINK_DEAD' });
  await expect(writer.append(numbered(1))).rejects.toMatchObject({ code: 'NET_LINK_DEAD' });
  await expect(
    session
      .writer({ writeId, keySeed: randomKey('signing-seed') })
      .append({ ...numbered(1), block: randomBytes(9) }),
  ).rejects.toMatchObject({ code: 'NET_INVALID' });
});

test('another relay key ends the session for good, without a second try', async () => {
  const states: SessionStatus[] = [];
  const session = openSession({
    url: relay.url,
    relayKey: signingKeyPair(randomKey('signing-seed')).publicKey,
    onState: (status) => states.push(status),
  });
  await until(() => session.status.state === 'refused');
  session.poke();
  session.setNetwork(true);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(session.status).toMatchObject({
    state: 'refused',
    error: { code: 'NET_RELAY_KEY', retry: 'never' },
  });
  expect(states.map(({ state }) => state)).toEqual(['connecting', 'refused']);
});

test('the published promise is checked against the pinned key and against what was seen', async () => {
  const session = open();
  await session.create(newChannel().spec);
  const report = await session.promise();
  expect(report.mismatches).toEqual([]);
  expect(report.promise.sizes.block).toBe(3968);
  const other = openSession({
    url: relay.url,
    relayKey: signingKeyPair(randomKey('signing-seed')).publicKey,
  });
  await expect(other.promise()).rejects.toMatchObject({ code: 'NET_PROMISE' });
});

test('closing rejects what waits and leaves nothing running', async () => {
  const session = open();
  const channel = newChannel();
  await session.create(channel.spec);
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const waiting = writer.append(numbered(1));
  const closed = session.close();
  await expect(waiting).rejects.toMatchObject({ code: 'NET_CLOSED' });
  await closed;
  expect(session.status.state).toBe('closed');
  await expect(session.create(channel.spec)).rejects.toMatchObject({ code: 'NET_CLOSED' });
  await expect(writer.append(numbered(2))).rejects.toMatchObject({ code: 'NET_CLOSED' });
});

/** A clock that knows which of its timers are still to come. */
function countingClock(): Clock & { pending: () => number } {
  const timers = new Set<object>();
  return {
    now: () => systemClock.now(),
    after: (delayMs, task) => {
      const timer = {};
      timers.add(timer);
      const cancel = systemClock.after(delayMs, () => {
        timers.delete(timer);
        task();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
    pending: () => timers.size,
  };
}

test.each([
  ['online, reading, writing into a full mailbox', 'online'],
  ['backing off', 'backing-off'],
  ['dialling', 'connecting'],
] as const)('no timer is left after closing a session that is %s', async (_, state) => {
  const clock = countingClock();
  const url = state === 'backing-off' ? 'http://127.0.0.1:1' : relay.url;
  const session = openSession({ url, relayKey, clock });
  if (state === 'online') {
    const channel = newChannel();
    const options = { readId: channel.readId, keySeed: channel.readerSeed, policy: 'mailbox' } as const;
    await session.create(channel.spec);
    const flows: WriterFlow[] = [];
    const writer = session.writer({
      writeId: channel.writeId,
      keySeed: channel.writerSeed,
      onFlow: (flow) => flows.push(flow),
    });
    for (const n of range(1, 40)) writer.append(numbered(n)).catch(() => undefined);
    await until(() => flows.at(-1)?.state === 'full');
    session.reader({ ...options, onBlock: () => Promise.reject(new Error('the disk is full')) });
    await until(() => session.status.state === 'online');
  } else await until(() => session.status.state === state);
  await session.close();
  expect(clock.pending()).toBe(0);
});

test('one reader waits on its store while another goes on', async () => {
  const session = open();
  const [slow, quick] = [newChannel(), newChannel()];
  await Promise.all([session.create(slow.spec), session.create(quick.spec)]);
  const inbox = new Inbox();
  let calls = 0;
  session.reader({
    readId: slow.readId,
    keySeed: slow.readerSeed,
    policy: 'mailbox',
    onBlock: () => {
      calls++;
      return new Promise(() => undefined);
    },
  });
  session.reader({
    readId: quick.readId,
    keySeed: quick.readerSeed,
    policy: 'mailbox',
    onBlock: inbox.onBlock,
  });
  const writers = [slow, quick].map((c) => session.writer({ writeId: c.writeId, keySeed: c.writerSeed }));
  for (const n of range(1, 10)) await Promise.all(writers.map((writer) => writer.append(numbered(n))));
  await until(() => inbox.numbers.length === 10);
  expect(calls).toBe(1);
});

test('a block stored while the connection was lost is acked when it comes again, not offered again', async () => {
  const session = open();
  const channel = newChannel();
  await session.create(channel.spec);
  const offered: number[] = [];
  let stored: () => void = () => undefined;
  const options = { readId: channel.readId, keySeed: channel.readerSeed, policy: 'mailbox' } as const;
  const reader = session.reader({
    ...options,
    onBlock: ({ block }) => {
      offered.push(numberIn(block));
      return new Promise<void>((resolve) => (stored = resolve));
    },
  });
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await writer.append(numbered(1));
  await until(() => offered.length === 1);
  // Evicted and back: the subscription that delivered it is gone, its block is delivered again.
  const other = open().reader({ ...options, onBlock: () => new Promise(() => undefined) });
  await until(() => reader.status.state === 'evicted');
  other.release();
  reader.retry();
  await until(() => reader.status.state === 'active');
  stored();
  await writer.append(numbered(2));
  await until(() => offered.length === 2);
  stored();
  expect(offered).toEqual([1, 2]);
  const inbox = new Inbox();
  await new Promise((resolve) => setTimeout(resolve, 100));
  open().reader({ ...options, onBlock: inbox.onBlock });
  await until(() => reader.status.state === 'evicted');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(inbox.numbers).toEqual([]);
});

test('a spill counts against a channel on which a right is held, and is written by its own', async () => {
  const session = open();
  const [channel, spill] = [newChannel(), newChannel('log', 'never')];
  await session.create(channel.spec);
  const against = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await session.create({ ...spill.spec, spill: { against, blocks: 3 } });
  const writer = session.writer({ writeId: spill.writeId, keySeed: spill.writerSeed });
  expect(await writer.append(numbered(1))).toMatchObject({ sequence: 1 });
  against.release();
  const other = newChannel('log', 'never');
  await expect(session.create({ ...other.spec, spill: { against, blocks: 3 } })).rejects.toMatchObject({
    code: 'NET_CLOSED',
  });
});

test('values that no frame can hold are refused by themselves and hold nothing up', async () => {
  const session = open();
  const channel = newChannel();
  const bad = new Uint8Array(3);
  await expect(session.create({ ...channel.spec, readerKey: bad })).rejects.toMatchObject({
    code: 'NET_INVALID',
  });
  await session.create(channel.spec);
  const owner = session.owner({ readId: channel.readId, keySeed: channel.ownerSeed });
  await expect(owner.changeKeys({ writerKey: bad })).rejects.toMatchObject({ code: 'NET_INVALID' });
  expect(await owner.readSlot()).toBeUndefined();
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const strange = { ...numbered(1), admission: { token: new Uint8Array(9999), requestId: bad } };
  await expect(writer.append(strange)).rejects.toMatchObject({ code: 'NET_INVALID' });
  expect(await writer.append(numbered(2))).toMatchObject({ sequence: 1 });
  expect(session.status.state).toBe('online');
});
