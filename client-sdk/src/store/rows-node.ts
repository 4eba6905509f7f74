// Rows on Node: LevelDB through `level`, each commit one batch with fsync. After a failed write LevelDB refuses all
// others until it is opened again; that, and finding out whether the failed batch counts, happens here.
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { concatBytes, equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { storeError } from './failures-node.ts';
import { logPayloads } from './leveldb-check-node.ts';
import type { Fence, RowOperation, RowRange, Rows } from './place.ts';

/** `level`'s types leave out what only LevelDB on Node has. */
type Database = Level<Uint8Array, Uint8Array> & {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
};
/** Rows fetched in one go by a scan. */
const LOT = 128;
const LOT_BYTES = 256 * 1024;

export class NodeRows implements Rows {
  readonly #folder: string;
  #database: Promise<Database> | undefined;
  #closed = false;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws SottoError STORE_IN_USE, STORE_CORRUPT, STORE_FULL, STORE_IO */
  static async open(folder: string, create: boolean): Promise<NodeRows> {
    const rows = new NodeRows(folder);
    rows.#database = openDatabase(folder, create);
    await rows.#database;
    return rows;
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
    const database = await this.#opened();
    if (fence !== undefined) {
      const found = database.getSync(fence.key);
      if (found === undefined || !equalBytes(found, fence.value)) throw new SottoError('STORE_FENCED');
    }
    try {
      await database.batch([...operations], { sync: true });
    } catch (cause) {
      this.#database = undefined;
      await database.close().catch(() => undefined);
      if (this.#closed || !(await this.#holds(operations))) throw storeError(cause);
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
    const opening = (this.#database ??= openDatabase(this.#folder, false));
    try {
      return await opening;
    } catch (cause) {
      // The next call tries again: space may be back.
      if (this.#database === opening) this.#database = undefined;
      throw storeError(cause);
    }
  }

  /**
   * Whether a batch whose write failed stands in the log whole after all, and so will count at the next opening:
   * the log had taken it but could not be synced at once. Each sealed value is unique, so finding it is proof.
   */
  async #holds(operations: readonly RowOperation[]): Promise<boolean> {
    const marker = operations.findLast((operation) => operation.type === 'put')?.value;
    if (marker === undefined) return false;
    try {
      for (const name of await readdir(this.#folder)) {
        if (!name.endsWith('.log')) continue;
        const path = join(this.#folder, name);
        const payloads = logPayloads(new Uint8Array(await readFile(path)));
        if (Buffer.from(concatBytes(...payloads)).indexOf(marker) < 0) continue;
        const handle = await open(path, 'r+');
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
        return true;
      }
    } catch {
      // Unreadable now: it can't be promised.
    }
    return false;
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
