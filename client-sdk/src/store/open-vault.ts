// Opens a vault, makes one where nothing is, or wipes one without opening it: the order of steps up to the first
// session. What a vault then does is `local-vault.ts`'s concern.
import { holdPlace, placeFiles, removeFiles } from '#store-place';
import { DEFAULT_ARGON2ID_COST, randomBytes, randomKey, ready } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { isSaneCost, needsSecret, readHeaderState, readWrappedRoot, type VaultRoot } from './header.ts';
import { LocalVault } from './local-vault.ts';
import type { Place } from './place.ts';
import { checkSecret, overwriteKeys, readRoot, writeRoot } from './root-file.ts';
import { createSession, type Session, startSession } from './session.ts';
import type { PresenceMarker, Vault, VaultOptions } from './vault.ts';

/**
 * Opens the vault at a location, or makes one where nothing is.
 * Spec: docs/store-format.md section 7.
 * @throws SottoError STORE_PASSPHRASE, STORE_IN_USE, STORE_FOREIGN, STORE_VERSION, STORE_CORRUPT, STORE_LOST,
 *   STORE_FULL, STORE_IO. After any of them the location is as it was.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  await ready();
  checkSecret(options.secret);
  let vault: LocalVault | undefined;
  const loss = new AbortController();
  const onLost = (): void => {
    loss.abort();
    vault?.lose();
  };
  const place = await holdPlace({
    location: options.location,
    takeOver: options.takeOver ?? false,
    onLost,
    ...(options.marker && { marker: options.marker }),
  });
  try {
    const session = place.isNew
      ? await makeVault(place, options)
      : await startSession(place, await readRoot(place, options.secret));
    vault = new LocalVault(place, session, options);
    if (loss.signal.aborted) vault.lose();
    return vault;
  } catch (error) {
    await place.release();
    throw error;
  }
}

/**
 * Wipes the vault at a location without opening it: no passphrase needed, nor that it is intact. Keys first, then
 * files; also while another process holds it. Idempotent; touches nothing that isn't a store's.
 */
export async function wipeVaultAt(location: string): Promise<void> {
  await overwriteKeys(placeFiles(location));
  await removeFiles(location);
}

/**
 * What lies at a location. Opens, makes and holds nothing; whoever holds the vault isn't disturbed.
 * @throws SottoError STORE_FOREIGN, STORE_VERSION, STORE_CORRUPT, STORE_IO
 */
export async function lookAtVault(
  location: string,
  marker?: PresenceMarker,
): Promise<'none' | 'unprotected' | 'protected' | 'lost'> {
  const header = await placeFiles(location).header.read();
  const state = header === undefined ? 'none' : readHeaderState(header);
  if (header !== undefined && state === 'ready') {
    return needsSecret(readWrappedRoot(header)) ? 'protected' : 'unprotected';
  }
  // A wiped one was meant to go; one that is missing, while a mark says otherwise, was taken away.
  return header === undefined && (await marker?.isSet()) === true ? 'lost' : 'none';
}

async function makeVault(place: Place, options: VaultOptions): Promise<Session> {
  const cost = options.kdfCost ?? DEFAULT_ARGON2ID_COST;
  if (!isSaneCost(cost)) throw new SottoError('STORE_BAD_NAME');
  const root: VaultRoot = { master: randomKey('hash'), vaultId: randomBytes(16) };
  const session = await createSession(place, root);
  await writeRoot(place, { root, secret: options.secret, cost });
  return session;
}
