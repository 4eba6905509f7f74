// What a group commit says, record by record, and reading it back after a crash. A record holds the change itself or
// the whole channel record after it; replaying in order gives the same state. Not its concern: files, sealing.

import { ByteReader, ByteWriter } from './bytes.ts';
import { encodeChannel, TAG_BYTES, type Channel } from './channel.ts';
import { ROW_BYTES, type Resident } from './resident.ts';

const CHANNEL = 1;
const APPEND = 2;
const APPEND_BLOCK = 3;
const REMOVE = 4;
const DELETE = 5;
const SLOT_ROW = 6;
const COUNTERS = 7;
const LEASE = 8;
/** Set on a record that belongs to the same change as the one before it. */
const CONTINUES = 0x80;

const ORDERED = 1;

/** One change: applied wholly or not at all. A Buffer is a record already encoded. */
export type Change = Resident | Buffer | readonly (Resident | Buffer)[];

/** Counts of the whole store that outlive it. */
export interface Counters {
  blockedTotal: number;
  blockedDay: number;
  blockedToday: number;
}

function encoded(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(64);
  write(out);
  return out.done();
}

/** The channel record as it is now, for rare changes: creation, keys, closing. */
export function channelRecord(channel: Channel): Buffer {
  const body = new ByteWriter(512);
  encodeChannel(channel, body);
  return encoded((out) => {
    out.u8(CHANNEL);
    out.bytes(channel.tag);
    out.u32(body.length);
    out.bytes(body.buffer.subarray(0, body.length));
  });
}

export function removeRecord(channel: Channel, sequence: number): Buffer {
  const record = Buffer.allocUnsafe(1 + TAG_BYTES + 4);
  record[0] = REMOVE;
  record.set(channel.tag, 1);
  record.writeUInt32LE(sequence, 1 + TAG_BYTES);
  return record;
}

export function deleteRecord(channel: Channel): Buffer {
  return encoded((out) => {
    out.u8(DELETE);
    out.bytes(channel.tag);
  });
}

export function leaseRecord(channel: Channel, sequence: number, until: number): Buffer {
  return encoded((out) => {
    out.u8(LEASE);
    out.bytes(channel.tag);
    out.u32(sequence);
    out.u32(until);
  });
}

export function countersRecord(counters: Counters): Buffer {
  return encoded((out) => {
    out.u8(COUNTERS);
    out.u32(counters.blockedTotal);
    out.u32(counters.blockedDay);
    out.u32(counters.blockedToday);
  });
}

/** Writes one record of a change. A resident's is written with its block unless the block is gone by now. */
export function writeRecord(part: Resident | Buffer, continues: boolean, out: ByteWriter): void {
  const mark = continues ? CONTINUES : 0;
  if (Buffer.isBuffer(part)) {
    const at = out.length;
    out.bytes(part);
    out.buffer[at] = (part[0] as number) | mark;
    return;
  }
  const withBlock = part.rest === 'pending' && part.sealed !== undefined;
  if (part.slot) {
    // A slot replaced before it was ever written leaves nothing to say.
    out.u8((withBlock ? SLOT_ROW : APPEND) | mark);
    out.bytes(part.channel.tag);
    out.u32(withBlock ? part.sequence : 0);
    if (!withBlock) out.bytes(EMPTY_APPEND);
  } else {
    const stored = part.entry;
    out.u8((withBlock ? APPEND_BLOCK : APPEND) | mark);
    out.bytes(part.channel.tag);
    out.u32(part.sequence);
    out.u8(stored.ordered ? ORDERED : 0);
    out.u32(stored.hour);
    out.bytes(stored.appendId);
  }
  if (withBlock) {
    out.u32(part.expiryMinute);
    out.u48(part.rowCounter);
  }
}

/** Sequence 0 is never given: a reader of the journal passes over it. */
const EMPTY_APPEND = Buffer.alloc(1 + 4 + 16);

/** Where a block of the journal is to lie, and how its sealed bytes are read: as long as the file isn't begun anew. */
interface JournalRow {
  readonly expiryMinute: number;
  readonly rowCounter: number;
  readonly fetch: () => Buffer;
}

/** A record read back. */
export type JournalRecord =
  | { readonly type: 'channel'; readonly tag: Buffer; readonly body: Buffer }
  | {
      readonly type: 'append';
      readonly tag: Buffer;
      readonly sequence: number;
      readonly ordered: boolean;
      readonly hour: number;
      readonly appendId: Buffer;
      readonly row?: JournalRow;
    }
  | { readonly type: 'remove'; readonly tag: Buffer; readonly sequence: number }
  | { readonly type: 'delete'; readonly tag: Buffer }
  | { readonly type: 'slot'; readonly tag: Buffer; readonly sequence: number; readonly row: JournalRow }
  | { readonly type: 'lease'; readonly tag: Buffer; readonly sequence: number; readonly until: number }
  | ({ readonly type: 'counters' } & Counters);

/**
 * Reads the records of one group commit, with the number of the change that each belongs to. `rowAt` answers how the
 * row at an offset of the commit's data is read, or throws.
 */
export function* readRecords(
  meta: Buffer,
  rowAt: (offset: number) => () => Buffer,
  firstLsn: number,
): Generator<{ lsn: number; record: JournalRecord }> {
  const from = new ByteReader(meta);
  let lsn = firstLsn - 1;
  let row = 0;
  const nextRow = (): JournalRow => {
    const expiryMinute = from.u32();
    const rowCounter = from.u48();
    const fetch = rowAt(row);
    row += ROW_BYTES;
    return { expiryMinute, rowCounter, fetch };
  };
  while (from.left > 0) {
    const mark = from.u8();
    if ((mark & CONTINUES) === 0) lsn++;
    const type = mark & ~CONTINUES;
    if (type === COUNTERS) {
      yield {
        lsn,
        record: {
          type: 'counters',
          blockedTotal: from.u32(),
          blockedDay: from.u32(),
          blockedToday: from.u32(),
        },
      };
      continue;
    }
    const tag = from.bytes(TAG_BYTES);
    switch (type) {
      case CHANNEL:
        yield { lsn, record: { type: 'channel', tag, body: from.bytes(from.u32()) } };
        break;
      case APPEND:
      case APPEND_BLOCK: {
        const sequence = from.u32();
        const ordered = (from.u8() & ORDERED) !== 0;
        const entry = {
          type: 'append' as const,
          tag,
          sequence,
          ordered,
          hour: from.u32(),
          appendId: from.bytes(16),
        };
        yield { lsn, record: type === APPEND ? entry : { ...entry, row: nextRow() } };
        break;
      }
      case REMOVE:
        yield { lsn, record: { type: 'remove', tag, sequence: from.u32() } };
        break;
      case DELETE:
        yield { lsn, record: { type: 'delete', tag } };
        break;
      case SLOT_ROW:
        yield { lsn, record: { type: 'slot', tag, sequence: from.u32(), row: nextRow() } };
        break;
      case LEASE:
        yield { lsn, record: { type: 'lease', tag, sequence: from.u32(), until: from.u32() } };
        break;
      default:
        throw new RangeError('unknown record');
    }
  }
}
