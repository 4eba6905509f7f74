// AES-256-CBC by WebCrypto and SHA-512 by noble: the choice everywhere but in Node.
// `symmetric-node.ts` has the same exports; package.json `imports` picks one. HMAC and HKDF are in hmac.ts.
// A promise per message buys constant time: in JavaScript AES is look-ups in tables, which share the cache with others.
// WebCrypto is there in secure contexts only (https, localhost).
import { sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../bytes.ts';

/** SHA-512 over the parts joined. */
export function sha512(...parts: readonly Uint8Array[]): Bytes {
  const hash = nobleSha512.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** AES-256-CBC with PKCS#7 padding. */
export async function aesCbcEncrypt(key: Bytes, iv: Bytes, plaintext: Uint8Array): Promise<Bytes> {
  const handle = await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['encrypt']);
  const input = plaintext as Bytes;
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, handle, input));
}

/** The reverse; `undefined` for a bad length or padding. Call only after the MAC has been checked. */
export async function aesCbcDecrypt(key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> {
  const handle = await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['decrypt']);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, handle, ciphertext));
  } catch (error) {
    if ((error as Error).name !== 'OperationError') throw error;
    return undefined;
  }
}
