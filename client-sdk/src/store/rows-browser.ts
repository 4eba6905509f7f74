// Rows in a browser: IndexedDB through `level`. Commits go to IndexedDB directly, because only one of its
// transactions can check the fence and write in one step, and ask for strict durability.
import { Level } from 'level';
import { equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { settled } from './byte-file-browser.ts';
import { storeError } from './failures-browser.ts';
import type { Fence, RowOperation, RowRange, Rows } from './place.ts';

export const ROWS_PREFIX = 'sotto-rows-';
const LOT = 128;

/** `browser-level` exposes its IndexedDB database as `db`; its only object store bears the location's name. */
type Database = Level<Uint8Array, Uint8Array> & { readonly db: IDBDatabase };

export class BrowserRows implements Rows {
  readonly #location: string;
  readonly #database: Database;

  private constructor(location: string, database: Database) {
    this.#location = location;
    this.#database = database;
  }

  static async open(location: string): Promise<BrowserRows> {
    const options = { prefix: ROWS_PREFIX, keyEncoding: 'view', valueEncoding: 'view' };
    const database = new Level<Uint8Array, Uint8Array>(location, options) as Database;
    try {
      await database.open();
    } catch (cause) {
      throw storeError((cause as { cause?: unknown }).cause ?? cause);
    }
    return new BrowserRows(location, database);
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#database.get(key).catch((cause: unknown) => Promise.reject(storeError(cause)));
  }

  async *scan({ from, to, reverse }: RowRange): AsyncIterableIterator<[Uint8Array, Uint8Array][]> {
    const iterator = this.#database.iterator({ gte: from, lt: to, reverse: reverse ?? false });
    try {
      for (;;) {
        const lot = await iterator.nextv(LOT);
        if (lot.length === 0) return;
        yield lot;
      }
    } finally {
      await iterator.close();
    }
  }

  async commit(operations: readonly RowOperation[], fence: Fence | undefined): Promise<void> {
    try {
      const transaction = this.#database.db.transaction(this.#location, 'readwrite', {
        durability: 'strict',
      });
      const finished = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => {
          resolve();
        };
        transaction.onabort = () => {
          reject(transaction.error ?? new Error('aborted'));
        };
      });
      // Else a rejection before the await below counts as unhandled.
      finished.catch(() => undefined);
      const store = transaction.objectStore(this.#location);
      if (fence !== undefined) {
        const found = bytesOf(await settled(store.get(fence.key as Uint8Array<ArrayBuffer>)));
        if (found === undefined || !equalBytes(found, fence.value)) {
          transaction.abort();
          throw new SottoError('STORE_FENCED');
        }
      }
      for (const operation of operations) {
        const key = operation.key as Uint8Array<ArrayBuffer>;
        if (operation.type === 'put') store.put(operation.value, key);
        else store.delete(key);
      }
      await finished;
    } catch (cause) {
      throw storeError(cause);
    }
  }

  /** The browser tidies its database by itself. */
  compact(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#database.close().catch(() => undefined);
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}
