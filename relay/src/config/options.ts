// The one table of all that an operator may set: name, flag, environment variable, bounds, default, help text. Flags,
// environment, file, startRelay's options and `--help` are all made from it. Not its concern: reading them (load.ts).

import {
  DEFAULT_LOG_BLOCKS,
  DEFAULT_LOG_TTL_SECONDS,
  DEFAULT_MAILBOX_BLOCKS,
  DEFAULT_MAILBOX_TTL_SECONDS,
  DEFAULT_POOL_BLOCKS,
  DEFAULT_POOL_TTL_SECONDS,
} from '@sotto/wire';
import { z } from 'zod';

const day = 86_400;

/** Whole numbers also come as text, from flags and the environment. */
function integer(min: number, max: number, fallback: number) {
  const says = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,15}$/, says)
          .transform(Number),
      ],
      says,
    )
    .pipe(z.number(says).int(says).min(min, says).max(max, says))
    .default(fallback);
}

function flag() {
  const says = 'must be true or false';
  const words = z
    .enum(['true', 'false', '1', '0'], says)
    .transform((word) => word === 'true' || word === '1');
  return z.union([z.boolean(), words], says).default(false);
}

function text(maxLength: number, fallback: string) {
  const says = `must be text of at most ${String(maxLength)} characters`;
  return z.string(says).max(maxLength, says).default(fallback);
}

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/** From the strongest to the weakest. */
const durabilities = ['fsync', 'everysec', 'memory'] as const;

/** Every setting with its check; unknown ones are errors. */
export const configSchema = z.strictObject({
  port: integer(0, 65_535, 8787),
  host: text(255, '127.0.0.1'),
  tlsCert: text(4096, ''),
  tlsKey: text(4096, ''),
  data: text(4096, './data'),
  redis: text(4096, ''),
  redisDurability: z.enum(durabilities, `must be one of ${durabilities.join(', ')}`).default('fsync'),
  redisReplicas: integer(0, 16, 0),
  redisPrefix: z
    .string('must be text')
    .regex(
      /^[\w.-]{0,32}:?$/,
      'must be letters, digits, dots and dashes, at most 32, perhaps with a colon at the end',
    )
    .default('sotto:'),
  webDir: text(4096, ''),
  operatorName: text(200, ''),
  operatorContact: text(200, ''),
  trustProxy: flag(),
  logLevel: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  quotaMailbox: integer(16, 1024, DEFAULT_MAILBOX_BLOCKS),
  quotaLog: integer(16, 16_384, DEFAULT_LOG_BLOCKS),
  quotaPool: integer(1, 65_536, DEFAULT_POOL_BLOCKS),
  ttlMailbox: integer(60, 90 * day, DEFAULT_MAILBOX_TTL_SECONDS),
  ttlLog: integer(60, 90 * day, DEFAULT_LOG_TTL_SECONDS),
  ttlPool: integer(10, 7 * day, DEFAULT_POOL_TTL_SECONDS),
  maxTtlMailbox: integer(60, 90 * day, 30 * day),
  maxTtlLog: integer(60, 90 * day, 30 * day),
  maxTtlPool: integer(10, 7 * day, day),
  rateConnection: integer(1, 1_000_000, 20_000),
  rateChannel: integer(1, 1_000_000, 10_000),
  failedProofs: integer(1, 1_000_000_000, 1024),
  socketsPerAddress: integer(0, 1_000_000, 0),
  drainSeconds: integer(1, 300, 10),
  heartbeatSeconds: integer(1, 300, 30),
  maxLagMs: integer(0, 60_000, 400),
  maxMemoryMb: integer(0, 1_048_576, 0),
  metricsPort: integer(0, 65_535, 0),
  metricsToken: z
    .string('must be text')
    .regex(/^([!-~]{16,200})?$/, 'must be 16 to 200 printable characters without spaces')
    .default(''),
});

/** All settings, checked and complete. */
export type RelayConfig = z.output<typeof configSchema>;
export type ConfigKey = keyof RelayConfig;

/** How a setting is shown to operators. */
export interface Setting {
  readonly key: ConfigKey;
  readonly flag: string;
  readonly variable: string;
  /** What stands behind the flag; none for a switch. */
  readonly value?: string;
  readonly help: string;
}

const help: Readonly<Record<ConfigKey, readonly [value: string, help: string]>> = {
  port: ['N', 'port to listen on; 0 takes a free one'],
  host: ['H', 'address to listen on; stay on loopback and put TLS in front'],
  tlsCert: ['FILE', 'certificate with its chain (PEM), to speak TLS without a proxy; read again on SIGHUP'],
  tlsKey: ['FILE', 'its private key (PEM)'],
  data: ['DIR', 'folder for the store and the relay key'],
  redis: [
    'URL',
    'keep channels in this Redis instead, for several relays behind one address; rediss:// for TLS; nodes of a cluster with commas',
  ],
  redisDurability: [
    'LEVEL',
    'the least to accept of Redis: fsync, everysec or memory; what it is is published',
  ],
  redisReplicas: ['N', 'how many replicas must have a message before it is accepted'],
  redisPrefix: ['TEXT', 'what all keys in Redis begin with'],
  webDir: ['DIR', 'built web client to serve at /, for trial'],
  operatorName: ['TEXT', 'who runs this relay, published in the promise'],
  operatorContact: ['TEXT', 'how to reach them, published in the promise'],
  trustProxy: ['', 'take the client address from X-Forwarded-For; only behind a proxy that sets it'],
  logLevel: ['LEVEL', 'silent, error, warn, info or debug; no level logs addresses or ids'],
  quotaMailbox: ['BLOCKS', 'how many blocks a mailbox holds'],
  quotaLog: ['BLOCKS', 'how many blocks a log holds'],
  quotaPool: ['BLOCKS', 'how many blocks a pool holds'],
  ttlMailbox: ['SECONDS', 'how long a mailbox keeps a block when its owner names no time'],
  ttlLog: ['SECONDS', 'the same for a log'],
  ttlPool: ['SECONDS', 'the same for a pool'],
  maxTtlMailbox: ['SECONDS', 'the longest time a mailbox owner may ask for'],
  maxTtlLog: ['SECONDS', 'the same for a log'],
  maxTtlPool: ['SECONDS', 'the same for a pool'],
  rateConnection: ['N', 'frames a second on one connection, twice that at once'],
  rateChannel: ['N', 'appends a second to one channel, twice that at once'],
  failedProofs: ['N', 'failed proofs an hour from one address before its connections get fewer tries'],
  socketsPerAddress: ['N', 'open connections from one address; 0 is no limit'],
  drainSeconds: ['N', 'how long SIGTERM waits for what was accepted'],
  heartbeatSeconds: ['N', 'how often a connection is pinged; two missed answers end it'],
  maxLagMs: [
    'N',
    'new connections are turned away while the event loop is later than this on average; 0 never',
  ],
  maxMemoryMb: [
    'N',
    'new connections are turned away while the process is larger; 0 looks at the heap limit only',
  ],
  metricsPort: ['N', 'port on 127.0.0.1 that serves /metrics for Prometheus; 0 is none'],
  metricsToken: [
    'TOKEN',
    'lets whoever sends "Authorization: Bearer TOKEN" read /metrics; better as a variable',
  ],
};

/** In the order in which `--help` shows them. */
export const settings: readonly Setting[] = (Object.keys(help) as ConfigKey[]).map((key) => {
  const words = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const [value, about] = help[key];
  return {
    key,
    flag: `--${words}`,
    variable: `SOTTO_${words.replaceAll('-', '_').toUpperCase()}`,
    ...(value === '' ? {} : { value }),
    help: about,
  };
});
