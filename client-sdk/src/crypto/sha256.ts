// SHA-256, HMAC-SHA-256 and HKDF-SHA-256, synchronous. libsodium's standard build has none of the three
// (only the larger "sumo" build does) and WebCrypto's are asynchronous, hence @noble/hashes.
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** @returns 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return nobleSha256(message);
}

/** RFC 2104. @returns 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, message);
}

/** RFC 5869, extract and expand. @param input.lengthBytes - At most 8,160. */
export function hkdfSha256(input: {
  secret: Uint8Array;
  salt: Uint8Array;
  info: Uint8Array;
  lengthBytes: number;
}): Uint8Array {
  return hkdf(nobleSha256, input.secret, input.salt, input.info, input.lengthBytes);
}
