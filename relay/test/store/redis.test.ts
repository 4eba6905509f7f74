// The conformance suite over Redis: one server, and a cluster of three primaries with a replica each.

import { afterAll, beforeAll, describe } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { sealKey } from '../../src/crypto/at-rest-seal.ts';
import { openRedisStore } from '../../src/store/redis/index.ts';
import { startRedis, startRedisCluster, type RedisGroup } from '../support/redis-servers.mjs';
import { channelStoreSuite } from './channel-store.suite.ts';

const key = sealKey(randomBytes(32));

function over(name: string, start: () => Promise<RedisGroup>): void {
  describe(name, () => {
    let redis: RedisGroup;
    beforeAll(async () => {
      redis = await start();
    });
    afterAll(() => redis.stop());
    channelStoreSuite({
      name,
      // What outlives the store's process is what stands behind a prefix.
      newPlace: () => `test-${randomBytes(6).toString('hex')}:`,
      dispose: () => undefined,
      open: (prefix, clock, limits) =>
        openRedisStore({
          url: redis.url,
          key,
          prefix,
          now: () => clock.seconds,
          ...(limits ? { limits } : {}),
        }),
    });
  });
}

over('one Redis', startRedis);
over('a Redis Cluster', startRedisCluster);
