// Round-3 Kyber-1024 on top of noble's ML-KEM-1024: the same lattice scheme, one more hash at the end.
// Used once per session, in PQXDH. Spec: docs/ratchet.md section 2.2. The KEM of SPQR is another one: mlkem768.ts.
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import type { Bytes } from '../bytes.ts';
import { concat } from '../bytes.ts';
import { sha3_256, shake256 } from './sha3.ts';

export const KYBER1024_PUBLIC_KEY_BYTES = 1568;
export const KYBER1024_SECRET_KEY_BYTES = 3168;
export const KYBER1024_CIPHERTEXT_BYTES = 1568;

/** A key pair from 64 random bytes. */
export function kyber1024KeyPair(seed: Uint8Array): { publicKey: Bytes; secretKey: Bytes } {
  const { publicKey, secretKey } = ml_kem1024.keygen(seed);
  return { publicKey: publicKey, secretKey: secretKey };
}

/**
 * Encapsulates to `publicKey` with 32 random bytes.
 * @returns `undefined` when a coefficient of the key is out of range. Departs: libsignal reduces it and goes on;
 *   FIPS 203 section 7.2 refuses, and no honest key is affected.
 */
export function kyber1024Encapsulate(
  publicKey: Uint8Array,
  random: Uint8Array,
): { ciphertext: Bytes; sharedSecret: Bytes } | undefined {
  try {
    const { cipherText, sharedSecret } = ml_kem1024.encapsulate(publicKey, sha3_256(random));
    return { ciphertext: cipherText, sharedSecret: lastHash(sharedSecret, cipherText) };
  } catch {
    return undefined;
  }
}

/**
 * Decapsulates; a bad ciphertext gives a pseudo-random secret (implicit rejection).
 * @returns `undefined` when the secret key is not one: its parts don't belong together.
 */
export function kyber1024Decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Bytes | undefined {
  try {
    return lastHash(ml_kem1024.decapsulate(ciphertext, secretKey), ciphertext);
  } catch {
    return undefined;
  }
}

/** Round 3 derives the secret as SHAKE256(K ‖ SHA3-256(ct)); FIPS 203 dropped this step. */
function lastHash(sharedSecret: Uint8Array, ciphertext: Uint8Array): Bytes {
  return shake256(concat(sharedSecret, sha3_256(ciphertext)), 32);
}
