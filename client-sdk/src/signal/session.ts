// One-to-one sessions over whichever engine `#signal` names: make pre-keys, begin, seal, open, safety number. Each
// function takes the state it needs and returns the state to write; it neither reads nor writes a store. Envelopes,
// content and delivery are others' concern.
import { randomBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { Bundle, VerifiedBundle } from '../content/bundle.ts';
import type { SignalEngine } from './module.ts';
import { type PreKeySecret, StagedStores, type UsedPreKeys } from './staged-stores.ts';

/** Own key of one conversation: nobody sees it elsewhere. */
export interface OwnIdentity {
  readonly secret: Uint8Array;
  readonly registrationId: number;
}

/** An established session; the only thing that `encrypt` accepts. `engine` made `record` and alone can read it. */
export interface Session {
  readonly engine: string;
  readonly record: Uint8Array;
  readonly peerIdentity: Uint8Array;
}

const FINGERPRINT_ITERATIONS = 5_200;
const FINGERPRINT_VERSION = 2;
const DEVICE = 1;

function addresses({ module }: SignalEngine) {
  // Names that are not service ids: libsignal then writes no address field into messages.
  return {
    own: module.ProtocolAddress.new('own', DEVICE),
    peer: module.ProtocolAddress.new('peer', DEVICE),
  };
}

function randomId(): number {
  const view = new DataView(randomBytes(4).buffer);
  return (view.getUint32(0) & 0x00ff_ffff) + 1;
}

/** A fresh identity. */
export function newIdentity({ module }: SignalEngine): OwnIdentity {
  const secret = Uint8Array.from(module.PrivateKey.generate().serialize());
  return { secret, registrationId: (randomId() % 16_380) + 1 };
}

/** 33 bytes. */
export function identityKeyOf({ module }: SignalEngine, identity: OwnIdentity): Uint8Array {
  return Uint8Array.from(module.PrivateKey.deserialize(identity.secret).getPublicKey().serialize());
}

/** XEdDSA by the identity key. */
export function signAs({ module }: SignalEngine, identity: OwnIdentity, message: Uint8Array): Uint8Array {
  return Uint8Array.from(module.PrivateKey.deserialize(identity.secret).sign(message));
}

/** Whether an identity key signed these bytes; false also for what is no key. */
export function verifyBy(
  { module }: SignalEngine,
  key: Uint8Array,
  message: Uint8Array,
  sig: Uint8Array,
): boolean {
  try {
    return module.PublicKey.deserialize(key).verify(message, sig);
  } catch {
    return false;
  }
}

/**
 * Makes the keys of one bundle.
 * @param options - `oneTime`: with a one-time EC key (one-time links); `boxKey`: of standing addresses.
 * @returns the secrets to persist before the bundle is published, and the bundle to sign.
 */
export function makePreKeys(
  engine: SignalEngine,
  identity: OwnIdentity,
  options: { oneTime: boolean; expires: number; nowMs: number; boxKey?: Uint8Array },
): { secrets: readonly PreKeySecret[]; bundle: Bundle } {
  const { module } = engine;
  const signed = { id: randomId(), key: module.PrivateKey.generate() };
  const signedPublic = signed.key.getPublicKey();
  const signedSignature = signAs(engine, identity, signedPublic.serialize());
  const kyber = { id: randomId(), key: module.KEMKeyPair.generate() };
  const kyberPublic = kyber.key.getPublicKey().serialize();
  const kyberSignature = signAs(engine, identity, kyberPublic);
  const { nowMs } = options;
  const signedRecord = module.SignedPreKeyRecord.new(
    signed.id,
    nowMs,
    signedPublic,
    signed.key,
    signedSignature,
  );
  const kyberRecord = module.KyberPreKeyRecord.new(kyber.id, nowMs, kyber.key, kyberSignature);
  const secrets: PreKeySecret[] = [
    { kind: 'signed', id: signed.id, record: Uint8Array.from(signedRecord.serialize()) },
    { kind: 'kyber', id: kyber.id, record: Uint8Array.from(kyberRecord.serialize()) },
  ];
  const bundle: Bundle = {
    version: 1,
    expires: options.expires,
    identityKey: identityKeyOf(engine, identity),
    registrationId: identity.registrationId,
    signedPreKey: {
      id: signed.id,
      publicKey: Uint8Array.from(signedPublic.serialize()),
      signature: signedSignature,
    },
    kyberPreKey: { id: kyber.id, publicKey: Uint8Array.from(kyberPublic), signature: kyberSignature },
    ...(options.boxKey === undefined ? {} : { boxKey: options.boxKey }),
  };
  if (!options.oneTime) return { secrets, bundle };
  const oneTime = { id: randomId(), key: module.PrivateKey.generate() };
  const record = module.PreKeyRecord.new(oneTime.id, oneTime.key.getPublicKey(), oneTime.key);
  return {
    secrets: [...secrets, { kind: 'one-time', id: oneTime.id, record: Uint8Array.from(record.serialize()) }],
    bundle: {
      ...bundle,
      oneTimeKey: { id: oneTime.id, publicKey: Uint8Array.from(oneTime.key.getPublicKey().serialize()) },
    },
  };
}

/**
 * Begins a session from a checked bundle (PQXDH). An earlier session of the same engine is archived inside the record.
 * @throws SottoError SESSION_BUNDLE where the engine refuses the keys.
 */
export async function beginSession(
  engine: SignalEngine,
  identity: OwnIdentity,
  bundle: VerifiedBundle,
  options: { before?: Session | undefined; nowMs: number },
): Promise<Session> {
  const { module } = engine;
  const before = options.before?.engine === engine.name ? options.before : undefined;
  const stores = new StagedStores(module, {
    identitySecret: identity.secret,
    registrationId: identity.registrationId,
    session: before?.record,
    peerIdentity: bundle.identityKey,
    preKeys: [],
  });
  const { own, peer } = addresses(engine);
  try {
    const parsed = module.PreKeyBundle.new(
      bundle.registrationId,
      DEVICE,
      bundle.oneTimeKey?.id ?? null,
      bundle.oneTimeKey === undefined ? null : module.PublicKey.deserialize(bundle.oneTimeKey.publicKey),
      bundle.signedPreKey.id,
      module.PublicKey.deserialize(bundle.signedPreKey.publicKey),
      bundle.signedPreKey.signature,
      module.PublicKey.deserialize(bundle.identityKey),
      bundle.kyberPreKey.id,
      module.KEMPublicKey.deserialize(bundle.kyberPreKey.publicKey),
      bundle.kyberPreKey.signature,
    );
    await module.processPreKeyBundle(parsed, peer, own, stores, stores, new Date(options.nowMs));
  } catch (cause) {
    throw new SottoError('SESSION_BUNDLE', { cause });
  }
  return established(engine, stores);
}

function established(engine: SignalEngine, stores: StagedStores): Session {
  if (stores.session === undefined || stores.peerIdentity === undefined) throw new SottoError('SESSION_KEYS');
  return { engine: engine.name, record: stores.session, peerIdentity: stores.peerIdentity };
}

/**
 * Seals one plaintext with the next message key. Persist `next` before the bytes leave; never call it twice from one
 * state.
 * @throws SottoError SESSION_ENGINE for a session of another engine; SESSION_STALE where the engine won't send.
 */
export async function encrypt(
  engine: SignalEngine,
  identity: OwnIdentity,
  session: Session,
  input: { plaintext: Uint8Array; nowMs: number },
): Promise<{ kind: 'whisper' | 'preKey'; bytes: Uint8Array; next: Session }> {
  if (session.engine !== engine.name) throw new SottoError('SESSION_ENGINE');
  const { module } = engine;
  const stores = new StagedStores(module, {
    identitySecret: identity.secret,
    registrationId: identity.registrationId,
    session: session.record,
    peerIdentity: session.peerIdentity,
    preKeys: [],
  });
  const { own, peer } = addresses(engine);
  try {
    const now = new Date(input.nowMs);
    const message = await module.signalEncrypt(input.plaintext, peer, own, stores, stores, now);
    const kind = message.type() === module.CiphertextMessageType.PreKey ? 'preKey' : 'whisper';
    return { kind, bytes: Uint8Array.from(message.serialize()), next: established(engine, stores) };
  } catch (cause) {
    throw new SottoError('SESSION_STALE', { cause });
  }
}

/** What opening changed; all of it is written in one transaction with what was read. */
export interface Decrypted {
  readonly plaintext: Uint8Array;
  readonly next: Session;
  readonly usedOneTime: number | undefined;
  readonly used: UsedPreKeys | undefined;
}

/**
 * Opens one session message. The state given is not changed when it fails.
 * @throws SottoError SESSION_DUPLICATE for what was opened before; SESSION_UNREADABLE for all else, always the same.
 */
export async function decrypt(
  engine: SignalEngine,
  identity: OwnIdentity,
  state: { session: Session | undefined; preKeys: readonly PreKeySecret[]; peerIdentity?: Uint8Array },
  message: { kind: 'whisper' | 'preKey'; bytes: Uint8Array },
): Promise<Decrypted> {
  const { module } = engine;
  const session = state.session?.engine === engine.name ? state.session : undefined;
  const stores = new StagedStores(module, {
    identitySecret: identity.secret,
    registrationId: identity.registrationId,
    session: session?.record,
    peerIdentity: state.session?.peerIdentity ?? state.peerIdentity,
    preKeys: state.preKeys,
  });
  const { own, peer } = addresses(engine);
  try {
    const plaintext =
      message.kind === 'whisper'
        ? await module.signalDecrypt(
            module.SignalMessage.deserialize(message.bytes),
            peer,
            own,
            stores,
            stores,
          )
        : await module.signalDecryptPreKey(
            module.PreKeySignalMessage.deserialize(message.bytes),
            peer,
            own,
            stores,
            stores,
            stores,
            stores,
            stores,
          );
    return {
      plaintext: Uint8Array.from(plaintext),
      next: established(engine, stores),
      usedOneTime: stores.usedOneTime,
      used: stores.used,
    };
  } catch (cause) {
    throw new SottoError(isDuplicate(engine, cause) ? 'SESSION_DUPLICATE' : 'SESSION_UNREADABLE', { cause });
  }
}

function isDuplicate({ module }: SignalEngine, error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === module.ErrorCode.DuplicatedMessage
  );
}

/** 60 digits, the same on both sides, for people who meet. Costs some 10 ms. */
export function safetyNumber(engine: SignalEngine, ownKey: Uint8Array, peerKey: Uint8Array): string {
  return fingerprint(engine, ownKey, peerKey).displayableFingerprint().toString();
}

/** The same as bytes for a QR code, which differ by side: whose device shows it comes first. */
export function safetyCode(engine: SignalEngine, ownKey: Uint8Array, peerKey: Uint8Array): Uint8Array {
  return fingerprint(engine, ownKey, peerKey).scannableFingerprint().toBuffer();
}

function fingerprint({ module }: SignalEngine, ownKey: Uint8Array, peerKey: Uint8Array) {
  const own = module.PublicKey.deserialize(ownKey);
  const peer = module.PublicKey.deserialize(peerKey);
  return module.Fingerprint.new(FINGERPRINT_ITERATIONS, FINGERPRINT_VERSION, ownKey, own, peerKey, peer);
}
