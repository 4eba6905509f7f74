// SHA-256 and the SHA-512 family, synchronous, by @noble/hashes: WebCrypto's are asynchronous. HMAC and HKDF with SHA-256
// are in hmac-sha256.ts.
import { expand } from '@noble/hashes/hkdf.js';
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

/** SHA-512, HMAC and HKDF with it, for the MLS suites with a post-quantum key exchange, which name it. */
export const sha512Family = {
  digest: (message: Uint8Array): Uint8Array => nobleSha512(message),
  mac: (key: Uint8Array, message: Uint8Array): Uint8Array => hmac(nobleSha512, key, message),
  expand: (secret: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array =>
    expand(nobleSha512, secret, info, lengthBytes),
} as const;
