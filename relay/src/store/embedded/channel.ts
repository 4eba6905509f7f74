// One channel as the store holds it in memory, and its record on the disk. The record holds no block and no clock
// finer than a day, except where a block's own expiry says more. Not its concern: deciding (rules.ts), writing.

import type { Policy, Reason, Right, Securing } from '@sotto/wire';
import type { ChannelId, ChannelRef, ChannelWatcher, StoreLimits } from '../channel-store.ts';
import { ByteReader, type ByteWriter } from './bytes.ts';
import { EntryTable, ENTRIES_PER_CHUNK } from './entry-table.ts';
import { keptBytes } from './kept-bytes.ts';
import { LazyMap } from './lazy-map.ts';
import type { Resident } from './resident.ts';

export const TAG_BYTES = 8;
const KEY_BYTES = 32;
const POLICIES: readonly Policy[] = ['mailbox', 'log', 'pool'];
const SECURINGS: readonly Securing[] = ['never', 'once'];
const REASONS: readonly Reason[] = ['abuse', 'illegal', 'spam', 'safety', 'owner-request'];

/**
 * A public key's 32 bytes, one character each: a fifth of what a Uint8Array takes in memory, and it compares by ===.
 */
export type KeyText = string & { readonly brand: 'KeyText' };

export function keyText(key: Uint8Array): KeyText {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1') as KeyText;
}

/** A right's key, and how often it was replaced. */
export interface KeyOfRight {
  key: KeyText;
  generation: number;
}

/** An ordered block kept in the slot. */
export interface SlotEntry {
  readonly sequence: number;
  readonly appendId: Uint8Array;
  readonly expiryMinute: number;
  readonly rowCounter: number;
  /** Until the block lies in a table. */
  resident?: Resident;
}

const NOTHING = new Uint8Array(0);
const NOBODY: readonly never[] = [];
/** Until a channel's record is known. */
const NO_KEY: KeyOfRight = Object.freeze({ key: '' as KeyText, generation: 1 });

/** The state of one channel. Whoever changes it sets `lsn` through the journal in the same turn. */
export class Channel {
  readonly ref: ChannelRef;
  /** Its random name on the disk. */
  readonly tag: Buffer;
  /** The ids' hashes, one character a byte. */
  readHash = '';
  writeHash = '';
  policy: Policy = 'mailbox';
  securing: Securing = 'never';
  secured = false;
  ttlSeconds = 0;
  /** A spill holds at most so many blocks; 0: the policy's quota. */
  maxBlocks = 0;
  incarnation: Uint8Array = NOTHING;
  owner: KeyOfRight = NO_KEY;
  reader: KeyOfRight = NO_KEY;
  writer: KeyOfRight = NO_KEY;
  joiner: KeyOfRight | undefined;
  previousWriter: KeyText | undefined;
  /** Log: replaced reader keys, each with the last sequence that it may read. Newest last. */
  earlierReaders: { key: KeyText; until: number }[] = [];
  head = 0;
  orderedSequence = 0;
  /** Newest first. */
  slots: SlotEntry[] = [];
  /** Mailbox and pool: ids of ordered appends, which count apart. Newest last. */
  orderedIds: { appendId: Uint8Array; sequence: number }[] = [];
  /** Pool: sequence → Unix seconds. */
  readonly leases = new LazyMap<number, number>();
  proofDay = 0;
  blocked: Reason | undefined;
  /** The journal's number of the last change that this state holds. */
  lsn = 0;

  entries: EntryTable;
  /** Blocks not yet in a table, by sequence. */
  readonly residents = new LazyMap<number, Resident>();
  watchers: readonly ChannelWatcher[] = NOBODY;
  /** The mailbox's subscription, which the next one evicts. */
  exclusive: ChannelWatcher | undefined;
  /** From append to ack, lately: what a commit may wait for. */
  ackMs = 0;
  deleted = false;
  /** Since the last checkpoint. */
  dirty = false;
  removedRows: Buffer[] = [];
  removedChunks: number[] = [];
  /** For the cache: used since the hand passed. */
  used = true;
  /** In the open, once someone came with it: the cache finds the channel by it. */
  readId: ChannelId | undefined;
  writeId: ChannelId | undefined;

  constructor(ref: ChannelRef, tag: Buffer, rememberedIds: number) {
    this.ref = ref;
    this.tag = tag;
    this.entries = new EntryTable(rememberedIds);
  }

  keyOf(right: Right): KeyOfRight | undefined {
    switch (right) {
      case 'owner':
        return this.owner;
      case 'reader':
        return this.reader;
      case 'writer':
        return this.writer;
      case 'joiner':
        return this.joiner;
    }
  }
}

/** How many append ids a channel of this policy must remember. A pool's live entries are kept beyond that anyway. */
export function rememberedIds(policy: Policy, limits: StoreLimits): number {
  return Math.max(policy === 'log' ? limits.logAppendIds : limits.mailboxAppendIds, ENTRIES_PER_CHUNK);
}

const FLAG_SECURED = 1;
const FLAG_JOINER = 2;
const FLAG_PREVIOUS_WRITER = 4;

export function encodeChannel(channel: Channel, out: ByteWriter): void {
  out.u8(POLICIES.indexOf(channel.policy));
  out.u8(SECURINGS.indexOf(channel.securing));
  out.u8(
    (channel.secured ? FLAG_SECURED : 0) |
      (channel.joiner ? FLAG_JOINER : 0) |
      (channel.previousWriter ? FLAG_PREVIOUS_WRITER : 0),
  );
  out.u8(channel.blocked === undefined ? 0 : REASONS.indexOf(channel.blocked) + 1);
  out.latin1(channel.readHash);
  out.latin1(channel.writeHash);
  out.bytes(channel.incarnation);
  out.u32(channel.ttlSeconds);
  out.u32(channel.maxBlocks);
  out.u32(channel.proofDay);
  out.u48(channel.lsn);
  out.u32(channel.head);
  out.u32(channel.orderedSequence);
  for (const key of [channel.owner, channel.reader, channel.writer, channel.joiner]) {
    if (key === undefined) continue;
    out.latin1(key.key);
    out.u32(key.generation);
  }
  if (channel.previousWriter) out.latin1(channel.previousWriter);
  out.u32(channel.earlierReaders.length);
  for (const { key, until } of channel.earlierReaders) {
    out.latin1(key);
    out.u32(until);
  }
  out.u8(channel.slots.length);
  for (const slot of channel.slots) {
    out.u32(slot.sequence);
    out.bytes(slot.appendId);
    out.u32(slot.expiryMinute);
    out.u48(slot.rowCounter);
  }
  out.u8(channel.orderedIds.length);
  for (const { appendId, sequence } of channel.orderedIds) {
    out.bytes(appendId);
    out.u32(sequence);
  }
  out.u32(channel.leases.size);
  for (const [sequence, until] of channel.leases) {
    out.u32(sequence);
    out.u32(until);
  }
  out.u32(channel.entries.chunks.size);
  for (const number of channel.entries.chunks.keys()) out.u32(number);
}

/**
 * Fills `channel` from its record; residents of slots that stay are kept. Throws RangeError when damaged.
 * @returns the numbers of its chunks of entries, ascending; they are records of their own.
 */
export function decodeChannel(channel: Channel, record: Buffer): number[] {
  const from = new ByteReader(record);
  channel.policy = pick(POLICIES, from.u8());
  channel.securing = pick(SECURINGS, from.u8());
  const flags = from.u8();
  channel.secured = (flags & FLAG_SECURED) !== 0;
  const blocked = from.u8();
  channel.blocked = blocked === 0 ? undefined : pick(REASONS, blocked - 1);
  channel.readHash = from.latin1(16);
  channel.writeHash = from.latin1(16);
  channel.incarnation = keptBytes(from.bytes(16));
  channel.ttlSeconds = from.u32();
  channel.maxBlocks = from.u32();
  channel.proofDay = from.u32();
  channel.lsn = from.u48();
  channel.head = from.u32();
  channel.orderedSequence = from.u32();
  const key = (): KeyOfRight => ({ key: from.latin1(KEY_BYTES) as KeyText, generation: from.u32() });
  channel.owner = key();
  channel.reader = key();
  channel.writer = key();
  channel.joiner = flags & FLAG_JOINER ? key() : undefined;
  channel.previousWriter = flags & FLAG_PREVIOUS_WRITER ? (from.latin1(KEY_BYTES) as KeyText) : undefined;
  channel.earlierReaders = list(from.u32(), () => ({
    key: from.latin1(KEY_BYTES) as KeyText,
    until: from.u32(),
  }));
  const before = channel.slots;
  channel.slots = list(from.u8(), () => {
    const slot: SlotEntry = {
      sequence: from.u32(),
      appendId: new Uint8Array(from.bytes(16)),
      expiryMinute: from.u32(),
      rowCounter: from.u48(),
    };
    const resident = before.find((old) => old.rowCounter === slot.rowCounter)?.resident;
    return resident === undefined ? slot : { ...slot, resident };
  });
  channel.orderedIds = list(from.u8(), () => ({
    appendId: new Uint8Array(from.bytes(16)),
    sequence: from.u32(),
  }));
  channel.leases.clear();
  for (let left = from.u32(); left > 0; left--) channel.leases.set(from.u32(), from.u32());
  const chunks = list(from.u32(), () => from.u32());
  if (from.left !== 0) throw new RangeError('record too long');
  return chunks;
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError('unknown value in record');
  return value;
}

function list<T>(length: number, item: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < length; i++) items.push(item());
  return items;
}
