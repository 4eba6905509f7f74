// What concerns the relay as a whole and no handle: the operator's count of closed channels, the promise that all
// processes publish, tidying. Called by redis-store.ts. Not its concern: what closing means to a channel (lua/channels.ts).

import type { PromiseRecord, StoreSize } from '../channel-store.ts';
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

/** The count of everything goes through all channels: one process does it for all, and no more often than this. */
const countEverySeconds = 3_600;

/** Sweeps and counts, unless some process has within the hour. */
export async function countAll(parts: HouseParts): Promise<void> {
  const { topology, names } = parts;
  const mine = ['SET', names.counting, '', 'NX', 'EX', String(countEverySeconds)];
  if ((await topology.command(names.counting, mine)) === null) return;
  const { left } = await sweepAll(parts);
  const found = `${String(left.channels)} ${String(left.blocks)}`;
  await topology.command(names.counted, ['SET', names.counted, found, 'EX', String(2 * countEverySeconds)]);
}

/** What the last count found, whoever counted. */
export async function lastCount({ topology, names }: HouseParts): Promise<StoreSize | undefined> {
  const found = (await topology.command(names.counted, ['GET', names.counted])) as Buffer | null;
  if (found === null) return undefined;
  const [channels = 0, blocks = 0] = found.toString('latin1').split(' ').map(Number);
  return { channels, blocks };
}

/**
 * Redis expires by itself what nobody touches; this goes through all channels and takes out what is left of them in
 * indexes, and counts what there is. Nothing else depends on it.
 */
export async function sweepAll(parts: HouseParts): Promise<{ swept: StoreSize; left: StoreSize }> {
  const { asker, topology, names } = parts;
  let blocks = 0;
  let channels = 0;
  let channelsLeft = 0;
  let blocksLeft = 0;
  for await (const keys of topology.keys(names.records)) {
    for (const key of keys) {
      const reply = accepted(await asker.run(Scripts.sweep, key.slice(0, -1), '', []));
      const [removed, died, writeHash, held] = reply as [number, number, Buffer, number];
      blocks += removed;
      channels += died;
      blocksLeft += held;
      if (died === 0) {
        channelsLeft++;
        continue;
      }
      const way = names.writeKey(writeHash);
      await topology.command(way, ['DEL', way]);
    }
  }
  return { swept: { blocks, channels }, left: { blocks: blocksLeft, channels: channelsLeft } };
}
