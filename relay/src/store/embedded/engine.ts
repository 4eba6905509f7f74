// What the embedded store runs on: keys, journal, tables and cache of one data directory, their clock, and when a
// checkpoint is due. Not its concern: what channels mean (embedded-store.ts).

import { RelayError } from '../../errors.ts';
import type { StoreLimits } from '../channel-store.ts';
import { COARSE_FROM_SECONDS } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Channel } from './channel.ts';
import type { ChannelCache } from './channel-cache.ts';
import { checkpoint, type Changes } from './checkpoint.ts';
import type { StoreDirectory } from './directory.ts';
import type { Journal } from './journal.ts';
import type { Change, Counters } from './journal-records.ts';
import type { KeyFile } from './key-file.ts';
import type { Tables } from './tables.ts';

const CHECKPOINT_RETRY_MS = 1_000;

/** What must be known before any channel is. */
export interface StoreMeta extends Counters {
  lsn: number;
  rowCounter: number;
  sweptDay: number;
}

export interface EngineParts {
  readonly directory: StoreDirectory;
  readonly keys: KeyFile;
  readonly tables: Tables;
  readonly cache: ChannelCache;
  readonly limits: StoreLimits;
  readonly clock: () => number;
  readonly meta: StoreMeta;
  readonly checkpointMs: number;
  readonly sweepIntervalMs: number;
  readonly calmMs: number;
}

export class Engine {
  readonly keys: KeyFile;
  readonly tables: Tables;
  readonly cache: ChannelCache;
  readonly limits: StoreLimits;
  readonly counters: Counters;
  readonly sweepIntervalMs: number;
  journal!: Journal;
  /** The day of the last look at idle channels. */
  sweptDay: number;
  private readonly parts: EngineParts;
  private rowCounter: number;
  private latest: number;
  private changes: Changes = { channels: new Set(), graves: [], removals: [] };
  private running: Promise<void> | undefined;
  private stuck = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.keys = parts.keys;
    this.latest = parts.keys.firstDay * 86_400;
    this.tables = parts.tables;
    this.cache = parts.cache;
    this.limits = parts.limits;
    this.sweepIntervalMs = parts.sweepIntervalMs;
    this.counters = parts.meta;
    this.rowCounter = parts.meta.rowCounter;
    this.sweptDay = parts.meta.sweptDay;
  }

  /**
   * Unix seconds. Never goes back while the process lives, so that expiry and stamps don't either; nor, across
   * processes, to a day whose key is gone.
   */
  now(): number {
    const now = this.parts.clock();
    if (now > this.latest) this.latest = now;
    return Math.floor(this.latest);
  }

  nowMinute(): number {
    return Math.floor(this.now() / 60);
  }

  /** The minute from which a block accepted now is gone: its TTL, rounded up to the step in which expiry is kept. */
  expiryMinute(now: number, ttlSeconds: number): number {
    const step = ttlSeconds >= COARSE_FROM_SECONDS ? 60 : 1;
    return Math.ceil((now + ttlSeconds) / (60 * step)) * step;
  }

  nextRowCounter(): number {
    return ++this.rowCounter;
  }

  /** The row counter may only rise: what recovery saw is taken. */
  seenRowCounter(counter: number): void {
    this.rowCounter = Math.max(this.rowCounter, counter);
  }

  /** Hands a decided change to the journal. */
  change(channel: Channel, change: Change, blocks: number, urgent: boolean): void {
    channel.lsn = this.journal.push(change, blocks, urgent);
    this.touch(channel);
  }

  /** The channel differs from its record in the tables. */
  touch(channel: Channel): void {
    channel.dirty = true;
    this.changes.channels.add(channel);
    this.dueCheckpoint();
  }

  private dueCheckpoint(): void {
    if (this.timer === undefined && !this.closing) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.journal.requestSwitch();
      }, this.parts.checkpointMs);
      this.timer.unref();
    }
  }

  /** Takes a deleted channel out of memory, and out of the tables at the next checkpoint. */
  bury(channel: Channel): void {
    const rows: Buffer[] = [...channel.removedRows];
    const { entries } = channel;
    for (let at = entries.nextLive(1, channel.head); at !== 0; at = entries.nextLive(at + 1, channel.head)) {
      rows.push(entries.describe(at).rowKey);
    }
    for (const resident of channel.residents.values()) resident.rest = 'dropped';
    for (const slot of channel.slots) {
      const key = Buffer.alloc(10);
      key.writeUInt32BE(slot.expiryMinute, 0);
      key.writeUIntBE(slot.rowCounter, 4, 6);
      rows.push(key);
      if (slot.resident !== undefined) slot.resident.rest = 'dropped';
    }
    this.changes.graves.push({ channel, rows, chunks: [...channel.removedChunks, ...entries.chunks.keys()] });
    this.changes.channels.delete(channel);
    this.dueCheckpoint();
    this.cache.drop(channel);
    channel.residents.clear();
  }

  refuseWhenClosed(): void {
    if (this.closed) throw new RelayError('RELAY_STORE_CLOSED');
  }

  /** A disk that is full or failing: nothing new is accepted, rather than promised and lost. */
  refuseWhenUnable(): void {
    this.refuseWhenClosed();
    if (this.closing || this.stuck || this.journal.failing)
      throw new Refusal('LATER', { retryAfterMs: 1_000 });
  }

  encodeMeta(): Buffer {
    const out = new ByteWriter(64);
    out.u48(this.journal.lsn);
    out.u48(this.rowCounter);
    out.u32(this.sweptDay);
    out.u32(this.counters.blockedTotal);
    out.u32(this.counters.blockedDay);
    out.u32(this.counters.blockedToday);
    return out.done();
  }

  /** The journal has changed its file: what the old one holds goes into the tables now. */
  switched(): void {
    const before = this.running;
    const running: Promise<void> = (before ?? Promise.resolve())
      .then(() => this.runCheckpoint())
      .finally(() => {
        if (this.running === running) this.running = undefined;
      });
    this.running = running;
  }

  private async runCheckpoint(): Promise<void> {
    await this.journal.calm(this.closing ? 0 : this.parts.calmMs);
    const changes = this.changes;
    this.changes = { channels: new Set(), graves: [], removals: [] };
    for (;;) {
      try {
        await checkpoint(changes, {
          cache: this.cache,
          journal: this.journal,
          tables: this.tables,
          now: () => this.now(),
          meta: () => this.encodeMeta(),
          again: (channel) => this.touch(channel),
        });
        await this.journal.release();
        break;
      } catch {
        this.stuck = true;
        // The journal has it all: the next start makes up for it.
        if (this.closing) return;
        await new Promise((resolve) => setTimeout(resolve, CHECKPOINT_RETRY_MS));
      }
    }
    this.stuck = false;
    for (const channel of changes.channels) if (!this.changes.channels.has(channel)) channel.dirty = false;
    this.cache.trim();
  }

  /** All that was accepted is durable and lies in the tables; the journal's keys are gone. */
  async checkpointNow(): Promise<void> {
    for (;;) {
      await this.journal.durable();
      await this.running;
      if (
        this.changes.channels.size === 0 &&
        this.changes.graves.length === 0 &&
        this.journal.usedBytes === 0
      )
        return;
      if (this.closing && this.stuck) return;
      this.journal.requestSwitch();
    }
  }

  async close(): Promise<void> {
    if (this.closed || this.closing) return;
    this.closing = true;
    clearTimeout(this.timer);
    await this.checkpointNow();
    this.closed = true;
    this.journal.close();
    await this.tables.close();
    this.keys.close();
    this.parts.directory.release();
  }
}

export function decodeMeta(record: Buffer | undefined): StoreMeta {
  if (record === undefined)
    return { lsn: 0, rowCounter: 0, sweptDay: 0, blockedTotal: 0, blockedDay: 0, blockedToday: 0 };
  const from = new ByteReader(record);
  return {
    lsn: from.u48(),
    rowCounter: from.u48(),
    sweptDay: from.u32(),
    blockedTotal: from.u32(),
    blockedDay: from.u32(),
    blockedToday: from.u32(),
  };
}
