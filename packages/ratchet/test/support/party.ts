// A person with a device: an engine, keys, and stores that keep everything serialised in memory, as a real client must.
// Knows nothing of either engine beyond the shared surface, so the same code runs on both and in the browser.
import type {
  CiphertextMessage,
  IdentityKeyPair,
  KyberPreKeyRecord,
  PreKeyBundle,
  PreKeyRecord,
  PrivateKey,
  ProtocolAddress,
  PublicKey,
  SessionRecord,
  SignedPreKeyRecord,
} from '../../src/index.ts';
import type { Bytes } from '../../src/bytes.ts';
import type { Engine } from './engines.ts';

/** A message on its way: its type number and bytes. */
export interface Posted {
  readonly type: number;
  readonly bytes: Bytes;
}

/** What a bundle consists of once it has crossed from one engine to another. */
export interface PublishedBundle {
  readonly registrationId: number;
  readonly preKey: { readonly id: number; readonly key: Bytes } | undefined;
  readonly signed: { readonly id: number; readonly key: Bytes; readonly signature: Bytes };
  readonly kyber: { readonly id: number; readonly key: Bytes; readonly signature: Bytes };
  readonly identityKey: Bytes;
}

export interface Party {
  readonly engine: Engine;
  readonly address: ProtocolAddress;
  readonly identity: IdentityKeyPair;
  /** Makes, stores and publishes fresh pre-keys. */
  publish(options?: { oneTime?: boolean }): Promise<PublishedBundle>;
  begin(peer: string, bundle: PublishedBundle, now?: Date): Promise<void>;
  send(peer: string, plaintext: Uint8Array, now?: Date): Promise<Posted>;
  receive(peer: string, message: Posted): Promise<Bytes>;
  /** Stored sessions, by address. */
  readonly sessions: Map<string, Bytes>;
  /** Archives the current session with a peer, as an app does after a reset. */
  archive(peer: string): void;
  readonly preKeys: Map<number, Bytes>;
  readonly signedPreKeys: Map<number, Bytes>;
  readonly kyberPreKeys: Map<number, Bytes>;
  trusts: boolean;
  /** What the stores were asked, in order, when someone listens. */
  trace: string[] | undefined;
}

const DEVICE = 1;

/** @param name - Protocol address name; a UUID makes it a service id. */
export function newParty(
  engine: Engine,
  name: string,
  registrationId = 5000,
  identity = engine.IdentityKeyPair.generate(),
): Party {
  const address = engine.ProtocolAddress.new(name, DEVICE);
  const sessions = new Map<string, Bytes>();
  const preKeys = new Map<number, Bytes>();
  const signedPreKeys = new Map<number, Bytes>();
  const kyberPreKeys = new Map<number, Bytes>();
  let nextId = 1;
  const heard = (what: string) => party.trace?.push(what);

  class Sessions extends engine.SessionStore {
    async saveSession(at: ProtocolAddress, record: SessionRecord): Promise<void> {
      heard('saveSession');
      sessions.set(at.toString(), record.serialize());
    }
    async getSession(at: ProtocolAddress): Promise<SessionRecord | null> {
      heard('getSession');
      const bytes = sessions.get(at.toString());
      return bytes ? engine.SessionRecord.deserialize(bytes) : null;
    }
    async getExistingSessions(): Promise<SessionRecord[]> {
      return [];
    }
  }
  class Identities extends engine.IdentityKeyStore {
    async getIdentityKey(): Promise<PrivateKey> {
      heard('getIdentityKey');
      return identity.privateKey;
    }
    override async getIdentityKeyPair(): Promise<IdentityKeyPair> {
      heard('getIdentityKeyPair');
      return identity;
    }
    async getLocalRegistrationId(): Promise<number> {
      heard('getLocalRegistrationId');
      return registrationId;
    }
    async saveIdentity(): Promise<0> {
      heard('saveIdentity');
      return 0;
    }
    async isTrustedIdentity(_at: ProtocolAddress, _key: PublicKey, direction: 0 | 1): Promise<boolean> {
      heard(`isTrustedIdentity ${direction}`);
      return party.trusts;
    }
    async getIdentity(): Promise<PublicKey | null> {
      heard('getIdentity');
      return null;
    }
  }
  class PreKeys extends engine.PreKeyStore {
    async savePreKey(id: number, record: PreKeyRecord): Promise<void> {
      preKeys.set(id, record.serialize());
    }
    async getPreKey(id: number): Promise<PreKeyRecord> {
      heard(`getPreKey ${id}`);
      return engine.PreKeyRecord.deserialize(found(preKeys, id));
    }
    async removePreKey(id: number): Promise<void> {
      heard(`removePreKey ${id}`);
      preKeys.delete(id);
    }
  }
  class SignedPreKeys extends engine.SignedPreKeyStore {
    async saveSignedPreKey(id: number, record: SignedPreKeyRecord): Promise<void> {
      signedPreKeys.set(id, record.serialize());
    }
    async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
      heard(`getSignedPreKey ${id}`);
      return engine.SignedPreKeyRecord.deserialize(found(signedPreKeys, id));
    }
  }
  class KyberPreKeys extends engine.KyberPreKeyStore {
    async saveKyberPreKey(id: number, record: KyberPreKeyRecord): Promise<void> {
      kyberPreKeys.set(id, record.serialize());
    }
    async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
      heard(`getKyberPreKey ${id}`);
      return engine.KyberPreKeyRecord.deserialize(found(kyberPreKeys, id));
    }
    async markKyberPreKeyUsed(id: number, signedId: number, baseKey: PublicKey): Promise<void> {
      heard(`markKyberPreKeyUsed ${id} ${signedId} ${baseKey.serialize().length}`);
    }
  }
  const stores = {
    sessions: new Sessions(),
    identities: new Identities(),
    preKeys: new PreKeys(),
    signed: new SignedPreKeys(),
    kyber: new KyberPreKeys(),
  };
  const at = (peer: string) => engine.ProtocolAddress.new(peer, DEVICE);

  const party: Party = {
    engine,
    address,
    identity,
    sessions,
    preKeys,
    signedPreKeys,
    kyberPreKeys,
    trusts: true,
    trace: undefined,

    async publish({ oneTime = true } = {}) {
      const sign = (bytes: Bytes) => identity.privateKey.sign(bytes);
      const id = nextId++;
      const signedKey = engine.PrivateKey.generate();
      const signedPublic = signedKey.getPublicKey().serialize();
      const kem = engine.KEMKeyPair.generate();
      const kemPublic = kem.getPublicKey().serialize();
      const signed = { id, key: signedPublic, signature: sign(signedPublic) };
      const kyber = { id, key: kemPublic, signature: sign(kemPublic) };
      const signedRecord = engine.SignedPreKeyRecord.new(
        id,
        0,
        signedKey.getPublicKey(),
        signedKey,
        signed.signature,
      );
      await stores.signed.saveSignedPreKey(id, signedRecord);
      await stores.kyber.saveKyberPreKey(id, engine.KyberPreKeyRecord.new(id, 0, kem, kyber.signature));
      let preKey: PublishedBundle['preKey'];
      if (oneTime) {
        const key = engine.PrivateKey.generate();
        await stores.preKeys.savePreKey(id, engine.PreKeyRecord.new(id, key.getPublicKey(), key));
        preKey = { id, key: key.getPublicKey().serialize() };
      }
      return { registrationId, preKey, signed, kyber, identityKey: identity.publicKey.serialize() };
    },

    archive(peer) {
      const key = at(peer).toString();
      const bytes = sessions.get(key);
      if (!bytes) return;
      const record = engine.SessionRecord.deserialize(bytes);
      record.archiveCurrentState();
      sessions.set(key, record.serialize());
    },

    async begin(peer, bundle, now) {
      await engine.processPreKeyBundle(
        readBundle(engine, bundle),
        at(peer),
        address,
        stores.sessions,
        stores.identities,
        now,
      );
    },

    async send(peer, plaintext, now) {
      const message: CiphertextMessage = await engine.signalEncrypt(
        plaintext,
        at(peer),
        address,
        stores.sessions,
        stores.identities,
        now,
      );
      return { type: message.type(), bytes: message.serialize() };
    },

    async receive(peer, { type, bytes }) {
      if (type === engine.CiphertextMessageType.PreKey) {
        return engine.signalDecryptPreKey(
          engine.PreKeySignalMessage.deserialize(bytes),
          at(peer),
          address,
          stores.sessions,
          stores.identities,
          stores.preKeys,
          stores.signed,
          stores.kyber,
        );
      }
      return engine.signalDecrypt(
        engine.SignalMessage.deserialize(bytes),
        at(peer),
        address,
        stores.sessions,
        stores.identities,
      );
    },
  };
  return party;
}

/** Rebuilds a bundle in an engine from its published bytes. */
export function readBundle(engine: Engine, bundle: PublishedBundle): PreKeyBundle {
  const { preKey, signed, kyber } = bundle;
  return engine.PreKeyBundle.new(
    bundle.registrationId,
    DEVICE,
    preKey?.id ?? null,
    preKey ? engine.PublicKey.deserialize(preKey.key) : null,
    signed.id,
    engine.PublicKey.deserialize(signed.key),
    signed.signature,
    engine.PublicKey.deserialize(bundle.identityKey),
    kyber.id,
    engine.KEMPublicKey.deserialize(kyber.key),
    kyber.signature,
  );
}

function found(records: Map<number, Bytes>, id: number): Bytes {
  const record = records.get(id);
  if (!record) throw new Error('no such pre-key');
  return record;
}

/** What a call came to: 'ok', or the error's code as `error <code>`. */
export async function verdict(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const { code } = error as { code?: unknown };
    return `error ${String(code)}`;
  }
}
