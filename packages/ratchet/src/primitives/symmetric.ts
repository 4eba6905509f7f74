// HMAC-SHA-256, HKDF-SHA-256, SHA-512 and AES-256-CBC by noble: the choice everywhere but in Node.
// Synchronous on purpose: WebCrypto would make every call a promise and cost more than the work at these sizes.
// `symmetric-node.ts` has the same exports; package.json `imports` picks one.
import { cbc } from '@noble/ciphers/aes.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../bytes.ts';

/** HMAC-SHA-256 over the parts joined. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  if (parts.length === 1) return hmac(sha256, key, parts[0]!);
  const mac = hmac.create(sha256, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** HKDF-SHA-256, extract then expand. */
export function hkdfSha256(salt: Uint8Array, secret: Uint8Array, info: Uint8Array, length: number): Bytes {
  const prk = extract(sha256, secret, salt);
  const out = expand(sha256, prk, info, length);
  prk.fill(0);
  return out;
}

/** SHA-512 over the parts joined. */
export function sha512(...parts: readonly Uint8Array[]): Bytes {
  const hash = nobleSha512.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** AES-256-CBC with PKCS#7 padding. */
export function aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Bytes {
  return cbc(key, iv).encrypt(plaintext);
}

/** The reverse; `undefined` for a bad length or padding. Call only after the MAC has been checked. */
export function aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Bytes | undefined {
  if (ciphertext.length === 0 || ciphertext.length % 16 !== 0) return undefined;
  try {
    return cbc(key, iv).decrypt(ciphertext);
  } catch {
    return undefined;
  }
}
