// The connection that is begun while the rest of a program still loads: to the relay of the link and no other, given away
// once, with what came on it, and closed where nobody takes it. The browser's WebSocket is stood in for by `ws`, which has
// the same surface; the relay is the real one.
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { decodeRelayFrame, encodeLink, ID_BYTES, SUBPROTOCOL } from '@sotto/wire';
import { WebSocket as NodeSocket, WebSocketServer } from 'ws';
import { randomBytes, ready, sha256 } from '../../src/crypto/index.ts';
import { dialAhead } from '../../src/net/dial-ahead-browser.ts';
import { relayUrls } from '../../src/net/relay-url.ts';
import { until } from '../e2e/support/people.ts';
import { RelayProcess } from './support/relay-process.ts';

let relay: RelayProcess;
const made: NodeSocket[] = [];
const scope = globalThis as { WebSocket?: unknown };
const former = scope.WebSocket;

beforeAll(async () => {
  await ready();
  relay = await RelayProcess.start();
  scope.WebSocket = class extends NodeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      made.push(this);
    }
  };
});
afterEach(() => {
  jest.useRealTimers();
  for (const socket of made.splice(0)) socket.terminate();
});
afterAll(async () => {
  scope.WebSocket = former;
  await relay.stop();
});

function linkTo(url: string): string {
  const random = { relayKey: randomBytes(32), writeId: randomBytes(ID_BYTES), writerSeed: randomBytes(32) };
  const rest = { secret: randomBytes(32), identityHash: randomBytes(32) };
  return encodeLink(
    { kind: 'once', relay: url, ...random, ...rest },
    { origin: 'https://example.org', sha256 },
  );
}

test('it leads to the relay of the link, has its greeting, and is given away once', async () => {
  const { socket: address } = relayUrls(relay.url);
  const dialled = await dialAhead(`  ${linkTo(relay.url)}\n`);
  const [socket] = made;
  if (dialled === undefined || socket === undefined) throw new Error('nothing was dialled');
  expect(dialled.take(`${address}/elsewhere`)).toBeUndefined();
  await new Promise((resolve) => socket.addEventListener('message', resolve));
  const taken = dialled.take(address);
  expect(taken?.socket).toBe(socket);
  expect(taken?.early).toHaveLength(1);
  const greeting = new Uint8Array(taken?.early[0]?.data as ArrayBuffer);
  expect(decodeRelayFrame(greeting)).toMatchObject({ type: 'welcome' });
  expect(dialled.take(address)).toBeUndefined();
});

test('what is no link, or a damaged one, dials nobody', async () => {
  const link = linkTo(relay.url);
  const damaged = `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`;
  for (const text of ['', 'hello', 'https://example.org/#', damaged, linkTo('http://relay.example')])
    expect(await dialAhead(text)).toBeUndefined();
  expect(made).toEqual([]);
});

test('untaken, it is closed after some seconds, and then there is none to take', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  const dialled = await dialAhead(linkTo(relay.url));
  const [socket] = made;
  if (dialled === undefined || socket === undefined) throw new Error('nothing was dialled');
  await new Promise((resolve) => socket.addEventListener('message', resolve));
  jest.advanceTimersByTime(7_999);
  expect(socket.readyState).toBe(NodeSocket.OPEN);
  jest.advanceTimersByTime(1);
  expect(socket.readyState).toBe(NodeSocket.CLOSING);
  expect(dialled.take(relayUrls(relay.url).socket)).toBeUndefined();
});

test('taken, it stays open', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  const dialled = await dialAhead(linkTo(relay.url));
  const taken = dialled?.take(relayUrls(relay.url).socket);
  const [socket] = made;
  await new Promise((resolve) => socket?.addEventListener('message', resolve));
  jest.advanceTimersByTime(60_000);
  expect(taken?.socket).toBe(socket);
  expect(socket?.readyState).toBe(NodeSocket.OPEN);
});

test('a relay that says more than a relay says is given up, and so is one that hangs up', async () => {
  for (const rude of [5, 0]) {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: () => SUBPROTOCOL,
    });
    await new Promise((resolve) => server.on('listening', resolve));
    const url = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
    server.options.path = new URL(relayUrls(url).socket).pathname;
    server.on('connection', (socket) => {
      for (let i = 0; i < rude; i++) socket.send(new Uint8Array(1));
      if (rude === 0) socket.close();
    });
    const dialled = await dialAhead(linkTo(url));
    const socket = made.at(-1);
    await until('it to be closed', () => socket?.readyState === NodeSocket.CLOSED);
    expect(dialled?.take(relayUrls(url).socket)).toBeUndefined();
    server.close();
  }
});
