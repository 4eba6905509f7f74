// Two relays over one Redis with appendfsync always: each relay killed in turn, Redis killed and restarted, a rolling
// restart, all under load. What Redis answered is on its disk, so nothing may be missing.
import { startRedis } from '../../../relay/test/support/redis-servers.mjs';
import { talkOverRedis } from '../redis-house.mjs';

export const title = 'two relays, one Redis (fsync): relays and Redis killed, a rolling restart';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

export async function run({ dir, random, messages = 400, log }) {
  const redis = await startRedis();
  const [server] = redis.servers;
  return talkOverRedis({
    dir,
    redis,
    random,
    messages,
    log,
    faults: ({ relays, rolling }) => [
      { what: 'kill -9 the first relay', act: () => relays[0].killAndRestart() },
      { what: 'kill -9 the second relay', act: () => relays[1].killAndRestart() },
      {
        what: 'kill -9 Redis',
        async act() {
          await server.stop('SIGKILL');
          await server.start();
        },
      },
      { what: 'a rolling restart', act: rolling },
      {
        what: 'Redis is restarted in order',
        async act() {
          await server.stop('SIGTERM');
          await server.start();
        },
      },
      {
        what: 'both relays at once',
        act: () => Promise.all(relays.map((relay) => relay.killAndRestart())),
      },
    ],
  });
}
