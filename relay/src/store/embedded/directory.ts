// The data directory itself: whose it is, in which version, and that one process alone uses it. Not its concern:
// what the files in it hold.

import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { random } from '../../crypto/hash.ts';
import { RelayError } from '../../errors.ts';

/** Changes with every incompatible layout of what lies in the directory. */
const FORMAT = 'sotto-relay-store 1\n';
const FORMAT_FILE = 'format';
const LOCK_FILE = 'lock';

const openHere = new Set<string>();

/** A directory that is ours alone until `release`. `fresh`: it was empty; call `markFormat` once its files are made. */
export interface StoreDirectory {
  readonly path: string;
  readonly fresh: boolean;
  markFormat(): void;
  release(): void;
}

/** Linux: when the process with this id was started, so that a later one with the same id isn't taken for it. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(holder: string): boolean {
  const [pidText = '', start = ''] = holder.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return start === '' || now === '' || now === start;
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock by linking a finished file into place (never half-written). A lock whose process is dead is moved
 * aside first; of two that find it, only one moves it.
 */
function takeLock(dir: string): void {
  const path = join(dir, LOCK_FILE);
  const own = `${path}.${process.pid}.${random(4).toString('hex')}`;
  writeFileSync(own, `${process.pid} ${startOf(process.pid)}\n`);
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        linkSync(own, path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readLock(path);
      if (holder === undefined) continue;
      if (isAlive(holder) && !holder.startsWith(`${process.pid} `)) break;
      const aside = `${own}.stale`;
      try {
        renameSync(path, aside);
      } catch {
        continue;
      }
      // Between reading and moving another may have taken it: then it goes back.
      if (readLock(aside) !== holder) linkSync(aside, path);
      unlinkSync(aside);
    }
  } finally {
    unlinkSync(own);
  }
  throw new RelayError('RELAY_STORE_LOCKED', { retry: 'later' });
}

function check(dir: string): boolean {
  const names = readdirSync(dir).filter((name) => !name.startsWith(LOCK_FILE));
  if (names.includes(FORMAT_FILE)) {
    const format = readFileSync(join(dir, FORMAT_FILE), 'latin1');
    if (format === FORMAT) return false;
    throw new RelayError(
      format.startsWith('sotto-relay-store ') ? 'RELAY_STORE_VERSION' : 'RELAY_STORE_FOREIGN',
    );
  }
  // Without the marker only our own half-made files may lie here: a start that was cut off before it had ended.
  const ours = new Set(['keys', 'journal-0', 'journal-1', 'data.mdb', 'data.mdb-lock', 'format.new']);
  if (names.some((name) => !ours.has(name))) throw new RelayError('RELAY_STORE_FOREIGN');
  for (const name of names) rmSync(join(dir, name), { recursive: true });
  return true;
}

/**
 * Takes `path` for this process alone; makes it when it isn't there.
 * @throws RelayError RELAY_STORE_LOCKED, RELAY_STORE_FOREIGN, RELAY_STORE_VERSION, RELAY_STORE_IO.
 */
export function takeDirectory(path: string): StoreDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const dir = realpathSync(path);
    if (openHere.has(dir)) throw new RelayError('RELAY_STORE_LOCKED', { retry: 'later' });
    // Before the lock leaves a file in somebody else's directory.
    const names = readdirSync(dir).filter((name) => !name.startsWith(LOCK_FILE));
    if (names.length > 0 && !names.includes(FORMAT_FILE) && !names.includes('keys'))
      throw new RelayError('RELAY_STORE_FOREIGN');
    takeLock(dir);
    const release = (): void => {
      openHere.delete(dir);
      rmSync(join(dir, LOCK_FILE), { force: true });
    };
    try {
      const fresh = check(dir);
      openHere.add(dir);
      const markFormat = (): void => {
        writeFileSync(join(dir, 'format.new'), FORMAT, { flush: true });
        renameSync(join(dir, 'format.new'), join(dir, FORMAT_FILE));
      };
      return { path: dir, fresh, markFormat, release };
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    if (error instanceof RelayError) throw error;
    throw new RelayError('RELAY_STORE_IO', { retry: 'later', cause: error });
  }
}
