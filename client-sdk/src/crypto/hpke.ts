// HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: the suite that MLS' mandatory
// ciphersuite names, put together from X25519, HMAC and AES of this folder. @hpke/core has the same by WebCrypto, whose
// X25519 browsers of 2024 lack; a test holds both equal. Other suites are not its concern.
import { aesGcmOpen, aesGcmSeal } from './aes-gcm.ts';
import { concatBytes, utf8, wipe } from './bytes.ts';
import { asKey } from './keys.ts';
import { hkdfExpandSha256, hmacSha256 } from './hmac-sha256.ts';
import { agree, boxKeyPair, type BoxKeyPair, boxPublicKey } from './x25519.ts';

const VERSION = utf8('HPKE-v1');
const EMPTY = new Uint8Array(0);
/** RFC 9180 section 7.1: DHKEM(X25519, HKDF-SHA256) is 0x0020. */
const KEM = Uint8Array.of(...utf8('KEM'), 0x00, 0x20);
/** KEM 0x0020, KDF 0x0001 (HKDF-SHA256), AEAD 0x0001 (AES-128-GCM). */
const SUITE = Uint8Array.of(...utf8('HPKE'), 0x00, 0x20, 0x00, 0x01, 0x00, 0x01);
const MODE_BASE = Uint8Array.of(0);
const SECRET_BYTES = 32;
export const HPKE_KEY_BYTES = 16;
export const HPKE_NONCE_BYTES = 12;

interface Labelled {
  readonly suite: Uint8Array;
  readonly label: string;
}

/** LabeledExtract, section 4. */
function extract(of: Labelled, salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return hmacSha256(salt, concatBytes(VERSION, of.suite, utf8(of.label), ikm));
}

/** LabeledExpand, section 4. */
function expand(of: Labelled, secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const size = Uint8Array.of(length >> 8, length & 0xff);
  return hkdfExpandSha256(secret, concatBytes(size, VERSION, of.suite, utf8(of.label), info), length);
}

/** DeriveKeyPair, section 7.1.3. */
export function hpkeKeyPair(ikm: Uint8Array): BoxKeyPair {
  const secret = extract({ suite: KEM, label: 'dkp_prk' }, EMPTY, ikm);
  const secretKey = asKey('box-secret', expand({ suite: KEM, label: 'sk' }, secret, EMPTY, SECRET_BYTES));
  wipe(secret);
  return { secretKey, publicKey: boxPublicKey(secretKey) };
}

/** ExtractAndExpand, section 4.1. */
function sharedSecret(dh: Uint8Array, context: Uint8Array): Uint8Array {
  const secret = extract({ suite: KEM, label: 'eae_prk' }, EMPTY, dh);
  const shared = expand({ suite: KEM, label: 'shared_secret' }, secret, context, SECRET_BYTES);
  wipe(dh, secret);
  return shared;
}

function encapsulate(publicKey: Uint8Array): { shared: Uint8Array; enc: Uint8Array } {
  const ephemeral = boxKeyPair();
  const dh = agree(ephemeral.secretKey, asKey('box-public', publicKey));
  const shared = sharedSecret(dh, concatBytes(ephemeral.publicKey, publicKey));
  wipe(ephemeral.secretKey);
  return { shared, enc: ephemeral.publicKey };
}

function decapsulate(secretKey: Uint8Array, enc: Uint8Array): Uint8Array {
  const own = asKey('box-secret', secretKey);
  return sharedSecret(agree(own, asKey('box-public', enc)), concatBytes(enc, boxPublicKey(own)));
}

interface Context {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly exporter: Uint8Array;
}

/** KeySchedule of the base mode, section 5.1. */
function keySchedule(shared: Uint8Array, info: Uint8Array): Context {
  const of = (label: string): Labelled => ({ suite: SUITE, label });
  const pskIdHash = extract(of('psk_id_hash'), EMPTY, EMPTY);
  const context = concatBytes(MODE_BASE, pskIdHash, extract(of('info_hash'), EMPTY, info));
  const secret = extract(of('secret'), shared, EMPTY);
  const made = {
    key: expand(of('key'), secret, context, HPKE_KEY_BYTES),
    nonce: expand(of('base_nonce'), secret, context, HPKE_NONCE_BYTES),
    exporter: expand(of('exp'), secret, context, SECRET_BYTES),
  };
  wipe(secret, shared);
  return made;
}

/** SealBase, section 6.1. @throws SottoError CRYPTO_OPEN for a public key of low order. */
export async function hpkeSeal(input: {
  publicKey: Uint8Array;
  info: Uint8Array;
  associated: Uint8Array;
  plaintext: Uint8Array;
}): Promise<{ enc: Uint8Array; ciphertext: Uint8Array }> {
  const { shared, enc } = encapsulate(input.publicKey);
  const { key, nonce, exporter } = keySchedule(shared, input.info);
  const ciphertext = await aesGcmSeal({ ...input, key, nonce });
  wipe(key, exporter);
  return { enc, ciphertext };
}

/** OpenBase, section 6.1. @throws SottoError CRYPTO_OPEN */
export async function hpkeOpen(input: {
  secretKey: Uint8Array;
  enc: Uint8Array;
  info: Uint8Array;
  associated: Uint8Array;
  ciphertext: Uint8Array;
}): Promise<Uint8Array> {
  const { key, nonce, exporter } = keySchedule(decapsulate(input.secretKey, input.enc), input.info);
  try {
    return await aesGcmOpen({ ...input, key, nonce });
  } finally {
    wipe(key, exporter);
  }
}

function exported(
  shared: Uint8Array,
  of: { info: Uint8Array; context: Uint8Array },
  length: number,
): Uint8Array {
  const { key, exporter } = keySchedule(shared, of.info);
  const secret = expand({ suite: SUITE, label: 'sec' }, exporter, of.context, length);
  wipe(key, exporter);
  return secret;
}

/** SendExportBase, section 6.2. @throws SottoError CRYPTO_OPEN for a public key of low order. */
export function hpkeSendExport(
  publicKey: Uint8Array,
  of: { info: Uint8Array; context: Uint8Array },
  length: number,
): { enc: Uint8Array; secret: Uint8Array } {
  const { shared, enc } = encapsulate(publicKey);
  return { enc, secret: exported(shared, of, length) };
}

/** ReceiveExportBase, section 6.2. @throws SottoError CRYPTO_OPEN for an encapsulation of low order. */
export function hpkeReceiveExport(
  secretKey: Uint8Array,
  enc: Uint8Array,
  of: { info: Uint8Array; context: Uint8Array },
  length: number,
): Uint8Array {
  return exported(decapsulate(secretKey, enc), of, length);
}
