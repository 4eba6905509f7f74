// One of the two files of the journal: room taken beforehand, so that a write changes no file system metadata and a
// full disk can't stop a commit; opened O_DSYNC, so that write and sync are one trip to the disk (measured:
// docs/decisions/0003). Not its concern: what is written and when.
//
// A group commit: magic u32 · length of meta u32 · length of data u32 · first lsn u48 · zeros u16, then the meta,
// sealed with these 20 bytes bound, then the data (rows, each sealed). Meta begins with the CRC-32 of the data.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
  writev,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { openSealed, SEAL_OVERHEAD, type SealKey, sealInto } from '../../crypto/at-rest-seal.ts';
import type { ByteWriter } from './bytes.ts';
import { readRecords, type JournalRecord } from './journal-records.ts';
import { ROW_BYTES } from './resident.ts';

const MAGIC = 0x314a5453;
export const HEADER_BYTES = 20;
/** What a file takes on the disk from the start, unless another size is asked for. */
export const JOURNAL_BYTES = 8 * 1024 * 1024;
/** Less has no room for the largest group commit. */
export const MIN_JOURNAL_BYTES = 4 * 1024 * 1024;

/** A group commit read back. */
interface Commit {
  readonly crc: number;
  readonly dataAt: number;
  readonly end: number;
  readonly nextLsn: number;
  readonly records: { lsn: number; record: JournalRecord; end: number }[];
}

export class JournalFile {
  readonly number: 0 | 1;
  readonly size: number;
  position = 0;
  private readonly fd: number;

  private constructor(number: 0 | 1, fd: number) {
    this.number = number;
    this.fd = fd;
    this.size = fstatSync(fd).size;
  }

  static create(path: string, size: number): void {
    const fd = openSync(path, 'wx', 0o600);
    try {
      const zeros = Buffer.alloc(1024 * 1024);
      for (let at = 0; at < size; at += zeros.length) writeSync(fd, zeros, 0, zeros.length, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  static open(path: string, number: 0 | 1): JournalFile {
    return new JournalFile(number, openSync(path, constants.O_RDWR | constants.O_DSYNC));
  }

  /**
   * Reads what was committed under `key`, up to the first entry that isn't whole: that one was never reported.
   * A file whose key was renewed reads as empty. Rows stay in the file until they are asked for. Only the last
   * commit's can be torn: a commit begins when the one before it is on the disk.
   */
  *read(key: SealKey): Generator<{ lsn: number; record: JournalRecord; end: number }> {
    let last: Commit | undefined;
    for (;;) {
      const next = this.readCommit(key, last);
      if (next === undefined) break;
      if (last !== undefined) yield* last.records;
      last = next;
    }
    if (last !== undefined && crc32(this.readAt(last.dataAt, last.end - last.dataAt)) === last.crc)
      yield* last.records;
  }

  /** The commit after `before`, without its rows; undefined where there is none. */
  private readCommit(key: SealKey, before: Commit | undefined): Commit | undefined {
    const at = before?.end ?? 0;
    const head = this.readAt(at, HEADER_BYTES);
    if (head.length < HEADER_BYTES || head.readUInt32LE(0) !== MAGIC) return undefined;
    const firstLsn = head.readUIntLE(12, 6);
    if (before !== undefined && firstLsn !== before.nextLsn) return undefined;
    const dataAt = at + HEADER_BYTES + head.readUInt32LE(4);
    const end = dataAt + head.readUInt32LE(8);
    if (end > this.size) return undefined;
    const sealed = this.readAt(at + HEADER_BYTES, dataAt - at - HEADER_BYTES);
    const meta = openSealed(sealed, key, head);
    if (meta === undefined) return undefined;
    const rowAt = (offset: number): (() => Buffer) => {
      if (dataAt + offset + ROW_BYTES > end) throw new RangeError('block missing');
      return () => this.readAt(dataAt + offset, ROW_BYTES);
    };
    const records: Commit['records'] = [];
    let nextLsn = firstLsn;
    for (const { lsn, record } of readRecords(meta.subarray(4), rowAt, firstLsn)) {
      nextLsn = lsn + 1;
      records.push({ lsn, record, end });
    }
    return { crc: meta.readUInt32LE(0), dataAt, end, nextLsn, records };
  }

  private readAt(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(this.fd, bytes, 0, length, at));
  }

  /** Seals and writes one group commit at the end; on failure the end stays, and the same may be written again. */
  write(
    key: SealKey,
    commit: { meta: ByteWriter; data: Buffer | undefined; firstLsn: number },
  ): Promise<void> {
    const { meta, data } = commit;
    meta.buffer.writeUInt32LE(data === undefined ? 0 : crc32(data), 0);
    const head = Buffer.alloc(HEADER_BYTES + SEAL_OVERHEAD + meta.length);
    head.writeUInt32LE(MAGIC, 0);
    head.writeUInt32LE(SEAL_OVERHEAD + meta.length, 4);
    head.writeUInt32LE(data?.length ?? 0, 8);
    head.writeUIntLE(commit.firstLsn, 12, 6);
    sealInto(head, HEADER_BYTES, key, {
      plain: meta.buffer.subarray(0, meta.length),
      aad: head.subarray(0, HEADER_BYTES),
    });
    const parts = data === undefined ? [head] : [head, data];
    const length = head.length + (data?.length ?? 0);
    return new Promise((resolve, reject) => {
      writev(this.fd, parts, this.position, (error, written) => {
        if (error) reject(error);
        else if (written !== length) reject(new Error('short write'));
        else {
          this.position += length;
          resolve();
        }
      });
    });
  }

  /** Writes from the start again; what a checkpoint needed beyond the size is given back. */
  restart(): void {
    if (this.position > this.size) ftruncateSync(this.fd, this.size);
    this.position = 0;
  }

  close(): void {
    closeSync(this.fd);
  }
}
