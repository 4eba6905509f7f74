// The relay's root key: a 32-byte seed in the data folder, made at the first start. From it come the root key, which
// links pin and which signs the promise, and the stamp key. Not its concern: the at-rest keys of the store.

import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RelayError } from '../errors.ts';
import { sealKey, type SealKey } from './at-rest-seal.ts';
import { signingKey, type SigningKey } from './ed25519.ts';
import { deriveSeed, random } from './hash.ts';

const seedBytes = 32;
const seedFile = 'relay-key';

/** The keys of one relay. */
export interface RelayKeys {
  /** Signs the promise; its public part is in every link. */
  readonly root: SigningKey;
  /** Signs stamps. A key of its own: a stamp can never be read as a promise. */
  readonly stamp: SigningKey;
  /** Hides the names of channels in a store that several processes share. */
  readonly names: SealKey;
}

/**
 * Reads the relay's keys, or makes them.
 * @param dataDir - exists already.
 * @throws RelayError RELAY_KEY_DAMAGED, RELAY_DATA_UNUSABLE.
 */
export function loadRelayKeys(dataDir: string): RelayKeys {
  const seed = readSeed(dataDir) ?? makeSeed(dataDir);
  const keys = {
    root: signingKey(seed),
    stamp: signingKey(deriveSeed(seed, 'stamp-key')),
    names: sealKey(deriveSeed(seed, 'store-names')),
  };
  seed.fill(0);
  return keys;
}

function readSeed(dataDir: string): Buffer | undefined {
  let seed: Buffer;
  try {
    seed = readFileSync(join(dataDir, seedFile));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RelayError('RELAY_DATA_UNUSABLE', { detail: `(${seedFile} cannot be read)`, cause });
  }
  if (seed.length !== seedBytes) {
    // Never replaced silently: every link that was ever given out pins this key.
    throw new RelayError('RELAY_KEY_DAMAGED', {
      detail: `(${seedFile} in the data folder must hold ${String(seedBytes)} bytes: restore it from a backup)`,
    });
  }
  return seed;
}

function makeSeed(dataDir: string): Buffer {
  const path = join(dataDir, seedFile);
  const draft = `${path}.${random(6).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, random(seedBytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      // A link, unlike a rename, fails when another process was faster: then its key counts.
      linkSync(draft, path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    } finally {
      rmSync(draft, { force: true });
    }
    syncFolder(dataDir);
  } catch (cause) {
    throw new RelayError('RELAY_DATA_UNUSABLE', { detail: '(the relay key cannot be written)', cause });
  }
  const seed = readSeed(dataDir);
  if (seed === undefined) throw new RelayError('RELAY_DATA_UNUSABLE');
  return seed;
}

function syncFolder(dir: string): void {
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
