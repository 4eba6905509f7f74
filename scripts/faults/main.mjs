// `npm run faults`: real relay, real clients, real kills. Counts every message by identity and ends with 1 when one is
// lost, doubled or out of order. The seed that repeats a run is printed first, and again when a run fails.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { seededRandom } from './random.mjs';
import * as abuse from './scenarios/abuse.mjs';
import * as betweenAppendAndAck from './scenarios/between-append-and-ack.mjs';
import * as clock from './scenarios/clock.mjs';
import * as file from './scenarios/file.mjs';
import * as fullMailbox from './scenarios/full-mailbox.mjs';
import * as kill from './scenarios/kill.mjs';
import * as network from './scenarios/network.mjs';
import * as soak from './scenarios/soak.mjs';
import * as redisFailover from './scenarios/redis-failover.mjs';
import * as redisFailoverAsync from './scenarios/redis-failover-async.mjs';
import * as redisSentinel from './scenarios/redis-sentinel.mjs';
import * as redisRestarts from './scenarios/redis-restarts.mjs';
import * as storeGoesBack from './scenarios/store-goes-back.mjs';
import { readOptions } from '../lib/options.mjs';

/** `--store redis`: two relays behind one address. */
const REDIS_SCENARIOS = {
  'redis-restarts': redisRestarts,
  'redis-failover': redisFailover,
  'redis-failover-async': redisFailoverAsync,
  'redis-sentinel': redisSentinel,
};
const EMBEDDED_SCENARIOS = {
  kill,
  network,
  'full-mailbox': fullMailbox,
  'between-append-and-ack': betweenAppendAndAck,
  'store-goes-back': storeGoesBack,
  clock,
  abuse,
  file,
  soak,
};
const SCENARIOS = { ...EMBEDDED_SCENARIOS, ...REDIS_SCENARIOS };
const LANES = 3;
const HELP = `npm run faults -- [options]

Runs real relay and client processes on loopback, breaks them, and counts every message by identity.

  --store NAME      embedded (default) or redis: two relays behind one address over real Redis servers
  --scenario LIST   comma-separated, of: ${Object.keys(SCENARIOS).join(', ')} (default: all of the store
                    but ${Object.keys(SCENARIOS).filter((name) => SCENARIOS[name].onRequest)})
  --minutes N       go on, with new seeds, for so long; of soak: the length of its one run
                    (default: each scenario once, under 2 minutes)
  --short           fewer messages, the same faults: what npm test runs
  --seed N          repeat a run
  --json FILE       writes the table there
  --keep            leaves data and profiles in place and says where
  --quiet           only the table
  --help

Exit code: 0 nothing lost, doubled or out of order; 1 something was; 2 bad arguments.
`;

const { values } = readOptions({
  options: {
    scenario: { type: 'string' },
    store: { type: 'string', default: 'embedded' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const ofStore = { embedded: EMBEDDED_SCENARIOS, redis: REDIS_SCENARIOS }[values.store];
if (!ofStore) {
  console.error(`no such store: ${values.store}\n\n${HELP}`);
  process.exit(2);
}
const names =
  values.scenario?.split(',') ?? Object.keys(ofStore).filter((name) => !SCENARIOS[name].onRequest);
for (const name of names)
  if (!SCENARIOS[name]) {
    console.error(`no such scenario: ${name}\n\n${HELP}`);
    process.exit(2);
  }

const firstSeed = values.seed ? Number(values.seed) : Math.floor(Math.random() * 2 ** 31);
const deadline = values.minutes ? performance.now() + Number(values.minutes) * 60_000 : 0;
const rows = [];
let seed = firstSeed;
do {
  console.log(`seed ${seed}`);
  rows.push(...(await runAll(names, seed)));
  seed++;
} while (performance.now() < deadline);

printTable(rows);
for (const name of names)
  console.log(
    `${name}: promised ${Object.entries(SCENARIOS[name].promise)
      .map(([what, most]) => `${what} ${most}`)
      .join(', ')}${SCENARIOS[name].notPromised ? `; not promised: ${SCENARIOS[name].notPromised}` : ''}`,
  );
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
const broken = rows.filter((row) => !row.kept);
for (const row of broken)
  console.log(
    `repeat with: npm run faults --${values.short ? ' --short' : ''} --scenario ${row.scenario} --seed ${row.seed}`,
  );
process.exit(broken.length === 0 ? 0 : 1);

/** Most of a scenario is waiting for back-offs and restarts: three at a time, then those that measure, one by one. */
async function runAll(names, seed) {
  const rows = new Map();
  const isOver = () => deadline > 0 && performance.now() > deadline;
  const run = async (name) => {
    if (!isOver()) rows.set(name, await runScenario(name, seed));
  };
  const together = names.filter((name) => !SCENARIOS[name].alone);
  const lane = async () => {
    for (let name = together.shift(); name !== undefined; name = together.shift()) await run(name);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const name of names.filter((name) => SCENARIOS[name].alone)) await run(name);
  return names.flatMap((name) => rows.get(name) ?? []);
}

async function runScenario(name, seed) {
  const scenario = SCENARIOS[name];
  const dir = mkdtempSync(join(tmpdir(), 'sotto-faults-'));
  const began = performance.now();
  const log = values.quiet ? () => {} : (line) => console.log(`  ${name}: ${line}`);
  const length = {
    ...(scenario.isLong && values.minutes ? { minutes: Number(values.minutes) } : {}),
    ...(values.short ? scenario.short : {}),
  };
  let row = { scenario: name, seed, sent: 0, delivered: 0, lost: 0, doubled: 0, outOfOrder: 0, missing: [] };
  try {
    Object.assign(row, await scenario.run({ dir, random: seededRandom(seed).fork(name), log, ...length }));
    row.kept = row.sent > 0 && Object.entries(scenario.promise).every(([what, most]) => row[what] <= most);
  } catch (error) {
    row = { ...row, kept: false, error: error.message };
    console.log(`  ${name}: FAILED: ${error.stack}`);
  }
  row.seconds = (performance.now() - began) / 1000;
  if (row.missing.length > 0) console.log(`  ${name}: missing ${row.missing.slice(0, 10).join(', ')}`);
  if (values.keep) console.log(`  ${name}: data kept in ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
  return row;
}

function printTable(rows) {
  const head = ['scenario', 'sent', 'delivered', 'lost', 'doubled', 'out of order', 'seconds', ''];
  const lines = rows.map((row) => [
    row.scenario,
    row.sent,
    row.delivered,
    row.lost,
    row.doubled,
    row.outOfOrder,
    row.seconds.toFixed(1),
    row.kept ? 'kept' : 'BROKEN',
  ]);
  const widths = head.map((title, i) =>
    Math.max(...[title, ...lines.map((line) => line[i])].map((cell) => String(cell).length)),
  );
  console.log('');
  for (const line of [head, ...lines])
    console.log(
      line
        .map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i])))
        .join('  '),
    );
}
