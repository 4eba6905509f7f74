// What a Redis must be before the relay trusts it with a message: a primary, of a known version, that neither evicts
// nor answers before its disk has what it accepted. Asked at each connect, since a restart may change it. Not its
// concern: what is done about it (redis-node.ts, open.ts).

import type { Durability } from '../channel-store.ts';

const order: readonly Durability[] = ['memory', 'everysec', 'fsync'];

/** Of a cluster's nodes the weakest counts. */
export function weaker(a: Durability, b: Durability): Durability {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}

export interface NodeFacts {
  readonly isPrimary: boolean;
  readonly isCluster: boolean;
  /** Sharded pub/sub is there: Redis 7, Valkey. */
  readonly isSharded: boolean;
  readonly durability: Durability;
  /** Why not `fsync`, for the operator. */
  readonly because: string;
}

const oldestMajor = 6;

/** A reason to stay away from this server altogether, in words for the operator. */
export class UnfitRedis extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'UnfitRedis';
  }
}

/**
 * @param ask - sends one command and gives its reply as text, or as a flat list of texts.
 * @throws UnfitRedis, or what `ask` throws.
 */
export async function checkNode(ask: (...words: string[]) => Promise<unknown>): Promise<NodeFacts> {
  const info = fields(String(await ask('INFO')));
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? '';
  const isValkey = info.has('valkey_version');
  const major = Number.parseInt(version, 10);
  if (!(major >= oldestMajor)) throw new UnfitRedis('it is older than Redis 6');
  const facts = {
    isPrimary: info.get('role') === 'master',
    isCluster: info.get('cluster_enabled') === '1',
    isSharded: isValkey || major >= 7,
  };
  const policy = info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    return {
      ...facts,
      durability: 'memory',
      because: `maxmemory-policy is ${policy}, and must be noeviction`,
    };
  if (info.get('aof_enabled') !== '1')
    return { ...facts, durability: 'memory', because: 'appendonly is no, and must be yes' };
  let fsync: string | undefined;
  try {
    fsync = setting(await ask('CONFIG', 'GET', 'appendfsync'), 'appendfsync');
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  switch (fsync) {
    case 'always':
      return { ...facts, durability: 'fsync', because: '' };
    case 'everysec':
      return { ...facts, durability: 'everysec', because: 'appendfsync is everysec, and must be always' };
    case undefined:
      // Whoever can't see it can't promise it.
      return { ...facts, durability: 'memory', because: 'appendfsync cannot be seen: CONFIG GET is denied' };
    default:
      return { ...facts, durability: 'memory', because: `appendfsync is ${fsync}, and must be always` };
  }
}

/** The server answered, and said no: as opposed to a connection that broke. */
function isRefusal(error: unknown): boolean {
  return /^(ERR|NOPERM|NOAUTH|UNKNOWN)/.test((error as Error).message);
}

function fields(info: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of info.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) found.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  return found;
}

function setting(reply: unknown, name: string): string | undefined {
  if (Array.isArray(reply)) {
    const at = reply.findIndex((one) => String(one) === name);
    return at < 0 ? undefined : String(reply[at + 1]);
  }
  if (reply instanceof Map) return reply.has(name) ? String(reply.get(name)) : undefined;
  const value = (reply as Record<string, unknown> | null)?.[name];
  return typeof value === 'string' ? value : undefined;
}
