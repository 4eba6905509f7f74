// Key types by role: the same 32 bytes under another role do not compile where they don't belong.
// Making a key from bytes is `asKey(role, bytes)`, which checks the length; nothing here generates keys.
import { SottoError } from '../errors.ts';

declare const keyRole: unique symbol;

/** Length of each role's key in bytes. */
export const KEY_BYTES = {
  /** Symmetric key of `seal` and `open`. */
  seal: 32,
  /** Key of `keyedHash`. */
  hash: 32,
  /** Ed25519 seed: the secret from which a signing pair is made. */
  'signing-seed': 32,
  /** Ed25519 public key. */
  verify: 32,
  /** X25519 secret key of sealed boxes and agreements. */
  'box-secret': 32,
  /** X25519 public key. */
  'box-public': 32,
} as const;

export type KeyRole = keyof typeof KEY_BYTES;
/** Bytes that are a key of this role. */
export type Key<Role extends KeyRole> = Uint8Array & { readonly [keyRole]: Role };
export type SealKey = Key<'seal'>;
export type HashKey = Key<'hash'>;
export type SigningSeed = Key<'signing-seed'>;
export type VerifyKey = Key<'verify'>;
export type BoxSecretKey = Key<'box-secret'>;
export type BoxPublicKey = Key<'box-public'>;

/**
 * Names the role of key bytes; the bytes are not copied.
 * @throws SottoError CRYPTO_KEY_LENGTH
 */
export function asKey<Role extends KeyRole>(role: Role, bytes: Uint8Array): Key<Role> {
  if (bytes.length !== KEY_BYTES[role]) throw new SottoError('CRYPTO_KEY_LENGTH');
  return bytes as Key<Role>;
}
