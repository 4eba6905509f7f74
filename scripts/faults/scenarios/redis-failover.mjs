// Two relays over a Redis Cluster whose relays wait for a replica (`--redis-replicas 1`): each primary in turn is killed
// and its replica takes its place, then a planned failover. What was answered is on two machines, so nothing may be
// missing. Without that setting Redis promises less: redis-failover-async.mjs.
import { startRedisCluster } from '../../../relay/test/support/redis-servers.mjs';
import { talkOverRedis } from '../redis-house.mjs';

export const title = 'two relays, a Redis Cluster (fsync and 1 replica): primaries fail over';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run({ dir, random, messages = 300, log, env = { SOTTO_REDIS_REPLICAS: '1' } }) {
  const redis = await startRedisCluster({ 'cluster-node-timeout': 1500 });
  return talkOverRedis({
    dir,
    redis,
    random,
    messages,
    log,
    env,
    faults: ({ relays, rolling }) => [
      ...[0, 1, 2].map((n) => ({
        what: `kill -9 primary ${n}`,
        act: () => killPrimary(redis.servers[n], redis.servers[n + 3]),
      })),
      { what: 'kill -9 the first relay', act: () => relays[0].killAndRestart() },
      ...[0, 1].map((n) => ({
        what: `a planned failover back to server ${n}`,
        act: async () => {
          await redis.servers[n].ask('CLUSTER', 'FAILOVER');
          await until(redis.servers[n], 'role:master');
        },
      })),
      { what: 'a rolling restart', act: rolling },
    ],
  });
}

/** The replica takes over by itself; the old primary comes back as its replica. */
async function killPrimary(primary, replica) {
  await primary.stop('SIGKILL');
  await until(replica, 'role:master');
  await primary.start();
  await until(primary, 'master_link_status:up');
}

async function until(server, line) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50))
    if ((await server.ask('INFO', 'replication').catch(() => '')).includes(line)) return;
  throw new Error(`no ${line}: ${server.said}`);
}
