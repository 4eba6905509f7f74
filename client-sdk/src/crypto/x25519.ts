// X25519 (RFC 7748) key pairs and agreement, and sealed boxes to a public key (libsodium's crypto_box_seal).
// A sealed box hides and protects its content but says nothing about its author.
import { SottoError } from '../errors.ts';
import type { SigningKeyPair } from './ed25519.ts';
import { asKey, type BoxPublicKey, type BoxSecretKey, type VerifyKey } from './keys.ts';
import { sodium } from './sodium.ts';

export interface BoxKeyPair {
  readonly publicKey: BoxPublicKey;
  readonly secretKey: BoxSecretKey;
}

/** What a sealed box adds to its content. */
export const SEALED_BOX_OVERHEAD = 48;

/** A fresh X25519 pair. */
export function boxKeyPair(): BoxKeyPair {
  const pair = sodium.crypto_box_keypair();
  return { publicKey: asKey('box-public', pair.publicKey), secretKey: asKey('box-secret', pair.privateKey) };
}

/** The public key of a secret key. */
export function boxPublicKey(secretKey: BoxSecretKey): BoxPublicKey {
  return asKey('box-public', sodium.crypto_scalarmult_base(asKey('box-secret', secretKey)));
}

/**
 * The raw shared secret; hash it before use.
 * @throws SottoError CRYPTO_OPEN where the public key is of low order.
 */
export function agree(secretKey: BoxSecretKey, publicKey: BoxPublicKey): Uint8Array {
  try {
    return sodium.crypto_scalarmult(asKey('box-secret', secretKey), asKey('box-public', publicKey));
  } catch (cause) {
    throw new SottoError('CRYPTO_OPEN', { cause });
  }
}

/** Seals to a public key under an ephemeral key that is thrown away. */
export function sealToBox(publicKey: BoxPublicKey, plaintext: Uint8Array): Uint8Array {
  return sodium.crypto_box_seal(plaintext, asKey('box-public', publicKey));
}

/** @returns the content, or undefined where it doesn't open with this pair. */
export function tryOpenBox(pair: BoxKeyPair, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEALED_BOX_OVERHEAD) return undefined;
  try {
    return sodium.crypto_box_seal_open(sealed, pair.publicKey, pair.secretKey);
  } catch {
    return undefined;
  }
}

/** @throws SottoError CRYPTO_OPEN where it doesn't open with this pair. */
export function openBox(pair: BoxKeyPair, sealed: Uint8Array): Uint8Array {
  const content = tryOpenBox(pair, sealed);
  if (content === undefined) throw new SottoError('CRYPTO_OPEN');
  return content;
}

/** The X25519 form of an Ed25519 public key: boxes can be sealed to whoever signs. @throws SottoError CRYPTO_OPEN */
export function boxKeyOfVerifyKey(publicKey: VerifyKey): BoxPublicKey {
  try {
    return asKey('box-public', sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey));
  } catch (cause) {
    throw new SottoError('CRYPTO_OPEN', { cause });
  }
}

/** The X25519 pair of an Ed25519 pair: opens boxes that were sealed to whoever signs with it. */
export function boxPairOfSigningPair(pair: SigningKeyPair): BoxKeyPair {
  const secretKey = asKey('box-secret', sodium.crypto_sign_ed25519_sk_to_curve25519(pair.secretKey));
  return { secretKey, publicKey: boxPublicKey(secretKey) };
}
