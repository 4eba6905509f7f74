// The four calls that the caller makes, in libsignal-client's shapes: begin a session, encrypt, decrypt either kind.
// Here the pure cores meet the stores. Order of effects: docs/ratchet.md section 8.3.
import type { ProtocolAddress } from '../address.ts';
import { addressBinding, isSameServiceId } from '../address.ts';
import type { Bytes } from '../bytes.ts';
import { equal, wipe } from '../bytes.ts';
import { Duplicate, genericError, LibSignalErrorBase, Refused } from '../errors.ts';
import { PublicKey } from '../keys/ec-keys.ts';
import type { PreKeyBundle } from '../keys/pre-key-bundle.ts';
import { CiphertextMessage } from '../messages/ciphertext-message.ts';
import type { PreKeySignalMessageContent } from '../messages/pre-key-signal-message.ts';
import { PreKeySignalMessage } from '../messages/pre-key-signal-message.ts';
import type { SignalMessage } from '../messages/signal-message.ts';
import { systemRandom } from '../primitives/random.ts';
import type {
  IdentityKeyStore,
  KyberPreKeyStore,
  PreKeyStore,
  SessionStore,
  SignedPreKeyStore,
} from '../stores/stores.ts';
import { Direction } from '../stores/stores.ts';
import type { ReceiveContext } from './double-ratchet.ts';
import { decrypt, encrypt } from './double-ratchet.ts';
import type { LocalParty } from './pqxdh.ts';
import { accept, hasValidSignatures, initiate } from './pqxdh.ts';
import { openWithAny, promoteByBaseKey } from './receive.ts';
import { SessionRecord } from './record.ts';
import type { SessionState } from './state.ts';

/** Runs a call of a store; what it throws comes out as libsignal reports it, with the original as `cause`. */
async function ask<T>(operation: string, method: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof LibSignalErrorBase) throw cause;
    throw genericError(operation, `error in method call '${method}'`, cause);
  }
}

async function requireTrust(
  operation: string,
  store: IdentityKeyStore,
  who: { readonly address: ProtocolAddress; readonly identity: Uint8Array },
  direction: Direction,
): Promise<void> {
  const key = PublicKey.deserialize(who.identity);
  const trusted = await ask(operation, 'isTrustedIdentity', () =>
    store.isTrustedIdentity(who.address, key, direction),
  );
  if (!trusted) {
    throw new LibSignalErrorBase('untrusted identity', 'UntrustedIdentity', operation, {
      addr: who.address.name(),
    });
  }
}

async function saveIdentity(
  operation: string,
  store: IdentityKeyStore,
  address: ProtocolAddress,
  identity: Uint8Array,
): Promise<void> {
  await ask(operation, 'saveIdentity', () => store.saveIdentity(address, PublicKey.deserialize(identity)));
}

async function localParty(operation: string, store: IdentityKeyStore): Promise<LocalParty> {
  return {
    identity: await ask(operation, 'getIdentityKeyPair', () => store.getIdentityKeyPair()),
    registrationId: await ask(operation, 'getLocalRegistrationId', () => store.getLocalRegistrationId()),
  };
}

/**
 * Begins a session from a peer's bundle. The first messages then carry what the peer needs to follow.
 * @param _localAddress - Part of the call shape; the agreement binds keys, not names.
 * @param now - When; a session unanswered for 30 days can't be used to send.
 * @throws LibSignalErrorBase UntrustedIdentity; Generic for a bad signature or key.
 */
// eslint-disable-next-line max-params -- libsignal's call shape
export async function processPreKeyBundle(
  bundle: PreKeyBundle,
  address: ProtocolAddress,
  _localAddress: ProtocolAddress,
  sessionStore: SessionStore,
  identityStore: IdentityKeyStore,
  now: Date = new Date(),
): Promise<void> {
  const operation = 'SessionBuilder_ProcessPreKeyBundle';
  const identity = bundle.identityKey().serialize();
  await requireTrust(operation, identityStore, { address, identity }, Direction.Sending);
  if (!hasValidSignatures(bundle)) throw genericError(operation, 'invalid signature detected');
  const record =
    (await ask(operation, 'loadSession', () => sessionStore.getSession(address))) ?? SessionRecord._empty();
  const local = await localParty(operation, identityStore);
  const state = await refusalsAs(operation, 'invalid key in bundle', () =>
    initiate(bundle, local, Math.floor(now.getTime() / 1000), systemRandom),
  );
  await saveIdentity(operation, identityStore, address, identity);
  await ask(operation, 'storeSession', () => sessionStore.saveSession(address, record._withNew(state)));
}

/**
 * Encrypts one message. The new state is stored before the message is returned.
 * @param now - Decides whether an unanswered session has expired.
 * @throws LibSignalErrorBase Generic without a usable session; UntrustedIdentity.
 */
// eslint-disable-next-line max-params -- libsignal's call shape
export async function signalEncrypt(
  message: Uint8Array,
  address: ProtocolAddress,
  localAddress: ProtocolAddress,
  sessionStore: SessionStore,
  identityStore: IdentityKeyStore,
  now: Date = new Date(),
): Promise<CiphertextMessage> {
  const operation = 'SessionCipher_EncryptMessage';
  const record = await ask(operation, 'loadSession', () => sessionStore.getSession(address));
  const state = record?._sendable(now);
  if (!record || !state) throw genericError(operation, 'session not found');
  const addresses = state.pending ? addressBinding(localAddress, address) : undefined;
  const sealed = await encrypt(state, message, addresses, systemRandom);
  const identity = state.remoteIdentity;
  await requireTrust(operation, identityStore, { address, identity }, Direction.Sending);
  await saveIdentity(operation, identityStore, address, identity);
  await ask(operation, 'storeSession', () =>
    sessionStore.saveSession(address, record._withCurrent(sealed.next)),
  );
  wipe(...sealed.spent);
  return CiphertextMessage._of(introduced(state, sealed.message));
}

/** As long as the peer has not answered, each message carries what it takes to begin the session. */
function introduced(state: SessionState, message: SignalMessage): SignalMessage | PreKeySignalMessage {
  const { pending } = state;
  if (!pending) return message;
  return PreKeySignalMessage._build({
    preKeyId: pending.preKeyId,
    baseKey: state.baseKey,
    identityKey: state.localIdentity,
    message,
    registrationId: state.localRegistrationId,
    signedPreKeyId: pending.signedPreKeyId,
    kyber: { preKeyId: pending.kyberPreKeyId, ciphertext: pending.kyberCiphertext },
  });
}

function contextFor(
  sender: ProtocolAddress,
  recipient: ProtocolAddress,
  isOwnIdentity: boolean,
): ReceiveContext {
  return {
    addresses: addressBinding(sender, recipient),
    withSelf: isOwnIdentity && isSameServiceId(sender, recipient),
  };
}

/**
 * Decrypts a message of an established session.
 * @throws LibSignalErrorBase DuplicatedMessage, UntrustedIdentity, or Generic for everything else that fails.
 */
// eslint-disable-next-line max-params -- libsignal's call shape
export async function signalDecrypt(
  message: SignalMessage,
  address: ProtocolAddress,
  localAddress: ProtocolAddress,
  sessionStore: SessionStore,
  identityStore: IdentityKeyStore,
): Promise<Bytes> {
  const operation = 'SessionCipher_DecryptSignalMessage';
  const record = await ask(operation, 'loadSession', () => sessionStore.getSession(address));
  if (!record) throw genericError(operation, 'session not found');
  const current = record._current();
  const context = contextFor(
    address,
    localAddress,
    !!current && equal(current.localIdentity, current.remoteIdentity),
  );
  const opened = await refusalsAs(operation, 'invalid Whisper message: decryption failed', () =>
    openWithAny(record, message, context, systemRandom),
  );
  const identity = opened.state.remoteIdentity;
  await requireTrust(operation, identityStore, { address, identity }, Direction.Receiving);
  await saveIdentity(operation, identityStore, address, identity);
  await ask(operation, 'storeSession', () => sessionStore.saveSession(address, opened.record));
  wipe(...opened.spent);
  return opened.plaintext;
}

/**
 * Decrypts a first message: begins the session unless it exists already, marks the pre-keys as used.
 * @throws LibSignalErrorBase DuplicatedMessage, UntrustedIdentity, or Generic for everything else that fails.
 */
// eslint-disable-next-line max-params -- libsignal's call shape
export async function signalDecryptPreKey(
  message: PreKeySignalMessage,
  address: ProtocolAddress,
  localAddress: ProtocolAddress,
  sessionStore: SessionStore,
  identityStore: IdentityKeyStore,
  prekeyStore: PreKeyStore,
  signedPrekeyStore: SignedPreKeyStore,
  kyberPrekeyStore: KyberPreKeyStore,
): Promise<Bytes> {
  const operation = 'SessionCipher_DecryptPreKeySignalMessage';
  const content = message._content();
  const identity = content.identityKey;
  const stored = await ask(operation, 'loadSession', () => sessionStore.getSession(address));
  await requireTrust(operation, identityStore, { address, identity }, Direction.Receiving);
  if (message.version() !== 4)
    throw genericError(operation, 'invalid PreKey message: X3DH no longer supported');
  const before = stored ?? SessionRecord._empty();
  const known = promoteByBaseKey(before, content.baseKey);
  const record =
    known ??
    before._withNew(
      await begin(operation, content, identityStore, { prekeyStore, signedPrekeyStore, kyberPrekeyStore }),
    );
  const state = record._current()!;
  // The identity in a first message has no MAC of its own: trust was asked for it and it is about to be saved
  if (!equal(state.remoteIdentity, identity)) {
    throw genericError(operation, 'invalid PreKey message: remote identity key differs from the session’s');
  }
  const context = contextFor(address, localAddress, equal(state.localIdentity, state.remoteIdentity));
  const opened = await refusalsAs(operation, 'invalid PreKey message: decryption failed', () =>
    decrypt(state, content.message, context, systemRandom),
  );
  await saveIdentity(operation, identityStore, address, identity);
  if (!known) await markUsed(operation, content, prekeyStore, kyberPrekeyStore);
  await ask(operation, 'storeSession', () =>
    sessionStore.saveSession(address, record._withCurrent(opened.next)),
  );
  wipe(...opened.spent);
  return opened.plaintext;
}

interface PreKeyStores {
  readonly prekeyStore: PreKeyStore;
  readonly signedPrekeyStore: SignedPreKeyStore;
  readonly kyberPrekeyStore: KyberPreKeyStore;
}

/** Loads the private keys that a first message names, and agrees. */
async function begin(
  operation: string,
  content: PreKeySignalMessageContent,
  identityStore: IdentityKeyStore,
  stores: PreKeyStores,
): Promise<SessionState> {
  const { preKeyId, signedPreKeyId, kyber } = content;
  if (!kyber) throw genericError(operation, 'invalid PreKey message: missing KEM ciphertext');
  const signed = await ask(operation, 'loadSignedPreKey', () =>
    stores.signedPrekeyStore.getSignedPreKey(signedPreKeyId),
  );
  const kyberKey = await ask(operation, 'loadKyberPreKey', () =>
    stores.kyberPrekeyStore.getKyberPreKey(kyber.preKeyId),
  );
  const oneTime =
    preKeyId === undefined
      ? undefined
      : await ask(operation, 'loadPreKey', () => stores.prekeyStore.getPreKey(preKeyId));
  const local = await localParty(operation, identityStore);
  const preKeys = {
    signed: { publicKey: signed.publicKey(), privateKey: signed.privateKey().serialize() },
    oneTime: oneTime?.privateKey().serialize(),
    kyber: kyberKey.secretKey(),
  };
  return refusalsAs(operation, 'invalid PreKey message: incoming keys are invalid', () =>
    accept(content, local, preKeys),
  );
}

async function markUsed(
  operation: string,
  content: PreKeySignalMessageContent,
  prekeyStore: PreKeyStore,
  kyberPrekeyStore: KyberPreKeyStore,
): Promise<void> {
  const { preKeyId, signedPreKeyId, kyber } = content;
  if (kyber) {
    const baseKey = PublicKey.deserialize(content.baseKey);
    await ask(operation, 'markKyberPreKeyUsed', () =>
      kyberPrekeyStore.markKyberPreKeyUsed(kyber.preKeyId, signedPreKeyId, baseKey),
    );
  }
  if (preKeyId !== undefined) await ask(operation, 'removePreKey', () => prekeyStore.removePreKey(preKeyId));
}

/** Turns what the cores refuse into libsignal's outward errors: duplicates by name, all else alike. */
async function refusalsAs<T>(operation: string, text: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (refusal) {
    if (refusal instanceof Duplicate) {
      const counters = `${refusal.expected} / ${refusal.received}`;
      throw new LibSignalErrorBase(`message with old counter ${counters}`, 'DuplicatedMessage', operation);
    }
    if (refusal instanceof Refused) throw genericError(operation, text);
    throw refusal;
  }
}
