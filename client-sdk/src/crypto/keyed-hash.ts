// BLAKE2b with a key (RFC 7693): a pseudo-random function for record keys and for deriving keys from a key.
import { utf8 } from './bytes.ts';
import { asKey, type HashKey, type Key } from './keys.ts';
import { sodium } from './sodium.ts';

/** @param lengthBytes - 16 to 64. */
export function keyedHash(key: HashKey, message: Uint8Array, lengthBytes = 32): Uint8Array {
  return sodium.crypto_generichash(lengthBytes, message, asKey('hash', key));
}

/** A key for one purpose, derived from a key and the purpose's name. */
export function deriveKey<Role extends 'seal' | 'hash'>(
  parent: HashKey,
  role: Role,
  purpose: string,
): Key<Role> {
  return asKey(role, keyedHash(parent, utf8(`sotto.v1.derive.${role}.${purpose}`)));
}
