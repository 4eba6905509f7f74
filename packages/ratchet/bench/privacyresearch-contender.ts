// @privacyresearch/libsignal-protocol-typescript as a contender: X3DH and Double Ratchet, no post-quantum part.
// Its records are JSON strings, so its state is serialised by itself.
import {
  KeyHelper,
  SessionBuilder,
  SessionCipher,
  SignalProtocolAddress,
  type KeyPairType,
  type StorageType,
} from '@privacyresearch/libsignal-protocol-typescript';
import type { Contender } from './measure.ts';

interface Side {
  readonly storage: StorageType;
  readonly identity: KeyPairType;
  readonly registrationId: number;
}

async function newSide(): Promise<Side> {
  const identity = await KeyHelper.generateIdentityKeyPair();
  const registrationId = KeyHelper.generateRegistrationId();
  const sessions = new Map<string, string>();
  const preKeys = new Map<string, KeyPairType>();
  const signed = new Map<string, KeyPairType>();
  const storage: StorageType = {
    getIdentityKeyPair: async () => identity,
    getLocalRegistrationId: async () => registrationId,
    isTrustedIdentity: async () => true,
    saveIdentity: async () => false,
    loadPreKey: async (id) => preKeys.get(String(id)),
    storePreKey: async (id, pair) => void preKeys.set(String(id), pair),
    removePreKey: async (id) => void preKeys.delete(String(id)),
    storeSession: async (address, record) => void sessions.set(address, record),
    loadSession: async (address) => sessions.get(address),
    loadSignedPreKey: async (id) => signed.get(String(id)),
    storeSignedPreKey: async (id, pair) => void signed.set(String(id), pair),
    removeSignedPreKey: async (id) => void signed.delete(String(id)),
  };
  return { storage, identity, registrationId };
}

const toBinary = (body: string) => Uint8Array.from(body, (char) => char.charCodeAt(0)).buffer;

export function privacyResearchContender(): Contender {
  const addresses = [new SignalProtocolAddress('a', 1), new SignalProtocolAddress('b', 1)] as const;
  return {
    name: '@privacyresearch/libsignal-protocol-typescript',
    async setUp() {
      const sides = [await newSide(), await newSide()] as const;
      const [a, b] = sides;
      const preKey = await KeyHelper.generatePreKey(1);
      const signedPreKey = await KeyHelper.generateSignedPreKey(b.identity, 1);
      await b.storage.storePreKey(1, preKey.keyPair);
      await b.storage.storeSignedPreKey(1, signedPreKey.keyPair);
      const { keyPair, signature, keyId } = signedPreKey;
      await new SessionBuilder(a.storage, addresses[1]).processPreKey({
        identityKey: b.identity.pubKey,
        registrationId: b.registrationId,
        preKey: { keyId: 1, publicKey: preKey.keyPair.pubKey },
        signedPreKey: { keyId, publicKey: keyPair.pubKey, signature },
      });
      const exchange = async (from: 0 | 1, size: number) => {
        const to = from === 0 ? 1 : 0;
        const message = await new SessionCipher(sides[from].storage, addresses[to]).encrypt(
          new ArrayBuffer(size),
        );
        const cipher = new SessionCipher(sides[to].storage, addresses[from]);
        const body = toBinary(message.body!);
        const plaintext =
          message.type === 3
            ? await cipher.decryptPreKeyWhisperMessage(body, 'binary')
            : await cipher.decryptWhisperMessage(body, 'binary');
        if (plaintext.byteLength !== size) throw new Error('wrong plaintext');
      };
      await exchange(0, 10);
      return { exchange };
    },
  };
}
