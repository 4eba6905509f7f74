// What concerns the relay as a whole and no handle: the operator's count of closed channels, the promise that all
// processes publish, tidying. Called by redis-store.ts. Not its concern: what closing means to a channel (lua/channels.ts).

import type { PromiseRecord } from '../channel-store.ts';
import { BLOCKED_A_DAY } from '../common-rules.ts';
import type { Asker } from './asking.ts';
import type { Names } from './names.ts';
import { accepted } from './replies.ts';
import { Scripts } from './script.ts';
import type { Topology } from './topology.ts';

export interface HouseParts {
  readonly asker: Asker;
  readonly topology: Topology;
  readonly names: Names;
}

/** Takes one closed channel from the day's, gives it back, or asks. @returns the total. @throws Refusal LIMIT. */
export async function countClosed({ asker, names }: HouseParts, by: -1 | 0 | 1): Promise<number> {
  const words = ['', String(by), String(BLOCKED_A_DAY)];
  const [total] = accepted(await asker.runOn(Scripts.count, names.closed, words)) as [number];
  return total;
}

/** The promise is one for all processes: whoever was asked to believe a version must not meet an older one. */
export function sharedPromise({ asker, topology, names }: HouseParts): PromiseRecord {
  const key = names.promise;
  return {
    version: async (digest) => {
      const [version] = accepted(await asker.runOn(Scripts.promise, key, ['', digest])) as [number];
      return version;
    },
    publish: async (version, document) => {
      await asker.runOn(Scripts.publish, key, ['', String(version), document]);
    },
    published: async () => {
      const reply = await topology.command(key, ['HMGET', key, 'signed', 'document']);
      const [version, document] = reply as (Buffer | null)[];
      if (!version || !document) return undefined;
      return { version: Number(version), document: document.toString('utf8') };
    },
  };
}

/**
 * Redis expires by itself what nobody touches; this goes through all channels and takes out what is left of them in
 * indexes. Nothing but tidiness depends on it.
 */
export async function sweepAll(parts: HouseParts): Promise<{ blocks: number; channels: number }> {
  const { asker, topology, names } = parts;
  let blocks = 0;
  let channels = 0;
  for await (const keys of topology.keys(names.records)) {
    for (const key of keys) {
      const reply = accepted(await asker.run(Scripts.sweep, key.slice(0, -1), '', []));
      const [removed, died, writeHash] = reply as [number, number, Buffer];
      blocks += removed;
      channels += died;
      if (died === 0) continue;
      const way = names.writeKey(writeHash);
      await topology.command(way, ['DEL', way]);
    }
  }
  return { blocks, channels };
}
