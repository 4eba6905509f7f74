// The Double Ratchet's key derivations. Spec: docs/ratchet.md section 5.1.
import type { Bytes } from '../bytes.ts';
import { ascii, wipe } from '../bytes.ts';
import { hkdfSha256, hmacSha256 } from '../primitives/hmac.ts';

const ROOT_INFO = ascii('WhisperRatchet');
const MESSAGE_INFO = ascii('WhisperMessageKeys');
const SEED_INPUT = new Uint8Array([1]);
const CHAIN_INPUT = new Uint8Array([2]);

/** A new root and a new chain from a Diffie–Hellman result, which is wiped. */
export function nextRoot(rootKey: Uint8Array, shared: Uint8Array): { rootKey: Bytes; chainKey: Bytes } {
  const okm = hkdfSha256(rootKey, shared, ROOT_INFO, 64);
  wipe(shared);
  return { rootKey: okm.subarray(0, 32), chainKey: okm.subarray(32) };
}

export function nextChainKey(chainKey: Uint8Array): Bytes {
  return hmacSha256(chainKey, CHAIN_INPUT);
}

/** What one message's keys grow from. */
export function messageSeed(chainKey: Uint8Array): Bytes {
  return hmacSha256(chainKey, SEED_INPUT);
}

export interface MessageKeys {
  readonly cipherKey: Bytes;
  readonly macKey: Bytes;
  readonly iv: Bytes;
  /** The three of them, to wipe. */
  readonly all: Bytes;
}

/** @param pqKey - SPQR's key for the same message: the salt, not part of the input. */
export function messageKeys(seed: Uint8Array, pqKey: Uint8Array): MessageKeys {
  const all = hkdfSha256(pqKey, seed, MESSAGE_INFO, 80);
  return { cipherKey: all.subarray(0, 32), macKey: all.subarray(32, 64), iv: all.subarray(64), all };
}
