// The entrance of @sotto/ratchet: the session part of @signalapp/libsignal-client's surface, for browsers and Node.
// Everything that others may rely on is listed here; names that begin with an underscore are not for them.
// How it fits together and what to read first: docs/ratchet.md.
export { ProtocolAddress } from './address.ts';
export { ErrorCode, type LibSignalError, LibSignalErrorBase } from './errors.ts';
export { DisplayableFingerprint, Fingerprint, ScannableFingerprint } from './fingerprint.ts';
export { IdentityKeyPair, PrivateKey, PublicKey } from './keys/ec-keys.ts';
export { KEMKeyPair, KEMPublicKey, KEMSecretKey } from './keys/kem-keys.ts';
export { PreKeyBundle } from './keys/pre-key-bundle.ts';
export {
  KyberPreKeyRecord,
  PreKeyRecord,
  type SignedKyberPublicPreKey,
  SignedPreKeyRecord,
  type SignedPublicPreKey,
} from './keys/pre-key-records.ts';
export {
  CiphertextMessage,
  type CiphertextMessageConvertible,
  CiphertextMessageType,
} from './messages/ciphertext-message.ts';
export { PreKeySignalMessage } from './messages/pre-key-signal-message.ts';
export { SignalMessage } from './messages/signal-message.ts';
export { SessionRecord } from './session/record.ts';
export {
  processPreKeyBundle,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from './session/session-cipher.ts';
export {
  Direction,
  IdentityChange,
  IdentityKeyStore,
  KyberPreKeyStore,
  PreKeyStore,
  SessionStore,
  SignedPreKeyStore,
} from './stores/stores.ts';
