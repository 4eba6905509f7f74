// PQXDH: how two parties come to their first keys. Spec: docs/ratchet.md section 4.
// Pure: keys and randomness come in, a session state comes out. Not here: stores and trust decisions.
import type { Bytes } from '../bytes.ts';
import { ascii, concat, wipe } from '../bytes.ts';
import { Refused } from '../errors.ts';
import type { IdentityKeyPair, PublicKey } from '../keys/ec-keys.ts';
import { isCanonical } from '../keys/ec-keys.ts';
import type { KEMSecretKey } from '../keys/kem-keys.ts';
import { kemDecapsulate, kemEncapsulate } from '../keys/kem-keys.ts';
import type { PreKeyBundle } from '../keys/pre-key-bundle.ts';
import type { PreKeySignalMessageContent } from '../messages/pre-key-signal-message.ts';
import { hkdfSha256 } from '../primitives/hmac.ts';
import type { RandomSource } from '../primitives/random.ts';
import { startSpqr } from '../spqr/spqr.ts';
import { agree, newRatchetKeyPair } from './double-ratchet.ts';
import { nextRoot } from './key-schedule.ts';
import type { SessionState } from './state.ts';

const INFO = ascii('WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024');
const NO_SALT = new Uint8Array(32);
/** Keeps this input apart from any that begins with a curve point. */
const DISCONTINUITY = new Uint8Array(32).fill(0xff);

/** Who we are in a new session. */
export interface LocalParty {
  readonly identity: IdentityKeyPair;
  readonly registrationId: number;
}

interface Agreed {
  readonly rootKey: Bytes;
  readonly chainKey: Bytes;
  readonly pqKey: Bytes;
}

function derive(secrets: readonly Uint8Array[]): Agreed {
  const input = concat(DISCONTINUITY, ...secrets);
  const okm = hkdfSha256(NO_SALT, input, INFO, 96);
  wipe(input, ...secrets);
  return { rootKey: okm.subarray(0, 32), chainKey: okm.subarray(32, 64), pqKey: okm.subarray(64) };
}

/** Whether both signed keys of a bundle are signed by its identity key. */
export function hasValidSignatures(bundle: PreKeyBundle): boolean {
  const identity = bundle.identityKey();
  return (
    identity.verify(bundle.signedPreKeyPublic().serialize(), bundle.signedPreKeySignature()) &&
    identity.verify(bundle.kyberPreKeyPublic().serialize(), bundle.kyberPreKeySignature())
  );
}

/**
 * The initiator's side.
 * @param bundle - With signatures that have been checked.
 * @param nowSeconds - When the session was begun; unanswered ones expire.
 * @throws Refused for a Kyber key out of range or an all-zero agreement.
 */
export function initiate(
  bundle: PreKeyBundle,
  local: LocalParty,
  nowSeconds: number,
  random: RandomSource,
): SessionState {
  const identity = local.identity.privateKey.serialize();
  const theirIdentity = bundle.identityKey().serialize();
  const theirSigned = bundle.signedPreKeyPublic().serialize();
  const theirOneTime = bundle.preKeyPublic();
  const base = newRatchetKeyPair(random);
  const kem = kemEncapsulate(bundle.kyberPreKeyPublic(), random);
  if (!kem) throw new Refused('Kyber pre-key');
  const agreed = derive([
    agree(identity, theirSigned),
    agree(base.privateKey, theirIdentity),
    agree(base.privateKey, theirSigned),
    ...(theirOneTime ? [agree(base.privateKey, theirOneTime.serialize())] : []),
    kem.sharedSecret,
  ]);
  wipe(identity, base.privateKey);
  const ratchet = newRatchetKeyPair(random);
  const sent = nextRoot(agreed.rootKey, agree(ratchet.privateKey, theirSigned));
  return {
    localIdentity: local.identity.publicKey.serialize(),
    remoteIdentity: theirIdentity,
    localRegistrationId: local.registrationId,
    remoteRegistrationId: bundle.registrationId(),
    baseKey: base.publicKey,
    rootKey: sent.rootKey,
    previousCounter: 0,
    sending: { ...ratchet, chainKey: sent.chainKey, index: 0 },
    receiving: [{ ratchetKey: theirSigned, chainKey: agreed.chainKey, index: 0, skipped: [] }],
    pending: {
      preKeyId: bundle.preKeyId() ?? undefined,
      signedPreKeyId: bundle.signedPreKeyId(),
      kyberPreKeyId: bundle.kyberPreKeyId(),
      kyberCiphertext: kem.ciphertext,
      createdSeconds: nowSeconds,
    },
    spqr: startSpqr(agreed.pqKey, 'A2B'),
  };
}

/** The recipient's private keys that a first message names. */
export interface ChosenPreKeys {
  readonly signed: { readonly publicKey: PublicKey; readonly privateKey: Bytes };
  readonly oneTime: Bytes | undefined;
  readonly kyber: KEMSecretKey;
}

/**
 * The recipient's side.
 * @throws Refused for a base key that is no canonical point, a bad KEM ciphertext, or an all-zero agreement.
 */
export function accept(
  message: PreKeySignalMessageContent,
  local: LocalParty,
  preKeys: ChosenPreKeys,
): SessionState {
  if (!isCanonical(message.baseKey)) throw new Refused('base key');
  const kemSecret = message.kyber && kemDecapsulate(preKeys.kyber, message.kyber.ciphertext);
  if (!kemSecret) throw new Refused('KEM ciphertext');
  const identity = local.identity.privateKey.serialize();
  const signed = preKeys.signed.privateKey;
  const agreed = derive([
    agree(signed, message.identityKey),
    agree(identity, message.baseKey),
    agree(signed, message.baseKey),
    ...(preKeys.oneTime ? [agree(preKeys.oneTime, message.baseKey)] : []),
    kemSecret,
  ]);
  wipe(identity);
  const publicKey = preKeys.signed.publicKey.serialize();
  return {
    localIdentity: local.identity.publicKey.serialize(),
    remoteIdentity: message.identityKey,
    localRegistrationId: local.registrationId,
    remoteRegistrationId: message.registrationId,
    baseKey: message.baseKey,
    rootKey: agreed.rootKey,
    previousCounter: 0,
    sending: { privateKey: signed, publicKey, chainKey: agreed.chainKey, index: 0 },
    receiving: [],
    pending: undefined,
    spqr: startSpqr(agreed.pqKey, 'B2A'),
  };
}
