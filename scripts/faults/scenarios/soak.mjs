// A relay under a light, steady, ugly load for a long time: pairs that talk, a log whose blocks expire, channels made
// and deleted, connections that come and go politely, abruptly and without a word. What it holds must not grow, and
// when all have gone nothing may be left. Growth is printed; bounds are asserted.
import { randomBytes } from 'node:crypto';
import { BLOCK_BYTES } from '@sotto/wire';
import { openBenchPeer, planChannel } from '../../bench/relay/bench-peer.mjs';
import { openRawSocket } from '../../bench/relay/raw-socket.mjs';
import { RelayProcess, freePort } from '../relay-process.mjs';

export const title = 'a long light load: memory, sockets, timers and what is stored stay flat';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };
/** `--minutes` is the length of one run, not a number of runs. */
export const isLong = true;

const PAIRS = 40;
const READERS = 20;
const MESSAGES_PER_SECOND = 100;
const LOG_MESSAGES_PER_SECOND = 2;
const GUESTS_PER_SECOND = 12;
const SAMPLES = 60; // a multiple of 10 and 4
/** What a process may grow by: much in its first minutes, while buffers and caches fill, then hardly anything. */
const BOUNDS = {
  warm: { heap: { factor: 1.1, mib: 6 }, resident: { factor: 1.1, mib: 24 } },
  cold: { heap: { factor: 1.2, mib: 24 }, resident: { factor: 1.2, mib: 64 } },
};
const WARM_MINUTES = 8;
const MIB = 2 ** 20;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run({ dir, minutes = 0.3, random, log }) {
  const metricsPort = await freePort();
  const env = { SOTTO_METRICS_PORT: String(metricsPort), SOTTO_TTL_LOG: '60', SOTTO_LOG_LEVEL: 'warn' };
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort(), env });
  await relay.start();
  const metrics = () => readMetrics(metricsPort);
  try {
    const empty = await metrics();
    const load = await startLoad(relay.port, random.next);
    const seconds = minutes * 60;
    const samples = [];
    for (let n = 0; n < SAMPLES; n++) {
      await sleep((seconds * 1000) / SAMPLES);
      samples.push(await metrics());
      if (n % 10 === 9) log(describe(samples.at(-1), ((n + 1) / SAMPLES) * minutes));
    }
    const tally = await load.stop();
    const left = await untilQuiet(metrics, empty, 90_000);
    const problems = [...leaks(left, empty), ...growth(samples, minutes, log)];
    log(
      `at the end: ${left.sotto_sockets_accepted_total} connections accepted, ${left.sotto_sockets_leaked} leaked, ` +
        `${left.sotto_sockets_active} active; open files ${empty.process_open_fds} → ${left.process_open_fds}, ` +
        `timers and sockets of Node ${empty.nodejs_active_resources} → ${left.nodejs_active_resources}; ` +
        `stored ${left.sotto_store_channels} channels, ${left.sotto_store_blocks} blocks`,
    );
    if (problems.length > 0) throw new Error(problems.join('; '));
    return tally;
  } finally {
    await relay.stop();
  }
}

/** Name → number, of those without labels. */
async function readMetrics(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Object.fromEntries(
    [...text.matchAll(/^(\w+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

function describe(sample, minute) {
  const { process_resident_memory_bytes: rss, nodejs_heap_used_bytes: heap } = sample;
  return (
    `minute ${minute.toFixed(1)}: ${(rss / MIB).toFixed(0)} MiB, heap ${(heap / MIB).toFixed(1)} MiB, ` +
    `${sample.sotto_sockets_active} sockets, ${sample.sotto_sockets_leaked} leaked, ${sample.sotto_channels_live} live channels, ` +
    `${sample.sotto_store_blocks} blocks stored, CPU ${sample.process_cpu_seconds_total.toFixed(1)} s`
  );
}

/** What holds on to something when everyone has gone. */
function leaks(left, empty) {
  const none = [
    'sotto_sockets_active',
    'sotto_sockets_leaked',
    'sotto_channels_live',
    'sotto_appends_waiting',
  ];
  const same = ['process_open_fds', 'nodejs_active_resources', 'sotto_store_channels', 'sotto_store_blocks'];
  return [
    ...none.filter((name) => left[name] !== 0).map((name) => `${name} is ${left[name]} with nobody there`),
    ...same
      .filter((name) => left[name] > empty[name] + 2)
      .map((name) => `${name} rose from ${empty[name]} to ${left[name]}`),
  ];
}

/** The floor of each window is what is really held: above it is garbage not yet collected. */
function growth(samples, minutes, log) {
  const quarter = Math.floor(samples.length / 4);
  const bounds = minutes >= WARM_MINUTES ? BOUNDS.warm : BOUNDS.cold;
  const problems = [];
  for (const [name, what, bound] of [
    ['nodejs_heap_used_bytes', 'heap', bounds.heap],
    ['process_resident_memory_bytes', 'resident memory', bounds.resident],
  ]) {
    const floor = (from, to) => Math.min(...samples.slice(from, to).map((sample) => sample[name])) / MIB;
    const early = floor(quarter, 2 * quarter);
    const late = floor(3 * quarter, samples.length);
    log(
      `${what}: ${early.toFixed(1)} MiB in the second quarter, ${late.toFixed(1)} MiB in the last: ` +
        `${(((late - early) / (minutes / 2)) * 60).toFixed(1)} MiB an hour`,
    );
    if (late > early * bound.factor + bound.mib)
      problems.push(`${what} grew from ${early.toFixed(1)} to ${late.toFixed(1)} MiB`);
  }
  return problems;
}

/** Closing, deleting and unlinking take their time; they must end. */
async function untilQuiet(metrics, empty, maxMs) {
  let left = await metrics();
  for (const deadline = Date.now() + maxMs; Date.now() < deadline; left = await metrics()) {
    if (leaks(left, empty).length === 0) return left;
    await sleep(500);
  }
  return left;
}

async function startLoad(port, random) {
  const tally = { sent: 0, delivered: 0, lost: 0, doubled: 0, outOfOrder: 0, missing: [] };
  const running = [];
  const timers = [];
  const every = (ms, task) => timers.push(setInterval(() => running.push(task().catch(() => {})), ms));

  const rooms = [await openRoom(port, 'log', READERS, tally)];
  for (let i = 0; i < PAIRS; i++) rooms.push(await openRoom(port, 'mailbox', 1, tally));
  const [log, ...pairs] = rooms;
  every(1000 / MESSAGES_PER_SECOND, () => pairs[Math.floor(random() * PAIRS)].send());
  every(1000 / LOG_MESSAGES_PER_SECOND, () => log.send());
  every(1000 / GUESTS_PER_SECOND, () => guest(port, random));
  every(10_000, async () => {
    running.splice(0, running.length - 1000);
  });
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
      await sleep(1000);
      for (const room of rooms) await room.close();
      return tally;
    },
  };
}

/** A channel with a writer and readers who check that sequences come once and in order. */
async function openRoom(port, policy, readers, tally) {
  const plan = planChannel();
  const owner = await openBenchPeer({ port });
  await owner.createChannel(1, plan, policy);
  const writer = await openBenchPeer({ port });
  await writer.prove(1, 'writer', plan.writeId, plan.writer);
  const last = Array.from({ length: readers }, () => 0);
  const peers = [owner, writer];
  for (let i = 0; i < readers; i++) {
    const reader = await openBenchPeer({
      port,
      onDeliver: (frame) => {
        if (frame.sequence <= last[i]) tally.doubled++;
        else {
          tally.delivered++;
          if (frame.sequence > last[i] + 1) tally.outOfOrder++;
          last[i] = frame.sequence;
        }
        reader.ack(1, frame);
      },
    });
    await reader.prove(1, 'reader', plan.readId, plan.reader);
    await reader.call({ type: 'subscribe', handle: 1, credit: 64, after: 0, leaseSeconds: 0 });
    peers.push(reader);
  }
  let appended = 0;
  return {
    async send() {
      const [appendId, block, commitment] = [randomBytes(16), randomBytes(BLOCK_BYTES), randomBytes(32)];
      const answer = await writer.call({ type: 'append', handle: 1, appendId, block, commitment });
      tally.sent += readers;
      appended = Math.max(appended, answer.sequence);
    },
    async close() {
      for (const got of last) tally.lost += Math.max(0, appended - got);
      await owner.call({ type: 'delete', handle: 1 });
      for (const peer of peers) peer.close();
    },
  };
}

/** Someone who comes, makes a channel, says something, takes it away again, and leaves as people's networks do. */
async function guest(port, random) {
  const manner = random();
  if (manner < 0.1) {
    // Never says hello: the relay closes it after ten seconds, or this side does before.
    const silent = await openRawSocket({ port, path: '/v1', protocol: 'sotto.v1', onFrame: () => {} });
    await sleep(random() < 0.5 ? 12_000 : 100);
    silent.close();
    return;
  }
  const peer = await openBenchPeer({ port });
  const plan = planChannel();
  await peer.createChannel(1, plan);
  await peer.prove(2, 'writer', plan.writeId, plan.writer);
  await peer.prove(3, 'reader', plan.readId, plan.reader);
  await peer.call({ type: 'subscribe', handle: 3, credit: 4, after: 0, leaseSeconds: 0 });
  for (let n = 0; n < 3; n++)
    await peer.call({
      type: 'append',
      handle: 2,
      appendId: randomBytes(16),
      block: randomBytes(BLOCK_BYTES),
      commitment: randomBytes(32),
    });
  if (manner < 0.3) await sleep(random() * 5000);
  await peer.call({ type: 'delete', handle: 1 });
  peer.close();
}
