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

const MAGIC = 0x314a5453;
export const HEADER_BYTES = 20;
/** What a file takes on the disk from the start, unless another size is asked for. */
export const JOURNAL_BYTES = 8 * 1024 * 1024;
/** Less has no room for the largest group commit. */
export const MIN_JOURNAL_BYTES = 4 * 1024 * 1024;

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
   * A file whose key was renewed reads as empty.
   */
  *read(key: SealKey): Generator<{ lsn: number; record: JournalRecord; end: number }> {
    const bytes = this.content();
    let at = 0;
    let expected = -1;
    while (at + HEADER_BYTES + SEAL_OVERHEAD <= bytes.length && bytes.readUInt32LE(at) === MAGIC) {
      const metaBytes = bytes.readUInt32LE(at + 4);
      const dataBytes = bytes.readUInt32LE(at + 8);
      const firstLsn = bytes.readUIntLE(at + 12, 6);
      const dataAt = at + HEADER_BYTES + metaBytes;
      const end = dataAt + dataBytes;
      if (end > bytes.length || (expected !== -1 && firstLsn !== expected)) return;
      const meta = openSealed(
        bytes.subarray(at + HEADER_BYTES, dataAt),
        key,
        bytes.subarray(at, at + HEADER_BYTES),
      );
      const data = bytes.subarray(dataAt, end);
      if (meta === undefined || meta.readUInt32LE(0) !== crc32(data)) return;
      let last = firstLsn - 1;
      for (const { lsn, record } of readRecords(meta.subarray(4), data, firstLsn)) {
        last = lsn;
        yield { lsn, record, end };
      }
      expected = last + 1;
      at = end;
    }
  }

  /** What the file holds up to its first zeros: most of it was never written. */
  private content(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.size);
    const step = 1024 * 1024;
    let read = 0;
    while (read < this.size) {
      const got = readSync(this.fd, bytes, read, Math.min(step, this.size - read), read);
      read += got;
      if (got === 0 || bytes.subarray(read - Math.min(got, 64), read).every((byte) => byte === 0)) break;
    }
    return bytes.subarray(0, read);
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
