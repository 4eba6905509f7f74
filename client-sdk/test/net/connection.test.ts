// A connection against a peer that no real relay is: wrong versions, malformed frames, answers nobody asked for,
// silence. A small WebSocket server stands for it, because a real relay never behaves so.
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { CloseCodes, decodeClientFrame, encodeRelayFrame, type RelayFrame, type Welcome } from '@sotto/wire';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { ready } from '../../src/crypto/index.ts';
import { type Chance, systemClock } from '../../src/net/clock.ts';
import { Connection, type ConnectionEnd } from '../../src/net/connection.ts';
import { DEFAULT_TIMING } from '../../src/net/timing.ts';
import { until } from './support/pair.ts';

const relayKey = new Uint8Array(32).fill(1);
const chance: Chance = () => 0.5;
const welcome: Welcome = {
  type: 'welcome',
  version: 1,
  relayKey,
  serverNonce: new Uint8Array(32),
  time: 1,
  promiseVersion: 1,
};
let server: WebSocketServer | undefined;

beforeAll(ready);
afterEach(() => {
  for (const client of server?.clients ?? []) client.terminate();
  server?.close();
});

const bytesOf = (frame: RelayFrame): Uint8Array => encodeRelayFrame(frame);

/** Connects to a peer that does `peer`, and waits for the end. */
async function endOf(
  peer: (socket: WebSocket) => void,
  use: (connection: Connection) => void = () => undefined,
) {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', peer);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ends: ConnectionEnd[] = [];
  const connection: Connection = new Connection({
    url: `ws://127.0.0.1:${String(port)}/v1`,
    relayKey,
    clock: systemClock,
    chance,
    timing: { ...DEFAULT_TIMING, connectMs: 300, idleMs: 100, silentMs: 150, answerMs: 400 },
    onReady: () => {
      use(connection);
    },
    onFrame: () => undefined,
    onEnd: (end) => ends.push(end),
  });
  await until(() => ends.length > 0, 3000);
  await connection.close();
  expect(ends.length).toBe(1);
  return ends[0] as ConnectionEnd;
}

test.each([
  ['another version', { ...welcome, version: 2 }, 'NET_VERSION', 'never'],
  ['another key', { ...welcome, relayKey: new Uint8Array(32).fill(2) }, 'NET_RELAY_KEY', 'never'],
] as const)('a welcome with %s is final', async (_, greeting, code, retry) => {
  const { error } = await endOf((socket) => {
    socket.send(bytesOf({ request: 0, ...greeting }));
  });
  expect(error).toMatchObject({ code, retry });
});

const strange: [string, Uint8Array | string][] = [
  ['a frame of the wrong size', new Uint8Array(511)],
  ['a frame of noise', new Uint8Array(512).fill(255)],
  ['text', 'hello'],
  ['an answer before the welcome', bytesOf({ request: 1, type: 'pong' })],
];
test.each(strange)('%s ends the connection, which may be tried again', async (_, bytes) => {
  const { error } = await endOf((socket) => {
    socket.send(bytes);
  });
  expect(error).toMatchObject({ code: 'NET_PROTOCOL', retry: 'reconnect' });
});

test.each([
  ['an answer to no request', { request: 9, type: 'pong' }],
  ['an answer of another kind', { request: 2, type: 'done' }],
  ['a second welcome', { request: 0, ...welcome }],
] as const)('%s ends the connection', async (_, frame) => {
  const { error } = await endOf(
    (socket) => {
      socket.send(bytesOf({ request: 0, ...welcome }));
      // Request 1 is Hello, 2 the ping.
      socket.once('message', () => {
        socket.send(bytesOf(frame));
      });
    },
    (connection) => {
      connection.ping();
    },
  );
  expect(error).toMatchObject({ code: 'NET_PROTOCOL' });
});

test.each([
  ['before the welcome', (): void => undefined],
  [
    'after it',
    (socket: WebSocket): void => {
      socket.send(bytesOf({ request: 0, ...welcome }));
    },
  ],
])('a peer that is silent %s is given up', async (_, peer) => {
  const from = performance.now();
  const { error } = await endOf(peer);
  expect(error).toMatchObject({ code: 'NET_SILENT', retry: 'reconnect' });
  expect(performance.now() - from).toBeLessThan(1500);
});

test('a peer that answers pings is kept, through many idle times', async () => {
  let pings = 0;
  const from = performance.now();
  const { error } = await endOf((socket) => {
    socket.send(bytesOf({ request: 0, ...welcome }));
    socket.on('message', (data: Buffer) => {
      const { type, request } = decodeClientFrame(new Uint8Array(data));
      if (type !== 'ping') return;
      pings++;
      if (pings < 8) socket.send(bytesOf({ request, type: 'pong' }));
    });
  });
  expect(error.code).toBe('NET_SILENT');
  expect(pings).toBe(8);
  expect(performance.now() - from).toBeGreaterThan(7 * 80);
});

test('deliveries without answers do not keep it alive for ever', async () => {
  let timer: NodeJS.Timeout | undefined;
  const { error } = await endOf(
    (socket) => {
      socket.send(bytesOf({ request: 0, ...welcome }));
      timer = setInterval(() => {
        socket.send(bytesOf({ request: 0, type: 'ended', handle: 1, cause: 'evicted' }));
      }, 20);
    },
    (connection) => {
      connection.ping();
    },
  );
  clearInterval(timer);
  expect(error.code).toBe('NET_SILENT');
});

test('a relay that says goodbye says when to come back', async () => {
  const end = await endOf((socket) => {
    socket.send(bytesOf({ request: 0, ...welcome }));
    socket.send(bytesOf({ request: 0, type: 'closing', retryAfterMs: 1234 }));
    socket.close(CloseCodes.draining);
  });
  expect(end).toMatchObject({ atLeastMs: 1234, error: { code: 'NET_DRAINING', retry: 'reconnect' } });
});
