// What rests in Redis, in its live keys and in its files: what docs/ledger.md lists, and nothing that links one channel to
// another or says that someone read. The whole run's counterpart: client-sdk/test/acceptance/blindness.test.ts.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, RESP_TYPES } from 'redis';
import { sealKey } from '../../src/crypto/at-rest-seal.ts';
import { openRedisStore, type RedisStore } from '../../src/store/redis/index.ts';
import { startRedis, type RedisGroup } from '../support/redis-servers.mjs';
import { grants, key, make, request, type Made } from './harness.ts';

const MARKER = Buffer.from('a sealed envelope that can be found here ');
const nobody = { hear: () => undefined };
let redis: RedisGroup;
let store: RedisStore;
let ask: (...words: (string | Buffer)[]) => Promise<unknown>;
let stop: () => void;

beforeAll(async () => {
  redis = await startRedis();
  store = await openRedisStore({ url: redis.url, key: sealKey(randomBytes(32)) });
  const client = createClient({ url: redis.url });
  await client.connect();
  ask = (...words) => client.sendCommand(words, { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } });
  stop = () => {
    client.destroy();
  };
});
afterAll(async () => {
  stop();
  await store.close();
  await redis.stop();
});

function files(dir = redis.dir): Buffer[] {
  return readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));
}
const rests = (needle: Uint8Array): boolean => files().some((bytes) => bytes.includes(Buffer.from(needle)));

const keysNow = async (): Promise<string[]> =>
  ((await ask('KEYS', '*')) as Buffer[]).map((name) => name.toString('latin1')).sort();
const tagOf = (name: string): string | undefined => /\{(.+)\}/.exec(name)?.[1];

/** Writes the append-only file anew, and waits until the old one is gone. */
async function rewrite(): Promise<void> {
  await ask('BGREWRITEAOF');
  for (;;) {
    const info = String(await ask('INFO', 'persistence'));
    if (info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function marked(): Uint8Array {
  const block = new Uint8Array(3968);
  block.set(MARKER);
  block.set(randomBytes(64), MARKER.length);
  return block;
}

test('no id and no link between channels is in any key, value or file; every key but three ends by itself', async () => {
  const mailbox = await make(store, 'mailbox');
  const back = await make(store, 'mailbox');
  const log = await make(store, 'log', { joinerKey: key() });
  const pool = await make(store, 'pool');
  const spill = await make(store, 'log', {
    spill: { against: mailbox.writer.channel, blocks: 3 },
    ttlSeconds: 600,
  });
  const all: readonly Made[] = [mailbox, back, log, pool, spill];
  for (const made of all) {
    await store.append(made.writer, request({ block: marked() }));
    await store
      .append(made.owner, request({ ordered: { expect: made.owner.orderedSequence } }))
      .catch(() => undefined);
  }
  await store.append(
    log.owner,
    request({
      ordered: { expect: (await store.bounds(log.owner)).orderedSequence, change: { readerKey: key() } },
    }),
  );
  await store.claim(pool.reader, 60);
  await ask('SAVE');
  for (const { spec } of all) {
    for (const id of [spec.readId, spec.writeId]) {
      const raw = Buffer.from(id, 'hex');
      const spelled = [
        raw,
        Buffer.from(id),
        Buffer.from(raw.toString('base64')),
        Buffer.from(raw.toString('base64url')),
      ];
      expect(spelled.some(rests)).toBe(false);
    }
  }
  const names = await keysNow();
  const forms =
    /^sotto:(\{[\w-]{22}\}([cimqlok]|[bs]\d+)|w:[\w-]{22}|format|closed|promise|counting|counted)$/;
  expect(names.filter((name) => !forms.test(name))).toEqual([]);
  const tags = new Set(names.map(tagOf).filter((tag) => tag !== undefined));
  expect(tags.size).toBe(all.length);
  for (const name of names) {
    const value = (await ask('DUMP', name)) as Buffer;
    const isWay = name.startsWith('sotto:w:');
    for (const tag of tags) {
      if (tag === tagOf(name)) continue;
      const mentions = [Buffer.from(tag), Buffer.from(tag, 'base64url')].some((bytes) =>
        value.includes(bytes),
      );
      // The way from a writeId to its own channel is the one mention there is.
      if (!isWay) expect([name, mentions]).toEqual([name, false]);
    }
    const ttl = Number(await ask('TTL', name));
    const longest = /\}b/.test(name)
      ? 14 * 86_400 + 3_600
      : /\}s/.test(name)
        ? 30 * 86_400 + 3_600
        : 183 * 86_400;
    if (tagOf(name) !== undefined || isWay) expect([name, ttl > 0 && ttl <= longest]).toEqual([name, true]);
  }
});

test('whoever reads, looks, subscribes or proves leaves no trace in the files', async () => {
  const made = await make(store, 'mailbox');
  await store.append(made.writer, request());
  await store.append(made.owner, request({ ordered: { expect: 0 } }));
  const before = Buffer.concat(files());
  const { reader, writer } = await grants(store, made.spec);
  store.watch(reader.channel, nobody, false);
  store.watch(reader.channel, nobody, true);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await store.read(reader, 0, 9)).length).toBe(1);
  await store.bounds(reader);
  await store.slot(writer, 0);
  store.unwatch(reader.channel, nobody);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(Buffer.concat(files()).equals(before)).toBe(true);
  // An append does, so that the comparison is not blind.
  await store.append(writer, request());
  expect(Buffer.concat(files()).equals(before)).toBe(false);
});

test('an acked block is unlinked at once, and out of the files once Redis has written them anew', async () => {
  const made = await make(store, 'mailbox');
  const sent = request({ block: marked() });
  await store.append(made.writer, sent);
  const secret = sent.block.slice(MARKER.length, MARKER.length + 64);
  expect(rests(secret)).toBe(true);
  const before = await keysNow();
  await store.ack(made.reader, [{ sequence: 1, appendId: sent.appendId }]);
  const after = new Set(await keysNow());
  const gone = before.filter((name) => !after.has(name));
  expect(gone.length).toBeGreaterThan(0);
  expect(gone.every((name) => /\}(b1|m)$/.test(name))).toBe(true);
  await ask('SAVE');
  await rewrite();
  expect(rests(secret)).toBe(false);
});

test('a deleted channel leaves no key', async () => {
  const before = await keysNow();
  const made = await make(store, 'log', { joinerKey: key() });
  for (let n = 0; n < 20; n++) await store.append(made.writer, request());
  let expected = 0;
  for (let n = 0; n < 20; n++) {
    expected = (
      await store.append(made.owner, request({ ordered: { expect: expected, change: { readerKey: key() } } }))
    ).sequence;
  }
  expect((await keysNow()).length).toBeGreaterThan(before.length + 40);
  await store.delete(made.owner);
  expect(await keysNow()).toEqual(before);
});

test('what rests is counted by one process for all, and the counts end by themselves', async () => {
  const seal = sealKey(randomBytes(32));
  const open = () => openRedisStore({ url: redis.url, key: seal, prefix: 'counted:' });
  const [one, two] = [await open(), await open()];
  try {
    expect(await one.size()).toBeUndefined();
    const mailbox = await make(one, 'mailbox');
    const log = await make(one, 'log');
    for (const { writer } of [mailbox, log, log]) await one.append(writer, request());
    await one.append(log.owner, request({ ordered: { expect: 0 } }));
    await Promise.all([one.count(), two.count()]);
    for (const store of [one, two]) expect(await store.size()).toEqual({ channels: 2, blocks: 4 });
    // Nobody counts again within the hour.
    await make(one, 'mailbox');
    await two.count();
    expect(await one.size()).toEqual({ channels: 2, blocks: 4 });
    for (const name of ['counted:counted', 'counted:counting'])
      expect(Number(await ask('TTL', name))).toBeGreaterThan(0);
  } finally {
    await one.close();
    await two.close();
  }
});
