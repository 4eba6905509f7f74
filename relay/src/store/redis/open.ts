// Opens the Redis store: connects, sees that the servers keep what is promised, that what lies there is of this relay
// and of this format. Place in the flow: the relay's start. Not its concern: what the store then does (redis-store.ts).

import type { SealKey } from '../../crypto/at-rest-seal.ts';
import { RelayError } from '../../errors.ts';
import type { Durability, StoreLimits } from '../channel-store.ts';
import { DEFAULT_LIMITS } from '../common-rules.ts';
import { parseRedisUrls } from './addresses.ts';
import { DEFAULT_PREFIX, Names } from './names.ts';
import { RedisStore } from './redis-store.ts';
import { StoreClock } from './store-clock.ts';
import { Topology } from './topology.ts';

/** Changes with every incompatible layout of what lies in Redis. */
const FORMAT = 'sotto-redis 1';
const openMs = 15_000;

export interface RedisStoreOptions {
  /** One URL, or several of one cluster, separated by commas. */
  readonly url: string;
  /** Hides the channels' names; the same for all processes of one relay. */
  readonly key: SealKey;
  /** The least that is accepted; a Redis that promises less is refused. */
  readonly durability?: Durability;
  /** Replicas that must have an append before it counts as durable. */
  readonly replicas?: number;
  /** Begins every key. */
  readonly prefix?: string;
  readonly limits?: Partial<StoreLimits>;
  /** Unix seconds; Redis' clock by default. */
  readonly now?: () => number;
  readonly onFault?: (error: unknown) => void;
  /** A server was refused, in words without an address. */
  readonly onUnfit?: (why: string) => void;
}

/** @throws RelayError RELAY_CONFIG_INVALID, RELAY_REDIS_UNREACHABLE, _UNFIT, RELAY_STORE_FOREIGN, _VERSION. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const clock = new StoreClock(options.now);
  const names = new Names(options.key, options.prefix ?? DEFAULT_PREFIX);
  // Wake-ups come only once there is a store that asked for them.
  const opened: { store?: RedisStore } = {};
  const topology = new Topology({
    place: parseRedisUrls(options.url),
    replicas: options.replicas ?? 0,
    durability: options.durability ?? 'fsync',
    message: (text, channel) => {
      opened.store?.heard(text, channel);
    },
    subscribed: (channel) => {
      opened.store?.subscribed(channel);
    },
    time: (seconds) => {
      clock.heard(seconds);
    },
    onUnfit: options.onUnfit ?? (() => undefined),
  });
  await topology.open(openMs);
  try {
    await checkFormat(topology, names);
  } catch (error) {
    topology.close();
    throw error;
  }
  const store = new RedisStore({
    topology,
    names,
    clock,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    publish: topology.isSharded ? 'SPUBLISH' : 'PUBLISH',
    onFault: options.onFault ?? (() => undefined),
  });
  opened.store = store;
  return store;
}

/** Another relay's channels would be there and could never be found: better said at once. */
async function checkFormat(topology: Topology, names: Names): Promise<void> {
  const ours = `${FORMAT} ${names.owner()}`;
  await topology.command(names.format, ['SET', names.format, ours, 'NX']);
  const found = String(await topology.command(names.format, ['GET', names.format]));
  if (found === ours) return;
  throw new RelayError(found.startsWith(`${FORMAT} `) ? 'RELAY_STORE_FOREIGN' : 'RELAY_STORE_VERSION');
}
