// Several relays behind one address over one Redis: what one does, the other's clients see. Also what a Redis must be
// before a relay trusts it, and what clients hear while it is away. The rules themselves: store/redis.test.ts.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withdrawPreimage } from '@sotto/wire';
import { createClient } from 'redis';
import {
  appendBody,
  appendId,
  keyPair,
  sha256,
  testChannel,
  textOf,
  type RawClient,
} from './support/client.ts';
import { startRedis, type RedisGroup } from './support/redis-servers.mjs';
import { client, command, CommandProcess, tempFolder, testRelay } from './support/relays.ts';

let redis: RedisGroup;
let a: { url: string; close(): Promise<void> };
let b: { url: string; close(): Promise<void> };

/** Relays of one address have one key. */
function sharedFolders(): [string, string] {
  const folder = tempFolder();
  for (const name of ['a', 'b']) mkdirSync(join(folder, name));
  return [join(folder, 'a'), join(folder, 'b')];
}

beforeAll(async () => {
  redis = await startRedis();
  const [dataA, dataB] = sharedFolders();
  a = await testRelay({ redis: redis.url, data: dataA });
  copyFileSync(join(dataA, 'relay-key'), join(dataB, 'relay-key'));
  b = await testRelay({ redis: redis.url, data: dataB });
});
afterAll(async () => {
  await a.close();
  await b.close();
  await redis.stop();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The reader on one relay, owner and writer on the other. */
async function apart(policy: 'mailbox' | 'log' | 'pool') {
  const near = await client(a.url);
  const far = await client(b.url);
  const channel = testChannel(policy);
  const owner = await far.create(channel);
  return {
    channel,
    near,
    far,
    owner,
    reader: await near.prove(channel, 'reader'),
    writer: await far.prove(channel, 'writer'),
  };
}

async function take(raw: RawClient, handle: number, count: number): Promise<string[]> {
  const texts: string[] = [];
  for (let n = 0; n < count; n++) {
    const frame = await raw.next('deliver');
    texts.push(textOf(frame.block));
    raw.ack(handle, frame);
  }
  return texts;
}

test('the writer is on one relay, the reader on another: all arrives once, in order', async () => {
  const { near, far, reader, writer } = await apart('mailbox');
  await near.subscribe(reader);
  const wanted = Array.from({ length: 100 }, (_, n) => `m${String(n)}`);
  const reading = take(near, reader, 100);
  for (const slice of [wanted.slice(0, 50), wanted.slice(50)]) {
    const requests = slice.map((text) => far.send(appendBody(writer, text)));
    for (const request of requests) expect((await far.answer(request)).type).toBe('appended');
  }
  expect(await reading).toEqual(wanted);
  expect(near.unread.filter(({ type }) => type === 'deliver')).toEqual([]);
});

test('a log is read by readers on both relays; a removal ends the old keys on both', async () => {
  const { near, far, channel, owner, reader, writer } = await apart('log');
  const other = await far.prove(channel, 'reader');
  await near.subscribe(reader);
  await far.subscribe(other);
  await far.append(writer, 'one');
  for (const raw of [near, far]) expect(textOf((await raw.next('deliver')).block)).toBe('one');
  const fresh = { reader: keyPair(), writer: keyPair() };
  const removal = await far.ask({
    ...appendBody(owner, 'removed'),
    ordered: {
      expect: 0,
      change: { readerKey: fresh.reader.publicKey, writerKey: fresh.writer.publicKey },
    },
  });
  expect(removal.type).toBe('appended');
  // Old readers still get the removal itself, and then nothing.
  for (const raw of [near, far]) {
    expect(textOf((await raw.next('deliver')).block)).toBe('removed');
    await raw.next((frame) => frame.type === 'ended' && frame.cause === 'keys-changed');
  }
  expect(await far.append(writer, 'late')).toBe('SUPERSEDED');
  expect(await far.append(await far.prove(channel, 'writer', fresh.writer), 'two')).toBe(3);
  const again = await near.prove(channel, 'reader', fresh.reader);
  await near.subscribe(again, { after: 2 });
  expect(textOf((await near.next('deliver')).block)).toBe('two');
});

test('a second reader of a mailbox evicts the first on the other relay, both ways', async () => {
  const { near, far, channel, reader, writer } = await apart('mailbox');
  await near.subscribe(reader);
  const second = await far.prove(channel, 'reader');
  await far.subscribe(second);
  await near.next((frame) => frame.type === 'ended' && frame.cause === 'evicted');
  await far.append(writer, 'for the second');
  expect(textOf((await far.next('deliver')).block)).toBe('for the second');
  await near.subscribe(reader);
  await far.next((frame) => frame.type === 'ended' && frame.cause === 'evicted');
  expect(textOf((await near.next('deliver')).block)).toBe('for the second');
  await pause(50);
  expect(far.unread.filter(({ type }) => type === 'deliver')).toEqual([]);
});

test('many take one mailbox at once, on both relays: one is left, and it gets everything', async () => {
  const { near, far, channel, writer } = await apart('mailbox');
  const takers = await Promise.all(
    [near, far, near, far, near, far].map(async (raw) => ({
      raw,
      handle: await raw.prove(channel, 'reader'),
    })),
  );
  await Promise.all(takers.map(({ raw, handle }) => raw.subscribe(handle)));
  await pause(200);
  await far.append(writer, 'once');
  await pause(200);
  const ended = [near, far].flatMap((raw) => raw.unread.filter(({ type }) => type === 'ended'));
  const got = [near, far].flatMap((raw) => raw.unread.filter(({ type }) => type === 'deliver'));
  expect([ended.length, got.length]).toEqual([5, 1]);
});

test('a secured mailbox is secured for the other relay too; deletion ends handles there', async () => {
  const near = await client(a.url);
  const far = await client(b.url);
  const channel = testChannel('mailbox');
  const owner = await near.create(channel, { securing: 'once' });
  const first = await far.prove(channel, 'writer');
  const thief = await near.prove(channel, 'writer');
  expect(await far.outcome({ type: 'secure', handle: first, writerKey: keyPair().publicKey })).toBe('done');
  await near.next((frame) => frame.type === 'ended' && frame.handle === thief);
  expect(await near.outcome({ type: 'secure', handle: thief, writerKey: keyPair().publicKey })).toBe(
    'SUPERSEDED',
  );
  const reader = await far.prove(channel, 'reader');
  await near.ask({ type: 'delete', handle: owner });
  await far.next((frame) => frame.type === 'ended' && frame.handle === reader && frame.cause === 'deleted');
});

test('a request is leased to one listener, whichever relay; put back it goes to the other', async () => {
  const { near, far, channel, reader, writer } = await apart('pool');
  const other = await far.prove(channel, 'reader');
  await near.subscribe(reader, { credit: 1, leaseSeconds: 60 });
  await far.subscribe(other, { credit: 1, leaseSeconds: 60 });
  const secret = new Uint8Array(32).fill(7);
  const id = new Uint8Array(sha256(withdrawPreimage(secret)).subarray(0, 16));
  await far.append(writer, 'help', id);
  await pause(150);
  const holders = [
    { raw: near, handle: reader },
    { raw: far, handle: other },
  ].filter(({ raw }) => raw.unread.some(({ type }) => type === 'deliver'));
  expect(holders.length).toBe(1);
  const { raw, handle } = holders[0]!;
  const idle = raw === near ? { raw: far, handle: other } : { raw: near, handle: reader };
  const { sequence } = await raw.next<'deliver'>('deliver');
  // Only the holder prolongs or returns it.
  expect(await idle.raw.outcome({ type: 'lease', handle: idle.handle, sequence, seconds: 60 })).toBe(
    'UNKNOWN',
  );
  expect(await raw.outcome({ type: 'lease', handle, sequence, seconds: 0 })).toBe('leased');
  expect((await idle.raw.next('deliver')).sequence).toBe(sequence);
  expect(await far.outcome({ type: 'withdraw', handle: writer, appendId: id, secret })).toBe('done');
});

test('a repeat on the other relay is known, and a refused append holds back those behind it', async () => {
  const { near, far, channel, writer } = await apart('mailbox');
  const id = appendId();
  expect(await far.append(writer, 'one', id)).toBe(1);
  const elsewhere = await near.prove(channel, 'writer');
  const again = await near.ask(appendBody(elsewhere, 'one', id));
  expect(again).toMatchObject({ type: 'appended', results: [{ sequence: 1, duplicate: true }] });
  // The quota is 128: of 140 in one go the 129th is refused, and none behind it overtakes.
  const requests = Array.from({ length: 140 }, (_, n) => near.send(appendBody(elsewhere, String(n))));
  const answers = await Promise.all(requests.map((request) => near.answer(request)));
  const codes = answers.map((frame) => (frame.type === 'refused' ? frame.code : frame.type));
  expect(codes.slice(0, 127).every((code) => code === 'appended')).toBe(true);
  expect(codes[127]).toBe('QUOTA');
  expect(new Set(codes.slice(128))).toEqual(new Set(['ORDER']));
});

test('both relays publish one promise, whose version never goes back', async () => {
  const promiseOf = async (url: string) =>
    (await (await fetch(`${url}/.well-known/sotto`)).json()) as { version: number; durability: string };
  expect((await promiseOf(b.url)).version).toBe((await promiseOf(a.url)).version);
  expect((await promiseOf(a.url)).durability).toBe('fsync');
});

test('while Redis is away all is refused with LATER, readiness says no, and it recovers by itself', async () => {
  const { near, far, reader, writer } = await apart('mailbox');
  await near.subscribe(reader);
  expect(await far.append(writer, 'before')).toBe(1);
  expect(await take(near, reader, 1)).toEqual(['before']);
  const [server] = redis.servers;
  await server!.stop('SIGKILL');
  const id = appendId();
  expect(await far.append(writer, 'meanwhile', id)).toBe('LATER');
  expect(await far.outcome(far.proveBody(testChannel('mailbox'), 'reader'))).toBe('LATER');
  expect((await fetch(`${a.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${a.url}/healthz`)).status).toBe(200);
  await server!.start();
  let sequence: number | string = 'LATER';
  for (let tries = 0; tries < 300 && sequence === 'LATER'; tries++) {
    await pause(100);
    sequence = await far.append(writer, 'meanwhile', id);
  }
  expect(sequence).toBe(2);
  // The reader's wake-up was lost with its subscription, and the message is not.
  expect(await take(near, reader, 1)).toEqual(['meanwhile']);
  await pause(600);
  expect((await fetch(`${a.url}/readyz`)).status).toBe(200);
});

test('a Redis that hangs is noticed: what waits is refused, and nothing is lost when it goes on', async () => {
  const { near, far, reader, writer } = await apart('mailbox');
  await near.subscribe(reader);
  const [server] = redis.servers;
  server!.freeze();
  const id = appendId();
  const request = far.send(appendBody(writer, 'slow', id));
  try {
    const answer = await far.next((frame) => frame.request === request);
    expect(answer).toMatchObject({ type: 'refused', code: 'LATER' });
  } finally {
    server!.thaw();
  }
  let sequence: number | string = 'LATER';
  for (let tries = 0; tries < 300 && sequence === 'LATER'; tries++) {
    await pause(100);
    sequence = await far.append(writer, 'slow', id);
  }
  expect(sequence).toBe(1);
  expect(await take(near, reader, 1)).toEqual(['slow']);
});

test('a Redis that keeps less than promised is refused, unless the weaker promise is asked for and published', async () => {
  const weaker = [
    ['maxmemory-policy', 'allkeys-lru', 'memory', 'maxmemory-policy is allkeys-lru'],
    ['appendfsync', 'everysec', 'everysec', 'appendfsync is everysec'],
    ['appendonly', 'no', 'memory', 'appendonly is no'],
  ] as const;
  await Promise.all(
    weaker.map(([name, value, level, why]) => refusedUnlessAsked({ [name]: value }, level, why)),
  );
});

async function refusedUnlessAsked(
  settings: Record<string, string>,
  level: 'memory' | 'everysec',
  why: string,
): Promise<void> {
  const weak = await startRedis(settings);
  try {
    const data = tempFolder();
    const refused = await command(['--port', '0', '--data', data], { SOTTO_REDIS: weak.url });
    expect([
      refused.code,
      refused.stderr.includes(why),
      refused.stderr.includes('RELAY_REDIS_UNFIT'),
    ]).toEqual([1, true, true]);
    const relay = await testRelay({ redis: weak.url, redisDurability: level, data });
    const published = (await (await fetch(`${relay.url}/.well-known/sotto`)).json()) as {
      durability: string;
    };
    expect(published.durability).toBe(level);
    await relay.close();
  } finally {
    await weak.stop();
  }
}

test('the user that docs/self-hosting.md names for the relay may do all that it does, and no more', async () => {
  const text = readFileSync(new URL('../../docs/self-hosting.md', import.meta.url), 'utf8');
  const rights = /`(~sotto:\* [^`]+)`/.exec(text.replaceAll('\n', ' '))?.[1] ?? '';
  const guarded = await startRedis();
  try {
    const [server] = guarded.servers;
    await server!.ask('ACL', 'SETUSER', 'relay', 'on', '>secret', ...rights.split(' '));
    const url = guarded.url.replace('redis://', 'redis://relay:secret@');
    const relay = await testRelay({ redis: url });
    const raw = await client(relay.url);
    const channel = testChannel('mailbox');
    await raw.create(channel);
    const reader = await raw.prove(channel, 'reader');
    await raw.subscribe(reader);
    expect(await raw.append(await raw.prove(channel, 'writer'), 'hello')).toBe(1);
    raw.ack(reader, await raw.next('deliver'));
    await relay.close();
    expect(String(await server!.ask('ACL', 'LOG'))).toBe('');
    const denied = createClient({ url });
    denied.on('error', () => undefined);
    await denied.connect();
    for (const words of [
      ['FLUSHALL'],
      ['CONFIG', 'SET', 'appendonly', 'no'],
      ['GET', 'other'],
      ['MONITOR'],
    ]) {
      await expect(denied.sendCommand(words)).rejects.toThrow('NOPERM');
    }
    denied.destroy();
  } finally {
    await guarded.stop();
  }
});

test('TLS to Redis: a relay trusts its certificate or does not begin', async () => {
  const file = (name: string) => fileURLToPath(new URL(`support/tls/first-${name}.pem`, import.meta.url));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const settings = { 'tls-port': port, 'tls-auth-clients': 'no' };
  const files = {
    'tls-cert-file': file('cert'),
    'tls-key-file': file('key'),
    'tls-ca-cert-file': file('cert'),
  };
  const guarded = await startRedis({ ...settings, ...files });
  try {
    const env = { SOTTO_REDIS: `rediss://localhost:${String(port)}` };
    const wary = new CommandProcess(['--port', '0', '--data', tempFolder()], env);
    const trusting = new CommandProcess(['--port', '0', '--data', tempFolder()], {
      ...env,
      NODE_EXTRA_CA_CERTS: file('cert'),
    });
    const raw = await client(await trusting.url());
    const channel = testChannel('mailbox');
    await raw.create(channel);
    expect(await raw.append(await raw.prove(channel, 'writer'), 'hello')).toBe(1);
    expect(wary.stdout).toBe('');
    for (const relay of [wary, trusting]) relay.child.kill('SIGKILL');
    await Promise.all([wary.finished, trusting.finished]);
  } finally {
    await guarded.stop();
  }
});

test('another relay finds its channels’ place taken; a URL is never repeated in an error', async () => {
  await expect(testRelay({ redis: redis.url })).rejects.toMatchObject({ code: 'RELAY_STORE_FOREIGN' });
  const mine = await testRelay({ redis: redis.url, redisPrefix: 'mine:' });
  await mine.close();
  const wrong = [
    'http://user:hunter2@host',
    'redis://:hunter2@',
    'redis://:hunter2@h/x',
    'redis://h,rediss://:hunter2@h',
  ];
  await Promise.all(
    wrong.map(async (url) => {
      const refused = await command(['--data', tempFolder()], { SOTTO_REDIS: url });
      expect([
        refused.code,
        refused.stderr.includes('RELAY_CONFIG_INVALID'),
        refused.stderr.includes('hunter2'),
      ]).toEqual([2, true, false]);
    }),
  );
});
