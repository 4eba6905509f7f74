// What the methods of the store share: the channel behind a grant, how full it is, and its blocks, in memory or in
// the tables: loading, unlinking, counting out what expired. Not its concern: what a grant may do (rules.ts).

import type { ChannelEvent, Grant, StoredBlock } from '../channel-store.ts';
import { SpillReservations } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import type { Channel } from './channel.ts';
import type { Engine } from './engine.ts';
import { removeRecord } from './journal-records.ts';
import { openRow } from './resident.ts';
import { isFull, refuseBlocked } from './rules.ts';

const SETTLED = Promise.resolve();

export class Blocks {
  readonly spills = new SpillReservations();
  private readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The channel of a grant: still there, and not closed by the operator. */
  open(grant: Grant): Channel {
    this.engine.refuseWhenClosed();
    const channel = this.engine.cache.get(grant.channel);
    if (channel === undefined) throw new Refusal('UNKNOWN');
    refuseBlocked(channel);
    return channel;
  }

  full(channel: Channel, kind: { ordered: boolean; owner: boolean }): boolean {
    const { limits } = this.engine;
    if (!isFull(channel, kind, limits)) return false;
    // What expired meanwhile is counted out only when it matters.
    this.prune(channel);
    return isFull(channel, kind, limits);
  }

  durable(channel: Channel): Promise<void> {
    return channel.lsn > this.engine.journal.durableLsn ? this.engine.journal.durable() : SETTLED;
  }

  load(channel: Channel, sequence: number): StoredBlock | undefined {
    const resident = channel.residents.get(sequence);
    if (resident?.plain !== undefined) return resident.plain;
    const { expiryMinute, rowKey: key, hour, ordered } = channel.entries.describe(sequence);
    const rowCounter = key.readUIntBE(4, 6);
    const row = resident?.sealed ?? this.engine.tables.row(expiryMinute, rowCounter);
    if (row === undefined) return undefined;
    const opened = openRow(row, this.engine.keys, {
      tag: channel.tag,
      sequence,
      slot: false,
      expiryMinute,
      rowCounter,
    });
    if (opened === undefined) return undefined;
    return { sequence, ...opened, ordered, hour, keptUntil: expiryMinute * 60 };
  }

  /** Unlinks a live block. One that no commit has begun to write leaves no trace but its id. */
  remove(channel: Channel, sequence: number, urgent: boolean): void {
    const { engine } = this;
    const resident = channel.residents.get(sequence);
    if (resident === undefined || resident.rest === 'table')
      channel.removedRows.push(channel.entries.describe(sequence).rowKey);
    channel.entries.kill(sequence);
    channel.leases.delete(sequence);
    if (resident !== undefined) {
      channel.residents.delete(sequence);
      resident.rest = 'dropped';
      engine.journal.acked(resident);
      if (!resident.written) return;
    }
    engine.change(channel, removeRecord(channel, sequence), 0, urgent);
  }

  /** Takes expired blocks out of the count; answers how many were in memory only. */
  prune(channel: Channel): number {
    const minute = this.engine.nowMinute();
    const { entries } = channel;
    if (entries.live === 0 || entries.earliestExpiry > minute) return 0;
    let earliest = Infinity;
    let inMemory = 0;
    for (let at = entries.nextLive(1, channel.head); at !== 0; at = entries.nextLive(at + 1, channel.head)) {
      const expiry = entries.expiryMinute(at);
      if (expiry > minute) {
        earliest = Math.min(earliest, expiry);
        continue;
      }
      const resident = channel.residents.get(at);
      if (resident !== undefined) {
        if (resident.rest !== 'table') inMemory++;
        resident.rest = 'dropped';
        channel.residents.delete(at);
      }
      entries.kill(at);
      channel.leases.delete(at);
    }
    entries.earliestExpiry = earliest;
    this.engine.touch(channel);
    return inMemory;
  }
}

export const APPENDED: ChannelEvent = { type: 'appended' };

/** Tells all who watch the channel. */
export function notify(channel: Channel, event: ChannelEvent): void {
  // Whoever hears may unwatch: lists are replaced, never changed.
  const { watchers, exclusive } = channel;
  for (const watcher of watchers) watcher.hear(event);
  exclusive?.hear(event);
}
