// What ties each epoch's KEM exchange to the session: a MAC key that every epoch secret renews.
// Spec: docs/ratchet.md section 7.6.
import type { Bytes } from '../bytes.ts';
import { ascii, concat, u64be } from '../bytes.ts';
import { hkdfSha256, hmacSha256 } from '../primitives/hmac.ts';

const NO_SALT = new Uint8Array(32);
const PROTOCOL = 'Signal_PQCKA_V1_MLKEM768:';
const UPDATE = ascii(`${PROTOCOL}Authenticator Update`);
const SECRET = ascii(`${PROTOCOL}SCKA Key`);
const HEADER = ascii(`${PROTOCOL}ekheader`);
const CIPHERTEXT = ascii(`${PROTOCOL}ciphertext`);

export const AUTHENTICATOR_MAC_BYTES = 32;

/** Root and MAC key of the current epoch. */
export interface Authenticator {
  readonly root: Bytes;
  readonly macKey: Bytes;
}

/** The authenticator of a new session. */
export function startAuthenticator(authKey: Uint8Array): Authenticator {
  return updateAuthenticator({ root: new Uint8Array(32), macKey: new Uint8Array(32) }, 1, authKey);
}

/** Mixes in an epoch's secret. */
export function updateAuthenticator(state: Authenticator, epoch: number, secret: Uint8Array): Authenticator {
  const okm = hkdfSha256(NO_SALT, concat(state.root, secret), concat(UPDATE, u64be(epoch)), 64);
  return { root: okm.subarray(0, 32), macKey: okm.subarray(32) };
}

/** The epoch's secret from what the KEM gave. */
export function epochSecret(epoch: number, sharedSecret: Uint8Array): Bytes {
  return hkdfSha256(NO_SALT, sharedSecret, concat(SECRET, u64be(epoch)), 32);
}

/** With the MAC key before this epoch's update. */
export function headerMac(state: Authenticator, epoch: number, header: Uint8Array): Bytes {
  return hmacSha256(state.macKey, HEADER, u64be(epoch), header);
}

/** With the MAC key after this epoch's update. */
export function ciphertextMac(state: Authenticator, epoch: number, ct1: Uint8Array, ct2: Uint8Array): Bytes {
  return hmacSha256(state.macKey, CIPHERTEXT, u64be(epoch), ct1, ct2);
}
