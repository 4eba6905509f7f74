// X25519 by libsodium (constant-time WebAssembly, 10 times noble's speed in Node).
// Raw 32-byte keys only; type bytes and classes live in ../keys/.
import type { Bytes } from '../bytes.ts';
import { isAllZero } from '../bytes.ts';
import { sodium } from './sodium.ts';

/** Clamps a scalar in place of use: bits 0–2 and 255 cleared, bit 254 set. Returns a copy. */
export function clamp(scalar: Uint8Array): Bytes {
  const out = new Uint8Array(scalar);
  out[0]! &= 248;
  out[31] = (out[31]! & 127) | 64;
  return out;
}

/** The u-coordinate of `privateKey` times the base point. */
export function x25519PublicKey(privateKey: Uint8Array): Bytes {
  return sodium.crypto_scalarmult_base(privateKey) as Bytes;
}

/**
 * Diffie–Hellman.
 * @returns the 32-byte shared secret, or `undefined` when it is all zero (a small-order peer key).
 */
export function x25519(privateKey: Uint8Array, publicKey: Uint8Array): Bytes | undefined {
  try {
    const shared = sodium.crypto_scalarmult(privateKey, publicKey) as Bytes;
    return isAllZero(shared) ? undefined : shared;
  } catch {
    // libsodium throws, and does nothing else, when the product is the neutral element
    return undefined;
  }
}
