// Random bytes and fresh keys from the platform's generator (WebCrypto, in Node and browsers alike).
import { asKey, KEY_BYTES, type Key } from './keys.ts';

/** `getRandomValues` refuses more at once. */
const MAX_AT_ONCE = 65_536;

/** `length` random bytes. */
export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MAX_AT_ONCE) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + MAX_AT_ONCE)));
  }
  return bytes;
}

/** A fresh random key for one of the roles whose keys are plain random bytes. */
export function randomKey<Role extends 'seal' | 'hash' | 'signing-seed'>(role: Role): Key<Role> {
  return asKey(role, randomBytes(KEY_BYTES[role]));
}
