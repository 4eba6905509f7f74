// ML-KEM-768 whose encapsulation can be cut in two: SPQR sends half a ciphertext before it has seen the whole key.
// Key generation and decapsulation are libsodium's; only encryption is ours, since no library offers the halves.
// Spec: docs/ratchet.md section 7.5; FIPS 203, algorithms 14 and 17.
import type { Bytes } from '../bytes.ts';
import { concat } from '../bytes.ts';
import type { Polynomial } from './lattice.ts';
import {
  addInto,
  compressInto,
  decode12,
  decodeMessage,
  inverseNtt,
  multiplyAdd,
  N,
  ntt,
  sampleNoise,
  sampleUniform,
} from './lattice.ts';
import { sha3_256, sha3_512 } from './sha3.ts';
import { sodium } from './sodium.ts';

export const HEADER_BYTES = 64;
export const EK_VECTOR_BYTES = 1152;
export const CT1_BYTES = 960;
export const CT2_BYTES = 128;
export const KEY_SEED_BYTES = 64;

const K = 3;
const RHO_BYTES = 32;
const POLYNOMIAL_BYTES = 384;
const U_BITS = 10;
const V_BITS = 4;

/** The public half of a key pair, in the two pieces in which it travels. */
export interface SplitPublicKey {
  /** rho (32) ‖ SHA3-256(ek) (32) */
  readonly header: Bytes;
  readonly ekVector: Bytes;
}

/** The public key that a 64-byte seed expands to. */
export function mlkem768PublicKey(seed: Uint8Array): SplitPublicKey {
  const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(seed);
  privateKey.fill(0);
  return {
    header: concat(publicKey.subarray(EK_VECTOR_BYTES), sha3_256(publicKey)),
    ekVector: publicKey.slice(0, EK_VECTOR_BYTES),
  };
}

/** Decapsulates with the key that `seed` expands to. A bad ciphertext gives a pseudo-random secret. */
export function mlkem768Decapsulate(seed: Uint8Array, ct1: Uint8Array, ct2: Uint8Array): Bytes {
  const { privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(seed);
  const secret = sodium.crypto_kem_mlkem768_dec(concat(ct1, ct2), privateKey) as Bytes;
  privateKey.fill(0);
  return secret;
}

/** First half: everything that needs only the header. `message` is 32 random bytes, kept for the second half. */
export function mlkem768Encapsulate1(
  header: Uint8Array,
  message: Uint8Array,
): { ct1: Bytes; sharedSecret: Bytes } {
  const { sharedSecret, coins } = secretAndCoins(header, message);
  const rho = header.subarray(0, RHO_BYTES);
  const y = noiseVector(coins);
  const ct1 = new Uint8Array(CT1_BYTES);
  for (let i = 0; i < K; i++) {
    const u = new Int16Array(N);
    for (let j = 0; j < K; j++) multiplyAdd(u, sampleUniform(rho, i, j), y[j]!);
    inverseNtt(u);
    addInto(u, sampleNoise(coins, K + i));
    compressInto(ct1.subarray(i * 320, (i + 1) * 320), u, U_BITS);
  }
  forget(coins, ...y);
  return { ct1, sharedSecret };
}

/** Second half, once the key has arrived and `matchesHeader` said yes; the same header and message as before. */
export function mlkem768Encapsulate2(header: Uint8Array, ekVector: Uint8Array, message: Uint8Array): Bytes {
  const { sharedSecret, coins } = secretAndCoins(header, message);
  const y = noiseVector(coins);
  const v = new Int16Array(N);
  for (let i = 0; i < K; i++) multiplyAdd(v, coefficients(ekVector, i).polynomial, y[i]!);
  inverseNtt(v);
  addInto(v, sampleNoise(coins, 2 * K));
  addInto(v, decodeMessage(message));
  const ct2 = new Uint8Array(CT2_BYTES);
  compressInto(ct2, v, V_BITS);
  forget(coins, sharedSecret, ...y);
  return ct2;
}

/** Whether this key is the one the header promised, with all coefficients in range (FIPS 203 section 7.2). */
export function matchesHeader(header: Uint8Array, ekVector: Uint8Array): boolean {
  const hash = sha3_256(concat(ekVector, header.subarray(0, RHO_BYTES)));
  for (let i = 0; i < hash.length; i++) if (hash[i] !== header[RHO_BYTES + i]) return false;
  for (let i = 0; i < K; i++) if (!coefficients(ekVector, i).inRange) return false;
  return true;
}

function coefficients(ekVector: Uint8Array, index: number): ReturnType<typeof decode12> {
  return decode12(ekVector.subarray(index * POLYNOMIAL_BYTES, (index + 1) * POLYNOMIAL_BYTES));
}

function secretAndCoins(header: Uint8Array, message: Uint8Array): { sharedSecret: Bytes; coins: Bytes } {
  const both = sha3_512(concat(message, header.subarray(RHO_BYTES)));
  return { sharedSecret: both.slice(0, 32), coins: both.slice(32) };
}

function noiseVector(coins: Uint8Array): Polynomial[] {
  return Array.from({ length: K }, (_, nonce) => {
    const p = sampleNoise(coins, nonce);
    ntt(p);
    return p;
  });
}

function forget(...secrets: readonly (Uint8Array | Polynomial)[]): void {
  for (const secret of secrets) secret.fill(0);
}
