// What a channel remembers of each append: its id (so that a repeat is known), and where its block lies while it
// lives. Packed 64 to a chunk; a chunk is also the record on the disk. Not its concern: blocks, quotas, rights.

import { random } from '../../crypto/hash.ts';
import { LazyMap } from './lazy-map.ts';

/** Entry: append id 16 · row key (expiry minute u32 BE · counter u48 BE) · hour u24 LE · flags u8 · 2 spare. */
export const ENTRY_BYTES = 32;
export const ENTRIES_PER_CHUNK = 64;
export const CHUNK_BYTES = ENTRY_BYTES * ENTRIES_PER_CHUNK;
const CHUNK_SHIFT = 6;
const CHUNK_MASK = 63;
const ROW_KEY_AT = 16;
export const ROW_KEY_BYTES = 10;
const HOUR_AT = 26;
const FLAGS_AT = 29;
const LIVE = 1;
const ORDERED = 2;

// Append ids are the client's choice: the hash is keyed by the process, so that nobody can aim at one bucket.
const secret = random(8);
const SECRET_LOW = secret.readInt32LE(0);
const SECRET_HIGH = secret.readInt32LE(4);

interface Chunk {
  readonly bytes: Buffer;
  live: number;
  dirty: boolean;
}

/** One append as it is entered. */
export interface NewEntry {
  readonly appendId: Uint8Array;
  readonly expiryMinute: number;
  readonly rowCounter: number;
  readonly hour: number;
  readonly ordered: boolean;
  readonly live: boolean;
}

/** Sequence numbers of one channel from its first kept chunk to its head. */
export class EntryTable {
  /** Ascending by number: chunks are only ever added at the end. */
  readonly chunks = new LazyMap<number, Chunk>();
  live = 0;
  liveOrdered = 0;
  /** No live entry expires before this minute (a lower bound). */
  earliestExpiry = Infinity;
  /** No live entry has a sequence below this one (a lower bound). */
  private floorHint = 1;
  private index: Uint32Array | undefined;
  private indexed = 0;
  private readonly remembered: number;

  /** @param remembered - so many append ids are known at the least. */
  constructor(remembered: number) {
    this.remembered = remembered;
  }

  /** Restores a chunk read from the disk. Call in ascending order. */
  restore(number: number, bytes: Buffer): void {
    const chunk: Chunk = { bytes, live: 0, dirty: false };
    if (this.chunks.size === 0) this.floorHint = Math.max(1, number * ENTRIES_PER_CHUNK);
    for (let at = 0; at < CHUNK_BYTES; at += ENTRY_BYTES) {
      const flags = bytes[at + FLAGS_AT] ?? 0;
      if ((flags & LIVE) === 0) continue;
      chunk.live++;
      this.live++;
      if (flags & ORDERED) this.liveOrdered++;
      this.earliestExpiry = Math.min(this.earliestExpiry, bytes.readUInt32BE(at + ROW_KEY_AT));
    }
    this.chunks.set(number, chunk);
  }

  /** Enters the append that got `sequence`; sequences rise by one. Returns chunk numbers that can be forgotten. */
  add(sequence: number, entry: NewEntry): number[] | undefined {
    const number = sequence >>> CHUNK_SHIFT;
    let chunk = this.chunks.get(number);
    let forgotten: number[] | undefined;
    if (chunk === undefined) {
      chunk = { bytes: Buffer.alloc(CHUNK_BYTES), live: 0, dirty: true };
      this.chunks.set(number, chunk);
      forgotten = this.forget(number);
    }
    const { bytes } = chunk;
    const at = (sequence & CHUNK_MASK) * ENTRY_BYTES;
    const id = entry.appendId;
    for (let i = 0; i < 16; i++) bytes[at + i] = id[i] as number;
    chunk.dirty = true;
    const { hour } = entry;
    bytes[at + HOUR_AT] = hour;
    bytes[at + HOUR_AT + 1] = hour >>> 8;
    bytes[at + HOUR_AT + 2] = hour >>> 16;
    bytes[at + FLAGS_AT] = (entry.live ? LIVE : 0) | (entry.ordered ? ORDERED : 0);
    if (entry.live) {
      bytes.writeUInt32BE(entry.expiryMinute, at + ROW_KEY_AT);
      bytes.writeUIntBE(entry.rowCounter, at + ROW_KEY_AT + 4, 6);
      chunk.live++;
      if (this.live === 0) this.floorHint = sequence;
      this.live++;
      if (entry.ordered) this.liveOrdered++;
      if (entry.expiryMinute < this.earliestExpiry) this.earliestExpiry = entry.expiryMinute;
    }
    if (this.index !== undefined) this.insert(sequence, bytes, at);
    return forgotten;
  }

  /** The sequence of an earlier append with this id, or 0. */
  find(id: Uint8Array): number {
    const index = this.index ?? this.build();
    const mask = index.length - 1;
    for (let slot = hash(id, 0) & mask; ; slot = (slot + 1) & mask) {
      const sequence = index[slot] as number;
      if (sequence === 0) return 0;
      if (this.hasId(sequence, id)) return sequence;
    }
  }

  hasId(sequence: number, id: Uint8Array): boolean {
    const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT);
    if (chunk === undefined) return false;
    const at = (sequence & CHUNK_MASK) * ENTRY_BYTES;
    for (let i = 0; i < 16; i++) if (chunk.bytes[at + i] !== id[i]) return false;
    return true;
  }

  isLive(sequence: number): boolean {
    const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT);
    return (
      chunk !== undefined &&
      ((chunk.bytes[(sequence & CHUNK_MASK) * ENTRY_BYTES + FLAGS_AT] as number) & LIVE) !== 0
    );
  }

  /** Of a kept entry: what a stored block says besides its bytes. */
  describe(sequence: number): {
    appendId: Uint8Array;
    expiryMinute: number;
    rowKey: Buffer;
    hour: number;
    ordered: boolean;
  } {
    const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT) as Chunk;
    const at = (sequence & CHUNK_MASK) * ENTRY_BYTES;
    const { bytes } = chunk;
    return {
      appendId: Uint8Array.from(bytes.subarray(at, at + 16)),
      expiryMinute: bytes.readUInt32BE(at + ROW_KEY_AT),
      rowKey: Buffer.from(bytes.subarray(at + ROW_KEY_AT, at + ROW_KEY_AT + ROW_KEY_BYTES)),
      hour: bytes.readUIntLE(at + HOUR_AT, 3),
      ordered: ((bytes[at + FLAGS_AT] as number) & ORDERED) !== 0,
    };
  }

  expiryMinute(sequence: number): number {
    const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT) as Chunk;
    return chunk.bytes.readUInt32BE((sequence & CHUNK_MASK) * ENTRY_BYTES + ROW_KEY_AT);
  }

  rowCounter(sequence: number): number {
    const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT) as Chunk;
    return chunk.bytes.readUIntBE((sequence & CHUNK_MASK) * ENTRY_BYTES + ROW_KEY_AT + 4, 6);
  }

  /** The block of `sequence` is gone; its id stays known. */
  kill(sequence: number): void {
    const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT);
    if (chunk === undefined) return;
    const at = (sequence & CHUNK_MASK) * ENTRY_BYTES + FLAGS_AT;
    const flags = chunk.bytes[at] as number;
    if ((flags & LIVE) === 0) return;
    chunk.bytes[at] = flags & ~LIVE;
    chunk.live--;
    chunk.dirty = true;
    this.live--;
    if (flags & ORDERED) this.liveOrdered--;
  }

  /** The first live sequence at or after `from` and at most `head`, or 0. */
  nextLive(from: number, head: number): number {
    if (this.live === 0) return 0;
    let sequence = Math.max(from, this.floorHint);
    while (sequence <= head) {
      const chunk = this.chunks.get(sequence >>> CHUNK_SHIFT);
      if (chunk === undefined || chunk.live === 0) {
        sequence = ((sequence >>> CHUNK_SHIFT) + 1) * ENTRIES_PER_CHUNK;
        continue;
      }
      if ((chunk.bytes[(sequence & CHUNK_MASK) * ENTRY_BYTES + FLAGS_AT] as number) & LIVE) {
        if (from <= this.floorHint) this.floorHint = sequence;
        return sequence;
      }
      sequence++;
    }
    return 0;
  }

  /** Chunks changed since the last call, as records for the disk; their bytes are copies. */
  takeDirty(): { number: number; bytes: Buffer }[] {
    const dirty: { number: number; bytes: Buffer }[] = [];
    for (const [number, chunk] of this.chunks) {
      if (!chunk.dirty) continue;
      chunk.dirty = false;
      dirty.push({ number, bytes: Buffer.from(chunk.bytes) });
    }
    return dirty;
  }

  markAllDirty(): void {
    for (const chunk of this.chunks.values()) chunk.dirty = true;
  }

  /** Drops chunks that hold neither a live block nor one of the ids that must be remembered. */
  private forget(newest: number): number[] | undefined {
    const keepFrom = newest - Math.ceil(this.remembered / ENTRIES_PER_CHUNK);
    let forgotten: number[] | undefined;
    for (const [number, chunk] of this.chunks) {
      if (number >= keepFrom) break;
      if (chunk.live > 0) continue;
      this.chunks.delete(number);
      (forgotten ??= []).push(number);
    }
    return forgotten;
  }

  private build(): Uint32Array {
    let size = 64;
    while (size < this.chunks.size * ENTRIES_PER_CHUNK * 4) size *= 2;
    const index = new Uint32Array(size);
    this.index = index;
    this.indexed = 0;
    for (const [number, chunk] of this.chunks) {
      for (let i = 0; i < ENTRIES_PER_CHUNK; i++) {
        const at = i * ENTRY_BYTES;
        // Hour 0 is 1970: an entry never made.
        if (chunk.bytes.readUIntLE(at + HOUR_AT, 3) !== 0)
          this.insert(number * ENTRIES_PER_CHUNK + i, chunk.bytes, at);
      }
    }
    return index;
  }

  private insert(sequence: number, bytes: Uint8Array, at: number): void {
    const index = this.index as Uint32Array;
    if (this.indexed * 2 >= index.length) {
      // Forgotten ids are never taken out one by one: the table is made anew with what is still kept.
      this.build();
      return;
    }
    const mask = index.length - 1;
    let slot = hash(bytes, at) & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = sequence;
    this.indexed++;
  }
}

function hash(bytes: Uint8Array, at: number): number {
  const low =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  const high =
    (bytes[at + 4] as number) |
    ((bytes[at + 5] as number) << 8) |
    ((bytes[at + 6] as number) << 16) |
    ((bytes[at + 7] as number) << 24);
  let mixed = Math.imul(low ^ SECRET_LOW, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ high ^ SECRET_HIGH, 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
