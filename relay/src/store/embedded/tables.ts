// What survived a checkpoint, in LMDB: channel records by tag, id hashes, entries, and rows under keys ordered by
// expiry, so that the sweep is a scan from the left. Not its concern: what the records mean, or when they move here.

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { RelayError } from '../../errors.ts';
import { rowKey } from './resident.ts';

export const DATA_FILE = 'data.mdb';
type Table = Database<Buffer, Buffer>;

const META_KEY = Buffer.from([0]);

/** One record put, or with `undefined` removed. */
export type Put = readonly [table: TableName, key: Buffer, value: Buffer | undefined];
export type TableName = 'channels' | 'ids' | 'chunks' | 'rows' | 'meta';

/** What is written in one `write` is one transaction; `flushed` settles when it is on the disk. */
export class Tables {
  readonly channels: Table;
  readonly ids: Table;
  readonly chunks: Table;
  readonly rows: Table;
  readonly meta: Table;
  private readonly root: RootDatabase<Buffer, Buffer>;

  constructor(dir: string) {
    refuseDamaged(join(dir, DATA_FILE));
    try {
      this.root = open<Buffer, Buffer>({
        path: join(dir, DATA_FILE),
        noSubdir: true,
        maxDbs: 8,
        // A transaction is what `write` says. (The other way loses a promise inside lmdb when a commit fails, and the
        // process with it.)
        eventTurnBatching: false,
        encoding: 'binary',
        keyEncoding: 'binary',
      });
      const table = (name: string): Table =>
        this.root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
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

  putMeta(value: Buffer): Promise<void> {
    return this.write([['meta', META_KEY, value]]);
  }

  /** Makes all of `puts` or none; rejects with what the disk said. */
  async write(puts: readonly Put[]): Promise<void> {
    if (puts.length === 0) return;
    try {
      await this.root.batch(() => {
        for (const [table, key, value] of puts)
          void (value === undefined ? this[table].remove(key) : this[table].put(key, value));
      });
    } catch (error) {
      // lmdb gives the cause as a second promise, which would end the process if nobody looked at it.
      const cause = (error as { commitError?: Promise<unknown> }).commitError;
      throw cause === undefined ? error : await cause.catch((reason: unknown) => reason);
    }
  }

  /** How many records there are, of channels and of blocks: LMDB counts them. */
  size(): { channels: number; blocks: number } {
    const entries = (table: Table): number => (table.getStats() as { entryCount: number }).entryCount;
    return { channels: entries(this.channels), blocks: entries(this.rows) };
  }

  row(expiryMinute: number, rowCounter: number): Buffer | undefined {
    return this.rows.getBinary(rowKey(expiryMinute, rowCounter));
  }

  hasRow(expiryMinute: number, rowCounter: number): boolean {
    return this.rows.doesExist(rowKey(expiryMinute, rowCounter));
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

const PAGE_BYTES = 4096;
const LMDB_MAGIC = 0xbeefc0de;

/**
 * LMDB maps its file and trusts it: one that is cut short or overwritten would end the process instead of being
 * refused. So both meta pages and the reach of the trees' roots are looked at first. (LMDB's MDB_meta: magic at 24 of
 * a meta page, roots of the free list and the main tree at 88 and 136, number of the transaction at 152.)
 */
function refuseDamaged(path: string): void {
  if (!existsSync(path)) return;
  const size = statSync(path).size;
  const head = Buffer.alloc(2 * PAGE_BYTES);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, head, 0, head.length, 0) !== head.length) throw new RelayError('RELAY_STORE_DAMAGED');
  } finally {
    closeSync(fd);
  }
  const metas = [head.subarray(0, PAGE_BYTES), head.subarray(PAGE_BYTES)];
  for (const meta of metas)
    if (meta.readUInt32LE(24) !== LMDB_MAGIC) throw new RelayError('RELAY_STORE_DAMAGED');
  metas.sort((a, b) => Number(b.readBigUInt64LE(152) - a.readBigUInt64LE(152)));
  for (const root of [88, 136]) {
    const page = (metas[0] as Buffer).readBigInt64LE(root);
    if ((page + 1n) * BigInt(PAGE_BYTES) > BigInt(size)) throw new RelayError('RELAY_STORE_DAMAGED');
  }
}

export function chunkKey(tag: Uint8Array, number: number): Buffer {
  const key = Buffer.allocUnsafe(tag.length + 4);
  key.set(tag, 0);
  key.writeUInt32BE(number, tag.length);
  return key;
}
