// A channel's slot moves from one Redis to another while people use it, as when a cluster grows. Key by key, so that for
// a while neither server has all of the channel: it is refused with LATER then, and afterwards everything is as before.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendBody, appendId, testChannel, textOf } from './support/client.ts';
import { startRedisCluster, type RedisGroup, type RedisServer } from './support/redis-servers.mjs';
import { client, testRelay } from './support/relays.ts';

let redis: RedisGroup;
beforeAll(async () => {
  redis = await startRedisCluster();
});
afterAll(() => redis.stop());

const primaries = () => redis.servers.slice(0, 3);

/** Where the only channel there is has its keys. */
async function whereabouts(): Promise<{ source: RedisServer; keys: string[]; slot: number }> {
  for (const source of primaries()) {
    const keys = ((await source.ask('KEYS', '*{*')) as string[]).sort();
    const [first] = keys;
    if (first !== undefined)
      return { source, keys, slot: Number(await source.ask('CLUSTER', 'KEYSLOT', first)) };
  }
  throw new Error('no server has the channel');
}

test('a slot that is just moving: LATER on both sides, then nothing is lost, doubled or unheard', async () => {
  const relay = await testRelay({ redis: redis.url });
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  const reader = await raw.prove(channel, 'reader');
  await raw.subscribe(reader, { credit: 1 });
  const ids = [appendId(), appendId(), appendId()];
  for (const [n, id] of ids.entries()) expect(await raw.append(writer, `m${String(n)}`, id)).toBe(n + 1);
  const first = await raw.next('deliver');

  const { source, keys, slot } = await whereabouts();
  const target = primaries().find((server) => server !== source) as RedisServer;
  const [from, to] = [await source.ask('CLUSTER', 'MYID'), await target.ask('CLUSTER', 'MYID')];
  await target.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(from));
  await source.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(to));
  const move = (key: string) => source.ask('MIGRATE', '127.0.0.1', target.port, key, 0, 5_000);
  const isRecord = (key: string) => key.endsWith('}c');
  const refusals = async () => [
    await raw.append(writer, 'm0', ids[0]),
    await raw.outcome(raw.proveBody(channel, 'reader')),
  ];

  // First the record stays and all else is gone, then the other way round.
  const others = keys.filter((key) => !isRecord(key));
  expect(others.length).toBeGreaterThan(3);
  for (const key of others) await move(key);
  expect(await refusals()).toEqual(['LATER', 'LATER']);
  for (const key of keys.filter(isRecord)) await move(key);
  expect(await refusals()).toEqual(['LATER', 'LATER']);
  // Told twice, the new owner drops the subscriptions that it just got.
  for (const server of [target, source, ...primaries()])
    await server.ask('CLUSTER', 'SETSLOT', slot, 'NODE', String(to));

  // On a handle of its own: a refused append of a mailbox holds back what comes behind it.
  const again = await client(relay.url);
  const writing = await again.prove(channel, 'writer');
  const repeat = await again.ask(appendBody(writing, 'm0', ids[0]));
  expect(repeat).toMatchObject({ type: 'appended', results: [{ sequence: 1, duplicate: true }] });
  expect(await again.append(writing, 'm3')).toBe(4);
  const texts = [textOf(first.block)];
  for (let seen = first; texts.length < 4;) {
    raw.ack(reader, seen);
    seen = await raw.next('deliver');
    texts.push(textOf(seen.block));
  }
  expect(texts).toEqual(['m0', 'm1', 'm2', 'm3']);
});
