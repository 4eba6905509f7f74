// The HTTP side and what the relay leaves behind: the promise, headers, the web client's folder, logs and files.

import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { parsePromise, promisePreimage } from '@sotto/wire';
import { RelayErrors, startRelay } from '../src/index.ts';
import { appendBody, appendId, testChannel } from './support/client.ts';
import { CommandProcess, client, tempFolder, testRelay } from './support/relays.ts';

test('the promise is signed by the key that the connection shows, and says what the relay does', async () => {
  const relay = await testRelay({ quotaMailbox: 20, ttlLog: 3600 });
  const response = await fetch(`${relay.url}/.well-known/sotto`);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const { promise, payload, signature, key } = parsePromise(await response.text());
  const raw = await client(relay.url);
  expect(Buffer.from(raw.welcome.relayKey).equals(key)).toBe(true);
  expect(raw.welcome.promiseVersion).toBe(promise.version);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') },
    format: 'jwk',
  });
  expect(verify(null, promisePreimage(payload), publicKey, signature)).toBe(true);
  expect(promise).toMatchObject({
    quotas: { mailbox: 20 },
    ttlSeconds: { log: 3600 },
    logs: 'none',
    durability: 'fsync',
    admission: 'open',
  });
  expect(promise.stampKey).not.toBe(promise.relayKey);
});

test('no answer carries a cookie, an ETag, the software or a referrer', async () => {
  const relay = await testRelay();
  for (const path of ['/', '/healthz', '/readyz', '/.well-known/sotto', '/nothing', '/v1', '/%E0%A4%A']) {
    const response = await fetch(`${relay.url}${path}`, {
      headers: { cookie: 'a=b', 'user-agent': 'someone' },
    });
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    for (const name of ['set-cookie', 'etag', 'x-powered-by', 'server'])
      expect(response.headers.get(name)).toBeNull();
    const body = await response.text();
    expect(body).not.toContain('Error');
  }
});

test('assets compressed at build time go to browsers that take them, and are kept for ever', async () => {
  const webDir = tempFolder();
  writeFileSync(join(webDir, 'index.html'), '<!doctype html>');
  mkdirSync(join(webDir, 'assets'));
  writeFileSync(join(webDir, 'assets/a-1.js'), 'let a = 1;');
  writeFileSync(join(webDir, 'assets/a-1.js.br'), brotliCompressSync('let a = 1;'));
  writeFileSync(join(webDir, 'assets/b-1.js'), 'let b = 1;');
  const relay = await testRelay({ webDir });
  const ask = (path: string, encoding: string) =>
    fetch(`${relay.url}${path}`, { headers: { 'accept-encoding': encoding } });
  const compressed = await ask('/assets/a-1.js', 'br');
  expect(compressed.headers.get('content-encoding')).toBe('br');
  expect(compressed.headers.get('content-type')).toContain('text/javascript');
  expect(compressed.headers.get('cache-control')).toContain('immutable');
  expect(await compressed.text()).toBe('let a = 1;');
  for (const plain of [await ask('/assets/a-1.js', 'identity'), await ask('/assets/b-1.js', 'br')]) {
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toMatch(/^let . = 1;$/);
  }
  expect((await ask('/assets/../../package.json', 'br')).status).toBe(404);
});

test('a built web client is served where there is one, a plain page where not', async () => {
  const webDir = tempFolder();
  writeFileSync(join(webDir, 'index.html'), '<title>the client</title>');
  writeFileSync(join(webDir, '.secret'), 'no');
  const relay = await testRelay({ webDir });
  expect(await (await fetch(relay.url)).text()).toContain('the client');
  expect((await fetch(`${relay.url}/.secret`)).status).toBe(404);
  expect((await fetch(`${relay.url}/..%2f..%2fetc/passwd`)).status).toBe(404);
  const plain = await testRelay({ webDir: join(webDir, 'missing') });
  expect(await (await fetch(plain.url)).text()).toContain('This is a Sotto relay');
});

test('the key file is made once, for its owner alone; a damaged one stops the relay and stays as it is', async () => {
  const data = tempFolder();
  const relay = await testRelay({ data });
  const path = join(data, 'relay-key');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(data, 'control.json')).mode & 0o777).toBe(0o600);
  await relay.close();
  expect(readdirSync(data).sort()).toEqual(['promise.json', 'relay-key', 'store']);
  writeFileSync(path, 'short');
  await expect(startRelay({ port: 0, data, logLevel: 'silent' })).rejects.toMatchObject({
    code: 'RELAY_KEY_DAMAGED',
  });
  expect(readFileSync(path, 'utf8')).toBe('short');
});

test('the door for operators opens to nobody without its token', async () => {
  const relay = await testRelay();
  const { port } = JSON.parse(readFileSync(join(relay.data, 'control.json'), 'utf8')) as { port: number };
  for (const authorization of ['', 'Bearer ', `Bearer ${'A'.repeat(43)}`]) {
    const response = await fetch(`http://127.0.0.1:${String(port)}/block`, {
      method: 'POST',
      headers: { authorization },
      body: '{}',
    });
    expect(response.status).toBe(403);
  }
});

test('logs hold counts and classes: no id, address, key or header of a run', async () => {
  const data = tempFolder();
  const relay = new CommandProcess(['--port', '0', '--data', data, '--log-level', 'debug', '--trust-proxy']);
  const url = await relay.url();
  const marker = 'UserAgentMarker';
  await fetch(`${url}/PathMarker?q=QueryMarker`, {
    headers: { 'user-agent': marker, 'x-forwarded-for': '203.0.113.77', cookie: 'CookieMarker=1' },
  });
  await fetch(`${url}/%E0%A4%A`);
  const raw = await client(url);
  const channel = testChannel('mailbox');
  const owner = await raw.create(channel);
  const reader = await raw.prove(channel, 'reader');
  const writer = await raw.prove(channel, 'writer');
  await raw.subscribe(reader);
  const id = appendId();
  await raw.append(writer, 'BlockMarker', id);
  raw.ack(reader, await raw.next('deliver'));
  await raw.outcome({ ...appendBody(reader) });
  await raw.outcome(raw.proveBody(testChannel('log'), 'writer'));
  await raw.outcome({ type: 'delete', handle: owner });
  raw.ws.send(Buffer.alloc(512));
  await raw.closed;
  relay.child.kill('SIGTERM');
  const { stderr, stdout } = await relay.finished;
  const log = stdout + stderr;
  expect(stderr).toContain('the relay has stopped');
  const forbidden: (string | Uint8Array)[] = [
    marker,
    'PathMarker',
    'QueryMarker',
    'CookieMarker',
    'BlockMarker',
    '203.0.113.77',
    '::ffff',
    'hostname',
    '"pid"',
    channel.readId,
    channel.writeId,
    channel.salt,
    id,
    raw.clientNonce,
    raw.welcome.serverNonce,
    ...Object.values(channel.keys).map((pair) => pair.publicKey),
  ];
  for (const secret of forbidden) {
    const forms =
      typeof secret === 'string'
        ? [secret]
        : [
            Buffer.from(secret).toString('hex'),
            Buffer.from(secret).toString('base64'),
            Buffer.from(secret).toString('base64url'),
          ];
    for (const form of forms) expect(log).not.toContain(form);
  }
  // Only the relay's own address, which stdout says once.
  expect(stderr).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
});

test('every error of the relay is documented in one sentence', () => {
  for (const [code, meaning] of Object.entries(RelayErrors)) {
    expect(code).toMatch(/^RELAY_[A-Z_]+$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  }
});
