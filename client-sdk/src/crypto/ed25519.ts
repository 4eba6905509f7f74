// Ed25519 signatures (RFC 8032) from 32-byte seeds. What is signed, and under which domain, is the caller's concern.
import { SottoError } from '../errors.ts';
import { asKey, type SigningSeed, type VerifyKey } from './keys.ts';
import { sodium } from './sodium.ts';

/** A signing key pair. `secretKey` (seed ‖ public key) is for `sign` alone; store the seed. */
export interface SigningKeyPair {
  readonly seed: SigningSeed;
  readonly publicKey: VerifyKey;
  readonly secretKey: Uint8Array;
}

/** The pair that belongs to a seed. */
export function signingKeyPair(seed: SigningSeed): SigningKeyPair {
  const pair = sodium.crypto_sign_seed_keypair(asKey('signing-seed', seed));
  return { seed, publicKey: asKey('verify', pair.publicKey), secretKey: pair.privateKey };
}

/** @returns the 64-byte detached signature. */
export function sign(pair: SigningKeyPair, message: Uint8Array): Uint8Array {
  return sodium.crypto_sign_detached(message, pair.secretKey);
}

/**
 * Passes only where the signature is right; there is no boolean to forget.
 * @throws SottoError CRYPTO_SIGNATURE, also for keys and signatures of wrong length.
 */
export function verify(publicKey: VerifyKey, message: Uint8Array, signature: Uint8Array): void {
  const wellFormed = publicKey.length === 32 && signature.length === 64;
  if (!wellFormed || !sodium.crypto_sign_verify_detached(signature, message, publicKey)) {
    throw new SottoError('CRYPTO_SIGNATURE');
  }
}
