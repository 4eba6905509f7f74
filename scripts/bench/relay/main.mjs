// `npm run bench -- relay`: goals 1 to 5 and 7 to 9 of the relay, each beside its baseline of the same run.
// Rounds are interleaved, medians printed; every server is a process of its own on loopback.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { bareConnections, makeMailboxes, provedConnections } from './connections.mjs';
import { bareFanOut, logFanOut } from './fan-out.mjs';
import { echoLoad, forwardLoad, jetStreamLoad, mqttLoad, relayLoad } from './load.mjs';
import { findProgram, freePort, startServer } from './processes.mjs';
import { readOptions } from '../../lib/options.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '../../..');
const HELP = `npm run bench -- relay [options]

Measures one relay process on the embedded store, beside bare ws, Mosquitto and NATS (when installed).

  --store NAME       embedded, or redis: one and two relays over the same Redis, and goal 6 (default embedded)
  --rounds N         interleaved rounds of each load (default 3)
  --seconds N        measured seconds of each load (default 4)
  --connections N    idle connections to hold (default 10000; 19000 is the most a usual limit allows)
  --readers N        readers of the log that fans out (default 500)
  --only LIST        throughput,latency,idle,fan-out,store (default all)
  --json FILE        writes all figures there
  --help
`;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const fixed = (n, digits = 2) => (n === undefined ? '–' : n.toFixed(digits));

/** Median of each figure over the rounds. */
function medians(rounds) {
  return Object.fromEntries(
    Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]),
  );
}

async function startRelay(dir, env = {}) {
  const port = await freePort();
  const args = [join(ROOT, 'relay/bin/sotto-relay.js'), '--port', String(port), '--data', dir];
  const server = await startServer(process.execPath, args, port, {
    env: {
      ...process.env,
      SOTTO_LOG_LEVEL: 'silent',
      SOTTO_RATE_CONNECTION: '1000000',
      SOTTO_RATE_CHANNEL: '1000000',
      // On a slow machine pings would count among what it costs to connect.
      SOTTO_HEARTBEAT_SECONDS: '300',
      ...env,
    },
  });
  return { ...server, port };
}

async function startForwarder() {
  const port = await freePort();
  return {
    ...(await startServer(process.execPath, [join(HERE, 'forward-server.mjs'), String(port)], port)),
    port,
  };
}

async function startMosquitto(dir) {
  const program = findProgram('mosquitto');
  if (!program) return undefined;
  const port = await freePort();
  const config = join(dir, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${dir}/\n` +
      `max_inflight_messages 64\nmax_queued_messages 100000\nlog_type none\nuser root\n`,
  );
  return { ...(await startServer(program, ['-c', config], port)), port };
}

async function startNats(dir) {
  const program = findProgram('nats-server');
  if (!program) return undefined;
  const port = await freePort();
  return {
    ...(await startServer(program, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir], port)),
    port,
  };
}

/** p50 of appending 4 KiB and fdatasync on the disk under `dir`, in ms. */
function fdatasyncMs(dir) {
  const file = openSync(join(dir, 'sync-probe'), 'w');
  const block = Buffer.alloc(4096, 7);
  const times = [];
  for (let i = 0; i < 200; i++) {
    writeSync(file, block);
    const began = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - began);
  }
  closeSync(file);
  return median(times);
}

async function throughput({ rounds, seconds, temporary }) {
  const contenders = [
    ['relay', startRelay, relayLoad],
    ['ws', startForwarder, forwardLoad],
    ['mosquitto', startMosquitto, mqttLoad],
    ['jetstream', startNats, jetStreamLoad],
  ];
  const figures = { relay: [], ws: [], mosquitto: [], jetstream: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, start, load] of contenders) {
      const server = await start(temporary());
      if (!server) continue;
      figures[name].push(await load({ port: server.port, pairs: 50, window: 16, seconds, server }));
      await server.stop();
    }
  }
  const result = Object.fromEntries(
    Object.entries(figures)
      .filter(([, all]) => all.length > 0)
      .map(([name, all]) => [name, medians(all)]),
  );
  console.log('\n50 pairs, 16 in flight, 4 KiB blocks');
  for (const [name, m] of Object.entries(result))
    console.log(
      `  ${name.padEnd(10)} ${fixed(m.rate, 0).padStart(8)} msg/s  p50 ${fixed(m.p50)} ms  p99 ${fixed(m.p99)} ms  ` +
        `server CPU ${fixed(m.cpuPer100k)} s/100k  generator busy ${fixed(m.generatorBusy)}`,
    );
  goal(1, 'rate to plain ws', result.relay.rate / result.ws.rate, '>=', 1.0);
  if (result.mosquitto)
    goal(2, 'CPU to Mosquitto QoS 1', result.relay.cpuPer100k / result.mosquitto.cpuPer100k, '<=', 0.9);
  else console.log('  goal 2: mosquitto is not installed, not measured');
  if (result.jetstream)
    goal(2, 'CPU to NATS JetStream', result.relay.cpuPer100k / result.jetstream.cpuPer100k, '<=', 0.3);
  else console.log('  goal 2: nats-server is not installed, not measured');
  // What people feel is not the most that goes through, but the wait on an ordinary day.
  const server = await startRelay(temporary());
  const perSecond = result.relay.rate / 2;
  result.half = await relayLoad({ port: server.port, pairs: 50, window: 16, seconds, server, perSecond });
  await server.stop();
  console.log(
    `  at half of that (${fixed(result.half.rate, 0)} msg/s): append → appended p50 ${fixed(result.half.p50)} ms  p99 ${fixed(result.half.p99)} ms`,
  );
  return result;
}

async function latency({ rounds, seconds, temporary }) {
  const figures = { relay: [], echo: [], fdatasync: [] };
  for (let round = 0; round < rounds; round++) {
    const dir = temporary();
    const relay = await startRelay(dir);
    figures.relay.push(
      (await relayLoad({ port: relay.port, pairs: 1, window: 1, seconds, server: relay })).p50,
    );
    await relay.stop();
    const ws = await startForwarder();
    figures.echo.push((await echoLoad({ port: ws.port, seconds, server: ws })).p50);
    await ws.stop();
    figures.fdatasync.push(fdatasyncMs(dir));
  }
  const result = Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
  const bound = result.echo + 2 * result.fdatasync;
  console.log(
    `\nOne message at a time: append → appended p50 ${fixed(result.relay, 3)} ms; bare round trip ${fixed(result.echo, 3)} ms; ` +
      `fdatasync ${fixed(result.fdatasync, 3)} ms`,
  );
  goal(3, 'p50 to bare round trip + 2 fdatasync', result.relay / bound, '<=', 1);
  return result;
}

async function idle({ connections, temporary }) {
  const dir = temporary();
  let relay = await startRelay(dir);
  const plans = await makeMailboxes({ port: relay.port, count: connections });
  await relay.stop();
  relay = await startRelay(dir); // a fresh process: memory of making the channels doesn't count
  const proved = await provedConnections({ port: relay.port, plans, server: relay });
  await relay.stop();
  const ws = await startForwarder();
  const bare = await bareConnections({ port: ws.port, count: connections, server: ws });
  await ws.stop();
  console.log(
    `\n${connections} connections: relay (proved) ${fixed(proved.kibPerConnection)} KiB, ${fixed(proved.cpuMicrosPerConnection, 0)} µs each (and ${fixed(proved.microsAfter, 0)} to subscribe), ` +
      `${proved.held} held; bare ws ${fixed(bare.kibPerConnection)} KiB, ${fixed(bare.cpuMicrosPerConnection, 0)} µs each, ${bare.held} held`,
  );
  goal(
    4,
    'memory per idle proved connection to bare ws',
    proved.kibPerConnection / bare.kibPerConnection,
    '<=',
    1.5,
  );
  goal(4, 'connections held', proved.held / connections, '>=', 1);
  goal(
    5,
    'CPU to connect and prove to bare ws',
    proved.cpuMicrosPerConnection / bare.cpuMicrosPerConnection,
    '<=',
    4,
  );
  return { proved, bare };
}

async function fanOut({ rounds, seconds, readers, temporary }) {
  const figures = { relay: [], ws: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, start, load] of [
      ['relay', startRelay, logFanOut],
      ['ws', startForwarder, bareFanOut],
    ]) {
      const server = await start(temporary());
      figures[name].push(await load({ port: server.port, readers, seconds, server }));
      await server.stop();
    }
  }
  const result = { readers, relay: medians(figures.relay), ws: medians(figures.ws) };
  console.log(`\nA log with ${readers} readers`);
  for (const name of ['relay', 'ws'])
    console.log(
      `  ${name.padEnd(6)} ${fixed(result[name].perCpuSecond, 0).padStart(8)} deliveries per CPU second  ` +
        `${fixed(result[name].rate, 0).padStart(8)}/s  p50 ${fixed(result[name].p50)} ms  p99 ${fixed(result[name].p99)} ms`,
    );
  goal(
    7,
    'deliveries per CPU second to bare ws',
    result.relay.perCpuSecond / result.ws.perCpuSecond,
    '>=',
    0.8,
  );
  return result;
}

function store({ temporary }) {
  const file = join(temporary(), 'store.json');
  execFileSync(process.execPath, [join(ROOT, 'relay/bench/store/main.mjs'), '--json', file], {
    stdio: 'inherit',
  });
  return JSON.parse(readFileSync(file, 'utf8'));
}

const goals = [];
function goal(number, what, value, sign, bound) {
  const met = sign === '<=' ? value <= bound : value >= bound;
  goals.push({ goal: number, what, value, sign, bound, met });
  console.log(`  goal ${number}: ${what} ${fixed(value)} (${sign} ${bound}) ${met ? 'met' : 'NOT MET'}`);
}

const { values } = readOptions({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '10000' },
    readers: { type: 'string', default: '500' },
    store: { type: 'string', default: 'embedded' },
    only: { type: 'string', default: 'throughput,latency,idle,fan-out,store' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const created = [];
const options = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  readers: Number(values.readers),
  temporary: () => {
    const dir = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
    created.push(dir);
    return dir;
  },
};
process.on('exit', () => {
  for (const dir of created) rmSync(dir, { recursive: true, force: true });
});

const parts = { throughput, latency, idle, 'fan-out': fanOut, store };
const figures = {};
if (values.store === 'redis') {
  const { benchRedis } = await import('../redis/main.mjs');
  figures.redis = await benchRedis(options, { startRelay, medians, goal, fixed });
} else if (values.store !== 'embedded') {
  console.error(`no such store: ${values.store}`);
  process.exit(2);
}
for (const name of values.store === 'redis' ? [] : values.only.split(',')) {
  const part = parts[name];
  if (!part) {
    console.error(`no such part: ${name} (one of ${Object.keys(parts).join(', ')})`);
    process.exit(2);
  }
  figures[name] = await part(options);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ figures, goals }, null, 2)}\n`);
process.exit(0);
