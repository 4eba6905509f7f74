// Whatever a hostile or broken client does, it gets a named refusal or close code, memory stays bounded, and other
// clients are served on: each test ends with a fresh exchange on the same relay.

import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { encodeClientFrame, type ClientFrame } from '@sotto/wire';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { appendBody, appendId, keyPair, testChannel, type RawClient } from './support/client.ts';
import { client, testRelay } from './support/relays.ts';

const relay = await testRelay({ failedProofs: 500 });

afterEach(async () => {
  const started = performance.now();
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  await raw.subscribe(await raw.prove(channel, 'reader'));
  expect(await raw.append(await raw.prove(channel, 'writer'), 'still here')).toBe(1);
  await raw.next('deliver');
  await raw.close();
  expect(performance.now() - started).toBeLessThan(3000);
});

const hello = (): ClientFrame => ({ request: 1, type: 'hello', version: 1, clientNonce: new Uint8Array(32) });

async function closeCodeOf(...messages: (Uint8Array | string)[]): Promise<number> {
  const raw = await client(relay.url, { hello: false });
  for (const message of messages) raw.ws.send(message);
  return raw.closed;
}

test('whatever is not a frame closes with 4400', async () => {
  const good = encodeClientFrame(hello());
  const padded = Uint8Array.from(good);
  padded[511] = 1;
  const ping = encodeClientFrame({ request: 1, type: 'ping' });
  const append = encodeClientFrame({ request: 2, ...appendBody(1) });
  for (const messages of [
    [new Uint8Array(0)],
    [new Uint8Array(511)],
    [new Uint8Array(512)],
    [randomBytes(512)],
    [good.subarray(0, 511)],
    [padded],
    ['text'],
    [ping],
    [good, good],
    [good, append.subarray(0, 4479)],
    [good, randomBytes(4480)],
  ]) {
    expect(await closeCodeOf(...messages)).toBe(4400);
  }
});

test('a message beyond 4,480 bytes is cut off by its length alone', async () => {
  expect(await closeCodeOf(new Uint8Array(4481))).toBe(1009);
});

test('another version closes with 4426', async () => {
  for (const version of [2, 4_294_967_295]) {
    expect(await closeCodeOf(encodeClientFrame({ ...hello(), version } as ClientFrame))).toBe(4426);
  }
});

test('any bytes are refused or understood, and never harm', async () => {
  const frames = fc.oneof(
    fc.uint8Array({ minLength: 512, maxLength: 512 }),
    fc.uint8Array({ minLength: 1, maxLength: 600 }),
    // Nearly valid: one byte of a real frame changed.
    fc
      .tuple(
        fc.constantFrom<ClientFrame>(
          { request: 7, type: 'ack', handle: 1, items: [{ sequence: 1, appendId: appendId() }] },
          { request: 7, type: 'subscribe', handle: 1, credit: 4, after: 0, leaseSeconds: 0 },
          { request: 7, type: 'changeKeys', handle: 1, change: { writerKey: keyPair().publicKey } },
          { request: 7, type: 'lease', handle: 1, sequence: 1, seconds: 30 },
        ),
        fc.nat(60),
        fc.nat(255),
      )
      .map(([frame, at, value]) => {
        const bytes = encodeClientFrame(frame);
        bytes[at] = value;
        return bytes;
      }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 6 }), async (messages) => {
      const raw = await client(relay.url);
      for (const message of messages) raw.ws.send(message);
      raw.send({ type: 'ping' });
      const outcome = await Promise.race([
        raw.closed,
        raw.next('pong').then(
          () => 0,
          () => -1,
        ),
      ]);
      expect([0, 4400]).toContain(outcome);
      raw.ws.terminate();
    }),
    { numRuns: 60 },
  );
}, 240_000);

/** A socket that shook hands by itself, so that it can misbehave below the WebSocket. */
function rawSocket(
  headers = 'Sec-WebSocket-Protocol: sotto.v1\r\n',
  path = '/v1',
  url = relay.url,
): Promise<{ socket: Socket; answer: string }> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${headers}` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => {
      resolve({ socket, answer: chunk.toString('latin1').split('\r\n')[0] ?? '' });
    });
  });
}

test('an upgrade elsewhere, without the subprotocol or with a query is refused by HTTP', async () => {
  expect((await rawSocket('')).answer).toContain('400');
  expect((await rawSocket('Sec-WebSocket-Protocol: chat\r\n')).answer).toContain('400');
  expect((await rawSocket(undefined, '/v2')).answer).toContain('404');
  expect((await rawSocket(undefined, '/v1?who=me')).answer).toContain('404');
});

test('unmasked and broken WebSocket frames end the connection', async () => {
  for (const bytes of [
    Buffer.from([0x82, 0x7e, 2, 0]),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    randomBytes(64),
  ]) {
    const { socket } = await rawSocket();
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
  }
});

test('half-open and silent connections are dropped, those in use are not', async () => {
  const { socket } = await rawSocket();
  const silent = await client(relay.url, { hello: false });
  const busy = await client(relay.url);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  expect(await silent.closed).toBe(4401);
  await ended;
  expect(await busy.outcome({ type: 'ping' })).toBe('pong');
}, 240_000);

test('a peer that stops answering heartbeats is dropped with 4408, one that answers stays', async () => {
  const quick = await testRelay({ heartbeatSeconds: 1 });
  const well = await client(quick.url);
  const { socket } = await rawSocket(undefined, '/v1', quick.url);
  // Hello by hand: 512 bytes under a mask of four different bytes.
  const frame = Buffer.from(encodeClientFrame(hello()));
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = frame.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  socket.write(Buffer.concat([Buffer.from([0x82, 0xfe, 2, 0]), mask, masked]));
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  const [opcode, length, ...code] = Buffer.concat(received).subarray(-4);
  expect([opcode, length, Buffer.from(code).readUInt16BE()]).toEqual([0x88, 2, 4408]);
  expect(await well.outcome({ type: 'ping' })).toBe('pong');
}, 240_000);

test('256 proofs at once, then LIMIT with a time; frames on such a handle hear LIMIT', async () => {
  const raw = await client(relay.url);
  const missing = testChannel('mailbox');
  const requests: number[] = [];
  const bodies = Array.from({ length: 260 }, () => raw.proveBody(missing, 'reader'));
  for (const body of bodies) {
    // The same number again, so that it is proofs that run out and not handles.
    requests.push(raw.send({ ...body, handle: 1 }));
  }
  const codes = new Map<string, number>();
  for (const request of requests) {
    const answer = await raw.answer(request);
    const code = answer.type === 'refused' ? answer.code : answer.type;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code === 'LIMIT') expect(answer.type === 'refused' && answer.retryAfterMs).toBeGreaterThan(0);
  }
  expect(codes.get('UNKNOWN')).toBeGreaterThanOrEqual(256);
  expect(codes.get('UNKNOWN')).toBeLessThan(260);
  expect([...codes.keys()].sort()).toEqual(['LIMIT', 'UNKNOWN']);
});

test('256 handles, then LIMIT; a dropped one makes room', async () => {
  const raw = await client(relay.url);
  const missing = testChannel('mailbox');
  for (let n = 0; n < 16; n++) {
    // Refused proofs hold a number each, too.
    await Promise.all(
      Array.from({ length: n === 0 ? 15 : 16 }, () => raw.ask(raw.proveBody(missing, 'reader'))),
    );
  }
  const other = testChannel('mailbox');
  await raw.create(other);
  expect(await raw.outcome(raw.proveBody(other, 'reader'))).toBe('LIMIT');
  raw.send({ type: 'drop', handle: 1 });
  expect(['proved', 'LIMIT']).toContain(await raw.outcome(raw.proveBody(other, 'reader')));
});

test('10,000 failing proofs: refused one and all, the address slowed, memory bounded, others served', async () => {
  const before = process.memoryUsage().rss;
  const missing = testChannel('mailbox');
  let unknown = 0;
  let limited = 0;
  const attack = async (): Promise<void> => {
    const raw = await client(relay.url);
    const body = raw.proveBody(missing, 'writer');
    const forged = { ...body, signature: new Uint8Array(randomBytes(64)), handle: 1 };
    const requests = Array.from({ length: 250 }, () => raw.send(forged));
    for (const request of requests) {
      const answer = await raw.answer(request);
      if (answer.type !== 'refused') throw new Error(answer.type);
      if (answer.code === 'UNKNOWN') unknown++;
      else if (answer.code === 'LIMIT') limited++;
    }
    await raw.close();
  };
  for (let n = 0; n < 40; n++) await attack();
  expect(unknown + limited).toBe(10_000);
  // After 500 failures each connection from the address has 16 tries.
  expect(unknown).toBeLessThan(500 + 250 + 39 * 20);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
}, 120_000);

test('a flood past the rate is refused with a time to wait, and a deaf one closed with 4429', async () => {
  const slow = await testRelay({ rateConnection: 50 });
  const raw = await client(slow.url);
  const requests = Array.from({ length: 150 }, () => raw.send({ type: 'ping' }));
  const answers = await Promise.all(requests.map((request) => raw.answer(request)));
  const refused = answers.filter((answer) => answer.type === 'refused');
  expect(refused.length).toBeGreaterThan(20);
  for (const answer of refused) {
    expect(answer).toMatchObject({ code: 'RATE' });
    expect(answer.retryAfterMs).toBeGreaterThan(0);
  }
  for (let n = 0; n < 400; n++) raw.send({ type: 'ping' });
  expect(await raw.closed).toBe(4429);
});

test('pings of the WebSocket count as frames', async () => {
  const slow = await testRelay({ rateConnection: 50 });
  const raw = await client(slow.url);
  let pongs = 0;
  raw.ws.on('pong', () => pongs++);
  for (let n = 0; n < 500; n++) raw.ws.ping();
  expect(await raw.closed).toBe(4429);
  expect(pongs).toBeLessThan(150);
});

test('appends to one channel beyond its rate are refused, and order holds', async () => {
  const slow = await testRelay({ rateChannel: 10 });
  const raw = await client(slow.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  const requests = Array.from({ length: 30 }, (_, n) => raw.send(appendBody(writer, String(n))));
  const codes: string[] = [];
  for (const request of requests) {
    const answer = await raw.answer(request);
    codes.push(answer.type === 'refused' ? answer.code : answer.type);
  }
  expect(codes.slice(0, 20)).toEqual(Array<string>(20).fill('appended'));
  expect(codes[20]).toBe('RATE');
  expect(new Set(codes.slice(21))).toEqual(new Set(['ORDER']));
});

/** A log with blocks, and a reader with 64 subscriptions that stopped reading its socket. */
async function deafReader(url: string, blocks: number): Promise<RawClient> {
  const raw = await client(url);
  const channel = testChannel('log');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  for (let sent = 0; sent < blocks; sent += 32) {
    await Promise.all(Array.from({ length: 32 }, () => raw.append(writer)));
  }
  const reader = await client(url);
  const handles = [];
  for (let n = 0; n < 64; n++) handles.push(await reader.prove(channel, 'reader'));
  reader.ws.pause();
  for (const handle of handles)
    reader.send({ type: 'subscribe', handle, credit: 64, after: 0, leaseSeconds: 0 });
  return reader;
}

test('delivery to a slow reader pauses at 256 KiB, and goes on when it reads', async () => {
  // A relay of its own: this address has failed too often at the other.
  const fresh = await testRelay();
  const before = process.memoryUsage().rss;
  // 64 subscriptions of 64 blocks: 18 MB, far beyond what kernels buffer on loopback.
  const reader = await deafReader(fresh.url, 64);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
  reader.ws.resume();
  for (let n = 0; n < 64 * 64; n++) await reader.next('deliver');
  expect(await reader.outcome({ type: 'ping' })).toBe('pong');
}, 120_000);

test('who asks and never reads is closed with 4413 at 1 MiB', async () => {
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  const owner = await raw.create(channel);
  await raw.ask({ ...appendBody(owner, 'slot'), ordered: { expect: 0 } });
  raw.ws.pause();
  for (let n = 0; n < 4000; n++) raw.send({ type: 'readSlot', handle: owner, back: 0 });
  await new Promise((resolve) => setTimeout(resolve, 700));
  raw.ws.resume();
  // Either the close frame gets through behind what was queued, or the relay gave up waiting.
  expect([4413, 1006]).toContain(await raw.closed);
  const slots = raw.unread.filter((frame) => frame.type === 'slot').length;
  expect(slots).toBeLessThan(4000);
}, 240_000);

test('a connection limit by address answers 429', async () => {
  const few = await testRelay({ socketsPerAddress: 2 });
  const url = `${few.url.replace('http', 'ws')}/v1`;
  const first = await client(few.url);
  await client(few.url);
  const third = new WebSocket(url, ['sotto.v1']);
  const error = await new Promise<Error>((resolve) => third.once('error', resolve));
  expect(error.message).toContain('429');
  await first.close();
  // The relay hears of the close when it does.
  let another: RawClient | undefined;
  while (another === undefined) another = await client(few.url).catch(() => undefined);
});
