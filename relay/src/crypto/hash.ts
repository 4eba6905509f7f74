// SHA-256, keyed counts, random bytes and constant-time comparison, each named for its use in the relay.
// Not its concern: what the hashed bytes mean.

import { createHmac, hash, hkdfSync, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';

/** One-shot SHA-256 (cheaper than a Hash object where inputs are small). */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/**
 * SHA-256 of `bytes` into 32 bytes of `target`. The detour over a string makes a quarter of the cost of a Buffer for
 * each digest: strings are small and on the heap, buffers are neither.
 */
export function sha256Into(bytes: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', bytes, 'binary'), at, 32, 'latin1');
}

/** Fresh random bytes. */
export function random(length: number): Buffer {
  return randomBytes(length);
}

const noncePool = Buffer.allocUnsafeSlow(8192);
let nonceAt = noncePool.length;

/** 32 fresh random bytes out of a pool: one call to the generator serves 256 connections. Copy before the next turn. */
export function freshNonce(): Uint8Array {
  if (nonceAt === noncePool.length) {
    randomFillSync(noncePool);
    nonceAt = 0;
  }
  nonceAt += 32;
  return noncePool.subarray(nonceAt - 32, nonceAt);
}

/** 48 bits that stand for an address under a key of the hour; worthless once the key is gone. */
export function addressTag(key: Uint8Array, address: string): number {
  return createHmac('sha256', key).update(address).digest().readUIntBE(0, 6);
}

/** A second 32-byte seed from the first, so that one file is all that an operator backs up. */
export function deriveSeed(root: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', root, new Uint8Array(0), `sotto.v1.${purpose}`, 32));
}

/** Comparison whose time doesn't depend on where two secrets differ. */
export function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The name under which Redis keeps a script. It protects from nothing. */
export function scriptName(text: string): string {
  return hash('sha1', text, 'hex');
}
