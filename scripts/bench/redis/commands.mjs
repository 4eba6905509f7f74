// What one append costs by the ways there are to ask Redis for it: separate commands, a transaction that checks nothing,
// the store's script by name, the same as a function, and many appends in one run of the script.
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Scripts } from '../../../relay/dist/store/redis/script.js';
import { redisClient, startRedis } from '../../../relay/test/support/redis-servers.mjs';
import { cpuSeconds } from '../relay/processes.mjs';

const CHANNELS = 50;
const UNDER_WAY = 64;
const block = randomBytes(3968);

/** @returns name → { rate, client, redis }: appends a second, CPU seconds per 100,000 appends. */
export async function commandCosts({ seconds, temporary }) {
  const ways = {
    'three commands (XADD PEXPIRE PUBLISH)': [threeCommands, 1],
    'one transaction, nothing checked': [transaction, 1],
    'the script (EVALSHA)': [script, 1],
    'the script as a function (FCALL)': [fcall, 1],
    'the script, 16 appends at once': [scriptOf16, 16],
  };
  const result = {};
  for (const [name, [way, size]] of Object.entries(ways)) {
    const redis = await startRedis({}, temporary());
    const client = redisClient(redis.url);
    await client.connect();
    await prepare(client);
    const [{ pid }] = redis.servers;
    result[name] = await drive({ way, size, client, pid, seconds: Math.min(seconds, 3) });
    client.destroy();
    await redis.stop();
  }
  return result;
}

const incarnation = Buffer.alloc(16, 1);
const record = (n) => `sotto:{${n}}c`;
const common = ['0', '', 'SPUBLISH', '180', incarnation];

async function prepare(client) {
  for (let n = 0; n < CHANNELS; n++) {
    const key = Buffer.alloc(32, n);
    await client.sendCommand([
      'EVAL',
      Scripts.create.text,
      '1',
      record(n),
      ...common,
      'log',
      'never',
      '86400',
      '0',
      key,
      key,
      key,
      '',
      key,
    ]);
  }
  await client.sendCommand(['SCRIPT', 'LOAD', Scripts.append.text]);
  const body = Scripts.append.text.replaceAll('KEYS', 'keys').replaceAll('ARGV', 'args');
  await client.sendCommand([
    'FUNCTION',
    'LOAD',
    `#!lua name=bench\nredis.register_function('append', function(keys, args)\n${body}\nend)`,
  ]);
}

const words = (count) => [
  'w',
  '1',
  '1000000',
  '16384',
  ...Array.from({ length: count }, () => [randomBytes(16), randomBytes(32), block]).flat(),
];

function threeCommands(client, n) {
  const stream = `sotto:{${n}}x`;
  return Promise.all([
    client.sendCommand(['XADD', stream, '*', 'b', block]),
    client.sendCommand(['PEXPIRE', stream, '86400000']),
    client.sendCommand(['PUBLISH', stream, 'a']),
  ]);
}

let sequence = 0;
function transaction(client, n) {
  const base = `sotto:{${n}}`;
  const seq = String(++sequence);
  return client
    .multi()
    .addCommand(['HSET', `${base}i`, randomBytes(16), seq])
    .addCommand(['SET', `${base}b${seq}`, block, 'PX', '86400000'])
    .addCommand(['ZADD', `${base}m`, seq, randomBytes(60)])
    .addCommand(['HSET', `${base}c`, 'h', seq])
    .addCommand(['SPUBLISH', base, 'a'])
    .exec();
}

const script = (client, n) =>
  client.sendCommand(['EVALSHA', Scripts.append.sha, '1', record(n), ...common, ...words(1)]);
const scriptOf16 = (client, n) =>
  client.sendCommand(['EVALSHA', Scripts.append.sha, '1', record(n), ...common, ...words(16)]);
const fcall = (client, n) => client.sendCommand(['FCALL', 'append', '1', record(n), ...common, ...words(1)]);

async function drive({ way, size, client, pid, seconds }) {
  let stopped = false;
  let done = 0;
  const lane = async (n) => {
    while (!stopped) {
      await way(client, n % CHANNELS);
      done += size;
    }
  };
  const lanes = Array.from({ length: UNDER_WAY / Math.min(size, 4) }, (_, n) => lane(n));
  await sleep(500);
  const [from, redis0, own0, t0] = [done, cpuSeconds(pid), process.cpuUsage(), performance.now()];
  await sleep(seconds * 1000);
  const count = done - from;
  const own = process.cpuUsage(own0);
  const figures = {
    rate: count / ((performance.now() - t0) / 1000),
    client: ((own.user + own.system) / 1e6 / count) * 100_000,
    redis: ((cpuSeconds(pid) - redis0) / count) * 100_000,
  };
  stopped = true;
  await Promise.all(lanes);
  return figures;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
