// Where Redis is, as the operator says it: one URL, or several of one cluster. Not its concern: connecting.

import type { RedisClientOptions } from 'redis';
import { RelayError } from '../../errors.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What all connections to one Redis share besides the address. */
export interface RedisAccess {
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

export interface RedisPlace {
  readonly seeds: readonly RedisAddress[];
  readonly access: RedisAccess;
}

/**
 * Reads `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS; several are separated by commas.
 * @throws RelayError RELAY_CONFIG_INVALID, which never holds the URL: passwords stand in it.
 */
export function parseRedisUrls(text: string): RedisPlace {
  const urls = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parse);
  const [first] = urls;
  if (first === undefined) throw invalid('is empty');
  for (const { access } of urls) {
    if (access.tls !== first.access.tls) throw invalid('mixes redis:// and rediss://');
    if (access.database !== first.access.database) throw invalid('names several databases');
  }
  return { seeds: urls.map(({ address }) => address), access: first.access };
}

function parse(text: string): { address: RedisAddress; access: RedisAccess } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('holds something that is not a URL');
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw invalid('must begin with redis:// or rediss://');
  if (url.hostname === '') throw invalid('names no host');
  const database = url.pathname.length > 1 ? url.pathname.slice(1) : '0';
  if (!/^\d{1,4}$/.test(database)) throw invalid('names a database that is not a number');
  return {
    address: {
      host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
      port: url.port === '' ? 6379 : Number(url.port),
    },
    access: {
      tls: url.protocol === 'rediss:',
      username: url.username === '' ? undefined : decodeURIComponent(url.username),
      password: url.password === '' ? undefined : decodeURIComponent(url.password),
      database: Number(database),
    },
  };
}

function invalid(what: string): RelayError {
  return new RelayError('RELAY_CONFIG_INVALID', { detail: `(redis ${what})` });
}

const connectTimeoutMs = 3_000;
/** A Redis that says nothing for so long, not even to a ping, is taken for gone. */
const silenceMs = 5_000;
const pingMs = 1_000;
const maxRetryMs = 500;

/** Options of one connection. It fails fast: while Redis is away nothing queues, callers hear so at once. */
export function connectionOptions(address: RedisAddress, access: RedisAccess): RedisClientOptions {
  return {
    RESP: 3,
    ...(access.username === undefined ? {} : { username: access.username }),
    ...(access.password === undefined ? {} : { password: access.password }),
    database: access.database,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    pingInterval: pingMs,
    // A timer and a signal for each command would cost more than the command: silence is noticed by socketTimeout.
    commandOptions: { timeout: 0 },
    socket: {
      host: address.host,
      port: address.port,
      ...(access.tls ? { tls: true as const } : {}),
      connectTimeout: connectTimeoutMs,
      socketTimeout: silenceMs,
      reconnectStrategy: (retries: number) =>
        Math.min(maxRetryMs, 20 * 2 ** Math.min(retries, 5)) * (0.5 + Math.random() / 2),
    },
  };
}
