// XEdDSA in libsignal's variant: Ed25519 signatures made with an X25519 key. The sign of A travels in the top bit
// of the last byte instead of being forced to zero. Spec: docs/ratchet.md section 3 (source: XEdDSA, section 2.4).
import type { Bytes } from '../bytes.ts';
import { concat, littleEndian32, wipe } from '../bytes.ts';
import {
  basePointTimes,
  edwardsFromMontgomery,
  L,
  scalarFrom,
  verifyEdwards,
} from '../primitives/edwards.ts';
import { sha512 } from '#symmetric';

/** 2^256 − 2 in little-endian: no encoding of a point or scalar begins so, which separates the nonce's hash. */
const NONCE_PREFIX = new Uint8Array(32).fill(0xff);
NONCE_PREFIX[0] = 0xfe;

/** A signing key: the clamped scalar, and its point A compressed. The point costs half a signature: keep it. */
export interface SigningKey {
  readonly scalar: Bytes;
  readonly publicPoint: Bytes;
}

/** @param scalar - 32 bytes, clamped. */
export function signingKey(scalar: Bytes): SigningKey {
  return { scalar, publicPoint: basePointTimes(scalarFrom(scalar)) };
}

/**
 * Signs `message`.
 * @param random - 64 fresh bytes.
 */
export function xeddsaSign(key: SigningKey, message: Uint8Array, random: Uint8Array): Bytes {
  const { scalar: privateKey, publicPoint } = key;
  const a = scalarFrom(privateKey);
  const nonceHash = sha512(NONCE_PREFIX, privateKey, message, random);
  const r = scalarFrom(nonceHash);
  const noncePoint = basePointTimes(r);
  const h = scalarFrom(sha512(noncePoint, publicPoint, message));
  const s = littleEndian32((r + h * a) % L);
  s[31]! |= publicPoint[31]! & 0x80;
  wipe(nonceHash);
  return concat(noncePoint, s);
}

/** Checks a signature by the key with Montgomery coordinate `u` (32 bytes). Anything malformed is just false. */
export function xeddsaVerify(u: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const publicPoint = edwardsFromMontgomery(u);
  if (!publicPoint) return false;
  publicPoint[31]! |= signature[63]! & 0x80;
  const plain = new Uint8Array(signature);
  plain[63]! &= 0x7f;
  if ((plain[63]! & 0xe0) !== 0) return false;
  return verifyEdwards(plain, message, publicPoint);
}
