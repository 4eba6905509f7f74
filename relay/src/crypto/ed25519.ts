// Ed25519 over raw keys, and the relay's own signing keys. Called by connection/ (proofs), stamp/ and http/promise.
// Not its concern: what is signed (wire's preimages) and where key files lie (key-files.ts).

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

// RFC 8410: PKCS #8 of an Ed25519 key is this prefix and the 32-byte seed.
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * True when `signature` is `publicKey`'s over `message`. A key that isn't a point is simply false.
 * Key objects aren't cached: a prover's key is used once a connection, and a cache would be a list of who came by.
 * (A JWK is ten times cheaper to import than DER, whose decoder OpenSSL 3 looks up by name.)
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const x = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

/** A private key that signs and never leaves. */
export interface SigningKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** The key pair of a 32-byte seed. */
export function signingKey(seed: Uint8Array): SigningKey {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey = Buffer.from(x ?? '', 'base64url');
  return { publicKey, sign: (message) => sign(null, message, key) };
}
