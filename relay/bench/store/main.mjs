// Measures the embedded store alone, without sockets: rates, latency, the event loop's stall while blocks expire,
// what the disk holds at most, and how fast it reopens. One process, its own directory, removed at the end.
//   node relay/bench/store/main.mjs [--quick] [--json] [--only NAME[,NAME]] [--dir DIR] [--help]

import { build } from 'esbuild';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Measures the embedded store alone.

  node relay/bench/store/main.mjs [options]

  --quick        a tenth of the work
  --json         one JSON object instead of the table
  --only NAMES   of: decide, single, flow, append, storage (comma between)
  --dir DIR      where to work (default: a new folder below the system's temporary one)
  --help
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    dir: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const cache = join(root, 'node_modules/.cache/sotto');
mkdirSync(cache, { recursive: true });
const bundle = join(cache, `bench-store-${process.pid}.mjs`);
await build({
  entryPoints: [join(root, 'relay/src/store/embedded/index.ts')],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'error',
});
const { openEmbeddedStore } = await import(pathToFileURL(bundle).href);
rmSync(bundle);

const BLOCK = 3968;
const scale = options.quick ? 0.1 : 1;
const base = options.dir ?? mkdtempSync(join(tmpdir(), 'sotto-bench-store-'));
const results = {};
const block = new Uint8Array(randomBytes(BLOCK));
const pool = randomBytes(1 << 20);
let poolAt = 0;
function fresh(length) {
  if (poolAt + length > pool.length) {
    pool.set(randomBytes(pool.length));
    poolAt = 0;
  }
  return Uint8Array.from(pool.subarray(poolAt, (poolAt += length)));
}
const commitment = fresh(32);
const request = () => ({ appendId: fresh(16), block, commitment });
const id = () => randomBytes(24).toString('hex');
const round = (value, digits = 3) => Number(value.toFixed(digits));
const percentile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

async function channel(store, policy = 'mailbox', ttlSeconds = 0) {
  const spec = {
    readId: id(),
    writeId: id(),
    policy,
    securing: 'never',
    ttlSeconds,
    ownerKey: fresh(32),
    readerKey: fresh(32),
    writerKey: fresh(32),
  };
  await store.create(spec);
  return {
    writer: await store.grant('writer', spec.writeId, spec.writerKey),
    reader: await store.grant('reader', spec.readId, spec.readerKey),
  };
}

async function inNewStore(settings, body) {
  const dir = mkdtempSync(join(base, 'run-'));
  const store = await openEmbeddedStore({ dir, ...settings });
  try {
    return await body(store, dir);
  } finally {
    await store.close();
    rmSync(dir, { recursive: true });
  }
}

async function measured(count, body) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await body();
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  return {
    perSecond: Math.round(count / seconds),
    cpuSecondsPer100k: round(((used.user + used.system) / 1e6 / count) * 1e5),
  };
}

/** The longest pause between two turns of the event loop while `body` runs, in ms. */
async function stall(body) {
  let running = true;
  let maxMs = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    maxMs = Math.max(maxMs, now - last);
    last = now;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await body();
  running = false;
  return round(maxMs);
}

const diskBytes = (dir) =>
  readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).blocks * 512, 0);

/** What deciding costs, nothing else: append and ack in the same turn, so that no block goes to the disk. */
async function decide() {
  const count = Math.round(200_000 * scale);
  return inNewStore({}, async (store) => {
    const { writer, reader } = await channel(store);
    let appendNs = 0n;
    let readNs = 0n;
    let ackNs = 0n;
    for (let done = 0; done < count; done += 64) {
      const requests = Array.from({ length: 64 }, request);
      const t0 = process.hrtime.bigint();
      const accepted = requests.map((one) => store.appendNow(writer, one));
      const t1 = process.hrtime.bigint();
      store.readNow(reader, accepted[0].sequence - 1, 64);
      const t2 = process.hrtime.bigint();
      store.ackNow(
        reader,
        accepted.map(({ sequence }, i) => ({ sequence, appendId: requests[i].appendId })),
      );
      const t3 = process.hrtime.bigint();
      appendNs += t1 - t0;
      readNs += t2 - t1;
      ackNs += t3 - t2;
      await accepted[63].durable;
    }
    const each = (ns) => Math.round(Number(ns) / count);
    return { appendNs: each(appendNs), readNs: each(readNs), ackNs: each(ackNs) };
  });
}

/** One at a time, beside this disk's own fdatasync of a 4 KiB append and of a write into room that is there. */
async function single() {
  const count = Math.max(200, Math.round(2_000 * scale));
  const file = join(base, 'fdatasync');
  const fd = openSync(file, 'w');
  const append = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    writeSync(fd, Buffer.alloc(4096, i), 0, 4096, i * 4096);
    fdatasyncSync(fd);
    append.push(performance.now() - started);
  }
  const overwrite = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    writeSync(fd, Buffer.alloc(4096, i), 0, 4096, i * 4096);
    fdatasyncSync(fd);
    overwrite.push(performance.now() - started);
  }
  closeSync(fd);
  rmSync(file);
  const durable = await inNewStore({}, async (store) => {
    const { writer, reader } = await channel(store);
    const times = [];
    for (let i = 0; i < count; i++) {
      const one = request();
      const started = performance.now();
      const accepted = await store.append(writer, one);
      await accepted.durable;
      times.push(performance.now() - started);
      await store.ack(reader, [{ sequence: accepted.sequence, appendId: one.appendId }]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return times;
  });
  const fdatasync = percentile(append, 0.5);
  return {
    appendToDurableP50Ms: round(percentile(durable, 0.5)),
    appendToDurableP99Ms: round(percentile(durable, 0.99)),
    fdatasyncAppendP50Ms: round(fdatasync),
    fdatasyncOverwriteP50Ms: round(percentile(overwrite, 0.5)),
    inFdatasyncs: round(percentile(durable, 0.5) / fdatasync, 2),
  };
}

/** 50 mailboxes with 16 in flight; each block is acked `delay` turns of the event loop after it was appended. */
async function flow(delay) {
  const pairs = 50;
  const inFlight = 16;
  const each = Math.round(8_000 * scale);
  return inNewStore({}, async (store) => {
    const channels = [];
    for (let i = 0; i < pairs; i++) channels.push(await channel(store));
    return measured(pairs * each, () =>
      Promise.all(
        channels.map(async ({ writer, reader }) => {
          let done = 0;
          const one = async () => {
            while (done++ < each) {
              const made = request();
              const accepted = store.appendNow(writer, made);
              store.readNow(reader, accepted.sequence - 1, 1);
              for (let turn = 0; turn < delay; turn++) await new Promise((resolve) => setImmediate(resolve));
              if (delay >= 0)
                store.ackNow(reader, [{ sequence: accepted.sequence, appendId: made.appendId }]);
              await accepted.durable;
              if (delay < 0) store.ackNow(reader, [{ sequence: accepted.sequence, appendId: made.appendId }]);
            }
          };
          await Promise.all(Array.from({ length: inFlight }, one));
        }),
      ),
    );
  });
}

async function fill(store, channels, blocks, onProgress = () => undefined) {
  let left = blocks;
  const appended = channels.map(() => []);
  await Promise.all(
    Array.from({ length: 256 }, async (_, lane) => {
      while (left-- > 0) {
        const at = (lane + left) % channels.length;
        const one = request();
        const accepted = await store.append(channels[at].writer, one);
        await accepted.durable;
        appended[at].push({ sequence: accepted.sequence, appendId: one.appendId });
        onProgress();
      }
    }),
  );
  return appended;
}

/** Appends that nobody acks: what the tables can take. */
async function append() {
  const count = Math.round(50_000 * scale);
  return inNewStore({ limits: { mailboxBlocks: 100_000 } }, async (store) => {
    const channels = [];
    for (let i = 0; i < 50; i++) channels.push(await channel(store));
    return measured(count, () => fill(store, channels, count));
  });
}

/** 250 MB stored: the disk's high water through churn, reopening, and the stall while 50,000 blocks expire. */
async function storage() {
  const blocks = Math.round(63_000 * scale);
  const expiring = Math.round(50_000 * scale);
  const clock = { seconds: Date.now() / 1000 };
  const settings = { now: () => clock.seconds, limits: { mailboxBlocks: 1_000_000 } };
  const dir = mkdtempSync(join(base, 'run-'));
  let store = await openEmbeddedStore({ dir, ...settings });
  const channels = [];
  for (let i = 0; i < 500; i++)
    channels.push(await channel(store, 'mailbox', i % 500 < 400 ? 7 * 86_400 : 20 * 86_400));
  let high = 0;
  const timer = setInterval(() => (high = Math.max(high, diskBytes(dir))), 20);
  const appended = await fill(store, channels, blocks);
  const liveBytes = blocks * BLOCK;
  // Churn: half is acked, and as much appended again, twice.
  for (let roundNumber = 0; roundNumber < 2; roundNumber++) {
    let acked = 0;
    for (const [i, { reader }] of channels.entries()) {
      const half = appended[i].splice(0, Math.floor(appended[i].length / 2));
      acked += half.length;
      await store.ack(reader, half);
    }
    const more = await fill(store, channels, acked);
    for (const [i, list] of more.entries()) appended[i].push(...list);
  }
  clearInterval(timer);
  high = Math.max(high, diskBytes(dir));

  const killed = mkdtempSync(join(base, 'killed-'));
  cpSync(dir, killed, { recursive: true });
  writeFileSync(join(killed, 'lock'), '999999999 1\n');
  await store.close();
  const reopen = async (path) => {
    const started = performance.now();
    const opened = await openEmbeddedStore({ dir: path, ...settings });
    return { opened, ms: round(performance.now() - started, 1) };
  };
  const afterKill = await reopen(killed);
  await afterKill.opened.close();
  rmSync(killed, { recursive: true });
  const afterClose = await reopen(dir);
  store = afterClose.opened;

  clock.seconds += 8 * 86_400;
  let swept;
  const started = performance.now();
  const stallMs = await stall(async () => (swept = await store.sweep()));
  const sweepMs = performance.now() - started;
  await store.close();
  rmSync(dir, { recursive: true });
  return {
    liveMb: round(liveBytes / 1e6, 1),
    highWaterMb: round(high / 1e6, 1),
    highWaterRatio: round(high / liveBytes),
    reopenAfterKillMs: afterKill.ms,
    reopenAfterCloseMs: afterClose.ms,
    expired: swept.blocks,
    expiredAimed: Math.min(expiring, Math.round(blocks * 0.8)),
    sweepMs: Math.round(sweepMs),
    sweepStallMaxMs: stallMs,
  };
}

const benches = {
  decide,
  single,
  flow: async () => ({
    'acked at once': await flow(0),
    'acked 2 turns later': await flow(2),
    'acked once durable': await flow(-1),
  }),
  append,
  storage,
};
const names = options.only?.split(',') ?? Object.keys(benches);
try {
  for (const name of names) {
    if (!benches[name]) throw new Error(`no such bench: ${name}`);
    results[name] = await benches[name]();
    if (!options.json) process.stdout.write(`${name}\n${lines(results[name], '  ')}`);
  }
} finally {
  if (!options.dir) rmSync(base, { recursive: true, force: true });
}
if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);

function lines(value, indent) {
  return Object.entries(value)
    .map(([name, item]) =>
      typeof item === 'object'
        ? `${indent}${name}\n${lines(item, `${indent}  `)}`
        : `${indent}${name.padEnd(26)} ${item}\n`,
    )
    .join('');
}
