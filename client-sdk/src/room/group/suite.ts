// The two ciphersuites that rooms may have, as ts-mls wants them, made from the primitives of crypto/: hashes are
// synchronous (ts-mls hashes trees node by node; WebCrypto's waits make a join of 200 members six times slower).
// Which suite a room takes is decided where it is made (docs/decisions/0011).
import type { CiphersuiteImpl, CiphersuiteName } from 'ts-mls';
import type { Hpke } from 'ts-mls/crypto/hpke.js';
import {
  aesGcmOpen,
  aesGcmSeal,
  asKey,
  equalBytes,
  HPKE_KEY_BYTES,
  HPKE_NONCE_BYTES,
  hkdfExpandSha256,
  hmacSha256,
  hpkeKeyPair,
  hpkeOpen,
  hpkeReceiveExport,
  hpkeSeal,
  hpkeSendExport,
  randomBytes,
  ready,
  sha256,
  sha512Family,
  sign,
  type SigningKeyPair,
  signingKeyPair,
  verify,
  type XWing,
  xWing,
} from '../../crypto/index.ts';

/** `x-wing`: X25519 and ML-KEM-768 together, against whoever records today and computes later. */
export const ROOM_SUITES = ['x25519', 'x-wing'] as const;
export type RoomSuite = (typeof ROOM_SUITES)[number];

/** MLS' names: suite 1, which every implementation has, and ts-mls' private number 83. */
export const SUITE_NAMES = {
  x25519: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
  'x-wing': 'MLS_256_XWING_AES256GCM_SHA512_Ed25519',
} as const satisfies Record<RoomSuite, CiphersuiteName>;

/** Bytes of a public key of the tree. */
export const KEM_PUBLIC_BYTES: Readonly<Record<RoomSuite, number>> = { x25519: 32, 'x-wing': 1_216 };

/** Bytes of what seals a path secret: the encapsulation, and the secret with its tag. */
export const SEALED_PATH_BYTES: Readonly<Record<RoomSuite, { enc: number; ciphertext: number }>> = {
  x25519: { enc: 32, ciphertext: 48 },
  'x-wing': { enc: 1_120, ciphertext: 80 },
};

/** A suite and what it is made of. */
export interface Suite {
  readonly kind: RoomSuite;
  readonly impl: CiphersuiteImpl;
}

// ts-mls hands keys through as CryptoKey without looking at them; ours are bytes.
type HpkeKey = Parameters<Hpke['exportPublicKey']>[0] & Parameters<Hpke['exportPrivateKey']>[0];
const asHpkeKey = (bytes: Uint8Array): HpkeKey => bytes as unknown as HpkeKey;
const bytesOf = (key: CryptoKey): Uint8Array => key as unknown as Uint8Array;
const now = <T>(make: () => T): Promise<T> => new Promise((resolve) => resolve(make()));
const EMPTY = new Uint8Array(0);

// A state hands the same seed through from message to message; its pair costs as much as a signature.
const pairs = new WeakMap<Uint8Array, SigningKeyPair>();

function pairOf(seed: Uint8Array): SigningKeyPair {
  const known = pairs.get(seed);
  if (known !== undefined) return known;
  const pair = signingKeyPair(asKey('signing-seed', seed));
  pairs.set(seed, pair);
  return pair;
}

const signature: CiphersuiteImpl['signature'] = {
  sign: (seed, message) => now(() => sign(pairOf(seed), message)),
  verify: (publicKey, message, signed) =>
    now(() => {
      try {
        verify(asKey('verify', publicKey), message, signed);
        return true;
      } catch {
        return false;
      }
    }),
  keygen: () =>
    now(() => {
      const pair = signingKeyPair(asKey('signing-seed', randomBytes(32)));
      return { publicKey: pair.publicKey, signKey: pair.seed };
    }),
};

const aead = {
  encryptAead: (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array = EMPTY, plaintext: Uint8Array) =>
    aesGcmSeal({ key, nonce, associated, plaintext }),
  decryptAead: (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array = EMPTY, ciphertext: Uint8Array) =>
    aesGcmOpen({ key, nonce, associated, ciphertext }),
};

const keys = {
  importPrivateKey: (bytes: Uint8Array) => now(() => asHpkeKey(bytes)),
  importPublicKey: (bytes: Uint8Array) => now(() => asHpkeKey(bytes)),
  exportPublicKey: (key: CryptoKey) => now(() => bytesOf(key)),
  exportPrivateKey: (key: CryptoKey) => now(() => bytesOf(key)),
};

/* eslint-disable max-params -- ts-mls' interface */
const classicalHpke: Hpke = {
  ...keys,
  ...aead,
  async seal(publicKey, plaintext, info, associated = EMPTY) {
    const { enc, ciphertext } = await hpkeSeal({
      publicKey: bytesOf(publicKey),
      info,
      associated,
      plaintext,
    });
    return { enc, ct: ciphertext };
  },
  open: (secretKey, enc, ciphertext, info, associated = EMPTY) =>
    hpkeOpen({ secretKey: bytesOf(secretKey), enc, info, associated, ciphertext }),
  exportSecret: (publicKey, context, length, info) =>
    now(() => hpkeSendExport(bytesOf(publicKey), { info, context }, length)),
  importSecret: (secretKey, context, enc, length, info) =>
    now(() => hpkeReceiveExport(bytesOf(secretKey), enc, { info, context }, length)),
  deriveKeyPair: (ikm) =>
    now(() => {
      const pair = hpkeKeyPair(ikm);
      return { privateKey: asHpkeKey(pair.secretKey), publicKey: asHpkeKey(pair.publicKey) };
    }),
  generateKeyPair: () => classicalHpke.deriveKeyPair(randomBytes(32)),
  keyLength: HPKE_KEY_BYTES,
  nonceLength: HPKE_NONCE_BYTES,
};

function hybridHpke(kem: XWing): Hpke {
  return {
    ...keys,
    ...aead,
    async seal(publicKey, plaintext, info, associated = EMPTY) {
      const { enc, ciphertext } = await kem.seal({
        publicKey: bytesOf(publicKey),
        info,
        associated,
        plaintext,
      });
      return { enc, ct: ciphertext };
    },
    open: (secretKey, enc, ciphertext, info, associated = EMPTY) =>
      kem.open({ secretKey: bytesOf(secretKey), enc, info, associated, ciphertext }),
    exportSecret: (publicKey, context, length, info) =>
      kem.sendExport(bytesOf(publicKey), { info, context }, length),
    importSecret: (secretKey, context, enc, length, info) =>
      kem.receiveExport(bytesOf(secretKey), enc, { info, context }, length),
    async deriveKeyPair(ikm) {
      const pair = await kem.keyPair(ikm);
      return { privateKey: asHpkeKey(pair.secretKey), publicKey: asHpkeKey(pair.publicKey) };
    },
    generateKeyPair() {
      return this.deriveKeyPair(randomBytes(32));
    },
    keyLength: 32,
    nonceLength: 12,
  };
}

/* eslint-enable max-params */

const rng: CiphersuiteImpl['rng'] = { randomBytes };

const classical: Suite = {
  kind: 'x25519',
  impl: {
    name: SUITE_NAMES.x25519,
    rng,
    signature,
    hpke: classicalHpke,
    hash: {
      digest: (data) => now(() => sha256(data)),
      mac: (key, data) => now(() => hmacSha256(key, data)),
      verifyMac: (key, mac, data) => now(() => equalBytes(hmacSha256(key, data), mac)),
    },
    kdf: {
      extract: (salt, ikm) => now(() => hmacSha256(salt, ikm)),
      expand: (secret, info, length) => now(() => hkdfExpandSha256(secret, info, length)),
      size: 32,
    },
  },
};

async function hybrid(): Promise<Suite> {
  return {
    kind: 'x-wing',
    impl: {
      name: SUITE_NAMES['x-wing'],
      rng,
      signature,
      hpke: hybridHpke(await xWing()),
      hash: {
        digest: (data) => now(() => sha512Family.digest(data)),
        mac: (key, data) => now(() => sha512Family.mac(key, data)),
        verifyMac: (key, mac, data) => now(() => equalBytes(sha512Family.mac(key, data), mac)),
      },
      kdf: {
        extract: (salt, ikm) => now(() => sha512Family.mac(salt, ikm)),
        expand: (secret, info, length) => now(() => sha512Family.expand(secret, info, length)),
        size: 64,
      },
    },
  };
}

/** Loads a suite; cheap to call again. The hybrid one comes with code that is fetched only where it is used. */
export async function suiteOf(kind: RoomSuite): Promise<Suite> {
  await ready();
  return kind === 'x25519' ? classical : hybrid();
}

/** @returns undefined for a suite that rooms don't have. */
export function suiteKindOf(name: string): RoomSuite | undefined {
  return ROOM_SUITES.find((kind) => SUITE_NAMES[kind] === name);
}
