// Moves what the journal holds into the tables, so that its file can be written anew: changed channels, their
// entries, the blocks that are still there, and removals. In slices, and never ahead of the journal: the tables hold
// only what is durable there. Not its concern: when to run (embedded-store.ts).

import { ByteWriter } from './bytes.ts';
import { encodeChannel, type Channel } from './channel.ts';
import type { ChannelCache } from './channel-cache.ts';
import type { Journal } from './journal.ts';
import { rowKey, type Resident } from './resident.ts';
import { chunkKey, type Put, type Tables } from './tables.ts';

/** Rows and records put in one turn of the event loop. */
const PUTS_PER_SLICE = 256;
const MAX_CHANNELS_PER_SLICE = 64;

/** A deleted channel, as far as the tables may know it. */
export interface Grave {
  readonly channel: Channel;
  readonly rows: Buffer[];
  readonly chunks: number[];
}

/** What changed since the last checkpoint. `removals`: of an attempt that failed, to be made first. */
export interface Changes {
  readonly channels: Set<Channel>;
  readonly graves: Grave[];
  readonly removals: Put[];
}

export interface CheckpointParts {
  readonly cache: ChannelCache;
  readonly journal: Journal;
  readonly tables: Tables;
  readonly now: () => number;
  readonly meta: () => Buffer;
  /** The channel belongs to the next checkpoint too. */
  readonly again: (channel: Channel) => void;
}

function bytesOf(hash: string): Buffer {
  return Buffer.from(hash, 'latin1');
}

/** Answers whether a block was left out: its commit is still to come, so the next checkpoint must move it. */
function snapshot(channel: Channel, nowMinute: number, puts: Put[], moved: Resident[]): boolean {
  let waits = false;
  const record = new ByteWriter(512);
  encodeChannel(channel, record);
  puts.push(['channels', channel.tag, record.done()]);
  puts.push(
    ['ids', bytesOf(channel.readHash), channel.tag],
    ['ids', bytesOf(channel.writeHash), channel.tag],
  );
  for (const key of channel.removedRows) puts.push(['rows', key, undefined]);
  for (const number of channel.removedChunks) puts.push(['chunks', chunkKey(channel.tag, number), undefined]);
  channel.removedRows = [];
  channel.removedChunks = [];
  for (const { number, bytes } of channel.entries.takeDirty())
    puts.push(['chunks', chunkKey(channel.tag, number), bytes]);
  const put = (resident: Resident | undefined): void => {
    if (resident?.rest === 'pending') waits = true;
    if (resident?.rest !== 'journal' || resident.expiryMinute <= nowMinute) return;
    const row = resident.sealed;
    if (row === undefined) return;
    resident.rest = 'table';
    moved.push(resident);
    puts.push(['rows', rowKey(resident.expiryMinute, resident.rowCounter), row]);
  };
  for (const resident of channel.residents.values()) put(resident);
  for (const slot of channel.slots) put(slot.resident);
  return waits;
}

/**
 * Runs one checkpoint over `changes`, which were taken when the journal changed its file.
 * @throws what the tables throw; then nothing is lost, and `changes` may be tried again together with newer ones.
 */
export async function checkpoint(changes: Changes, parts: CheckpointParts): Promise<void> {
  const { journal, tables, cache } = parts;
  const { removals } = changes;
  const done: Channel[] = [];
  const moved: Resident[] = [];
  const graves = [...changes.graves];
  for (const { channel, rows, chunks } of changes.graves.splice(0)) {
    removals.push(
      ['channels', channel.tag, undefined],
      ['ids', bytesOf(channel.readHash), undefined],
      ['ids', bytesOf(channel.writeHash), undefined],
    );
    for (const key of rows) removals.push(['rows', key, undefined]);
    for (const number of chunks) removals.push(['chunks', chunkKey(channel.tag, number), undefined]);
  }
  try {
    // What was deleted must be known to the journal before it leaves the tables.
    await journal.durableUpTo(Math.max(0, ...graves.map(({ channel }) => channel.lsn)));
    for (let at = 0; at < removals.length; at += PUTS_PER_SLICE)
      await tables.write(removals.slice(at, at + PUTS_PER_SLICE));
    const waiting = new Set(changes.channels);
    while (waiting.size > 0) {
      const { puts, lsn } = takeSlice(waiting, {
        journal,
        nowMinute: Math.floor(parts.now() / 60),
        moved,
        done,
        again: parts.again,
      });
      for (const put of puts) if (put[2] === undefined) removals.push(put);
      await journal.durableUpTo(lsn);
      await tables.write(puts);
    }
    await tables.putMeta(parts.meta());
    await tables.flushed();
  } catch (error) {
    for (const resident of moved) if (resident.rest === 'table') resident.rest = 'journal';
    for (const channel of done) channel.entries.markAllDirty();
    throw error;
  }
  removals.length = 0;
  for (const resident of moved) {
    const { channel } = resident;
    if (channel.residents.get(resident.sequence) === resident) channel.residents.delete(resident.sequence);
    for (const slot of channel.slots) if (slot.resident === resident) delete slot.resident;
  }
  cache.settled(
    done,
    graves.map((grave) => grave.channel),
  );
}

/**
 * Takes channels out of `waiting` and puts together what the tables need of them: first those whose last change is
 * durable already; where there are none, some whose change must be waited for.
 */
function takeSlice(
  waiting: Set<Channel>,
  slice: {
    journal: Journal;
    nowMinute: number;
    moved: Resident[];
    done: Channel[];
    again: (channel: Channel) => void;
  },
): { puts: Put[]; lsn: number } {
  const puts: Put[] = [];
  let taken = 0;
  let lsn = 0;
  for (const mayWait of [false, true]) {
    for (const channel of waiting) {
      if (puts.length >= PUTS_PER_SLICE || taken >= MAX_CHANNELS_PER_SLICE) return { puts, lsn };
      if (!channel.deleted && !mayWait && channel.lsn > slice.journal.durableLsn) continue;
      waiting.delete(channel);
      if (channel.deleted) continue;
      slice.done.push(channel);
      taken++;
      lsn = Math.max(lsn, channel.lsn);
      if (snapshot(channel, slice.nowMinute, puts, slice.moved)) slice.again(channel);
    }
    if (puts.length > 0) break;
  }
  return { puts, lsn };
}
