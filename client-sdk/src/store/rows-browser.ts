// Rows in a browser: one object store of IndexedDB, named and laid out as `level` does it (docs/store-format.md), without
// its code: `browser-level` and the polyfills below it would be a tenth of what a phone loads before the first message.
// One transaction of IndexedDB checks the fence and writes, and asks for strict durability.
import { equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { settled } from './byte-file-browser.ts';
import { storeError } from './failures-browser.ts';
import type { Fence, RowOperation, RowRange, Rows } from './place.ts';

export const ROWS_PREFIX = 'sotto-rows-';
const LOT = 128;

export class BrowserRows implements Rows {
  readonly #location: string;
  readonly #database: IDBDatabase;

  private constructor(location: string, database: IDBDatabase) {
    this.#location = location;
    this.#database = database;
  }

  static async open(location: string): Promise<BrowserRows> {
    try {
      const request = indexedDB.open(ROWS_PREFIX + location, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(location);
      };
      const database = await settled(request);
      // Whoever deletes it has overwritten the keys before: holding on would only delay that.
      database.onversionchange = () => {
        database.close();
      };
      return new BrowserRows(location, database);
    } catch (cause) {
      throw storeError(cause);
    }
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return bytesOf(await settled(this.#rows().get(key as Uint8Array<ArrayBuffer>)));
    } catch (cause) {
      throw storeError(cause);
    }
  }

  async *scan({ from, to, reverse }: RowRange): AsyncIterableIterator<[Uint8Array, Uint8Array][]> {
    let [low, high] = [from, to];
    let isFirst = true;
    while (indexedDB.cmp(low, high) < 0) {
      // The end that moves is the last row of the lot before, which was served already.
      const range = IDBKeyRange.bound(low, high, !isFirst && reverse !== true, true);
      const lot = await (reverse === true ? this.#lotBackwards(range) : this.#lot(range)).catch(
        (cause: unknown) => Promise.reject(storeError(cause)),
      );
      const last = lot.at(-1)?.[0];
      if (last === undefined) return;
      yield lot;
      if (lot.length < LOT) return;
      if (reverse === true) high = last;
      else low = last;
      isFirst = false;
    }
  }

  async #lot(range: IDBKeyRange): Promise<[Uint8Array, Uint8Array][]> {
    const rows = this.#rows();
    const [keys, values] = await Promise.all([
      settled(rows.getAllKeys(range, LOT)),
      settled(rows.getAll(range, LOT) as IDBRequest<unknown[]>),
    ]);
    return keys.flatMap((key, i) => pairOf(key, values[i]));
  }

  #lotBackwards(range: IDBKeyRange): Promise<[Uint8Array, Uint8Array][]> {
    const lot: [Uint8Array, Uint8Array][] = [];
    return new Promise((resolve, reject) => {
      const request = this.#rows().openCursor(range, 'prev');
      request.onerror = () => {
        reject(request.error ?? new Error('failed'));
      };
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor !== null) lot.push(...pairOf(cursor.key, cursor.value));
        if (cursor === null || lot.length >= LOT) resolve(lot);
        else cursor.continue();
      };
    });
  }

  #rows(): IDBObjectStore {
    return this.#database.transaction(this.#location, 'readonly').objectStore(this.#location);
  }

  async commit(operations: readonly RowOperation[], fence: Fence | undefined): Promise<void> {
    try {
      const transaction = this.#database.transaction(this.#location, 'readwrite', {
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

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }
}

function pairOf(key: unknown, value: unknown): [Uint8Array, Uint8Array][] {
  const [keyBytes, valueBytes] = [bytesOf(key), bytesOf(value)];
  return keyBytes === undefined || valueBytes === undefined ? [] : [[keyBytes, valueBytes]];
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}
