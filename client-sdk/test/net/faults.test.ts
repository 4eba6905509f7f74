// Exactly once and in order, whatever happens between two devices and the relay: cuts, kill -9, half-open and stalled
// connections, a lost and an older store. Every append is counted by its identity.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ready, type VerifyKey } from '../../src/crypto/index.ts';
import type {
  ChannelReset,
  RelaySession,
  SessionStatus,
  Timing,
  WriterHistory,
} from '../../src/net/index.ts';
import { startFaultProxy, type FaultProxy } from './support/fault-proxy.ts';
import {
  closeSessions,
  Inbox,
  newChannel,
  numbered,
  openSession,
  range,
  relayKeyOf,
  type TestChannel,
  until,
} from './support/pair.ts';
import { RelayProcess } from './support/relay-process.ts';

const SEED = Number(process.env['SOTTO_TEST_SEED'] ?? Date.now() % 1_000_000);
const QUICK: Partial<Timing> = { connectMs: 2000, idleMs: 300, silentMs: 300, answerMs: 5000, stableMs: 30 };

let relay: RelayProcess;
let relayKey: VerifyKey;
let proxies: FaultProxy[] = [];

beforeAll(async () => {
  await ready();
  relay = await RelayProcess.start();
  relayKey = await relayKeyOf(relay.url);
});
afterEach(async () => {
  await closeSessions();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  proxies = [];
  relay.thaw();
});
afterAll(() => relay.stop());

async function throughProxy(
  seed: number,
): Promise<{ proxy: FaultProxy; session: RelaySession; states: SessionStatus[] }> {
  const proxy = await startFaultProxy({ port: relay.port, seed });
  proxies.push(proxy);
  const states: SessionStatus[] = [];
  const session = openSession({ url: proxy.url, relayKey, timing: QUICK, onState: (s) => states.push(s) });
  return { proxy, session, states };
}

/** Two devices, a mailbox each way, `count` appends each way. */
async function talk(one: RelaySession, two: RelaySession, count: number) {
  const sides = [
    { channel: newChannel(), reader: one, writer: two, inbox: new Inbox() },
    { channel: newChannel(), reader: two, writer: one, inbox: new Inbox() },
  ];
  for (const { channel, reader } of sides) await reader.create(channel.spec);
  const answers = sides.map(async ({ channel, reader, writer, inbox }) => {
    read(reader, channel, inbox);
    const handle = writer.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
    return Promise.all(range(1, count).map((n) => handle.append(numbered(n))));
  });
  return {
    inboxes: sides.map(({ inbox }) => inbox),
    answered: Promise.all(answers),
  };
}

function read(
  session: RelaySession,
  channel: TestChannel,
  inbox: Inbox,
  onReset?: (reset: ChannelReset) => void,
) {
  return session.reader({
    readId: channel.readId,
    keySeed: channel.readerSeed,
    policy: 'mailbox',
    onBlock: inbox.onBlock,
    ...(onReset === undefined ? {} : { onReset }),
  });
}

test(`500 each way while connections are cut at random (seed ${String(SEED)})`, async () => {
  const [one, two] = [await throughProxy(SEED), await throughProxy(SEED + 1)];
  for (const { proxy } of [one, two]) {
    proxy.lines({ delayMs: 1, jitterMs: 2, pieceBytes: 3000 }, { delayMs: 1, mergeMs: 3 });
  }
  const { inboxes, answered } = await talk(one.session, two.session, 500);
  for (const { proxy } of [one, two]) proxy.cutAtRandom({ everyMs: [250, 700] });
  await until(() => inboxes.every(({ numbers }) => numbers.length > 250), 40_000);
  for (const { proxy } of [one, two]) proxy.stopCutting();
  await answered;
  await until(() => inboxes.every(({ numbers }) => numbers.length >= 500), 20_000);
  expect(inboxes.map(({ numbers }) => numbers)).toEqual([range(1, 500), range(1, 500)]);
  expect(one.proxy.cuts + two.proxy.cuts).toBeGreaterThan(5);
}, 180_000);

test('500 each way while the relay is killed with -9 four times', async () => {
  const options = { url: relay.url, relayKey, timing: QUICK };
  const { inboxes, answered } = await talk(openSession(options), openSession(options), 500);
  const before = relay.kills;
  for (const part of [60, 150, 260, 400]) {
    await until(() => (inboxes[0] as Inbox).numbers.length >= part, 20_000);
    await relay.kill();
    await relay.start();
  }
  await answered;
  await until(() => inboxes.every(({ numbers }) => numbers.length >= 500), 20_000);
  expect(inboxes.map(({ numbers }) => numbers)).toEqual([range(1, 500), range(1, 500)]);
  expect(relay.kills - before).toBe(4);
}, 180_000);

test.each(['both', 'up', 'down'] as const)(
  'a half-open connection (%s) is noticed and replaced',
  async (direction) => {
    const { proxy, session, states } = await throughProxy(SEED);
    const channel = newChannel();
    await session.create(channel.spec);
    const inbox = new Inbox();
    read(session, channel, inbox);
    const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
    await writer.append(numbered(1));
    proxy.halfOpen(direction);
    const from = performance.now();
    const stuck = writer.append(numbered(2));
    await until(() => states.at(-1)?.state === 'backing-off' && states.at(-1)?.error?.code === 'NET_SILENT');
    // idleMs + silentMs, and room for a busy machine.
    expect(performance.now() - from).toBeLessThan(600 + 1500);
    proxy.clear();
    await stuck;
    await until(() => inbox.numbers.length === 2);
    expect(inbox.numbers).toEqual([1, 2]);
  },
);

test('an idle half-open connection is noticed without anything to send', async () => {
  const { proxy, session, states } = await throughProxy(SEED);
  await until(() => session.status.state === 'online');
  proxy.halfOpen();
  await until(() => states.some(({ error }) => error?.code === 'NET_SILENT'), 3000);
});

test('a frozen relay is noticed; what it had is delivered once it thaws', async () => {
  const options = { url: relay.url, relayKey, timing: QUICK };
  const states: SessionStatus[] = [];
  const session = openSession({ ...options, onState: (status) => states.push(status) });
  const channel = newChannel();
  await session.create(channel.spec);
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await writer.append(numbered(1));
  relay.freeze();
  const sent = Promise.all(range(2, 100).map((n) => writer.append(numbered(n))));
  await until(() => states.some(({ error }) => error?.code === 'NET_SILENT'), 3000);
  relay.thaw();
  const inbox = new Inbox();
  read(session, channel, inbox);
  await sent;
  await until(() => inbox.numbers.length === 100);
  expect(inbox.numbers).toEqual(range(1, 100));
}, 240_000);

test('a slow line is not taken for a dead one', async () => {
  const { proxy, session, states } = await throughProxy(SEED);
  const channel = newChannel();
  await session.create(channel.spec);
  proxy.lines({ bytesPerSecond: 150_000, pieceBytes: 1400 });
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  await Promise.all(range(1, 64).map((n) => writer.append(numbered(n))));
  expect(states.map(({ state }) => state)).toEqual(['connecting', 'online']);
  expect(proxy.accepted).toBe(1);
}, 240_000);

test('nobody answers: it goes on with pauses, and dials at once when poked', async () => {
  const { proxy, session, states } = await throughProxy(SEED);
  await until(() => session.status.state === 'online');
  proxy.refuse();
  proxy.cut();
  await until(() => states.filter(({ state }) => state === 'backing-off').length >= 3);
  session.setNetwork(false);
  await until(() => session.status.state === 'offline');
  const attempts = states.length;
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(states.length).toBe(attempts);
  proxy.clear();
  session.setNetwork(true);
  await until(() => session.status.state === 'online', 1500);
});

test('a draining relay says when to come back, and is not dialled before, even when poked', async () => {
  const states: SessionStatus[] = [];
  const session = openSession({ url: relay.url, relayKey, timing: QUICK, onState: (s) => states.push(s) });
  await until(() => session.status.state === 'online');
  await relay.drain();
  await until(() => session.status.state === 'backing-off');
  expect(session.status.error?.code).toBe('NET_DRAINING');
  await relay.start();
  await until(() => session.status.state === 'online');
});

test('an empty store: the owner makes the same ids again, both sides are told, and it goes on', async () => {
  const options = { url: relay.url, relayKey, timing: QUICK };
  const [alice, bob] = [openSession(options), openSession(options)];
  const channel = newChannel('mailbox', 'never');
  const first = await alice.create(channel.spec);
  const inbox = new Inbox();
  const resets: ChannelReset[] = [];
  const reader = read(alice, channel, inbox, (reset) => resets.push(reset));
  const histories: WriterHistory[] = [];
  const writer = bob.writer({
    writeId: channel.writeId,
    keySeed: channel.writerSeed,
    lastKnown: { incarnation: first.incarnation, sequence: 0 },
    onHistory: (history) => histories.push(history),
  });
  await writer.append(numbered(1));
  await until(() => inbox.numbers.length === 1);
  await relay.kill();
  relay.emptyStore();
  await relay.start();
  await until(() => reader.status.state === 'dead' && writer.status.state === 'dead');
  expect(reader.status.error?.code).toBe('NET_LINK_DEAD');
  const again = await alice.create(channel.spec);
  expect(again.existed).toBe(false);
  expect(again.incarnation).not.toEqual(first.incarnation);
  reader.retry();
  writer.retry();
  expect(await writer.append(numbered(2))).toMatchObject({ sequence: 1 });
  await until(() => inbox.numbers.length === 2);
  expect(resets.map(({ cause }) => cause)).toEqual(['new-store']);
  expect(histories.map(({ verdict }) => verdict)).toEqual(['same', 'new-store']);
}, 240_000);

test('an older store: the writer learns that answered appends are gone, the log reader goes back', async () => {
  const options = { url: relay.url, relayKey, timing: QUICK };
  const session = openSession(options);
  const mailbox = newChannel();
  const log = newChannel('log', 'never');
  const { incarnation } = await session.create(mailbox.spec);
  await session.create(log.spec);
  const histories: WriterHistory[] = [];
  const writer = session.writer({
    writeId: mailbox.writeId,
    keySeed: mailbox.writerSeed,
    lastKnown: { incarnation, sequence: 0 },
    onHistory: (history) => histories.push(history),
  });
  const logWriter = session.writer({ writeId: log.writeId, keySeed: log.writerSeed });
  await Promise.all([writer.append(numbered(1)), logWriter.append(numbered(1))]);
  await relay.drain();
  const restore = relay.saveStore();
  await relay.start();
  const inbox = new Inbox();
  const resets: ChannelReset[] = [];
  session.reader({
    readId: log.readId,
    keySeed: log.readerSeed,
    policy: 'log',
    onBlock: inbox.onBlock,
    onReset: (reset) => resets.push(reset),
  });
  await Promise.all([2, 3].flatMap((n) => [writer.append(numbered(n)), logWriter.append(numbered(n))]));
  await until(() => inbox.numbers.length === 3);
  await relay.kill();
  restore();
  await relay.start();
  await until(() => resets.length > 0);
  expect(resets.map(({ cause, head }) => [cause, head])).toEqual([['went-back', 1]]);
  await until(() => histories.at(-1)?.verdict === 'went-back');
  expect(histories.at(-1)).toMatchObject({ lastSequence: 1, knownSequence: 3 });
  await logWriter.append(numbered(4));
  await until(() => inbox.numbers.length === 4);
  expect(inbox.numbers).toEqual([1, 2, 3, 4]);
}, 120_000);

test('a line that comes and goes is dialled within 2 s each time; one that never lets in, ever more slowly', async () => {
  const proxy = await startFaultProxy({ port: relay.port, seed: SEED });
  proxies.push(proxy);
  const pauses: number[] = [];
  // The longest pauses that chance allows, taken without waiting for them.
  const session = openSession({
    url: proxy.url,
    relayKey,
    timing: { stableMs: 600_000, connectMs: 600_000, idleMs: 600_000, answerMs: 600_000 },
    chance: () => 0.999,
    clock: {
      now: () => performance.now(),
      after: (delayMs, task) => {
        const timer = setTimeout(task, delayMs >= 400 && delayMs <= 60_000 ? 1 : delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
    },
    onState: (status) => {
      if (status.state === 'backing-off') pauses.push(status.retryInMs ?? 0);
    },
  });
  for (let i = 0; i < 8; i++) {
    await until(() => session.status.state === 'online');
    proxy.cut();
    await until(() => pauses.length > i);
  }
  await until(() => session.status.state === 'online');
  expect(pauses).toHaveLength(8);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);

  pauses.length = 0;
  proxy.refuse();
  proxy.cut();
  await until(() => pauses.length >= 6);
  expect(pauses[5]).toBeGreaterThan(4 * 2_000);
});
