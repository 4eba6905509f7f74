// SHA-256, HMAC-SHA-256 and HKDF-SHA-256, synchronous. libsodium's standard build has none of the three
// (only the larger "sumo" build does) and WebCrypto's are asynchronous, hence @noble/hashes.
import { expand, hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';

/** @returns 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return nobleSha256(message);
}

/** SHA-256 of what comes in pieces. `digest` ends it. */
export interface RunningHash {
  update(piece: Uint8Array): void;
  /** @returns 32 bytes. */
  digest(): Uint8Array;
}

/** A SHA-256 that is fed piece by piece. */
export function runningSha256(): RunningHash {
  const hash = nobleSha256.create();
  return {
    update: (piece) => {
      hash.update(piece);
    },
    digest: () => hash.digest(),
  };
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

/** RFC 5869, expand alone. @param lengthBytes - At most 8,160. */
export function hkdfExpandSha256(secret: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  return expand(nobleSha256, secret, info, lengthBytes);
}

/** The same three with SHA-512, for the MLS suites with a post-quantum key exchange, which name it. */
export const sha512Family = {
  digest: (message: Uint8Array): Uint8Array => nobleSha512(message),
  mac: (key: Uint8Array, message: Uint8Array): Uint8Array => hmac(nobleSha512, key, message),
  expand: (secret: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array =>
    expand(nobleSha512, secret, info, lengthBytes),
} as const;
