// Picks and opens the store that the settings ask for: Redis where it is named, else the embedded one.

import { join } from 'node:path';
import {
  CHANNEL_IDLE_SECONDS,
  LOG_APPEND_IDS,
  MAILBOX_APPEND_IDS,
  ORDERED_TTL_SECONDS,
  SLOT_TTL_SECONDS,
} from '@sotto/wire';
import type { RelayConfig } from './config/options.ts';
import type { RelayKeys } from './crypto/key-files.ts';
import type { ChannelStore, StoreLimits } from './store/channel-store.ts';
import { openEmbeddedStore } from './store/embedded/index.ts';
import { openRedisStore } from './store/redis/index.ts';

/** Whom the store tells of what goes wrong without a request to refuse. */
export interface StoreReports {
  onFault(error: unknown): void;
  onUnfit(why: string): void;
}

/** @throws RelayError RELAY_DATA_UNUSABLE and those of the store. */
export function openStore(
  config: RelayConfig,
  keys: RelayKeys,
  reports?: StoreReports,
): Promise<ChannelStore> {
  if (config.redis !== '') {
    return openRedisStore({
      url: config.redis,
      key: keys.names,
      durability: config.redisDurability,
      replicas: config.redisReplicas,
      prefix: config.redisPrefix,
      limits: limitsOf(config),
      ...reports,
    });
  }
  return openEmbeddedStore({ dir: join(config.data, 'store'), limits: limitsOf(config) });
}

function limitsOf(config: RelayConfig): StoreLimits {
  return {
    mailboxBlocks: config.quotaMailbox,
    logBlocks: config.quotaLog,
    poolBlocks: config.quotaPool,
    mailboxAppendIds: MAILBOX_APPEND_IDS,
    logAppendIds: LOG_APPEND_IDS,
    maxTtlSeconds: { mailbox: config.maxTtlMailbox, log: config.maxTtlLog, pool: config.maxTtlPool },
    defaultTtlSeconds: { mailbox: config.ttlMailbox, log: config.ttlLog, pool: config.ttlPool },
    orderedTtlSeconds: ORDERED_TTL_SECONDS,
    slotTtlSeconds: SLOT_TTL_SECONDS,
    channelIdleSeconds: CHANNEL_IDLE_SECONDS,
  };
}
