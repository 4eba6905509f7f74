// Two relays over a Redis that Sentinel guards, through an address that follows the primary; the relays wait for the
// replica. The primary is killed, comes back as a replica, and a planned failover brings it back: nothing may be missing.
import { talkOverRedis } from '../redis-house.mjs';
import { startSentinels, until } from '../sentinel-house.mjs';

export const title = 'two relays, one Redis and its replica under Sentinel (fsync and 1 replica): failovers';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };
/** Redis has its own way in a cluster; this is for those who have sentinels already. */
export const onRequest = true;

export async function run({ dir, random, messages = 300, log }) {
  const redis = await startSentinels();
  const [first, second] = redis.servers;
  const says = (server, line) => until(async () => (await server.ask('INFO', 'replication')).includes(line));
  return talkOverRedis({
    dir,
    redis,
    random,
    messages,
    log,
    env: { SOTTO_REDIS_REPLICAS: '1' },
    faults: ({ relays, rolling }) => [
      {
        what: 'kill -9 the primary',
        async act() {
          await first.stop('SIGKILL');
          await says(second, 'role:master');
          await first.start();
          await says(first, 'master_link_status:up');
        },
      },
      { what: 'kill -9 the first relay', act: () => relays[0].killAndRestart() },
      {
        what: 'a planned failover back',
        async act() {
          await redis.failover();
          await says(first, 'role:master');
          await says(second, 'master_link_status:up');
        },
      },
      { what: 'a rolling restart', act: rolling },
    ],
  });
}
