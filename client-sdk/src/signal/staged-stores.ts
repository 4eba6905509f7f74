// The stores that an engine asks for during one operation, in memory: filled before it, read out after it, so that
// whatever changed is written in the same transaction as the outbox or the history. Nothing here touches a disk.
import { equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type {
  EcPrivateKey,
  EcPublicKey,
  IdentityKeyStore,
  KyberPreKeyStore,
  PreKeyRecord,
  PreKeyStore,
  ProtocolAddress,
  SessionRecord,
  SessionStore,
  SignalModule,
  SignedPreKeyStore,
} from './module.ts';

/** One pre-key with its secret, as the engine that made it serialises it. */
export interface PreKeySecret {
  readonly kind: 'signed' | 'kyber' | 'one-time';
  readonly id: number;
  readonly record: Uint8Array;
}

/** What an operation may read. */
export interface StagedInput {
  readonly identitySecret: Uint8Array;
  readonly registrationId: number;
  readonly session: Uint8Array | undefined;
  readonly peerIdentity: Uint8Array | undefined;
  readonly preKeys: readonly PreKeySecret[];
}

/** Which keys of ours a first message used. */
export interface UsedPreKeys {
  readonly kyberId: number;
  readonly signedId: number;
  readonly baseKey: Uint8Array;
}

/** libsignal's IdentityChange. */
const UNCHANGED = 0;
const REPLACED = 1;

/** All five stores of one operation. `session`, `peerIdentity`, `usedOneTime` and `used` hold what it changed. */
export class StagedStores
  implements SessionStore, IdentityKeyStore, PreKeyStore, SignedPreKeyStore, KyberPreKeyStore
{
  session: Uint8Array | undefined;
  peerIdentity: Uint8Array | undefined;
  usedOneTime: number | undefined;
  used: UsedPreKeys | undefined;
  private readonly module: SignalModule;
  private readonly input: StagedInput;

  constructor(module: SignalModule, input: StagedInput) {
    this.module = module;
    this.input = input;
    this.session = input.session;
    this.peerIdentity = input.peerIdentity;
  }

  saveSession(_: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.session = Uint8Array.from(record.serialize());
    return Promise.resolve();
  }
  getSession(): Promise<SessionRecord | null> {
    const bytes = this.session;
    return Promise.resolve(bytes === undefined ? null : this.module.SessionRecord.deserialize(bytes));
  }
  async getExistingSessions(): Promise<SessionRecord[]> {
    const session = await this.getSession();
    return session === null ? [] : [session];
  }

  getIdentityKey(): Promise<EcPrivateKey> {
    return Promise.resolve(this.module.PrivateKey.deserialize(this.input.identitySecret));
  }
  async getIdentityKeyPair(): Promise<object> {
    const secret = await this.getIdentityKey();
    return new this.module.IdentityKeyPair(secret.getPublicKey(), secret);
  }
  getLocalRegistrationId(): Promise<number> {
    return Promise.resolve(this.input.registrationId);
  }
  saveIdentity(_: ProtocolAddress, key: EcPublicKey): Promise<number> {
    const before = this.peerIdentity;
    this.peerIdentity = Uint8Array.from(key.serialize());
    return Promise.resolve(
      before === undefined || equalBytes(before, this.peerIdentity) ? UNCHANGED : REPLACED,
    );
  }
  isTrustedIdentity(_: ProtocolAddress, key: EcPublicKey): Promise<boolean> {
    const known = this.peerIdentity;
    return Promise.resolve(known === undefined || equalBytes(known, key.serialize()));
  }
  getIdentity(): Promise<EcPublicKey | null> {
    const known = this.peerIdentity;
    return Promise.resolve(known === undefined ? null : this.module.PublicKey.deserialize(known));
  }

  getPreKey(id: number): Promise<PreKeyRecord> {
    return Promise.resolve(this.module.PreKeyRecord.deserialize(this.find('one-time', id)));
  }
  removePreKey(id: number): Promise<void> {
    this.usedOneTime = id;
    return Promise.resolve();
  }
  getSignedPreKey(id: number): Promise<PreKeyRecord> {
    return Promise.resolve(this.module.SignedPreKeyRecord.deserialize(this.find('signed', id)));
  }
  getKyberPreKey(id: number): Promise<PreKeyRecord> {
    return Promise.resolve(this.module.KyberPreKeyRecord.deserialize(this.find('kyber', id)));
  }
  markKyberPreKeyUsed(kyberId: number, signedId: number, baseKey: EcPublicKey): Promise<void> {
    this.used = { kyberId, signedId, baseKey: Uint8Array.from(baseKey.serialize()) };
    return Promise.resolve();
  }
  savePreKey(): Promise<void> {
    return Promise.reject(new SottoError('SESSION_KEYS'));
  }
  saveSignedPreKey(): Promise<void> {
    return Promise.reject(new SottoError('SESSION_KEYS'));
  }
  saveKyberPreKey(): Promise<void> {
    return Promise.reject(new SottoError('SESSION_KEYS'));
  }

  private find(kind: PreKeySecret['kind'], id: number): Uint8Array {
    const key = this.input.preKeys.find((candidate) => candidate.kind === kind && candidate.id === id);
    if (key === undefined) throw new SottoError('SESSION_KEYS');
    return key.record;
  }
}
