// The same without waiting for replicas: Redis replicates after it has answered, so a primary that dies may take its
// last moments with it. Nothing is promised about those; what is promised is that nobody sees a message twice.
import { run as runFailover } from './redis-failover.mjs';

export const title = 'two relays, a Redis Cluster (fsync, no replica waited for): primaries fail over';
export const promise = { doubled: 0 };
export const notPromised = 'lost, out of order: a failover may lose what no replica had';

export function run(options) {
  return runFailover({ ...options, env: {} });
}
