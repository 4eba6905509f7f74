// The exports of `symmetric.ts` on Node's own OpenSSL, which is constant-time too; Node's WebCrypto would cost 0.1 ms a
// call. Chosen by the `node` condition of package.json `imports`; never part of a browser bundle.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Bytes } from '../bytes.ts';

/** SHA-512 over the parts joined. */
export function sha512(...parts: readonly Uint8Array[]): Bytes {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  // Buffers come from Node's pool; callers get plain arrays that own what they see
  return new Uint8Array(hash.digest());
}

/** AES-256-CBC with PKCS#7 padding. */
export function aesCbcEncrypt(key: Bytes, iv: Bytes, plaintext: Uint8Array): Promise<Bytes> {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Promise.resolve(joined(cipher.update(plaintext), cipher.final()));
}

/** The reverse; `undefined` for a bad length or padding. Call only after the MAC has been checked. */
export function aesCbcDecrypt(key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> {
  return Promise.resolve(decryptNow(key, iv, ciphertext));
}

function decryptNow(key: Bytes, iv: Bytes, ciphertext: Bytes): Bytes | undefined {
  if (ciphertext.length === 0 || ciphertext.length % 16 !== 0) return undefined;
  const decipher = createDecipheriv('aes-256-cbc', key, iv);
  try {
    return joined(decipher.update(ciphertext), decipher.final());
  } catch {
    return undefined;
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Bytes {
  const out = new Uint8Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}
