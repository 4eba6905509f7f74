// The at-rest seal: what turns a block into the row that rests on the disk, and a group commit into its journal
// entry. Place in the flow: store/embedded only. Not its concern: where keys live and die (store/embedded/key-file.ts).

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

/** Keys stay inside OpenSSL: no log and no dump of an object shows their bytes. */
export type SealKey = KeyObject;

/** @param bytes - 32; copied, so wipe them. */
export function sealKey(bytes: Uint8Array): SealKey {
  return createSecretKey(bytes);
}

/** AES-256-GCM: 12 bytes of nonce and 16 of tag stand before the ciphertext. */
export const SEAL_OVERHEAD = 28;

const NONCE_BYTES = 12;

/**
 * Nonces that never repeat under a key: 6 random bytes of this process and a 48-bit count from a random start.
 * Random nonces would do as well, but cost a call into OpenSSL each.
 */
const nonce = randomBytes(NONCE_BYTES);
let count = randomBytes(6).readUIntBE(0, 6);

function nextNonce(): Buffer {
  count = count === 0xffffffffffff ? 0 : count + 1;
  nonce.writeUIntBE(count, 6, 6);
  return nonce;
}

/**
 * Seals `plain` into `target` at `offset`: nonce, tag, ciphertext.
 * @param aad - bound, not stored; opening needs the same bytes.
 * @returns the offset after what was written.
 */
export function sealInto(
  target: Buffer,
  offset: number,
  key: SealKey,
  parts: { plain: Uint8Array; aad: Uint8Array },
): number {
  const fresh = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key, fresh);
  cipher.setAAD(parts.aad);
  const body = cipher.update(parts.plain);
  cipher.final();
  fresh.copy(target, offset);
  cipher.getAuthTag().copy(target, offset + NONCE_BYTES);
  body.copy(target, offset + SEAL_OVERHEAD);
  return offset + SEAL_OVERHEAD + body.length;
}

/** Opens what `sealInto` wrote; undefined when key, aad or bytes don't belong together. */
export function openSealed(sealed: Uint8Array, key: SealKey, aad: Uint8Array): Buffer | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, SEAL_OVERHEAD));
  const plain = decipher.update(sealed.subarray(SEAL_OVERHEAD));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

export const ID_HASH_BYTES = 16;

/** What stands on the disk for a channel id: without the store's key nobody can look a known id up in a backup. */
export function hashId(key: SealKey, id: string): Buffer {
  return createHmac('sha256', key).update(id, 'latin1').digest().subarray(0, ID_HASH_BYTES);
}
