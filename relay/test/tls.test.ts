// The relay's own TLS: an operator without a proxy, and a certificate that is renewed while the relay runs.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { SUBPROTOCOL } from '@sotto/wire';
import { WebSocket } from 'ws';
import { startRelay } from '../src/index.ts';
import { CommandProcess, tempFolder, testRelay } from './support/relays.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./support/tls/${name}.pem`, import.meta.url));
const certificate = (name: string) => readFileSync(fixture(`${name}-cert`));

/** The files that a relay reads, with the first or second pair in them. */
function tlsFiles() {
  const folder = tempFolder();
  const files = { tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') };
  const put = (name: string) => {
    copyFileSync(fixture(`${name}-cert`), files.tlsCert);
    copyFileSync(fixture(`${name}-key`), files.tlsKey);
  };
  put('first');
  return { ...files, put };
}

function get(url: string, path: string, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { ca, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve(text);
      });
    });
    call.on('error', reject);
    call.end();
  });
}

test('a relay with a certificate speaks TLS 1.2 or newer, without session tickets, WebSocket included', async () => {
  const { tlsCert, tlsKey } = tlsFiles();
  const relay = await testRelay({ tlsCert, tlsKey });
  const ca = certificate('first');
  expect(relay.url).toMatch(/^https:/);
  expect(await get(relay.url, '/health/ready', ca)).toBe('ready\n');
  const ws = new WebSocket(`${relay.url.replace(/^https/, 'wss')}/v1`, [SUBPROTOCOL], { ca });
  const welcome = await new Promise<Buffer>((resolve, reject) => {
    ws.once('message', resolve);
    ws.once('error', reject);
  });
  expect(welcome.length).toBe(512);
  ws.terminate();

  const { port } = new URL(relay.url);
  const handshake = (options: object) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({ port: Number(port), host: '127.0.0.1', ca, ...options }, () => {
        resolve(socket);
      });
      socket.on('error', reject);
    });
  await expect(handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  const tls12 = await handshake({ maxVersion: 'TLSv1.2' });
  expect(tls12.getTLSTicket()).toBeUndefined();
  tls12.destroy();
});

test('SIGHUP takes the renewed certificate; one that cannot be used changes nothing, and the relay goes on', async () => {
  const { tlsCert, tlsKey, put } = tlsFiles();
  const relay = new CommandProcess([
    ...['--port', '0', '--data', tempFolder(), '--tls-cert', tlsCert, '--tls-key', tlsKey],
  ]);
  const url = await relay.url();
  const answers = (name: string) =>
    get(url, '/health/live', certificate(name)).then(
      () => true,
      () => false,
    );
  expect([await answers('first'), await answers('second')]).toEqual([true, false]);
  const said = async (text: string) => {
    for (let waited = 0; waited < 5000 && !relay.stderr.includes(text); waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(relay.stderr).toContain(text);
  };
  put('second');
  relay.child.kill('SIGHUP');
  await said('the certificate was read again');
  expect([await answers('first'), await answers('second')]).toEqual([false, true]);
  writeFileSync(tlsKey, 'no key');
  relay.child.kill('SIGHUP');
  await said('the one before stays');
  expect(await answers('second')).toBe(true);
  relay.child.kill('SIGTERM');
  expect((await relay.finished).code).toBe(0);
});

test('a relay does not start with a certificate and another key, or with half of the two', async () => {
  const { tlsCert } = tlsFiles();
  const options = { port: 0, data: tempFolder(), logLevel: 'silent' as const, tlsCert };
  await expect(startRelay({ ...options, tlsKey: fixture('second-key') })).rejects.toMatchObject({
    code: 'RELAY_TLS_UNUSABLE',
  });
  await expect(startRelay(options)).rejects.toMatchObject({ code: 'RELAY_CONFIG_INVALID' });
});
