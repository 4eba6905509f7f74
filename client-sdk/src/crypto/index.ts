// The SDK's cryptographic primitives, and the only place in it where they are imported.
// Protocols (sessions, envelopes, the store) are built from these elsewhere.
export { type Argon2idCost, argon2idKey, DEFAULT_ARGON2ID_COST, MAX_ARGON2ID_COST } from './argon2id.ts';
export { aesGcmOpen, aesGcmSeal } from './aes-gcm.ts';
export {
  NONCE_BYTES,
  open,
  seal,
  SEAL_OVERHEAD,
  sealWithNonce,
  TAG_BYTES,
  tryOpen,
  tryOpenWithNonce,
} from './aead.ts';
export {
  concatBytes,
  equalBytes,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64url,
  toHex,
  utf8,
  wipe,
} from './bytes.ts';
export { sign, type SigningKeyPair, signingKeyPair, verify } from './ed25519.ts';
export {
  HPKE_KEY_BYTES,
  HPKE_NONCE_BYTES,
  hpkeKeyPair,
  hpkeOpen,
  hpkeReceiveExport,
  hpkeSeal,
  hpkeSendExport,
} from './hpke.ts';
export { hkdfExpandSha256, hkdfSha256, hmacSha256 } from './hmac-sha256.ts';
export { deriveKey, keyedHash } from './keyed-hash.ts';
export {
  asKey,
  type BoxPublicKey,
  type BoxSecretKey,
  type HashKey,
  type Key,
  type KeyRole,
  type SealKey,
  type SigningSeed,
  type VerifyKey,
} from './keys.ts';
export { randomBytes, randomKey } from './random.ts';
export { type RunningHash, runningSha256, sha256, sha512Family } from './sha256.ts';
export { ready } from './sodium.ts';
export {
  agree,
  boxKeyOfVerifyKey,
  boxKeyPair,
  type BoxKeyPair,
  boxPairOfSigningPair,
  boxPublicKey,
  openBox,
  sealToBox,
  SEALED_BOX_OVERHEAD,
  tryOpenBox,
} from './x25519.ts';
export { type XWing, xWing } from './x-wing.ts';
