// Edwards points for XEdDSA: signing with a Montgomery key, checking such signatures, and the test that a
// Montgomery u belongs to the prime-order group. Spec: docs/ratchet.md sections 2.3 and 3.
// Secret scalars pass through BigInt here (see section 13); points and checks are libsodium's where it has them.
import { ed25519 } from '@noble/curves/ed25519.js';
import type { Bytes } from '../bytes.ts';
import { bigIntFromLittleEndian, equal, littleEndian32 } from '../bytes.ts';
import { sha512 } from '#symmetric';
import { sodium } from './sodium.ts';

/** 2^255 − 19 */
const P = 2n ** 255n - 19n;
/** Order of the prime-order group. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** A 32- or 64-byte little-endian integer mod L. */
export function scalarFrom(bytes: Uint8Array): bigint {
  return bigIntFromLittleEndian(bytes) % L;
}

/** scalar·B, compressed. */
export function basePointTimes(scalar: bigint): Bytes {
  // noble refuses zero; probability 2^-252 for a hash, impossible for a clamped key
  return (scalar === 0n ? ed25519.Point.ZERO : ed25519.Point.BASE.multiply(scalar)).toBytes() as Bytes;
}

/** y = (u − 1)/(u + 1) as 32 bytes with the sign bit clear; `undefined` for u = −1, which has no image. */
export function edwardsFromMontgomery(u: Uint8Array): Bytes | undefined {
  const value = (bigIntFromLittleEndian(u) & (2n ** 255n - 1n)) % P;
  const denominator = (value + 1n) % P;
  if (denominator === 0n) return undefined;
  return littleEndian32((((value - 1n + P) % P) * invert(denominator)) % P);
}

/** Extended Euclid. Only for public values: its time depends on them. */
function invert(value: bigint): bigint {
  let [a, b, x, y] = [value, P, 1n, 0n];
  while (a !== 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return ((x % P) + P) % P;
}

/**
 * Whether the point with this Montgomery u lies on the curve, in the prime-order group, and is not neutral.
 * libsodium's conversion in the other direction refuses everything else.
 */
export function isTorsionFree(u: Uint8Array): boolean {
  const y = edwardsFromMontgomery(u);
  return y !== undefined && isInMainSubgroup(y);
}

function isInMainSubgroup(compressed: Uint8Array): boolean {
  try {
    sodium.crypto_sign_ed25519_pk_to_curve25519(compressed);
    return true;
  } catch {
    return false;
  }
}

/**
 * Accepts iff compress(s·B − h·A) equals R byte for byte, h = SHA-512(R ‖ A ‖ M) mod L.
 * @param signature - R ‖ s, the top bit of s cleared.
 * @param publicKey - A, compressed.
 */
export function verifyEdwards(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const r = signature.subarray(0, 32);
  // libsodium's check is the same equation for points of the prime-order group, which honest keys and nonces are
  if (isInMainSubgroup(publicKey) && isInMainSubgroup(r)) {
    if (sodium.crypto_sign_verify_detached(signature, message, publicKey)) return true;
    if (bigIntFromLittleEndian(signature.subarray(32)) < L) return false;
  }
  try {
    const a = ed25519.Point.fromBytes(publicKey, true);
    const s = scalarFrom(signature.subarray(32));
    const h = scalarFrom(sha512(r, publicKey, message));
    const sb = s === 0n ? ed25519.Point.ZERO : ed25519.Point.BASE.multiplyUnsafe(s);
    const difference = sb.subtract(h === 0n ? ed25519.Point.ZERO : a.multiplyUnsafe(h));
    return equal(difference.toBytes(), r);
  } catch {
    return false;
  }
}
