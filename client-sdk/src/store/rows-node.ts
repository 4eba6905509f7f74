// Rows on Node: LevelDB through `level`, each commit one batch with fsync. After a failed write LevelDB refuses all
// others until it is opened again, which happens here.
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { equalBytes, randomBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { storeError } from './failures-node.ts';
import { checkLevelFiles, logRecords } from './leveldb-check-node.ts';
import type { Fence, RowOperation, RowRange, Rows } from './place.ts';

/** `level`'s types leave out what only LevelDB on Node has. */
type Database = Level<Uint8Array, Uint8Array> & {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
};
/** Rows fetched in one go by a scan. */
const LOT = 128;
const LOT_BYTES = 256 * 1024;
const ROOM_PROBE = 'room';
const SPARE_BYTES = 128 * 1024;

export class NodeRows implements Rows {
  readonly #folder: string;
  #database: Promise<Database> | undefined;
  readonly #create: boolean;
  #isChecked = false;
  /** A value of the batch whose write failed, until LevelDB was opened anew. */
  #failed: Uint8Array | undefined;
  #closed = false;

  /** Opens nothing yet: that happens at the first use, when passphrase and keys have proved right. */
  constructor(folder: string, create: boolean) {
    this.#folder = folder;
    this.#create = create;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const database = await this.#opened();
    return database.get(key).catch((cause: unknown) => Promise.reject(storeError(cause)));
  }

  async *scan({ from, to, reverse }: RowRange): AsyncIterableIterator<[Uint8Array, Uint8Array][]> {
    const database = await this.#opened();
    const iterator = database.iterator({
      gte: from,
      lt: to,
      reverse: reverse ?? false,
      highWaterMarkBytes: LOT_BYTES,
    });
    try {
      for (;;) {
        const lot = await iterator.nextv(LOT);
        if (lot.length === 0) return;
        yield lot;
      }
    } catch (cause) {
      throw storeError(cause);
    } finally {
      await iterator.close();
    }
  }

  async commit(operations: readonly RowOperation[], fence: Fence | undefined): Promise<void> {
    await this.#recovered();
    const database = await this.#opened();
    if (fence !== undefined) {
      const found = database.getSync(fence.key);
      if (found === undefined || !equalBytes(found, fence.value)) throw new SottoError('STORE_FENCED');
    }
    try {
      await database.batch([...operations], { sync: true });
    } catch (cause) {
      this.#failed = operations.findLast((operation) => operation.type === 'put')?.value ?? new Uint8Array(0);
      throw storeError(cause);
    }
  }

  async compact(): Promise<void> {
    const database = await this.#opened();
    await database.compactRange(Uint8Array.of(0), new Uint8Array(64).fill(0xff)).catch((cause: unknown) => {
      throw storeError(cause);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const database = await this.#database?.catch(() => undefined);
    await database?.close().catch(() => undefined);
  }

  async #opened(): Promise<Database> {
    if (this.#closed) throw new SottoError('STORE_CLOSED');
    const opening = (this.#database ??= this.#open());
    try {
      return await opening;
    } catch (cause) {
      // The next call tries again: space may be back.
      if (this.#database === opening) this.#database = undefined;
      throw storeError(cause);
    }
  }

  async #open(): Promise<Database> {
    const mayCreate = this.#create && !this.#isChecked;
    // Only the first time: afterwards the files are this process's own, with a torn end where a write failed.
    if (!this.#create && !this.#isChecked) await checkLevelFiles(this.#folder);
    const database = await openDatabase(this.#folder, mayCreate);
    this.#isChecked = true;
    return database;
  }

  /**
   * After a failed write LevelDB still reads, but must be opened anew to write. It is closed only when there is room
   * for what its recovery writes, so that a full disk doesn't end reading too. What the log may have taken of the
   * failed batch is cut off before, so that a transaction once refused never comes to count.
   */
  async #recovered(): Promise<void> {
    const failed = this.#failed;
    if (failed === undefined || this.#closed) return;
    await this.#tryRoom();
    const database = await this.#database?.catch(() => undefined);
    this.#database = undefined;
    await database?.close().catch(() => undefined);
    try {
      for (const name of await readdir(this.#folder))
        if (name.endsWith('.log')) await this.#cutLog(name, failed);
    } catch (cause) {
      throw storeError(cause);
    }
    this.#failed = undefined;
  }

  async #cutLog(name: string, failed: Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    const records = logRecords(new Uint8Array(await readFile(path)));
    // Each sealed value is unique: finding it is finding the batch.
    const cut =
      failed.length > 0
        ? records.find(({ payload }) => Buffer.from(payload).includes(Buffer.from(failed)))
        : undefined;
    if (cut === undefined) return;
    await truncate(path, cut.start);
  }

  /** @throws SottoError STORE_FULL where the log, which recovery copies, and a little more don't fit on the disk. */
  async #tryRoom(): Promise<void> {
    const path = join(this.#folder, ROOM_PROBE);
    try {
      let bytes = SPARE_BYTES;
      for (const name of await readdir(this.#folder)) {
        if (name.endsWith('.log')) bytes += (await stat(join(this.#folder, name))).size;
      }
      await writeFile(path, randomBytes(bytes));
    } catch (cause) {
      throw storeError(cause);
    } finally {
      await rm(path, { force: true });
    }
  }
}

async function openDatabase(folder: string, createIfMissing: boolean): Promise<Database> {
  const database = new Level<Uint8Array, Uint8Array>(folder, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing,
    // Ciphertext doesn't compress.
    compression: false,
  }) as Database;
  try {
    await database.open();
  } catch (cause) {
    throw storeError(cause);
  }
  return database;
}
