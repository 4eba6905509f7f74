// What survived a checkpoint, in LMDB: channel records by tag, id hashes, entries, and rows under keys ordered by
// expiry, so that the sweep is a scan from the left. Not its concern: what the records mean, or when they move here.

import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { RelayError } from '../../errors.ts';
import { rowKey } from './resident.ts';

export const DATA_FILE = 'data.mdb';
type Table = Database<Buffer, Buffer>;

const META_KEY = Buffer.from([0]);

/** Puts and removals of one turn of the event loop are one transaction; `flushed` settles when it is on the disk. */
export class Tables {
  readonly channels: Table;
  readonly ids: Table;
  readonly chunks: Table;
  readonly rows: Table;
  readonly meta: Table;
  private readonly root: RootDatabase<Buffer, Buffer>;

  constructor(dir: string) {
    try {
      this.root = open<Buffer, Buffer>({
        path: join(dir, DATA_FILE),
        noSubdir: true,
        maxDbs: 8,
        encoding: 'binary',
        keyEncoding: 'binary',
      });
      const table = (name: string): Table => this.root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
      this.channels = table('channels');
      this.ids = table('ids');
      this.chunks = table('chunks');
      this.rows = table('rows');
      this.meta = table('meta');
    } catch (error) {
      throw new RelayError('RELAY_STORE_DAMAGED', { cause: error });
    }
  }

  getMeta(): Buffer | undefined {
    return this.meta.getBinary(META_KEY);
  }

  putMeta(value: Buffer): Promise<unknown> {
    return this.meta.put(META_KEY, value);
  }

  /** The entries of one channel, ascending. */
  *chunksOf(tag: Buffer): Generator<{ number: number; bytes: Buffer }> {
    for (const { key, value } of this.chunks.getRange({ start: chunkKey(tag, 0), end: chunkKey(tag, 0xffffffff) })) {
      yield { number: Buffer.from(key).readUInt32BE(tag.length), bytes: Buffer.from(value) };
    }
  }

  row(expiryMinute: number, rowCounter: number): Buffer | undefined {
    return this.rows.getBinary(rowKey(expiryMinute, rowCounter));
  }

  /** Keys of rows that expire before `minute` (or at it), oldest first. */
  expiredRows(minute: number, limit: number): Buffer[] {
    const end = rowKey(minute + 1, 0);
    return [...this.rows.getKeys({ end, limit }).map((key) => Buffer.from(key))];
  }

  /** Settles when all that was put by now can't be lost; rejects when it could not be written. */
  async flushed(): Promise<void> {
    await this.root.flushed;
  }

  close(): Promise<void> {
    return this.root.close();
  }
}

export function chunkKey(tag: Uint8Array, number: number): Buffer {
  const key = Buffer.allocUnsafe(tag.length + 4);
  key.set(tag, 0);
  key.writeUInt32BE(number, tag.length);
  return key;
}
