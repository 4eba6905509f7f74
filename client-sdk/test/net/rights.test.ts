// Rights on a channel, against the real relay: what each may do, how they change hands, what ends them, and what a writer
// learns of others who used its own.
import { expect, test } from '@jest/globals';
import { randomKey, signingKeyPair } from '../../src/crypto/index.ts';
import type { RightStatus, WriterHistory } from '../../src/net/index.ts';
import {
  Inbox,
  newChannel,
  numbered,
  numberIn,
  range,
  rightToRead,
  sessionHouse,
  until,
} from './support/pair.ts';

const { open } = await sessionHouse();

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
    ...rightToRead(channel),
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
  const options = rightToRead(channel);
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
