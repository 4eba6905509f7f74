// The part of libsignal-client's surface that Sotto's sessions use, as types. Both engines have it: libsignal itself
// and @sotto/ratchet. Session code is written once against these shapes; which engine runs, `#signal` decides.

interface Serializable {
  serialize(): Uint8Array;
}
export interface EcPublicKey extends Serializable {
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}
export interface EcPrivateKey extends Serializable {
  sign(message: Uint8Array): Uint8Array;
  getPublicKey(): EcPublicKey;
}
export type KemPublicKey = Serializable;
export interface KemKeyPair {
  getPublicKey(): KemPublicKey;
}
export interface PreKeyRecord extends Serializable {
  id(): number;
}
export type SessionRecord = Serializable;
export interface CiphertextMessage extends Serializable {
  type(): number;
}
declare const opaque: unique symbol;
export interface ProtocolAddress {
  readonly [opaque]?: 'address';
}
export interface PreKeyBundle {
  readonly [opaque]?: 'bundle';
}
export interface SignalMessage {
  readonly [opaque]?: 'message';
}

/** The five stores that an operation reads and writes; `StagedStores` implements them in memory. */
export interface SessionStore {
  saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void>;
  getSession(name: ProtocolAddress): Promise<SessionRecord | null>;
  getExistingSessions(names: ProtocolAddress[]): Promise<SessionRecord[]>;
}
export interface IdentityKeyStore {
  getIdentityKey(): Promise<EcPrivateKey>;
  getIdentityKeyPair(): Promise<object>;
  getLocalRegistrationId(): Promise<number>;
  saveIdentity(name: ProtocolAddress, key: EcPublicKey): Promise<number>;
  isTrustedIdentity(name: ProtocolAddress, key: EcPublicKey, direction: number): Promise<boolean>;
  getIdentity(name: ProtocolAddress): Promise<EcPublicKey | null>;
}
export interface PreKeyStore {
  savePreKey(id: number, record: PreKeyRecord): Promise<void>;
  getPreKey(id: number): Promise<PreKeyRecord>;
  removePreKey(id: number): Promise<void>;
}
export interface SignedPreKeyStore {
  saveSignedPreKey(id: number, record: PreKeyRecord): Promise<void>;
  getSignedPreKey(id: number): Promise<PreKeyRecord>;
}
export interface KyberPreKeyStore {
  saveKyberPreKey(id: number, record: PreKeyRecord): Promise<void>;
  getKyberPreKey(id: number): Promise<PreKeyRecord>;
  markKyberPreKeyUsed(id: number, signedPreKeyId: number, baseKey: EcPublicKey): Promise<void>;
}

interface Parses<T> {
  deserialize(bytes: Uint8Array): T;
}
type Bytes = Uint8Array;

/** The names that both packages export, with the call shapes of libsignal-client 0.103. */
export interface SignalModule {
  readonly PrivateKey: Parses<EcPrivateKey> & { generate(): EcPrivateKey };
  readonly PublicKey: Parses<EcPublicKey>;
  readonly IdentityKeyPair: new (publicKey: EcPublicKey, privateKey: EcPrivateKey) => object;
  readonly KEMKeyPair: { generate(): KemKeyPair };
  readonly KEMPublicKey: Parses<KemPublicKey>;
  readonly PreKeyRecord: Parses<PreKeyRecord> & {
    'new'(id: number, publicKey: EcPublicKey, privateKey: EcPrivateKey): PreKeyRecord;
  };
  readonly SignedPreKeyRecord: Parses<PreKeyRecord> & {
    'new'(id: number, at: number, key: EcPublicKey, secret: EcPrivateKey, signature: Bytes): PreKeyRecord;
  };
  readonly KyberPreKeyRecord: Parses<PreKeyRecord> & {
    'new'(id: number, at: number, keyPair: KemKeyPair, signature: Bytes): PreKeyRecord;
  };
  readonly PreKeyBundle: {
    'new'(
      registrationId: number,
      deviceId: number,
      preKeyId: number | null,
      preKey: EcPublicKey | null,
      signedPreKeyId: number,
      signedPreKey: EcPublicKey,
      signedPreKeySignature: Bytes,
      identityKey: EcPublicKey,
      kyberPreKeyId: number,
      kyberPreKey: KemPublicKey,
      kyberPreKeySignature: Bytes,
    ): PreKeyBundle;
  };
  readonly SessionRecord: Parses<SessionRecord>;
  readonly ProtocolAddress: { 'new'(name: string, deviceId: number): ProtocolAddress };
  readonly SignalMessage: Parses<SignalMessage>;
  readonly PreKeySignalMessage: Parses<SignalMessage>;
  readonly CiphertextMessageType: { readonly Whisper: number; readonly PreKey: number };
  readonly ErrorCode: { readonly DuplicatedMessage: number };
  readonly Fingerprint: {
    'new'(
      iterations: number,
      version: number,
      localId: Bytes,
      localKey: EcPublicKey,
      remoteId: Bytes,
      remoteKey: EcPublicKey,
    ): {
      displayableFingerprint(): { toString(): string };
      scannableFingerprint(): { toBuffer(): Bytes };
    };
  };
  processPreKeyBundle(
    bundle: PreKeyBundle,
    peer: ProtocolAddress,
    own: ProtocolAddress,
    sessions: SessionStore,
    identities: IdentityKeyStore,
    now?: Date,
  ): Promise<void>;
  signalEncrypt(
    plaintext: Bytes,
    peer: ProtocolAddress,
    own: ProtocolAddress,
    sessions: SessionStore,
    identities: IdentityKeyStore,
    now?: Date,
  ): Promise<CiphertextMessage>;
  signalDecrypt(
    message: SignalMessage,
    peer: ProtocolAddress,
    own: ProtocolAddress,
    sessions: SessionStore,
    identities: IdentityKeyStore,
  ): Promise<Bytes>;
  signalDecryptPreKey(
    message: SignalMessage,
    peer: ProtocolAddress,
    own: ProtocolAddress,
    sessions: SessionStore,
    identities: IdentityKeyStore,
    preKeys: PreKeyStore,
    signedPreKeys: SignedPreKeyStore,
    kyberPreKeys: KyberPreKeyStore,
  ): Promise<Bytes>;
}

/** An engine and its name, which each session and pre-key record carries. */
export interface SignalEngine {
  readonly name: string;
  readonly module: SignalModule;
}
