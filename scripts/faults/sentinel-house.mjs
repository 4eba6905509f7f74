// A primary, its replica and three sentinels that fail it over, behind one address that follows the primary: the way
// docs/redis.md names for those who have Sentinel. Not its concern: relays and people (redis-house.mjs).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../relay/test/support/redis-servers.mjs';
import { freePort } from './relay-process.mjs';

const NAME = 'sotto';
const SENTINELS = 3;
const LOOK_MS = 200;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns a group as of redis-servers.mjs, with `failover()`, and `url` of the address that follows. */
export async function startSentinels() {
  const dir = mkdtempSync(join(tmpdir(), 'sotto-sentinel-'));
  const [primaryPort, replicaPort] = [await freePort(), await freePort()];
  const servers = [
    new RedisServer(primaryPort, join(dir, 'a'), {}),
    new RedisServer(replicaPort, join(dir, 'b'), {
      replicaof: `127.0.0.1 ${primaryPort}`,
      'repl-diskless-sync-delay': 0,
    }),
  ];
  await Promise.all(servers.map((server) => server.start()));
  const sentinels = [];
  for (let n = 0; n < SENTINELS; n++) sentinels.push(await startSentinel(join(dir, `s${n}`), primaryPort));
  await until(
    async () =>
      (await servers[1].ask('INFO', 'replication')).includes('master_link_status:up') &&
      (await sentinels[0].server.ask('SENTINEL', 'CKQUORUM', NAME)).startsWith(`OK ${SENTINELS}`),
  );
  const follower = await follow(sentinels[0].server);
  return {
    servers,
    dir,
    url: `redis://127.0.0.1:${follower.port}`,
    /** A planned one: the replica takes over while the primary lives. */
    failover: () => sentinels[0].server.ask('SENTINEL', 'FAILOVER', NAME),
    async stop() {
      follower.close();
      for (const { child } of sentinels) child.kill('SIGKILL');
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Sentinels write down what they learn, so each has a file of its own. */
async function startSentinel(dir, primaryPort) {
  mkdirSync(dir);
  const port = await freePort();
  const file = join(dir, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${dir}\n` +
      `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2\n` +
      `sentinel down-after-milliseconds ${NAME} 1500\nsentinel failover-timeout ${NAME} 6000\n`,
  );
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  process.on('exit', () => child.kill('SIGKILL'));
  const server = new RedisServer(port, dir, {});
  await until(async () => (await server.ask('PING')) === 'PONG');
  return { child, server };
}

/** One address for whichever server the sentinels call the primary. Who was connected to another is cut off. */
async function follow(sentinel) {
  const joined = new Map();
  let primary = 0;
  const look = async () => {
    const [, port] = await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
    primary = Number(port);
    for (const [socket, to] of joined) if (to !== primary) socket.destroy();
  };
  await look();
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  const server = createServer((client) => {
    const upstream = connect(primary, '127.0.0.1');
    joined.set(client, primary);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      one.on('error', () => {});
      one.on('close', () => {
        joined.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close() {
      clearInterval(timer);
      for (const socket of joined.keys()) socket.destroy();
      server.close();
    },
  };
}

export async function until(holds) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50))
    if (await holds().catch(() => false)) return;
  throw new Error('Redis or its sentinels did not get there in 30 s');
}
