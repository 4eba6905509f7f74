// A block that is not, or not yet, in a table: decided and perhaps delivered already, on its way into the journal,
// or resting there sealed until the next checkpoint. Not its concern: the decision, and where sequences come from.

import type { StoredBlock } from '../channel-store.ts';
import type { Channel } from './channel.ts';
import type { Batch } from './commit-pace.ts';
import { openSealed, SEAL_OVERHEAD, sealInto } from '../../crypto/at-rest-seal.ts';
import type { KeyFile } from './key-file.ts';
import { ROW_KEY_BYTES } from './entry-table.ts';

export const BLOCK_BYTES = 3_968;
const PLAIN_BYTES = 32 + 16 + BLOCK_BYTES;
/** Commitment, append id and block, sealed: with its LMDB header less than the 4,072 bytes of one page. */
export const ROW_BYTES = SEAL_OVERHEAD + PLAIN_BYTES;

/** Where a block is on its way to rest. `dropped`: acked or removed; what isn't written yet never will be. */
export type Rest = 'pending' | 'journal' | 'table' | 'dropped';

/** Where a block lies, and what its entry says. */
export interface Place {
  readonly sequence: number;
  readonly expiryMinute: number;
  readonly rowCounter: number;
  readonly entry: { readonly appendId: Uint8Array; readonly hour: number; readonly ordered: boolean };
}

/** One block. `slot`: kept as the slot's, under the slot's own sequence and row. */
export class Resident {
  readonly channel: Channel;
  readonly sequence: number;
  readonly slot: boolean;
  readonly expiryMinute: number;
  readonly rowCounter: number;
  /** What the channel's entry says of it, for the journal. */
  entry: { readonly appendId: Uint8Array; readonly hour: number; readonly ordered: boolean };
  plain: StoredBlock | undefined;
  /** Of a block that a start found in the journal: reads its row there. */
  fetch: (() => Buffer) | undefined;
  rest: Rest = 'pending';
  /** A commit with it has begun: from now on its removal must be written too. */
  written = false;
  /** Sealed in this process. */
  row: Buffer | undefined;
  /** The commit that it belongs to, where its reader is there. */
  batch: Batch | undefined;
  /** That commit waits for its ack. */
  awaited = false;

  constructor(channel: Channel, slot: boolean, place: Place) {
    this.channel = channel;
    this.slot = slot;
    this.sequence = place.sequence;
    this.expiryMinute = place.expiryMinute;
    this.rowCounter = place.rowCounter;
    this.entry = place.entry;
  }

  /** The row, once there is one. */
  get sealed(): Buffer | undefined {
    return this.row ?? this.fetch?.();
  }

  /** The journal has it. A log's stays at hand in the open for its many readers, in memory of its own. */
  rested(): void {
    this.rest = 'journal';
    const { plain } = this;
    if (plain === undefined) return;
    this.plain = undefined;
    // What came in is a view of what the socket read, 64 KiB, which would stay with it until the checkpoint.
    const appendId = Uint8Array.from(plain.appendId);
    this.entry = { appendId, hour: plain.hour, ordered: plain.ordered };
    if (this.channel.policy !== 'log' || this.slot) return;
    const block = Uint8Array.from(plain.block);
    this.plain = { ...plain, appendId, block, commitment: Uint8Array.from(plain.commitment) };
  }
}

/** Rows are sealed under the key of the day in which their last second lies. */
export function expiryDay(expiryMinute: number): number {
  return Math.floor((expiryMinute - 1) / 1440);
}

export function rowKey(expiryMinute: number, rowCounter: number): Buffer {
  const key = Buffer.allocUnsafe(ROW_KEY_BYTES);
  key.writeUInt32BE(expiryMinute, 0);
  key.writeUIntBE(rowCounter, 4, 6);
  return key;
}

// Bound to a row: channel 8 · sequence 4 · row key 10 · slot 1. One buffer, used and done within a call.
const aad = Buffer.alloc(23);
const plain = Buffer.alloc(PLAIN_BYTES);

function bind(
  tag: Uint8Array,
  at: { sequence: number; slot: boolean; expiryMinute: number; rowCounter: number },
): Buffer {
  aad.set(tag, 0);
  aad.writeUInt32BE(at.sequence, 8);
  aad.writeUInt32BE(at.expiryMinute, 12);
  aad.writeUIntBE(at.rowCounter, 16, 6);
  aad[22] = at.slot ? 1 : 0;
  return aad;
}

/** Seals a pending block into `target`; its plain form stays until the journal has it. False once its day is over. */
export function sealRow(resident: Resident, keys: KeyFile, target: Buffer, offset: number): boolean {
  const key = keys.day(expiryDay(resident.expiryMinute));
  const stored = resident.plain;
  if (key === undefined || stored === undefined) return false;
  plain.set(stored.commitment, 0);
  plain.set(stored.appendId, 32);
  plain.set(stored.block, 48);
  sealInto(target, offset, key, { plain, aad: bind(resident.channel.tag, resident) });
  resident.row = target.subarray(offset, offset + ROW_BYTES);
  return true;
}

/** What a row holds besides what its entry says. */
export interface OpenedRow {
  readonly commitment: Uint8Array;
  readonly appendId: Uint8Array;
  readonly block: Uint8Array;
}

/** Opens a row; undefined when its day's key is gone or it isn't the row of this place. */
export function openRow(
  row: Uint8Array,
  keys: KeyFile,
  at: { tag: Uint8Array; sequence: number; slot: boolean; expiryMinute: number; rowCounter: number },
): OpenedRow | undefined {
  const key = keys.day(expiryDay(at.expiryMinute));
  if (key === undefined || row.length !== ROW_BYTES) return undefined;
  const opened = openSealed(row, key, bind(at.tag, at));
  if (opened === undefined) return undefined;
  return {
    commitment: opened.subarray(0, 32),
    appendId: opened.subarray(32, 48),
    block: opened.subarray(48),
  };
}
