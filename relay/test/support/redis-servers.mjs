// Real Redis servers for tests, benches and the fault harness: one, one with a replica, or a cluster of six, on free
// loopback ports, in directories of their own that go with them. Not its concern: what is stored.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';

const startMs = 20_000;
const alive = new Set();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

// A client made anew builds a class with all commands again.
const prototype = createClient({ maintNotifications: 'disabled' });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Ports whose bus (10,000 further on) is free too, both below those that the system gives to outgoing connections. They
 * stay taken until all are chosen.
 */
async function freePorts(count) {
  const ports = [];
  const servers = [];
  while (ports.length < count) {
    const port = 11_000 + Math.floor(Math.random() * 10_000);
    const both = await Promise.all([listen(port), listen(port + 10_000)]);
    servers.push(...both.filter((server) => server !== undefined));
    if (!both.includes(undefined)) ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** One redis-server process: started, stopped, killed and started again on the same port and data. */
export class RedisServer {
  #child;
  said = '';

  constructor(port, dir, settings) {
    this.port = port;
    this.dir = dir;
    this.settings = settings;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#child?.pid;
  }

  async start() {
    mkdirSync(this.dir, { recursive: true });
    const settings = {
      bind: '127.0.0.1',
      port: this.port,
      dir: this.dir,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
      ...this.settings,
    };
    const child = spawn(
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, ...String(value).split(' ')]),
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    child.once('error', (error) => (this.said += error.message));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (this.said = (this.said + chunk).slice(-4000)));
    for (const deadline = Date.now() + startMs; Date.now() < deadline; await sleep(15)) {
      if (child.exitCode !== null || child.pid === undefined) break;
      // A server that reads its file back is there, and not ready.
      if ((await this.ask('PING').catch(() => '')) === 'PONG') return this;
    }
    throw new Error(`redis-server did not start: ${this.said}`);
  }

  /** One command on a connection of its own. */
  async ask(...words) {
    const client = prototype.duplicate({
      socket: { host: '127.0.0.1', port: this.port, reconnectStrategy: false, connectTimeout: 10_000 },
      disableClientInfo: true,
      maintNotifications: 'disabled',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.sendCommand(words.map(String));
    } finally {
      if (client.isOpen) client.destroy();
    }
  }

  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** Stops the process where it stands, as a machine that hangs. */
  freeze() {
    this.#child.kill('SIGSTOP');
  }

  thaw() {
    this.#child.kill('SIGCONT');
  }
}

/** A plain client of the library's, for whoever measures Redis itself. */
export function redisClient(url) {
  return createClient({ url, commandOptions: { timeout: 0 }, disableClientInfo: true });
}

const memory = '/dev/shm';
const wantedBytes = 2 ** 30;

/** In memory where there is room for it: a container's is 64 MiB, and a Redis whose disk is full refuses every write. */
function temporary() {
  const room = existsSync(memory) ? statfsSync(memory) : { bavail: 0, bsize: 0 };
  return mkdtempSync(join(room.bavail * room.bsize >= wantedBytes ? memory : tmpdir(), 'sotto-redis-'));
}

/** @returns { servers, url, stop() } */
function group(servers, dir, url) {
  return {
    servers,
    url,
    dir,
    async stop() {
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** One server. `settings` as in redis.conf; `onDisk`: not in memory, where fsync costs nothing. */
export async function startRedis(settings = {}, onDisk) {
  const dir = onDisk ?? temporary();
  const [port] = await freePorts(1);
  const server = await new RedisServer(port, join(dir, 'redis'), settings).start();
  return group([server], dir, server.url);
}

/**
 * Three primaries and a replica of each; the first three of `servers` are the primaries. Replicas take over after
 * `cluster-node-timeout`: long, so that a busy machine is no reason, unless the test is about that.
 */
export async function startRedisCluster(settings = {}) {
  const dir = temporary();
  const ports = await freePorts(6);
  const servers = ports.map(
    (port, i) =>
      new RedisServer(port, join(dir, `node-${i}`), {
        'cluster-enabled': 'yes',
        'cluster-node-timeout': 15_000,
        'cluster-replica-validity-factor': 0,
        'repl-diskless-sync-delay': 0,
        'repl-ping-replica-period': 1,
        ...settings,
      }),
  );
  const made = group(servers, dir, servers.map((server) => server.url).join(','));
  try {
    await Promise.all(servers.map((server) => server.start()));
    await form(servers);
  } catch (error) {
    await made.stop();
    throw error;
  }
  return made;
}

async function form(servers) {
  const primaries = servers.slice(0, 3);
  const [first] = servers;
  await Promise.all(servers.map((server, i) => server.ask('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)));
  await Promise.all(
    primaries.map((server, i) =>
      server.ask(
        'CLUSTER',
        'ADDSLOTSRANGE',
        Math.floor((16384 * i) / 3),
        Math.floor((16384 * (i + 1)) / 3) - 1,
      ),
    ),
  );
  for (const server of servers.slice(1)) await first.ask('CLUSTER', 'MEET', '127.0.0.1', server.port);
  await until(servers, async (server) =>
    (await server.ask('CLUSTER', 'INFO')).includes('cluster_known_nodes:6'),
  );
  const names = await Promise.all(primaries.map((server) => server.ask('CLUSTER', 'MYID')));
  for (const [i, server] of servers.slice(3).entries()) {
    await until([server], async () => {
      // Refused until this one has heard of its primary.
      return (await server.ask('CLUSTER', 'REPLICATE', names[i]).catch(() => '')) === 'OK';
    });
  }
  await until(servers, async (server) => (await server.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  await until(servers.slice(3), async (server) =>
    (await server.ask('INFO', 'replication')).includes('master_link_status:up'),
  );
}

async function until(servers, holds) {
  const deadline = Date.now() + startMs;
  for (const server of servers) {
    while (!(await holds(server).catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`the cluster did not form: ${server.said}`);
      await sleep(20);
    }
  }
}
