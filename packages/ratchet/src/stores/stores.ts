// What the caller keeps for the engine, as libsignal-client's abstract classes. Every method may be slow or fail;
// a failure aborts the operation, and nothing that was already saved is taken back.
import type { ProtocolAddress } from '../address.ts';
import type { PrivateKey, PublicKey } from '../keys/ec-keys.ts';
import { IdentityKeyPair } from '../keys/ec-keys.ts';
import type { KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord } from '../keys/pre-key-records.ts';
import type { SessionRecord } from '../session/record.ts';

/** Which way the message goes for which an identity is to be trusted. */
export const Direction = { Sending: 0, Receiving: 1 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

export const IdentityChange = { NewOrUnchanged: 0, ReplacedExisting: 1 } as const;
export type IdentityChange = (typeof IdentityChange)[keyof typeof IdentityChange];

/** Sessions by address. `saveSession` is durable when it resolves: the ratchet must never go back. */
export abstract class SessionStore {
  abstract saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void>;
  abstract getSession(name: ProtocolAddress): Promise<SessionRecord | null>;
  abstract getExistingSessions(addresses: ProtocolAddress[]): Promise<SessionRecord[]>;
}

/** The own identity, and those of others with the decision to trust them. */
export abstract class IdentityKeyStore {
  abstract getIdentityKey(): Promise<PrivateKey>;

  async getIdentityKeyPair(): Promise<IdentityKeyPair> {
    const privateKey = await this.getIdentityKey();
    return new IdentityKeyPair(privateKey.getPublicKey(), privateKey);
  }

  abstract getLocalRegistrationId(): Promise<number>;
  abstract saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<IdentityChange>;
  abstract isTrustedIdentity(name: ProtocolAddress, key: PublicKey, direction: Direction): Promise<boolean>;
  abstract getIdentity(name: ProtocolAddress): Promise<PublicKey | null>;
}

/** One-time EC pre-keys. `getPreKey` rejects for an id that isn't there. */
export abstract class PreKeyStore {
  abstract savePreKey(id: number, record: PreKeyRecord): Promise<void>;
  abstract getPreKey(id: number): Promise<PreKeyRecord>;
  abstract removePreKey(id: number): Promise<void>;
}

/** Signed pre-keys. `getSignedPreKey` rejects for an id that isn't there. */
export abstract class SignedPreKeyStore {
  abstract saveSignedPreKey(id: number, record: SignedPreKeyRecord): Promise<void>;
  abstract getSignedPreKey(id: number): Promise<SignedPreKeyRecord>;
}

/**
 * Kyber pre-keys. `markKyberPreKeyUsed` deletes a one-time key; for a last-resort key it rejects a base key that it
 * has seen with the same pair of pre-keys before.
 */
export abstract class KyberPreKeyStore {
  abstract saveKyberPreKey(kyberPreKeyId: number, record: KyberPreKeyRecord): Promise<void>;
  abstract getKyberPreKey(kyberPreKeyId: number): Promise<KyberPreKeyRecord>;
  abstract markKyberPreKeyUsed(
    kyberPreKeyId: number,
    signedPreKeyId: number,
    baseKey: PublicKey,
  ): Promise<void>;
}
