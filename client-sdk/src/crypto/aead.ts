// XChaCha20-Poly1305 with a random 24-byte nonce in front: nonce ‖ ciphertext ‖ tag.
// It does not commit to its key or content; where that matters (reports), the caller adds an HMAC.
import { SottoError } from '../errors.ts';
import { concatBytes } from './bytes.ts';
import { asKey, type SealKey } from './keys.ts';
import { randomBytes } from './random.ts';
import { sodium } from './sodium.ts';

export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
/** What `seal` adds to its plaintext. */
export const SEAL_OVERHEAD = NONCE_BYTES + TAG_BYTES;

/** Seals under a random nonce, which stands in front of the result. */
export function seal(key: SealKey, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  return concatBytes(nonce, sealWithNonce({ key, nonce, plaintext, associated }));
}

/** Seals under the caller's nonce, which must never serve twice with one key. @returns ciphertext ‖ tag. */
export function sealWithNonce(input: {
  key: SealKey;
  nonce: Uint8Array;
  plaintext: Uint8Array;
  associated: Uint8Array;
}): Uint8Array {
  if (input.nonce.length !== NONCE_BYTES) throw new SottoError('CRYPTO_KEY_LENGTH');
  const key = asKey('seal', input.key);
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    input.plaintext,
    input.associated,
    null,
    input.nonce,
    key,
  );
}

/** For trial opening. @returns the plaintext, or undefined where key, bytes or associated data don't match. */
export function tryOpen(key: SealKey, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  return tryOpenWithNonce({ key, nonce, ciphertext: sealed.subarray(NONCE_BYTES), associated });
}

/** As `tryOpen`, with the nonce kept elsewhere. */
export function tryOpenWithNonce(input: {
  key: SealKey;
  nonce: Uint8Array;
  ciphertext: Uint8Array;
  associated: Uint8Array;
}): Uint8Array | undefined {
  const { key, nonce, ciphertext, associated } = input;
  if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) return undefined;
  const checked = asKey('seal', key);
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, associated, nonce, checked);
  } catch {
    return undefined;
  }
}

/** @throws SottoError CRYPTO_OPEN where key, bytes or associated data don't match: one answer for all. */
export function open(key: SealKey, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  const plaintext = tryOpen(key, sealed, associated);
  if (plaintext === undefined) throw new SottoError('CRYPTO_OPEN');
  return plaintext;
}
