// The header file of a held place: writing it first, reading the root out of it, replacing the secret, and
// overwriting it together with the key file. Its layout is `header.ts`'s concern.
import { SECRET_REQUIRED } from '#store-place';
import { type Argon2idCost, wipe } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import {
  emptySlot,
  HEADER_BYTES,
  markBlock,
  needsSecret,
  readHeaderState,
  readWrappedRoot,
  secretBytes,
  slotOffset,
  unwrapRoot,
  type VaultRoot,
  type WrappedRoot,
  wrapRoot,
} from './header.ts';
import type { ByteFile, Place } from './place.ts';
import type { VaultSecret } from './vault.ts';

/** @throws SottoError STORE_PASSPHRASE where a secret is required here and missing, or given and empty. */
export function checkSecret(secret: VaultSecret | undefined): void {
  if (SECRET_REQUIRED || secret !== undefined) wipe(secretBytes(secret));
}

/** Ends the making of a vault. The word 'ready' comes last: until then whatever is here may be thrown away. */
export async function writeRoot(
  place: Place,
  input: { root: VaultRoot; secret: VaultSecret | undefined; cost: Argon2idCost },
): Promise<void> {
  const wrapped = await wrapRoot({ ...input, sequence: 1 });
  await place.header.write(slotOffset(0), wrapped);
  await place.header.sync();
  await place.header.write(0, markBlock('ready'));
  await place.header.sync();
  await place.settle();
}

/** @throws SottoError STORE_PASSPHRASE, STORE_CORRUPT, STORE_LOST */
export async function readRoot(place: Place, secret: VaultSecret | undefined): Promise<VaultRoot> {
  return unwrapRoot(await readWrapped(place), secret);
}

/** @param change.check - Called before anything is written. @throws SottoError STORE_PASSPHRASE; nothing has changed. */
export async function replaceSecret(
  place: Place,
  change: { current?: VaultSecret; next?: VaultSecret; cost: Argon2idCost; check: () => void },
): Promise<void> {
  checkSecret(change.next);
  const old = await readWrapped(place);
  const root = await unwrapRoot(old, needsSecret(old) ? change.current : undefined);
  const { cost } = change;
  const wrapped = await wrapRoot({ root, secret: change.next, cost, sequence: old.sequence + 1 });
  wipe(root.master);
  change.check();
  // Whole on disk before the old slot goes, so that a crash leaves one or both, never none.
  await place.header.write(slotOffset(old.slot === 0 ? 1 : 0), wrapped);
  await place.header.sync();
  await place.header.write(slotOffset(old.slot), emptySlot());
  await place.header.sync();
}

/** Overwrites the wrapped master key, then every erasable key. Idempotent. */
export async function overwriteKeys(files: { header: ByteFile; keys: ByteFile }): Promise<void> {
  const header = await files.header.read();
  if (header !== undefined) {
    const blank = new Uint8Array(HEADER_BYTES);
    blank.set(markBlock('wiped'));
    await files.header.write(0, blank);
    await files.header.sync();
  }
  const keys = await files.keys.read();
  if (keys !== undefined) {
    await files.keys.write(0, new Uint8Array(keys.length));
    await files.keys.sync();
  }
}

async function readWrapped(place: Place): Promise<WrappedRoot> {
  const bytes = await place.header.read();
  if (bytes === undefined) throw new SottoError('STORE_LOST');
  if (readHeaderState(bytes) !== 'ready') throw new SottoError('STORE_CORRUPT');
  return readWrappedRoot(bytes);
}
