// The vault's header file: version, how the passphrase becomes a key, the wrapped master key. Layout in
// docs/store-format.md section 2. Two slots, so that a new passphrase is whole on disk before the old one is
// overwritten. Pure apart from Argon2id and randomness; reading and writing files is the vault's concern.
import {
  type Argon2idCost,
  argon2idKey,
  asKey,
  concatBytes,
  deriveKey,
  equalBytes,
  type HashKey,
  MAX_ARGON2ID_COST,
  NONCE_BYTES,
  randomBytes,
  seal,
  sha256,
  TAG_BYTES,
  tryOpen,
  utf8,
  wipe,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { VaultSecret } from './vault.ts';

const MAGIC = utf8('sotto-store\n');
const FORMAT_VERSION = 1;
const BLOCK_BYTES = 512;
/** Mark block, slot A, slot B. */
export const HEADER_BYTES = 3 * BLOCK_BYTES;
const STATE_AT = 16;
const STATE_BYTES = 8;
const STATES = {
  making: utf8('making\n\n'),
  ready: utf8('ready\n\n\n'),
  wiped: utf8('wiped\n\n\n'),
} as const;

const SALT_BYTES = 16;
const MASTER_BYTES = 32;
const VAULT_ID_BYTES = 16;
const WRAPPED_BYTES = NONCE_BYTES + MASTER_BYTES + VAULT_ID_BYTES + TAG_BYTES;
const CHECKSUM_BYTES = 8;
/** sequence u32 ‖ kdf u8 ‖ passes u32 ‖ memory KiB u32 ‖ salt. */
const PARAMETERS_BYTES = 13 + SALT_BYTES;
const SLOT_BYTES = PARAMETERS_BYTES + WRAPPED_BYTES + CHECKSUM_BYTES;
const KDF = { none: 0, argon2id: 1 } as const;

export type HeaderState = keyof typeof STATES;

/** What the wrapped part of the header holds. */
export interface VaultRoot {
  readonly master: HashKey;
  readonly vaultId: Uint8Array;
}

/** One valid slot as read. */
export interface WrappedRoot {
  readonly slot: 0 | 1;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** The mark block for a state: magic, format version, state. */
export function markBlock(state: HeaderState): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(MAGIC);
  new DataView(block.buffer).setUint32(MAGIC.length, FORMAT_VERSION);
  block.set(STATES[state], STATE_AT);
  return block;
}

/** @throws SottoError STORE_FOREIGN, STORE_VERSION, STORE_CORRUPT */
export function readHeaderState(file: Uint8Array): HeaderState {
  if (file.length < STATE_AT + STATE_BYTES) {
    throw new SottoError(
      equalBytes(file.subarray(0, MAGIC.length), MAGIC) ? 'STORE_CORRUPT' : 'STORE_FOREIGN',
    );
  }
  if (!equalBytes(file.subarray(0, MAGIC.length), MAGIC)) throw new SottoError('STORE_FOREIGN');
  const version = new DataView(file.buffer, file.byteOffset).getUint32(MAGIC.length);
  if (version > FORMAT_VERSION) throw new SottoError('STORE_VERSION');
  if (file.length !== HEADER_BYTES) throw new SottoError('STORE_CORRUPT');
  const mark = file.subarray(STATE_AT, STATE_AT + STATE_BYTES);
  for (const state of ['making', 'ready', 'wiped'] as const) {
    if (version === FORMAT_VERSION && equalBytes(mark, STATES[state])) return state;
  }
  throw new SottoError('STORE_CORRUPT');
}

/** The newest undamaged slot. @throws SottoError STORE_CORRUPT where there is none. */
export function readWrappedRoot(file: Uint8Array): WrappedRoot {
  let newest: WrappedRoot | undefined;
  for (const slot of [0, 1] as const) {
    const bytes = file.slice(slotOffset(slot), slotOffset(slot) + SLOT_BYTES);
    if (bytes.length < SLOT_BYTES) continue;
    const body = bytes.subarray(0, SLOT_BYTES - CHECKSUM_BYTES);
    const sequence = new DataView(bytes.buffer).getUint32(0);
    const intact = equalBytes(bytes.subarray(body.length), sha256(body).subarray(0, CHECKSUM_BYTES));
    if (intact && sequence > (newest?.sequence ?? 0)) newest = { slot, sequence, bytes };
  }
  if (newest === undefined) throw new SottoError('STORE_CORRUPT');
  return newest;
}

export function slotOffset(slot: 0 | 1): number {
  return BLOCK_BYTES * (1 + slot);
}

/** A slot's worth of zeros: what a slot looks like when its passphrase no longer holds. */
export function emptySlot(): Uint8Array {
  return new Uint8Array(BLOCK_BYTES);
}

/** Wraps the root under a secret. Without one it is wrapped under a public key and protects nothing. */
export async function wrapRoot(input: {
  root: VaultRoot;
  secret: VaultSecret | undefined;
  cost: Argon2idCost;
  sequence: number;
}): Promise<Uint8Array> {
  const { root, secret, cost, sequence } = input;
  const parameters = new Uint8Array(PARAMETERS_BYTES);
  const view = new DataView(parameters.buffer);
  view.setUint32(0, sequence);
  view.setUint8(4, secret === undefined ? KDF.none : KDF.argon2id);
  view.setUint32(5, cost.passes);
  view.setUint32(9, cost.memoryKib);
  parameters.set(randomBytes(SALT_BYTES), 13);
  const key = await wrappingKey(parameters, secret);
  const body = concatBytes(parameters, seal(key, concatBytes(root.master, root.vaultId), parameters));
  wipe(key);
  return concatBytes(body, sha256(body).subarray(0, CHECKSUM_BYTES));
}

/** @throws SottoError STORE_PASSPHRASE; STORE_CORRUPT for costs that no version of this code writes. */
export async function unwrapRoot(wrapped: WrappedRoot, secret: VaultSecret | undefined): Promise<VaultRoot> {
  const parameters = wrapped.bytes.subarray(0, PARAMETERS_BYTES);
  const key = await wrappingKey(parameters, secret);
  const sealed = wrapped.bytes.subarray(PARAMETERS_BYTES, PARAMETERS_BYTES + WRAPPED_BYTES);
  const root = tryOpen(key, sealed, parameters);
  wipe(key);
  if (root === undefined) throw new SottoError('STORE_PASSPHRASE');
  return { master: asKey('hash', root.slice(0, MASTER_BYTES)), vaultId: root.slice(MASTER_BYTES) };
}

/** Whether this slot was made with a passphrase or key file. */
export function needsSecret(wrapped: WrappedRoot): boolean {
  return wrapped.bytes[4] !== KDF.none;
}

async function wrappingKey(parameters: Uint8Array, secret: VaultSecret | undefined) {
  const view = new DataView(parameters.buffer, parameters.byteOffset);
  const kdf = view.getUint8(4);
  if (kdf === KDF.none) return deriveKey(asKey('hash', new Uint8Array(32)), 'seal', 'no-secret');
  const cost = { passes: view.getUint32(5), memoryKib: view.getUint32(9) };
  if (kdf !== KDF.argon2id || !isSaneCost(cost)) throw new SottoError('STORE_CORRUPT');
  const bytes = secretBytes(secret);
  const stretched = await argon2idKey(bytes, parameters.slice(13), cost);
  const key = deriveKey(stretched, 'seal', 'wrap');
  wipe(bytes, stretched);
  return key;
}

/** Bounds on what a file may make the device compute. */
export function isSaneCost({ passes, memoryKib }: Argon2idCost): boolean {
  return (
    passes >= 1 &&
    passes <= MAX_ARGON2ID_COST.passes &&
    memoryKib >= 8 &&
    memoryKib <= MAX_ARGON2ID_COST.memoryKib
  );
}

/** The bytes of a secret, to be wiped after use. @throws SottoError STORE_PASSPHRASE where it is missing or empty. */
export function secretBytes(secret: VaultSecret | undefined): Uint8Array {
  if (secret === undefined) throw new SottoError('STORE_PASSPHRASE');
  const bytes = 'passphrase' in secret ? utf8(secret.passphrase.normalize('NFC')) : secret.keyFile.slice();
  if (bytes.length === 0) throw new SottoError('STORE_PASSPHRASE');
  return bytes;
}
