// The start after a stop of any kind: the tables as the last checkpoint left them, and on top of them what the
// journal holds. A change that a channel's record already contains is passed over. Not its concern: writing.

import { RelayError } from '../../errors.ts';
import { decodeChannel, type Channel } from './channel.ts';
import type { ChannelCache } from './channel-cache.ts';
import type { Counters, JournalRecord } from './journal-records.ts';
import { keptBytes } from './kept-bytes.ts';
import { Resident, rowKey } from './resident.ts';
import type { Tables } from './tables.ts';

/** What replaying needs of the store. */
export interface RecoveryParts {
  readonly cache: ChannelCache;
  readonly tables: Tables;
  readonly counters: Counters;
  /** The channel differs from its record in the tables. */
  readonly touched: (channel: Channel) => void;
  readonly buried: (channel: Channel) => void;
}

/** Applies the journal's changes in their order; answers the highest numbers seen. */
export class Recovery {
  lsn = 0;
  rowCounter = 0;
  private readonly parts: RecoveryParts;

  constructor(parts: RecoveryParts) {
    this.parts = parts;
  }

  apply(lsn: number, record: JournalRecord): void {
    try {
      this.lsn = Math.max(this.lsn, lsn);
      if (record.type === 'counters') {
        const { blockedTotal, blockedDay, blockedToday } = record;
        Object.assign(this.parts.counters, { blockedTotal, blockedDay, blockedToday });
        return;
      }
      this.applyToChannel(lsn, record);
    } catch (error) {
      if (error instanceof RelayError) throw error;
      throw new RelayError('RELAY_STORE_DAMAGED', { cause: error });
    }
  }

  private applyToChannel(lsn: number, record: Exclude<JournalRecord, { type: 'counters' }>): void {
    const { cache } = this.parts;
    if (record.type === 'append' || record.type === 'slot') {
      if (record.row !== undefined) this.rowCounter = Math.max(this.rowCounter, record.row.rowCounter);
    }
    let channel = cache.tagged(record.tag);
    if (channel === undefined) {
      // Created in this journal, or deleted in a checkpoint after this change.
      if (record.type !== 'channel') return;
      channel = cache.make(keptBytes(record.tag));
    }
    // A change made of several records: all carry the number, so only a lower one has been applied before.
    const applied = channel.lsn > lsn || (channel.lsn === lsn && !this.running(channel, lsn));
    switch (record.type) {
      case 'channel':
        if (!applied) this.replace(channel, record.body);
        cache.fitEntries(channel);
        // Also when the tables have it: an earlier channel with the same ids may just have been buried.
        cache.index(channel);
        break;
      case 'append':
        if (record.sequence === 0) return;
        if (!applied) this.append(channel, record);
        this.attach(channel, record);
        break;
      case 'slot':
        this.attachSlot(channel, record);
        break;
      case 'remove':
        if (applied) return;
        this.remove(channel, record.sequence);
        break;
      case 'lease':
        if (applied) return;
        if (record.until === 0) channel.leases.delete(record.sequence);
        else channel.leases.set(record.sequence, record.until);
        break;
      case 'delete':
        if (applied) return;
        this.parts.buried(channel);
        return;
    }
    if (!applied) {
      channel.lsn = lsn;
      this.lastChange = { channel, lsn };
    }
    this.parts.touched(channel);
  }

  private replace(channel: Channel, body: Buffer): void {
    const before = channel.slots;
    decodeChannel(channel, body);
    for (const old of before) {
      if (old.resident !== undefined || channel.slots.some((slot) => slot.rowCounter === old.rowCounter))
        continue;
      channel.removedRows.push(rowKey(old.expiryMinute, old.rowCounter));
    }
  }

  private lastChange: { channel: Channel; lsn: number } | undefined;

  private running(channel: Channel, lsn: number): boolean {
    return this.lastChange?.channel === channel && this.lastChange.lsn === lsn;
  }

  private append(channel: Channel, record: Extract<JournalRecord, { type: 'append' }>): void {
    const { sequence, appendId, hour, ordered, row } = record;
    const forgotten = channel.entries.add(sequence, {
      appendId,
      hour,
      ordered,
      live: row !== undefined,
      expiryMinute: row?.expiryMinute ?? 0,
      rowCounter: row?.rowCounter ?? 0,
    });
    if (forgotten !== undefined) channel.removedChunks.push(...forgotten);
    channel.head = Math.max(channel.head, sequence);
  }

  /** The block of a live entry, unless the tables have it. */
  private attach(channel: Channel, record: Extract<JournalRecord, { type: 'append' }>): void {
    const { sequence, row } = record;
    if (row === undefined || !channel.entries.isLive(sequence)) return;
    if (
      channel.entries.rowCounter(sequence) !== row.rowCounter ||
      this.parts.tables.hasRow(row.expiryMinute, row.rowCounter)
    )
      return;
    const resident = new Resident(channel, false, { ...row, sequence, entry: record });
    resident.fetch = row.fetch;
    resident.written = true;
    resident.rest = 'journal';
    channel.residents.set(sequence, resident);
  }

  // The channel record of the same change, which names the slot, comes before its row.
  private attachSlot(channel: Channel, record: Extract<JournalRecord, { type: 'slot' }>): void {
    const { row } = record;
    const slot = channel.slots.find((kept) => kept.rowCounter === row.rowCounter);
    if (slot === undefined || this.parts.tables.hasRow(row.expiryMinute, row.rowCounter)) return;
    const entry = { appendId: slot.appendId, hour: 0, ordered: true };
    const resident = new Resident(channel, true, { ...row, sequence: record.sequence, entry });
    resident.fetch = row.fetch;
    resident.written = true;
    resident.rest = 'journal';
    slot.resident = resident;
  }

  private remove(channel: Channel, sequence: number): void {
    if (!channel.entries.isLive(sequence)) return;
    if (channel.residents.has(sequence)) channel.residents.delete(sequence);
    else channel.removedRows.push(channel.entries.describe(sequence).rowKey);
    channel.entries.kill(sequence);
    channel.leases.delete(sequence);
  }
}
