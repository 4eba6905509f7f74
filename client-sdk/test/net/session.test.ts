// A session against the real relay: channels, whom it talks to, the promise, refusals, the end.
import { expect, test } from '@jest/globals';
import { randomBytes, randomKey, signingKeyPair } from '../../src/crypto/index.ts';
import { type Clock, systemClock, type SessionStatus, type WriterFlow } from '../../src/net/index.ts';
import {
  newChannel,
  numbered,
  openSession,
  range,
  rightToRead,
  sessionHouse,
  until,
} from './support/pair.ts';

const { relay, relayKey, open } = await sessionHouse();

test('a channel is made once, and found made', async () => {
  const session = open();
  const { spec } = newChannel();
  const first = await session.create(spec);
  const second = await session.create(spec);
  expect([first.existed, second.existed]).toEqual([false, true]);
  expect(second.incarnation).toEqual(first.incarnation);
  expect(first.ttlSeconds).toBe(14 * 86_400);
});

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
    const options = rightToRead(channel);
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
