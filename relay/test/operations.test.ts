// What operators see and what a relay does under strain: metrics and who may read them, health, overload.

import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { RelayFrame } from '@sotto/wire';
import type { Connection } from '../src/connection/connection.ts';
import { Overload } from '../src/connection/overload.ts';
import type { Roster } from '../src/connection/roster.ts';
import { Readiness } from '../src/http/health.ts';
import { UpgradeQueue, type Upgrade } from '../src/http/upgrade-queue.ts';
import type { LoopLag } from '../src/metrics/loop-lag.ts';
import type { ChannelStore } from '../src/store/channel-store.ts';
import { RawClient, appendBody, appendId, testChannel } from './support/client.ts';
import { client, testRelay } from './support/relays.ts';

const token = 'a-token-for-the-test';
const authorization = `Bearer ${token}`;

async function metricsOf(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization } });
  expect(response.status).toBe(200);
  return response.text();
}

function valueOf(metrics: string, name: string): number {
  const [, value] = new RegExp(`^${name.replace(/[{}"+]/g, '\\$&')} (\\S+)$`, 'm').exec(metrics) ?? [];
  return Number(value);
}

test('metrics count what happened, over all, and hold no id, key, address or text', async () => {
  const relay = await testRelay({ metricsToken: token });
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  const reader = await raw.prove(channel, 'reader');
  await raw.subscribe(reader);
  const id = appendId();
  for (const one of [id, appendId(), appendId()]) {
    expect(typeof (await raw.append(writer, 'BlockMarker', one))).toBe('number');
    raw.ack(reader, await raw.next('deliver'));
  }
  expect(await raw.outcome(raw.proveBody(testChannel('log'), 'reader'))).toBe('UNKNOWN');
  const gone = await RawClient.open(relay.url);
  await gone.close();
  await raw.ask({ type: 'ping' });
  const metrics = await metricsOf(relay.url);
  expect(valueOf(metrics, 'sotto_append_seconds_count')).toBe(3);
  expect(valueOf(metrics, 'sotto_append_seconds_bucket{le="+Inf"}')).toBe(3);
  expect(valueOf(metrics, 'sotto_ack_seconds_count')).toBe(3);
  expect(valueOf(metrics, 'sotto_store_commit_seconds_count')).toBeGreaterThan(0);
  expect(valueOf(metrics, 'sotto_sockets_accepted_total')).toBe(2);
  expect(valueOf(metrics, 'sotto_sockets_closed_total')).toBe(1);
  expect(valueOf(metrics, 'sotto_sockets_active')).toBe(1);
  expect(valueOf(metrics, 'sotto_sockets_leaked')).toBe(0);
  expect(valueOf(metrics, 'sotto_channels_live')).toBe(1);
  expect(valueOf(metrics, 'sotto_appends_waiting')).toBe(0);
  expect(valueOf(metrics, 'sotto_refusals_total{kind="UNKNOWN"}')).toBe(1);
  expect(valueOf(metrics, 'sotto_overloaded')).toBe(0);

  const labels = new Set([...metrics.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label));
  expect([...labels].sort()).toEqual(['kind', 'le', 'version']);
  const secrets = [id, channel.readId, channel.writeId, raw.clientNonce, raw.welcome.serverNonce];
  for (const secret of secrets)
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const)
      expect(metrics).not.toContain(Buffer.from(secret).toString(form));
  for (const text of ['127.0.0.1', '::', 'BlockMarker', relay.data, token])
    expect(metrics).not.toContain(text);
});

test('metrics open to nobody without the token, and at a port of their own to this machine', async () => {
  const closed = await testRelay();
  const open = await testRelay({ metricsToken: token, metricsPort: await freePort() });
  const status = async (url: string, headers: Record<string, string> = {}) =>
    (await fetch(url, { headers })).status;
  expect(await status(`${closed.url}/metrics`)).toBe(404);
  expect(await status(`${closed.url}/metrics`, { authorization: 'Bearer ' })).toBe(404);
  expect(await status(`${open.url}/metrics`)).toBe(404);
  expect(await status(`${open.url}/metrics`, { authorization: `${authorization}x` })).toBe(404);
  expect(await status(`${open.url}/metrics`, { authorization })).toBe(200);
});

test('the port of the metrics serves them and nothing else, on loopback alone, until the relay stops', async () => {
  const port = await freePort();
  const relay = await testRelay({ metricsPort: port });
  const base = `http://127.0.0.1:${String(port)}`;
  const response = await fetch(`${base}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await response.text()).toContain('sotto_sockets_active 0');
  for (const path of ['/', '/health/live', '/v1', '/metrics/'])
    expect((await fetch(`${base}${path}`)).status).toBe(404);
  await relay.close();
  await expect(fetch(base)).rejects.toThrow();
  await expect(
    testRelay({ metricsPort: Number(new URL((await testRelay()).url).port) }),
  ).rejects.toMatchObject({
    code: 'RELAY_ADDRESS_UNUSABLE',
  });
});

async function freePort(): Promise<number> {
  const relay = await testRelay();
  const { port } = new URL(relay.url);
  await relay.close();
  return Number(port);
}

test('ready is who has a store that answers in time and is not stopping', async () => {
  const relay = await testRelay();
  for (const path of ['/health/ready', '/readyz', '/health/live', '/healthz'])
    expect((await fetch(`${relay.url}${path}`)).status).toBe(200);
  const readiness = (ready: () => Promise<void>, isDraining = false) =>
    new Readiness({ ready } as ChannelStore, () => isDraining).isReady();
  expect(await readiness(() => Promise.resolve())).toBe(true);
  expect(await readiness(() => Promise.resolve(), true)).toBe(false);
  expect(await readiness(() => Promise.reject(new Error('away')))).toBe(false);
  expect(await readiness(() => new Promise(() => undefined))).toBe(false);
  let asked = 0;
  const busy = new Readiness(
    {
      ready: () => {
        asked++;
        return Promise.resolve();
      },
    } as unknown as ChannelStore,
    () => false,
  );
  await Promise.all(Array.from({ length: 100 }, () => busy.isReady()));
  expect(asked).toBe(1);
});

/** What an upgrade request is answered with. */
function upgrade(url: string): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
      'sec-websocket-protocol': 'sotto.v1',
    };
    const call = request(`${url}/v1`, { headers });
    call.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, retryAfter: undefined });
    });
    call.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
    });
    call.on('error', reject);
    call.end();
  });
}

test('a relay with too much to do turns new connections away, serves those it has, and recovers', async () => {
  const relay = await testRelay({ maxLagMs: 40, metricsToken: token });
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  let answer = await upgrade(relay.url);
  expect(answer.status).toBe(101);
  // The relay lives in this process: whatever holds the loop up holds it up, on a fast machine as on a slow one.
  const busy = setInterval(() => {
    for (const end = performance.now() + 120; performance.now() < end;);
  }, 1);
  const until = Date.now() + 60_000;
  while (Date.now() < until && answer.status === 101) {
    await sleep(20);
    answer = await upgrade(relay.url);
  }
  expect(answer.status).toBe(503);
  expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(2);
  expect(Number(answer.retryAfter)).toBeLessThanOrEqual(12);
  expect(await raw.append(writer, 'still served')).toBe(1);
  clearInterval(busy);
  const deadline = Date.now() + 40_000;
  while ((await upgrade(relay.url)).status === 503 && Date.now() < deadline) await sleep(100);
  const metrics = await metricsOf(relay.url);
  expect(valueOf(metrics, 'sotto_overloaded')).toBe(0);
  expect(valueOf(metrics, 'sotto_sockets_shed_total')).toBeGreaterThan(0);
  expect(await (await client(relay.url)).outcome({ type: 'ping' })).toBe('pong');
}, 120_000);

test('thousands who come at once are taken in their order, at the pace at which they can be served', async () => {
  const order: number[] = [];
  const away: number[] = [];
  const upgrade = (number: number, destroyed = false) =>
    ({ head: Buffer.alloc(number % 7), request: { number }, socket: { destroyed } }) as unknown as Upgrade;
  const numberOf = ({ request }: Upgrade) => (request as unknown as { number: number }).number;
  const queue = new UpgradeQueue(
    (one) => {
      order.push(numberOf(one));
      // What serving one costs makes the next tick late.
      for (const until = performance.now() + 0.5; performance.now() < until;);
    },
    (one) => away.push(numberOf(one)),
  );
  for (let n = 0; n < 21_000; n++) queue.add(upgrade(n, n === 500));
  expect(order.length).toBeLessThan(100);
  expect(away.length).toBe(21_000 - 20_000 - order.length);
  const began = performance.now();
  while (order.length < 600 && performance.now() - began < 30_000) await sleep(20);
  expect(order.slice(0, 600)).toEqual(Array.from({ length: 601 }, (_, n) => n).filter((n) => n !== 500));
  queue.close();
  expect(queue.size).toBe(0);
  expect(order.length + away.length).toBe(21_000 - 1);
}, 60_000);

test('a relay takes everyone who comes at once', async () => {
  const relay = await testRelay();
  const all = await Promise.all(Array.from({ length: 200 }, () => client(relay.url)));
  for (const one of all) expect(await one.outcome({ type: 'ping' })).toBe('pong');
});

test('a relay larger than its operator allows takes no new connections', async () => {
  const relay = await testRelay({ maxMemoryMb: 1 });
  const until = Date.now() + 60_000;
  let { status } = await upgrade(relay.url);
  for (; status !== 503 && Date.now() < until; { status } = await upgrade(relay.url)) await sleep(20);
  expect(status).toBe(503);
  // Its health is for the load balancer, which should go on sending those who come back later.
  expect((await fetch(`${relay.url}/health/live`)).status).toBe(200);
});

test('where turning away does not help, the youngest are sent away a few at a time, each told when to come back', () => {
  const lag = { meanMs: 500, roll: () => undefined } as unknown as LoopLag;
  const told: RelayFrame[] = [];
  const closed: number[] = [];
  const connections = Array.from({ length: 100 }, (_, age) => ({
    send: (frame: RelayFrame) => told.push(frame),
    close: () => closed.push(age),
  }));
  const roster = {
    size: 100,
    youngest: (count: number) => connections.slice(0, count) as unknown as Connection[],
  } as unknown as Roster;
  const overload = new Overload({ maxLagMs: 400, maxMemoryMiB: 0 }, lag);
  for (let window = 0; window < 3; window++) overload.tick(roster);
  expect(overload.isShedding).toBe(false);
  for (let window = 0; window < 10; window++) overload.tick(roster);
  expect([overload.isShedding, closed]).toEqual([true, []]);
  overload.tick(roster);
  expect(closed).toEqual([0, 1]);
  for (const frame of told) expect(frame).toMatchObject({ type: 'closing', request: 0 });
  for (const frame of told)
    expect((frame as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(2000);
  // Between half a bound and a bound nothing changes; below half of it for two windows, it is over.
  lag.meanMs = 300;
  for (let window = 0; window < 5; window++) overload.tick(roster);
  expect([overload.isShedding, closed.length]).toEqual([true, 2]);
  lag.meanMs = 100;
  overload.tick(roster);
  expect(overload.isShedding).toBe(true);
  overload.tick(roster);
  expect(overload.isShedding).toBe(false);
});

test('an append that is refused, and one that waits, are not among the answered', async () => {
  const relay = await testRelay({ metricsToken: token, quotaMailbox: 16 });
  const raw = await client(relay.url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  for (let n = 0; n < 16; n++) await raw.append(writer);
  expect(await raw.outcome(appendBody(writer))).toBe('QUOTA');
  const metrics = await metricsOf(relay.url);
  expect(valueOf(metrics, 'sotto_append_seconds_count')).toBe(16);
  expect(valueOf(metrics, 'sotto_refusals_total{kind="QUOTA"}')).toBe(1);
});
