// What a session delivers, against the real relay: once and in order, no faster than it is stored, in mailboxes and logs.
import { expect, test } from '@jest/globals';
import { randomKey, signingKeyPair } from '../../src/crypto/index.ts';
import { type Clock, systemClock, type ChannelReset, type WriterFlow } from '../../src/net/index.ts';
import {
  Inbox,
  newChannel,
  numbered,
  numberIn,
  openSession,
  range,
  rightToRead,
  sessionHouse,
  until,
} from './support/pair.ts';

const { relay, relayKey, open } = await sessionHouse();

test('blocks arrive once, in order, registered before anything is connected', async () => {
  const channel = newChannel();
  const [alice, bob] = [open(), open()];
  await alice.create(channel.spec);
  const inbox = new Inbox();
  alice.reader({
    ...rightToRead(channel),
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
    ...rightToRead(channel),
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
    ...rightToRead(channel),
    credit: 4,
    onBlock: async ({ block }) => {
      most = Math.max(most, ++running);
      // The slow consumer itself: long enough that the relay could send more, were it let.
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
    ...rightToRead(channel),
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
      ...rightToRead(channel),
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
    ...rightToRead(channel),
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

test('one reader waits on its store while another goes on', async () => {
  const session = open();
  const [slow, quick] = [newChannel(), newChannel()];
  await Promise.all([session.create(slow.spec), session.create(quick.spec)]);
  const inbox = new Inbox();
  let calls = 0;
  session.reader({
    ...rightToRead(slow),
    onBlock: () => {
      calls++;
      return new Promise(() => undefined);
    },
  });
  session.reader({
    ...rightToRead(quick),
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
  const options = rightToRead(channel);
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
  // The next is offered once the last was acked, and what is appended behind an ack is answered after it.
  await writer.append(numbered(3));
  await until(() => offered.length === 3);
  await writer.append(numbered(4));
  const inbox = new Inbox();
  open().reader({ ...options, onBlock: inbox.onBlock });
  await until(() => inbox.numbers.length >= 2);
  expect(inbox.numbers).toEqual([3, 4]);
});
