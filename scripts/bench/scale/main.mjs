// `npm run bench -- scale`: what a connection, a message, a room's reader, a channel and a stored block cost a relay on
// this machine, how that grows, and what it makes of ten million people (model.mjs), checked by a simulation
// (simulate.mjs). The figures in docs/scaling.md are from its long form.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createHash, randomBytes } from 'node:crypto';
import { makeMailboxes, provedConnections } from '../relay/connections.mjs';
import { logFanOut } from '../relay/fan-out.mjs';
import { relayLoad } from '../relay/load.mjs';
import { cpuSeconds, findProgram, freePort, rssKiB, startServer } from '../relay/processes.mjs';
import { startRedis as startTestRedis } from '../../../relay/test/support/redis-servers.mjs';
import { COSTS, PEOPLE, plan } from './model.mjs';
import { redisChannels } from './redis-channels.mjs';
import { simulate } from './simulate.mjs';
import { readOptions } from '../../lib/options.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const RELAY = join(HERE, '../../../relay/bin/sotto-relay.js');
const STORE = join(HERE, '../../../relay/dist/store/embedded/index.js');
const REDIS_STORE = join(HERE, '../../../relay/dist/store/redis/index.js');
const HELP = `npm run bench -- scale [options]

  --only LIST      connections,messages,readers,channels,redis-channels,processes,model (default all)
  --long           19,000 connections, 1,000,000 channels, 4 processes, 500 readers
  --seconds N      measured seconds of each load (default 3)
  --costs measured takes this run's figures into the model instead of those of docs/scaling.md
  --json FILE      writes all figures there
  --help
`;
const { values } = readOptions({
  options: {
    only: { type: 'string', default: 'connections,messages,readers,channels,redis-channels,processes,model' },
    long: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    costs: { type: 'string', default: 'documented' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const seconds = Number(values.seconds);
const run = randomBytes(16).toString('hex');
const created = [];
process.on('exit', () => created.forEach((dir) => rmSync(dir, { recursive: true, force: true })));
const temporary = () => {
  const dir = mkdtempSync(join(tmpdir(), 'sotto-scale-'));
  created.push(dir);
  return dir;
};
const env = {
  ...process.env,
  SOTTO_LOG_LEVEL: 'silent',
  SOTTO_RATE_CONNECTION: '1000000',
  SOTTO_RATE_CHANNEL: '1000000',
  SOTTO_MAX_LAG_MS: '0',
  SOTTO_QUOTA_LOG: '16384',
};
async function startRelay(dir, ...more) {
  const port = await freePort();
  const args = [RELAY, '--port', String(port), '--data', dir, ...more];
  return { ...(await startServer(process.execPath, args, port, { env })), port };
}
const measured = {};
const line = (...columns) =>
  console.log(`  ${columns.map((c, i) => String(c).padStart(i === 0 ? 10 : 14)).join('')}`);
const heading = (text, ...columns) => {
  console.log(`\n${text}`);
  line(...columns);
};

async function connections() {
  heading(
    'Connections, each with a mailbox proved and subscribed',
    'open',
    'KiB each',
    'µs CPU each',
    'held',
  );
  const rows = [];
  const dir = temporary();
  const counts = values.long ? [1000, 5000, 10_000, 19_000] : [1000, 5000];
  let relay = await startRelay(dir);
  const plans = await makeMailboxes({ port: relay.port, count: counts.at(-1) });
  await relay.stop();
  for (const count of counts) {
    relay = await startRelay(dir);
    const row = await provedConnections({ port: relay.port, plans: plans.slice(0, count), server: relay });
    await relay.stop();
    rows.push({ count, ...row });
    line(count, row.kibPerConnection.toFixed(1), row.cpuMicrosPerConnection.toFixed(0), row.held);
  }
  measured.connectionKiB = rows.at(-1).kibPerConnection;
  measured.connectMicros = rows.at(-1).cpuMicrosPerConnection;
  return rows;
}

async function messages() {
  heading('Messages, append → deliver → ack, 50 pairs', 'in flight', 'msg/s', 'µs CPU each', 'p99 ms');
  const rows = [];
  for (const window of [1, 16]) {
    const server = await startRelay(temporary());
    const row = await relayLoad({ port: server.port, pairs: 50, window, seconds, server });
    await server.stop();
    rows.push({ window, ...row });
    line(window, row.rate.toFixed(0), (row.cpuPer100k * 10).toFixed(1), row.p99.toFixed(2));
  }
  // A relay at an ordinary hour is nearer to one at a time than to a full pipe.
  measured.messageMicros = rows[0].cpuPer100k * 10;
  return rows;
}

async function readers() {
  heading('A room: one writer, many readers', 'readers', 'deliveries/s', 'µs CPU each', 'p99 ms');
  const rows = [];
  for (const count of values.long ? [10, 32, 100, 200, 500] : [10, 32, 200]) {
    const server = await startRelay(temporary());
    // A log holds so many blocks and no more: few readers take them so fast that it would be full.
    const measuredFor = Math.min(seconds, 1 + count / 20);
    const row = await logFanOut({ port: server.port, readers: count, seconds: measuredFor, server });
    await server.stop();
    rows.push({ readers: count, ...row });
    line(count, row.rate.toFixed(0), (1e6 / row.perCpuSecond).toFixed(1), row.p99.toFixed(1));
  }
  measured.deliveryMicros = 1e6 / rows.find((row) => row.readers === 32).perCpuSecond;
  return rows;
}

/** The store alone: over the wire, a million signatures would be all that is measured. */
async function channels() {
  heading(
    'Channels in the embedded store',
    'channels',
    'bytes on disk',
    'made a second',
    'µs to prove',
    'reopened ms',
    'MiB resident',
  );
  const { openEmbeddedStore } = await import(STORE);
  const dir = temporary();
  const bytes = () => statSync(join(dir, 'data.mdb')).size;
  const rows = [];
  let made = 0;
  let store = await openEmbeddedStore({ dir });
  for (const count of values.long ? [1000, 10_000, 100_000, 1_000_000] : [1000, 10_000, 50_000]) {
    const began = performance.now();
    const before = made;
    while (made < count) {
      const batch = Array.from({ length: Math.min(500, count - made) }, () => spec(made++));
      await Promise.all(batch.map((one) => store.create(one)));
    }
    const perSecond = (made - before) / ((performance.now() - began) / 1000);
    await store.close();
    const opening = performance.now();
    store = await openEmbeddedStore({ dir });
    const openMs = performance.now() - opening;
    const asked = performance.now();
    const tries = 1000;
    for (let n = 0; n < tries; n++) {
      const one = spec(Math.floor(Math.random() * made));
      await store.grant('reader', one.readId, one.readerKey);
    }
    const proveMicros = ((performance.now() - asked) / tries) * 1000;
    const mib = process.memoryUsage.rss() / 2 ** 20;
    const row = { count, bytesEach: bytes() / count, perSecond, proveMicros, openMs, mib };
    rows.push(row);
    const shown = [row.bytesEach, perSecond, proveMicros, openMs, mib].map((figure) => figure.toFixed(0));
    line(count, ...shown);
  }
  measured.channelBytes = rows.at(-1).bytesEach;
  const empty = bytes();
  const some = Array.from({ length: 1000 }, (_, n) => spec(n));
  const blocks = 20;
  const grants = [];
  for (const one of some) grants.push(await store.grant('writer', one.writeId, one.writerKey));
  for (let n = 0; n < blocks; n++) {
    const appended = await Promise.all(
      grants.map((grant) =>
        store.append(grant, {
          appendId: randomBytes(16),
          block: randomBytes(3968),
          commitment: randomBytes(32),
        }),
      ),
    );
    await Promise.all(appended.map(({ durable }) => durable));
  }
  await store.close();
  measured.blockBytes = (bytes() - empty) / (blocks * some.length);
  console.log(`  a stored block: ${measured.blockBytes.toFixed(0)} bytes on disk (its content is 3,968)`);
  return { rows, blockBytes: measured.blockBytes };
}

/** The same behind one Redis with `appendfsync always`, through the store's interface. */
async function channelsInRedis() {
  if (!findProgram('redis-server'))
    return console.log('\nredis-server is not installed: channels in Redis not measured');
  heading(
    'Channels in Redis (appendfsync always)',
    'channels',
    'bytes of memory',
    'bytes of file',
    'made a second',
    'µs relay each',
    'µs to prove',
  );
  const { openRedisStore } = await import(REDIS_STORE);
  const redis = await startTestRedis({}, temporary());
  const result = await redisChannels({
    counts: values.long ? [1000, 10_000, 100_000, 1_000_000] : [1000, 10_000, 50_000],
    redis,
    openRedisStore,
    specOf: spec,
    onRow: (row) =>
      line(
        row.count,
        ...[row.bytesEach, row.fileBytesEach, row.perSecond, row.relayMicros, row.proveMicros].map((figure) =>
          figure.toFixed(0),
        ),
      ),
  });
  console.log(
    `  a waiting block: ${result.blockBytes.toFixed(0)} bytes of memory; all there again ${result.loadedSeconds.toFixed(1)} s after a kill`,
  );
  await redis.stop();
  return result;
}

/** The nth channel: made anew when asked for, since a million of them would fill this process' memory. */
function spec(n) {
  const of = (what) => createHash('sha256').update(`${run} ${n} ${what}`).digest();
  const key = () => new Uint8Array(of('key'));
  const id = (right) => of(right).subarray(0, 24).toString('hex');
  return {
    readId: id('read'),
    writeId: id('write'),
    policy: 'mailbox',
    securing: 'once',
    ttlSeconds: 0,
    ownerKey: key(),
    readerKey: key(),
    writerKey: key(),
  };
}

async function startRedis(dir) {
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  const strict = ['--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
  return { ...(await startServer(findProgram('redis-server'), [...args, ...strict], port)), port };
}

async function processes() {
  if (!findProgram('redis-server'))
    return console.log('\nredis-server is not installed: processes not measured');
  heading(
    'Relays over one Redis (appendfsync always), reader and writer at different ones',
    'processes',
    'msg/s',
    'µs relays each',
    'µs Redis each',
    'p99 ms',
  );
  const rows = [];
  for (const count of values.long ? [1, 2, 3, 4] : [1, 2]) {
    const redis = await startRedis(temporary());
    const shared = temporary();
    const relays = [];
    for (let n = 0; n < count; n++)
      relays.push(await startRelay(shared, '--redis', `redis://127.0.0.1:${redis.port}`));
    const cpu = () => relays.reduce((sum, relay) => sum + cpuSeconds(relay.pid), 0);
    // Asked before and after the measured seconds: Redis' own is taken at the same moments.
    const redisAt = [];
    const server = { cpuSeconds: () => (redisAt.push(cpuSeconds(redis.pid)), cpu()) };
    const ports = relays.map((relay) => relay.port);
    const row = await relayLoad({
      ports,
      pairs: 48,
      window: 16,
      seconds,
      server,
      untilDelivered: true,
    });
    const redisMicros = ((redisAt[1] - redisAt[0]) / row.messages) * 1e6;
    for (const relay of relays) await relay.stop();
    rows.push({ processes: count, ...row, redisMicros, redisMiB: rssKiB(redis.pid) / 1024 });
    await redis.stop();
    line(
      count,
      row.rate.toFixed(0),
      (row.cpuPer100k * 10).toFixed(0),
      redisMicros.toFixed(0),
      row.p99.toFixed(1),
    );
  }
  measured.redisRelayMicros = rows.at(-1).cpuPer100k * 10;
  measured.redisMicros = rows.at(-1).redisMicros;
  return rows;
}

function model() {
  const costs = values.costs === 'measured' ? { ...COSTS, ...measured } : COSTS;
  const sized = plan(PEOPLE, costs);
  console.log(`\n${PEOPLE.people.toLocaleString('en')} people: ${sized.summary}`);
  const runs = simulate({ people: PEOPLE, costs, sized });
  for (const { what, says, holds } of runs) console.log(`  ${holds ? 'holds' : 'FAILS'}  ${what}: ${says}`);
  return { sized, runs };
}

const parts = {
  connections,
  messages,
  readers,
  channels,
  'redis-channels': channelsInRedis,
  processes,
  model,
};
const figures = {};
for (const name of values.only.split(',')) {
  if (!parts[name]) {
    console.error(`no such part: ${name} (one of ${Object.keys(parts).join(', ')})`);
    process.exit(2);
  }
  figures[name] = await parts[name]();
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ figures, measured }, null, 2)}\n`);
process.exit((figures.model?.runs ?? []).every(({ holds }) => holds) ? 0 : 1);
