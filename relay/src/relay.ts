// Puts one relay together: keys, store, channels, connections, HTTP; and takes it down again without losing anything
// that was accepted. Behind index.ts and cli/run.ts. Not its concern: reading settings, what any part does.

import { mkdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { CloseCodes, RECONNECTS_PER_SECOND } from '@sotto/wire';
import { batchSide } from './channel/batch-store.ts';
import { Delivery } from './channel/delivery.ts';
import { LiveChannels } from './channel/live-channels.ts';
import { promptSide } from './channel/prompt-store.ts';
import type { RelayConfig } from './config/options.ts';
import { Addresses } from './connection/addresses.ts';
import type { ConnectionContext } from './connection/context.ts';
import { Counts, faultClass } from './connection/counts.ts';
import { DurableAnswers } from './connection/durable-answers.ts';
import { Outbox } from './connection/outbox.ts';
import { Rate } from './connection/rate.ts';
import { Roster } from './connection/roster.ts';
import { Turn } from './connection/turn.ts';
import { loadRelayKeys } from './crypto/key-files.ts';
import { RelayError } from './errors.ts';
import { makeApp } from './http/app.ts';
import { openControl } from './http/control.ts';
import { Readiness } from './http/health.ts';
import { openMetricsPort } from './http/metrics.ts';
import { fileRecord } from './http/promise-record.ts';
import { PublishedPromise } from './http/promise.ts';
import { makeServer } from './http/tls.ts';
import { webSockets } from './http/websockets.ts';
import type { Logger } from './log.ts';
import { Observation } from './metrics/observation.ts';
import { blockChannel } from './operator.ts';
import { openStore } from './store-choice.ts';

/** A relay that answers. */
export interface Relay {
  /** Where it answers, e.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Takes a renewed certificate from its files for new connections. @throws RelayError RELAY_TLS_UNUSABLE. */
  reloadTls(): void;
  /** Drains and stops: everything accepted is durable and answered. Idempotent. */
  close(): Promise<void>;
}

const hourMs = 3_600_000;
const goodbyeMs = 2000;

/**
 * Starts a relay with checked settings.
 * @throws RelayError RELAY_TLS_UNUSABLE, RELAY_DATA_UNUSABLE, RELAY_KEY_DAMAGED, RELAY_PROMISE_DAMAGED,
 *   RELAY_ADDRESS_UNUSABLE.
 */
export async function makeRelay(config: RelayConfig, log: Logger): Promise<Relay> {
  warnWithoutBufferutil(log);
  const { server, scheme, reloadTls } = makeServer(config);
  makeFolder(config.data);
  const keys = loadRelayKeys(config.data);
  const software = `sotto-relay/${packageVersion()}`;
  const counts = new Counts();
  const store = await openStore(config, keys, {
    onFault: (error) => {
      counts.fault(error);
    },
    onUnfit: (why) => {
      log.error({ why }, 'Redis is not set up to keep what this relay promises');
    },
  });
  const promiseInput = async () => ({
    config,
    keys,
    software,
    durability: store.durability ?? ('fsync' as const),
    blocked: await store.blockedCount(),
  });
  let promise: PublishedPromise;
  try {
    const record = store.promise ?? fileRecord(config.data);
    promise = await PublishedPromise.open(record, await promiseInput());
  } catch (error) {
    await store.close();
    throw error;
  }

  const delivery = new Delivery({
    store,
    prompt: promptSide(store),
    stampKey: keys.stamp,
    counts,
    onCaughtUp(subscription) {
      channels.caughtUp(subscription);
    },
  });
  const channels = new LiveChannels(store, delivery);
  const addresses = new Addresses(
    { maxFailures: config.failedProofs, maxOpen: config.socketsPerAddress },
    Date.now(),
  );
  const roster = new Roster(config.heartbeatSeconds);
  const outbox = new Outbox();
  const observation = new Observation(config, store);
  const { latencies, overload } = observation;
  const context: ConnectionContext = {
    store,
    prompt: promptSide(store),
    batches: batchSide(store),
    keys,
    channels,
    turn: new Turn(delivery, outbox),
    outbox,
    roster,
    addresses,
    answers: new DurableAnswers(latencies.appended),
    counts,
    latencies,
    overload,
    rates: { connection: config.rateConnection, channel: config.rateChannel },
    frameRate: new Rate(config.rateConnection, 2 * config.rateConnection),
    appendRate: new Rate(config.rateChannel, 2 * config.rateChannel),
    promiseVersion: () => promise.version,
    draining: false,
  };
  roster.everySecond((nowMs) => {
    addresses.tick(nowMs);
    promise.tick(nowMs);
    channels.tick(store.now());
    delivery.tick();
  });
  const metrics = observation.start({
    store,
    channels,
    roster,
    counts,
    answers: context.answers,
    version: packageVersion(),
    isDraining: () => context.draining,
  });
  const readiness = new Readiness(store, () => context.draining);
  const stopTimers = () => {
    roster.stop();
    observation.stop();
    clearInterval(report);
  };
  const report = setInterval(() => {
    log.info({ connections: roster.size, channels: channels.size, ...counts.take() }, 'the last hour');
  }, hourMs).unref();

  const app = makeApp({
    promise,
    webDir: config.webDir,
    isReady: () => readiness.isReady(),
    metrics,
    onFault(error) {
      counts.fault(error);
      log.warn({ fault: faultClass(error) }, 'an HTTP request failed');
    },
  });
  server.on('request', app);
  const upgrades = webSockets({ context, trustProxy: config.trustProxy });
  server.on('upgrade', upgrades.handle);
  let metricsPort: { close(): Promise<void> };
  try {
    await listen(server, config);
    metricsPort = await openMetricsPort(config.metricsPort, metrics);
  } catch (error) {
    stopTimers();
    server.close();
    await store.close();
    throw error;
  }
  const control = await openControl(config.data, async (order) => {
    const outcome = await blockChannel(store, keys, order);
    if (outcome === 'blocked') await promise.update(await promiseInput());
    log.info({ outcome, reason: order.reason }, 'an operator asked to block a channel');
    return outcome;
  });
  const url = urlOf(server, scheme, config);
  log.info({ software, promise: promise.version }, 'the relay answers');

  let closing: Promise<void> | undefined;
  const drain = async () => {
    log.info({ connections: roster.size }, 'draining');
    context.draining = true;
    upgrades.close();
    const stopped = stopListening(server);
    await control.close();
    await sayGoodbye(context, config.drainSeconds * 1000);
    stopTimers();
    server.closeAllConnections();
    await metricsPort.close();
    await stopped;
    await store.close();
    log.info({ ...counts.take() }, 'the relay has stopped');
  };
  return {
    url,
    reloadTls() {
      reloadTls();
      if (scheme === 'https') log.info('the certificate was read again');
    },
    close: () => (closing ??= drain()),
  };
}

/** Tells every client, waits for what was accepted, closes. */
async function sayGoodbye(context: ConnectionContext, maxMs: number): Promise<void> {
  const { roster, answers } = context;
  // Each is told its own time, so that they don't all come back at once.
  const spreadMs = 1000 + (roster.size * 1000) / RECONNECTS_PER_SECOND;
  for (const connection of roster.all()) {
    const retryAfterMs = Math.floor(500 + Math.random() * spreadMs);
    connection.send({ request: 0, type: 'closing', retryAfterMs });
  }
  const abort = new AbortController();
  const late = sleep(maxMs, undefined, { signal: abort.signal }).catch(() => undefined);
  await Promise.race([answers.settled(), late]);
  abort.abort();
  // The results of the last commit are sent at the end of the turn.
  await nextTurn();
  await nextTurn();
  for (const connection of [...roster.all()]) connection.close(CloseCodes.draining);
  const deadline = Date.now() + goodbyeMs;
  while (roster.size > 0 && Date.now() < deadline) await sleep(10);
  for (const connection of [...roster.all()]) connection.terminate(CloseCodes.draining);
  await nextTurn();
}

function warnWithoutBufferutil(log: Logger): void {
  try {
    createRequire(import.meta.url)('bufferutil');
  } catch {
    log.warn('bufferutil is not installed: the relay needs up to half again as much CPU without it');
  }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new RelayError('RELAY_DATA_UNUSABLE', { detail: `(${join(dataDir)} cannot be made)`, cause });
  }
}

/** Of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function listen(server: Server, config: RelayConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'is taken; name another by --port' : (cause.code ?? 'unknown');
      const detail = `(${config.host}, port ${String(config.port)}: ${why})`;
      reject(new RelayError('RELAY_ADDRESS_UNUSABLE', { detail, cause }));
    });
    // A backlog for the moment after a restart, when everyone comes back.
    server.listen({ port: config.port, host: config.host, backlog: 4096 }, resolve);
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf(server: Server, scheme: string, config: RelayConfig): string {
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return `${scheme}://${host}:${String(port)}`;
}
