// The vault's place in a browser: IndexedDB rows, two small files, a Web Lock so that one tab holds it, and a mark
// outside the evictable storage that says whether a store ought to be here.
import { SottoError } from '../errors.ts';
import { hasSyncHandles, pagedFile, privateFile, settled } from './byte-file-browser.ts';
import { storeError } from './failures-browser.ts';
import { HEADER_BYTES, markBlock, readHeaderState } from './header.ts';
import type { ByteFile, HoldOptions, Place } from './place.ts';
import { BrowserRows, ROWS_PREFIX } from './rows-browser.ts';

/** A browser store may do without: then it protects from other sites only, as the browser does. */
export const SECRET_REQUIRED: boolean = false;

const FILES_PREFIX = 'sotto-files-';
const NAMES = { header: 'sotto-header', keys: 'sotto-keys' } as const;

/**
 * Takes the place for this tab.
 * @throws SottoError STORE_IN_USE, STORE_LOST, STORE_VERSION, STORE_CORRUPT, STORE_FULL, STORE_IO
 */
export async function holdPlace({ location, takeOver, onLost, marker }: HoldOptions): Promise<Place> {
  const lock = await takeLock(location, takeOver, onLost);
  try {
    const files = placeFiles(location);
    const mark = marker ?? localMarker(location);
    let bytes = await files.header.read();
    if (bytes !== undefined && readHeaderState(bytes) === 'wiped') {
      await removeFiles(location);
      await mark.clear();
      bytes = undefined;
    }
    // Browsers evict databases and keep what marks are kept in: half an identity must not pass for none.
    if (bytes === undefined && (await mark.isSet())) throw new SottoError('STORE_LOST');
    if (bytes === undefined) {
      bytes = new Uint8Array(HEADER_BYTES);
      bytes.set(markBlock('making'));
      await files.header.write(0, bytes);
    }
    const isNew = readHeaderState(bytes) === 'making';
    if (isNew) await deleteDatabase(ROWS_PREFIX + location);
    const rows = await BrowserRows.open(location);
    return {
      isNew,
      ...files,
      rows,
      settle: () => mark.set(),
      async release() {
        await rows.close();
        lock.release();
      },
      async destroy() {
        await rows.close();
        await removeFiles(location);
        await mark.clear();
        lock.release();
      },
    };
  } catch (cause) {
    lock.release();
    throw storeError(cause);
  }
}

/** The two small files: in the private file system where it can overwrite, else in a database. */
export function placeFiles(location: string): { header: ByteFile; keys: ByteFile } {
  if (hasSyncHandles()) {
    const folder = folderOf(location);
    return { header: privateFile(folder, NAMES.header), keys: privateFile(folder, NAMES.keys) };
  }
  const database = (): Promise<IDBDatabase> => filesDatabase(location);
  return { header: pagedFile(database, NAMES.header), keys: pagedFile(database, NAMES.keys) };
}

/** Removes databases and files of a location, and its mark. Idempotent. */
export async function removeFiles(location: string): Promise<void> {
  await deleteDatabase(ROWS_PREFIX + location);
  databases.get(location)?.close();
  databases.delete(location);
  await deleteDatabase(FILES_PREFIX + location);
  if ('getDirectory' in (navigator.storage as object)) {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(folderOf(location), { recursive: true }).catch((cause: unknown) => {
      if ((cause as { name?: unknown }).name !== 'NotFoundError') throw storeError(cause);
    });
  }
  await localMarker(location).clear();
}

/** Names in the private file system know no slashes. */
function folderOf(location: string): string {
  return `sotto-${encodeURIComponent(location)}`;
}

const databases = new Map<string, IDBDatabase>();

async function filesDatabase(location: string): Promise<IDBDatabase> {
  const open = databases.get(location);
  if (open !== undefined) return open;
  const request = indexedDB.open(FILES_PREFIX + location, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('pages');
  };
  const database = await settled(request);
  database.onversionchange = () => {
    database.close();
    databases.delete(location);
  };
  databases.set(location, database);
  return database;
}

async function deleteDatabase(name: string): Promise<void> {
  // Another tab that still has it open delays the deletion, not the wipe: its keys are overwritten by now.
  await Promise.race([
    settled(indexedDB.deleteDatabase(name)),
    new Promise((resolve) => setTimeout(resolve, 2_000)),
  ]);
}

/** Holds the lock until released. With `steal` another tab's lock ends, and that tab is told. */
async function takeLock(
  location: string,
  steal: boolean,
  onLost: () => void,
): Promise<{ release: () => void }> {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const taken = await new Promise<boolean>((resolve, reject) => {
    const options: LockOptions = steal ? { steal: true } : { ifAvailable: true };
    navigator.locks
      .request(`sotto-store/${location}`, options, async (lock) => {
        resolve(lock !== null);
        if (lock !== null) await held;
      })
      .catch((cause: unknown) => {
        // Before it was granted: refused. After: stolen.
        reject(storeError(cause));
        onLost();
      });
  });
  if (!taken) throw new SottoError('STORE_IN_USE', { retry: 'later' });
  return { release };
}

/** The mark in localStorage; in a worker there is none, and the page passes its own as `marker`. */
function localMarker(location: string) {
  const storage = typeof localStorage === 'undefined' ? undefined : localStorage;
  const name = `sotto-store/${location}`;
  return {
    isSet: () => Promise.resolve(storage?.getItem(name) === '1'),
    set: () => Promise.resolve(storage?.setItem(name, '1')),
    clear: () => Promise.resolve(storage?.removeItem(name)),
  };
}
