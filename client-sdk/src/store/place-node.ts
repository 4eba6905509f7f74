// The vault's place on Node: a folder of its own with a header, a key file, LevelDB's rows and a lock.
// What stands in the files is others' concern; whether the folder may be touched at all is decided here.
import { mkdir, open, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { SottoError } from '../errors.ts';
import { nodeByteFile } from './byte-file-node.ts';
import { storeError } from './failures-node.ts';
import { HEADER_BYTES, markBlock, readHeaderState } from './header.ts';
import type { ByteFile, HoldOptions, Place } from './place.ts';
import { NodeRows } from './rows-node.ts';

/** On Node a passphrase or key file is required: files are easily copied. */
export const SECRET_REQUIRED: boolean = true;

const NAMES = { header: 'sotto-header', keys: 'sotto-keys', rows: 'sotto-rows', lock: 'sotto-lock' } as const;
const ALL_NAMES: readonly string[] = Object.values(NAMES);

/**
 * Takes the folder for this process. Nothing that isn't ours, newer or damaged is opened for writing.
 * @throws SottoError STORE_IN_USE, STORE_FOREIGN, STORE_VERSION, STORE_CORRUPT, STORE_FULL, STORE_IO
 */
export async function holdPlace({ location }: HoldOptions): Promise<Place> {
  const { header, keys } = placeFiles(location);
  let bytes = await header.read();
  if (bytes !== undefined && readHeaderState(bytes) === 'wiped') {
    await removeFiles(location);
    bytes = undefined;
  }
  if (bytes === undefined) {
    await begin(location);
    bytes = (await header.read()) ?? markBlock('making');
  }
  const lock = await takeLock(location);
  try {
    const isNew = readHeaderState((await header.read()) ?? bytes) === 'making';
    // An unfinished making holds nothing of anyone's.
    if (isNew) await rm(join(location, NAMES.rows), { recursive: true, force: true });
    const rows = new NodeRows(join(location, NAMES.rows), isNew);
    const release = async (): Promise<void> => {
      await rows.close();
      await lock.close();
    };
    return {
      isNew,
      header,
      keys,
      rows,
      settle: () => Promise.resolve(),
      release,
      async destroy() {
        await rows.close();
        await lock.close();
        await removeFiles(location);
      },
    };
  } catch (cause) {
    await lock.close();
    throw storeError(cause);
  }
}

/** The two small files, for wiping without holding the place. */
export function placeFiles(location: string): { header: ByteFile; keys: ByteFile } {
  return {
    header: nodeByteFile(join(location, NAMES.header)),
    keys: nodeByteFile(join(location, NAMES.keys)),
  };
}

/** Removes the store's own files, and the folder if nothing else is in it. Idempotent. */
export async function removeFiles(location: string): Promise<void> {
  // The header goes last: as long as it is there, it says that the rest is to go.
  for (const name of [NAMES.rows, NAMES.lock, NAMES.keys, NAMES.header]) {
    await rm(join(location, name), { recursive: true, force: true });
  }
  await rmdir(location).catch(() => undefined);
}

/** Marks an empty or missing folder as a store in the making. */
async function begin(location: string): Promise<void> {
  await mkdir(location, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    const { code } = cause as { code?: unknown };
    throw code === 'EEXIST' || code === 'ENOTDIR'
      ? new SottoError('STORE_FOREIGN', { cause })
      : storeError(cause);
  });
  try {
    const found = await readdir(location);
    if (found.some((name) => ALL_NAMES.includes(name) && name !== NAMES.header)) {
      throw new SottoError('STORE_CORRUPT');
    }
    if (found.some((name) => !ALL_NAMES.includes(name))) throw new SottoError('STORE_FOREIGN');
    // 'wx': of two that begin at once, one makes the file and the other meets its lock.
    const handle = await open(join(location, NAMES.header), 'wx', 0o600);
    try {
      const empty = new Uint8Array(HEADER_BYTES);
      empty.set(markBlock('making'));
      await handle.write(empty, 0, empty.length, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (code === 'EEXIST') return;
    throw storeError(cause);
  }
}

/**
 * Held by an empty LevelDB: its lock is the kernel's, gone with the process, on every system. The rows have such a
 * lock too, but are opened only after their files were checked, which must not happen while another writes them.
 */
async function takeLock(location: string): Promise<Level> {
  const folder = join(location, NAMES.lock);
  const lock = new Level(folder, { createIfMissing: true });
  try {
    await lock.open();
    return lock;
  } catch (cause) {
    const error = storeError(cause);
    if (error.code !== 'STORE_CORRUPT') throw error;
  }
  // Damaged, but there is nothing in it to lose.
  await rm(folder, { recursive: true, force: true });
  const fresh = new Level(folder, { createIfMissing: true });
  await fresh.open().catch((cause: unknown) => {
    throw storeError(cause);
  });
  return fresh;
}
