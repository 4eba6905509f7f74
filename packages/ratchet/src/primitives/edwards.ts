// Edwards points for XEdDSA: signing with a Montgomery key, checking such signatures, and the test that a
// Montgomery u belongs to the prime-order group. Spec: docs/ratchet.md sections 2.3 and 3.
// Multiplications by secrets are libsodium's (X25519, constant time); BigInt sees secret scalars only modulo L.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '#symmetric';
import type { Bytes } from '../bytes.ts';
import { bigIntFromLittleEndian, equal, littleEndian32 } from '../bytes.ts';
import { sodium } from './sodium.ts';
import { x25519PublicKey } from './x25519.ts';

/** 2^255 − 19 */
const P = 2n ** 255n - 19n;
/** Order of the prime-order group. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** Coefficient of the Montgomery curve v² = u³ + A·u² + u. */
const A = 486662n;
/** 1/8 mod L */
const EIGHTH = (L * 3n + 1n) / 8n;

/** A little-endian integer mod L. */
export function scalarFrom(bytes: Uint8Array): bigint {
  return bigIntFromLittleEndian(bytes) % L;
}

/**
 * scalar·B, compressed.
 *
 * libsodium's X25519 gives only u-coordinates, of clamped scalars 8t with t in [2^251, 2^252). Either scalar or
 * −scalar is such a multiple of 8 mod L, and the other half of the point follows from u((8t)·B) and u((8t + 8)·B) by
 * the addition law. Those two points, unlike the scalar, are public: they are a public key or a nonce's commitment.
 */
export function basePointTimes(scalar: bigint): Bytes {
  const eighth = (scalar * EIGHTH) % L;
  const negated = eighth < 2n ** 251n;
  const t = negated ? L - eighth : eighth;
  // Odds of 2^-126, and zero: left to noble
  if (t >= 2n ** 252n - 1n || scalar === 0n) return byNoble(scalar);
  const u = bigIntFromLittleEndian(x25519PublicKey(littleEndian32(8n * t)));
  const uNext = bigIntFromLittleEndian(x25519PublicKey(littleEndian32(8n * (t + 1n))));
  return compressFromSum(u, uNext, negated);
}

function byNoble(scalar: bigint): Bytes {
  return (scalar === 0n ? ed25519.Point.ZERO : ed25519.Point.BASE.multiply(scalar)).toBytes() as Bytes;
}

/** The point 8·B in Montgomery coordinates, 1/(2v) of it, and the factor √(−(A + 2)) between the two curves. */
const EIGHT_B = eightB();

function eightB(): { u: bigint; v: bigint; halfInverse: bigint; factor: bigint } {
  // x = factor·u/v; at the base point u = 9, and v is the even root that the standards list
  const baseV = 14781619447589544791020593568409986887264606134616475288964881837755586237401n;
  const base = ed25519.Point.BASE.toAffine();
  const factor = mod(mod(base.x * baseV) * invert(9n));
  const { x, y } = ed25519.Point.BASE.double().double().double().toAffine();
  const u = mod((1n + y) * invert(mod(1n - y)));
  const v = mod(mod(factor * u) * invert(x));
  return { u, v, halfInverse: invert(mod(2n * v)), factor };
}

/** The point with this u, given u of its sum with 8·B; its negative if `negated`. All public. */
function compressFromSum(u: bigint, uSum: bigint, negated: boolean): Bytes {
  // uSum = ((v − V)/(u − U))² − A − u − U, solved for v with v² = u³ + A·u² + u
  const difference = u - EIGHT_B.u;
  const vSquared = mod(mod(u * u) * (u + A) + u);
  const slopeSquared = mod(mod(uSum + A + u + EIGHT_B.u) * mod(difference * difference));
  const v = mod(mod(vSquared + EIGHT_B.v * EIGHT_B.v - slopeSquared) * EIGHT_B.halfInverse);
  const inverse = invert(mod(v * (u + 1n)));
  const y = mod(mod((u - 1n) * v) * inverse);
  const x = mod(mod(mod(EIGHT_B.factor * u) * (u + 1n)) * inverse);
  const out = littleEndian32(y);
  if (((x & 1n) === 1n) !== negated) out[31]! |= 0x80;
  return out;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** Extended Euclid. Only for public values: its time depends on them. */
function invert(value: bigint): bigint {
  let [a, b, x, y] = [value, P, 1n, 0n];
  while (a !== 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return mod(x);
}

/** y = (u − 1)/(u + 1) as 32 bytes with the sign bit clear; `undefined` for u = −1, which has no image. */
export function edwardsFromMontgomery(u: Uint8Array): Bytes | undefined {
  const value = (bigIntFromLittleEndian(u) & (2n ** 255n - 1n)) % P;
  const denominator = (value + 1n) % P;
  if (denominator === 0n) return undefined;
  return littleEndian32(mod((value - 1n) * invert(denominator)));
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
  // libsodium checks this very equation, and refuses besides what no honest signer makes: s ≥ L, points of small order
  if (sodium.crypto_sign_verify_detached(signature, message, publicKey)) return true;
  const r = signature.subarray(0, 32);
  const s = bigIntFromLittleEndian(signature.subarray(32));
  if (s < L && isInMainSubgroup(publicKey) && isInMainSubgroup(r)) return false;
  try {
    const a = ed25519.Point.fromBytes(publicKey, true);
    const h = scalarFrom(sha512(r, publicKey, message));
    const sb = s % L === 0n ? ed25519.Point.ZERO : ed25519.Point.BASE.multiplyUnsafe(s % L);
    const difference = sb.subtract(h === 0n ? ed25519.Point.ZERO : a.multiplyUnsafe(h));
    return equal(difference.toBytes(), r);
  } catch {
    return false;
  }
}
