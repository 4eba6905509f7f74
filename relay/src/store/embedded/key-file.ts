// The keys of what rests: one per day of expiry, one per journal file, one for the ids. A small file whose records
// are overwritten in place, so that what a dead key sealed can't be opened, wherever copies of it lie. Not its
// concern: sealing (crypto/at-rest-seal.ts), which rows exist (tables.ts).
//
// Each record fills 64 bytes of one sector: number u32 · key 32 · zeros · CRC-32 u32. A torn write damages one alone.

import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { type SealKey, sealKey } from '../../crypto/at-rest-seal.ts';
import { random } from '../../crypto/hash.ts';
import { RelayError } from '../../errors.ts';

const RECORD_BYTES = 64;
/** Blocks may be kept for fewer days than this: each day in reach has its key from the start. */
export const DAYS_OF_KEYS = 128;
const ID_RECORD = DAYS_OF_KEYS;
const JOURNAL_RECORD = DAYS_OF_KEYS + 1;
const RECORDS = DAYS_OF_KEYS + 3;

function encode(number: number, key: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeUInt32LE(number, 0);
  record.set(key, 4);
  record.writeUInt32LE(crc32(record.subarray(0, RECORD_BYTES - 4)), RECORD_BYTES - 4);
  return record;
}

/** The open key file. Keys leave it as SealKeys only. */
export class KeyFile {
  private readonly fd: number;
  private readonly days: { day: number; key: SealKey }[] = [];
  private readonly journals: SealKey[] = [];
  /** Days before it have no key any more. The store's clock can't stand earlier, whatever the system's says. */
  firstDay: number;
  readonly ids: SealKey;

  private constructor(fd: number, records: readonly Buffer[]) {
    this.fd = fd;
    for (let slot = 0; slot < DAYS_OF_KEYS; slot++) this.days.push(parse(records[slot] as Buffer));
    this.firstDay = Math.min(...this.days.map(({ day }) => day));
    this.ids = parse(records[ID_RECORD] as Buffer).key;
    for (const file of [0, 1]) this.journals.push(parse(records[JOURNAL_RECORD + file] as Buffer).key);
  }

  /** Makes the file with fresh keys for `today` and the days after it; fails when it exists. */
  static create(path: string, today: number): void {
    const fd = openSync(path, 'wx', 0o600);
    try {
      for (let record = 0; record < RECORDS; record++) {
        const day =
          record < DAYS_OF_KEYS
            ? today + ((record - (today % DAYS_OF_KEYS) + DAYS_OF_KEYS) % DAYS_OF_KEYS)
            : 0;
        writeSync(fd, encode(day, random(32)), 0, RECORD_BYTES, record * RECORD_BYTES);
      }
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  static open(path: string): KeyFile {
    if (!existsSync(path)) throw new RelayError('RELAY_STORE_KEYS');
    const bytes = readFileSync(path);
    if (bytes.length !== RECORDS * RECORD_BYTES) throw new RelayError('RELAY_STORE_KEYS');
    const records = Array.from({ length: RECORDS }, (_, i) =>
      bytes.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES),
    );
    const fd = openSync(path, 'r+');
    try {
      return new KeyFile(fd, records);
    } catch (error) {
      closeSync(fd);
      throw error;
    } finally {
      bytes.fill(0);
    }
  }

  /** The key for what expires on `day`; undefined once that day is over (or out of reach). */
  day(day: number): SealKey | undefined {
    const slot = this.days[day % DAYS_OF_KEYS];
    return slot?.day === day ? slot.key : undefined;
  }

  journal(file: 0 | 1): SealKey {
    return this.journals[file] as SealKey;
  }

  /** Destroys the keys of all days before `today`. What they sealed is gone when this returns. */
  retireBefore(today: number): void {
    if (today <= this.firstDay) return;
    let changed = false;
    for (const [slot, { day }] of this.days.entries()) {
      if (day >= today) continue;
      const behind = Math.ceil((today - day) / DAYS_OF_KEYS);
      const next = day + behind * DAYS_OF_KEYS;
      const key = random(32);
      writeSync(this.fd, encode(next, key), 0, RECORD_BYTES, slot * RECORD_BYTES);
      this.days[slot] = { day: next, key: sealKey(key) };
      key.fill(0);
      changed = true;
    }
    if (changed) fdatasyncSync(this.fd);
    this.firstDay = today;
  }

  /** Replaces the key of a journal file: what it held can't be opened any more. */
  async renewJournal(file: 0 | 1): Promise<void> {
    const key = random(32);
    const record = encode(0, key);
    await new Promise<void>((resolve, reject) => {
      write(this.fd, record, 0, RECORD_BYTES, (JOURNAL_RECORD + file) * RECORD_BYTES, (error) => {
        if (error) reject(error);
        else fdatasync(this.fd, (failed) => (failed ? reject(failed) : resolve()));
      });
    });
    this.journals[file] = sealKey(key);
    key.fill(0);
    record.fill(0);
  }

  close(): void {
    closeSync(this.fd);
  }
}

function parse(record: Buffer): { day: number; key: SealKey } {
  const sound = record.readUInt32LE(RECORD_BYTES - 4) === crc32(record.subarray(0, RECORD_BYTES - 4));
  if (!sound) throw new RelayError('RELAY_STORE_KEYS');
  return { day: record.readUInt32LE(0), key: sealKey(record.subarray(4, 36)) };
}
