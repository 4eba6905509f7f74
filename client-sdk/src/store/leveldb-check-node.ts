// Checks LevelDB's files before LevelDB opens them. LevelDB skips damaged log records and reads tables without
// checking their checksums, so damage would silently become missing rows, and opening would rewrite the evidence.
// Formats: LevelDB's doc/log_format.md, doc/table_format.md and the tags of db/version_edit.cc.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concatBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { maskedCrc32c } from './crc32c.ts';

const LOG_BLOCK_BYTES = 32_768;
const LOG_HEADER_BYTES = 7;
const LOG_TYPES = { full: 1, first: 2, middle: 3, last: 4 } as const;
const TABLE_FOOTER_BYTES = 48;
const TABLE_MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb] as const;
const BLOCK_TRAILER_BYTES = 5;
const EDIT = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

/** @throws SottoError STORE_CORRUPT where a file that counts is missing, cut short or has a wrong checksum. */
export async function checkLevelFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const current = await bytesOf(folder, 'CURRENT');
  const manifest = /^(MANIFEST-\d+)\n$/.exec(Buffer.from(current).toString('latin1'))?.[1];
  if (manifest === undefined) throw corrupt();
  const { tables, logNumber } = readManifest(await bytesOf(folder, manifest));
  for (const [number, size] of tables) {
    const name = names.find((each) => fileNumber(each, /^(\d+)\.(?:ldb|sst)$/) === number);
    if (name === undefined) throw corrupt();
    checkTable(await bytesOf(folder, name), size);
  }
  const logs = names.filter((name) => (fileNumber(name, /^(\d+)\.log$/) ?? -1) >= logNumber);
  if (logNumber > 0 && !logs.some((name) => fileNumber(name, /^(\d+)\.log$/) === logNumber)) throw corrupt();
  for (const name of logs) logRecords(await bytesOf(folder, name));
}

/**
 * The records of a log with the offsets at which they begin. A damaged end is what a crash in the middle of a write leaves and is left out; damage with
 * a sound record behind it is not.
 * @throws SottoError STORE_CORRUPT
 */
export function logRecords(log: Uint8Array): { start: number; payload: Uint8Array }[] {
  const records: { start: number; payload: Uint8Array }[] = [];
  let parts: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < log.length;) {
    const room = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES);
    if (room < LOG_HEADER_BYTES || (log[at + 6] === 0 && log[at + 4] === 0 && log[at + 5] === 0)) {
      at += room;
      continue;
    }
    const record = soundRecord(log, at);
    if (record === undefined) {
      for (let later = at + 1; later < log.length; later++) if (soundRecord(log, later)) throw corrupt();
      break;
    }
    if (record.type === LOG_TYPES.full || record.type === LOG_TYPES.first) {
      parts = [];
      start = at;
    }
    parts.push(record.data);
    if (record.type === LOG_TYPES.full || record.type === LOG_TYPES.last) {
      records.push({ start, payload: concatBytes(...parts) });
    }
    at += LOG_HEADER_BYTES + record.data.length;
  }
  return records;
}

function soundRecord(log: Uint8Array, at: number): { type: number; data: Uint8Array } | undefined {
  const type = log[at + 6] ?? 0;
  const length = (log[at + 4] ?? 0) | ((log[at + 5] ?? 0) << 8);
  const end = at + LOG_HEADER_BYTES + length;
  const blockEnd = at - (at % LOG_BLOCK_BYTES) + LOG_BLOCK_BYTES;
  if (type < LOG_TYPES.full || type > LOG_TYPES.last || end > log.length || end > blockEnd) return undefined;
  if (maskedCrc32c(log, at + 6, end) !== readU32(log, at)) return undefined;
  return { type, data: log.subarray(at + LOG_HEADER_BYTES, end) };
}

/** Which tables count, by number and size, and from which log on. */
function readManifest(manifest: Uint8Array): { tables: Map<number, number>; logNumber: number } {
  const tables = new Map<number, number>();
  let logNumber = 0;
  for (const { payload } of logRecords(manifest)) {
    const read = new Cursor(payload);
    while (!read.atEnd) {
      switch (read.varint()) {
        case EDIT.comparator:
          read.skipBytes();
          break;
        case EDIT.logNumber:
          logNumber = read.varint();
          break;
        case EDIT.nextFile:
        case EDIT.lastSequence:
        case EDIT.previousLog:
          read.varint();
          break;
        case EDIT.compactPointer:
          read.varint();
          read.skipBytes();
          break;
        case EDIT.deletedFile:
          read.varint();
          tables.delete(read.varint());
          break;
        case EDIT.newFile: {
          read.varint();
          const number = read.varint();
          tables.set(number, read.varint());
          read.skipBytes();
          read.skipBytes();
          break;
        }
        default:
          throw corrupt();
      }
    }
  }
  return { tables, logNumber };
}

function checkTable(table: Uint8Array, size: number): void {
  const footer = table.subarray(size - TABLE_FOOTER_BYTES);
  if (table.length !== size || size < TABLE_FOOTER_BYTES) throw corrupt();
  if (TABLE_MAGIC.some((byte, i) => footer[TABLE_FOOTER_BYTES - 8 + i] !== byte)) throw corrupt();
  const read = new Cursor(footer);
  checkedBlock(table, read.varint(), read.varint());
  const index = checkedBlock(table, read.varint(), read.varint());
  const restarts = readU32(index, index.length - 4);
  const entries = new Cursor(index.subarray(0, index.length - 4 * (restarts + 1)));
  while (!entries.atEnd) {
    entries.varint();
    const keyBytes = entries.varint();
    const valueBytes = entries.varint();
    entries.skip(keyBytes);
    const handle = new Cursor(entries.skip(valueBytes));
    checkedBlock(table, handle.varint(), handle.varint());
  }
}

function checkedBlock(table: Uint8Array, offset: number, size: number): Uint8Array {
  const end = offset + size;
  if (end + BLOCK_TRAILER_BYTES > table.length || size < 4) throw corrupt();
  if (maskedCrc32c(table, offset, end + 1) !== readU32(table, end + 1)) throw corrupt();
  return table.subarray(offset, end);
}

class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw corrupt();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw corrupt();
  }

  skip(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw corrupt();
    const skipped = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return skipped;
  }

  skipBytes(): void {
    this.skip(this.varint());
  }
}

function readU32(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 4 > bytes.length) throw corrupt();
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
}

function fileNumber(name: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

async function bytesOf(folder: string, name: string): Promise<Uint8Array> {
  return readFile(join(folder, name)).catch((cause: unknown) => {
    throw new SottoError('STORE_CORRUPT', { cause });
  });
}

function corrupt(): SottoError {
  return new SottoError('STORE_CORRUPT');
}
