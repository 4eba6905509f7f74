// The engine inside Debian's Chromium, libsignal-client in Node, a WebSocket on loopback between them.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { chromium, type Browser } from 'playwright-core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Bytes } from '../src/bytes.ts';
import { libsignal } from './support/engines.ts';
import { newParty, type Posted, type PublishedBundle } from './support/party.ts';
import { pack, unpack, type Answer, type Requests } from './support/remote-party.ts';

const EXECUTABLE = '/usr/bin/chromium';
const START_MS = 60_000;

let server: Server;
let browser: Browser | undefined;
let socket: WebSocket;
const waiting = new Map<number, (answer: Answer) => void>();

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('support/browser-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'chrome120',
    conditions: ['sotto-source'],
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}

beforeAll(async () => {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`${EXECUTABLE} is missing: install Debian's browser with "apt-get install chromium"`);
  }
  const script = await bundle();
  server = createServer((request, response) => {
    const isScript = request.url === '/script.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/script.js"></script>');
  });
  const sockets = new WebSocketServer({ server });
  const connected = new Promise<WebSocket>((resolve) => sockets.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage();
  const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  socket = await Promise.race([connected, failed]);
  socket.on('message', (data: Buffer) => {
    const answer = unpack(data.toString()) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
}, START_MS);

afterAll(async () => {
  await browser?.close();
  socket.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

let nextId = 0;

/** @throws an error with the page's error code. */
async function ask<Name extends keyof Requests>(name: Name, request: Requests[Name]): Promise<unknown> {
  const id = nextId++;
  const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
  socket.send(pack({ id, do: name, ...request }));
  const { value, code } = await answered;
  if (code !== undefined) throw Object.assign(new Error('refused in the page'), { code });
  return value;
}

/** The party in the page, with the calls of one in Node. */
async function browserParty(name: string) {
  await ask('newParty', { name });
  return {
    name,
    publish: async (oneTime: boolean) => (await ask('publish', { name, oneTime })) as PublishedBundle,
    begin: async (peer: string, published: PublishedBundle): Promise<void> => {
      await ask('begin', { name, peer, bundle: published });
    },
    send: async (peer: string, plaintext: Bytes) => (await ask('send', { name, peer, plaintext })) as Posted,
    receive: async (peer: string, message: Posted) =>
      (await ask('receive', { name, peer, message })) as Bytes,
    sessionBytes: async () => (await ask('sessionBytes', { name })) as Bytes[],
  };
}

function nodeParty(name: string) {
  const party = newParty(libsignal, name);
  return {
    name,
    publish: (oneTime: boolean) => party.publish({ oneTime }),
    begin: (peer: string, published: PublishedBundle) => party.begin(peer, published),
    send: (peer: string, plaintext: Bytes) => party.send(peer, plaintext),
    receive: (peer: string, message: Posted) => party.receive(peer, message),
  };
}

type Talker = ReturnType<typeof nodeParty>;

const plaintext = (length: number, fill: number): Bytes => new Uint8Array(length).fill(fill);

async function exchange(from: Talker, to: Talker, content: Bytes): Promise<Posted> {
  const message = await from.send(to.name, content);
  // jest's own comparison takes seconds on 64 KiB
  expect(Buffer.compare(await to.receive(from.name, message), content)).toBe(0);
  return message;
}

describe.each([
  ['plain names', 'page', 'node'],
  ['service ids', '9d0652a3-dcc3-4d11-975f-74d61598733f', 'PNI:796abedb-ca4e-4f18-8803-1fde5b921f9f'],
])('%s', (_kind, pageName, nodeName) => {
  for (const pageBegins of [true, false]) {
    for (const oneTime of [true, false]) {
      const who = pageBegins ? 'the page begins' : 'Node begins';
      test(`${who}, ${oneTime ? 'with' : 'without'} a one-time key`, async () => {
        const page = await browserParty(pageName);
        const node = nodeParty(nodeName);
        const [a, b] = pageBegins ? [page, node] : [node, page];
        await a.begin(b.name, await b.publish(oneTime));
        expect((await exchange(a, b, plaintext(10, 1))).type).toBe(3);
        // Long enough for two epochs of the post-quantum ratchet
        for (let i = 0; i < 220; i++) {
          const [from, to] = i % 2 === 0 ? [b, a] : [a, b];
          await exchange(from, to, plaintext(i, i));
        }
        for (const length of [0, 1, 15, 16, 4096, 65536]) {
          await exchange(a, b, plaintext(length, 7));
          await exchange(b, a, plaintext(length, 8));
        }
      }, 180_000);
    }
  }
});

test('loss, reordering, duplicates and forgeries: the page answers as libsignal does', async () => {
  const page = await browserParty('page');
  const node = nodeParty('node');
  await node.begin('page', await page.publish(true));
  const first = await node.send('page', plaintext(3, 3));
  await page.receive('node', first);
  await expect(page.receive('node', first)).rejects.toMatchObject({ code: 1 });
  await node.receive('page', await page.send('node', plaintext(1, 1)));
  const messages: Posted[] = [];
  for (let i = 0; i < 12; i++) messages.push(await node.send('page', plaintext(5, i)));
  for (const i of [3, 0, 11, 7]) expect(await page.receive('node', messages[i]!)).toEqual(plaintext(5, i));
  const before = await page.sessionBytes();
  await expect(page.receive('node', messages[7]!)).rejects.toMatchObject({ code: 1 });
  const forged = { ...messages[5]!, bytes: messages[5]!.bytes.slice() };
  forged.bytes[forged.bytes.length - 1]! ^= 1;
  await expect(page.receive('node', forged)).rejects.toMatchObject({ code: 0 });
  expect(await page.sessionBytes()).toEqual(before);
  expect(await page.receive('node', messages[5]!)).toEqual(plaintext(5, 5));
});

test('both begin at once and find each other', async () => {
  const page = await browserParty('page');
  const node = nodeParty('node');
  await page.begin('node', await node.publish(true));
  await node.begin('page', await page.publish(true));
  const [toNode, toPage] = [
    await page.send('node', plaintext(2, 1)),
    await node.send('page', plaintext(2, 2)),
  ];
  expect(await node.receive('page', toNode)).toEqual(plaintext(2, 1));
  expect(await page.receive('node', toPage)).toEqual(plaintext(2, 2));
  for (let i = 0; i < 20; i++) {
    await exchange(page, node, plaintext(4, i));
    await exchange(node, page, plaintext(4, i));
  }
});
