// Small files in a browser, written in place: the origin's private file system through synchronous handles, which
// only workers have; otherwise pages of a database of their own, where "overwritten" means only that the browser's
// database holds the new bytes (docs/store-format.md section 9 says what that is worth).
import { SottoError } from '../errors.ts';
import { storeError } from './failures-browser.ts';
import type { ByteFile } from './place.ts';

const PAGE_BYTES = 4_096;

/** The part of a synchronous handle that is used here; TypeScript's DOM library leaves it to workers. */
interface SyncHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  getSize(): number;
  close(): void;
}

/** Whether this context can overwrite files in place. */
export function hasSyncHandles(): boolean {
  return (
    typeof FileSystemFileHandle !== 'undefined' && 'createSyncAccessHandle' in FileSystemFileHandle.prototype
  );
}

/** A file of the origin's private file system. Opened for each use: a frozen tab must not keep it from others. */
export function privateFile(folder: string, name: string): ByteFile {
  async function use<R>(create: boolean, step: (handle: SyncHandle) => R): Promise<R | undefined> {
    const root = await navigator.storage.getDirectory();
    let file: FileSystemFileHandle;
    try {
      const directory = await root.getDirectoryHandle(folder, { create });
      file = await directory.getFileHandle(name, { create });
    } catch (cause) {
      if ((cause as { name?: unknown }).name === 'NotFoundError') return undefined;
      throw cause;
    }
    const handle = await openSync(file);
    try {
      return step(handle);
    } finally {
      handle.close();
    }
  }

  return {
    async read() {
      try {
        return await use(false, (handle) => {
          const bytes = new Uint8Array(handle.getSize());
          handle.read(bytes, { at: 0 });
          // Made, but nothing was ever written: as good as missing.
          return bytes.length === 0 ? undefined : bytes;
        });
      } catch (cause) {
        throw storeError(cause);
      }
    },
    async write(offset, bytes) {
      try {
        await use(true, (handle) => {
          if (handle.write(bytes, { at: offset }) !== bytes.length) {
            throw new SottoError('STORE_FULL', { retry: 'later' });
          }
          handle.flush();
        });
      } catch (cause) {
        throw storeError(cause);
      }
    },
    // Each write has flushed already.
    sync: () => Promise.resolve(),
  };
}

/** Another context of this origin may have the file open for a moment. */
async function openSync(file: FileSystemFileHandle): Promise<SyncHandle> {
  const opener = file as unknown as { createSyncAccessHandle(): Promise<SyncHandle> };
  for (let waitMs = 4; ; waitMs *= 2) {
    try {
      return await opener.createSyncAccessHandle();
    } catch (cause) {
      if (waitMs > 1_000 || (cause as { name?: unknown }).name !== 'NoModificationAllowedError') throw cause;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** A file as pages in a database: the fallback. */
export function pagedFile(database: () => Promise<IDBDatabase>, name: string): ByteFile {
  const keyOf = (page: number): [string, number] => [name, page];

  async function run<R>(mode: IDBTransactionMode, step: (store: IDBObjectStore) => Promise<R>): Promise<R> {
    try {
      const transaction = (await database()).transaction('pages', mode, { durability: 'strict' });
      const finished = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => {
          resolve();
        };
        transaction.onabort = () => {
          reject(transaction.error ?? new Error('aborted'));
        };
      });
      const result = await step(transaction.objectStore('pages'));
      await finished;
      return result;
    } catch (cause) {
      throw storeError(cause);
    }
  }

  return {
    read: () =>
      run('readonly', async (store) => {
        const range = IDBKeyRange.bound(keyOf(0), [name, Infinity]);
        const pages = (await settled(store.getAll(range))) as Uint8Array[];
        if (pages.length === 0) return undefined;
        const bytes = new Uint8Array(pages.reduce((sum, page) => sum + page.length, 0));
        let at = 0;
        for (const page of pages) {
          bytes.set(page, at);
          at += page.length;
        }
        return bytes;
      }),
    write: (offset, bytes) =>
      run('readwrite', async (store) => {
        for (let at = 0; at < bytes.length;) {
          const page = Math.floor((offset + at) / PAGE_BYTES);
          const within = (offset + at) % PAGE_BYTES;
          const part = bytes.subarray(at, at + PAGE_BYTES - within);
          const held = (await settled(store.get(keyOf(page)))) as Uint8Array | undefined;
          const next = new Uint8Array(Math.max(held?.length ?? 0, within + part.length));
          if (held !== undefined) next.set(held);
          next.set(part, within);
          await settled(store.put(next, keyOf(page)));
          at += part.length;
        }
      }),
    sync: () => Promise.resolve(),
  };
}

/** A request's result. */
export function settled<R>(request: IDBRequest<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('failed'));
    };
  });
}
