// The two halves of ML-KEM-768 encapsulation against two libraries that only do it whole.
import { expect, test } from '@jest/globals';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import sodium from 'libsodium-wrappers';
import { concat } from '../src/bytes.ts';
import {
  matchesHeader,
  mlkem768Decapsulate,
  mlkem768Encapsulate1,
  mlkem768Encapsulate2,
  mlkem768PublicKey,
} from '../src/primitives/mlkem768.ts';
import { systemRandom } from '../src/primitives/random.ts';

test('both halves together equal the libraries’ encapsulation with the same message', () => {
  for (let round = 0; round < 40; round++) {
    const seed = systemRandom(64);
    const message = systemRandom(32);
    const { header, ekVector } = mlkem768PublicKey(seed);
    const ek = concat(ekVector, header.subarray(0, 32));
    expect(ml_kem768.keygen(seed).publicKey).toEqual(ek);

    const { ct1, sharedSecret } = mlkem768Encapsulate1(header, message);
    const ct2 = mlkem768Encapsulate2(header, ekVector, message);

    const noble = ml_kem768.encapsulate(ek, message);
    expect(concat(ct1, ct2)).toEqual(noble.cipherText);
    expect(sharedSecret).toEqual(noble.sharedSecret);
    const reference = sodium.crypto_kem_mlkem768_enc_deterministic(ek, message);
    expect(concat(ct1, ct2)).toEqual(reference.ciphertext);
    expect(mlkem768Decapsulate(seed, ct1, ct2)).toEqual(sharedSecret);
  }
});

test('extreme messages and edge coefficients agree too', () => {
  const seed = new Uint8Array(64);
  const { header, ekVector } = mlkem768PublicKey(seed);
  const ek = concat(ekVector, header.subarray(0, 32));
  for (const fill of [0, 1, 0x55, 0xaa, 0xff]) {
    const message = new Uint8Array(32).fill(fill);
    const noble = ml_kem768.encapsulate(ek, message);
    expect(mlkem768Encapsulate1(header, message).ct1).toEqual(noble.cipherText.subarray(0, 960));
    expect(mlkem768Encapsulate2(header, ekVector, message)).toEqual(noble.cipherText.subarray(960));
  }
});

test('a key that is not the promised one, or out of range, is noticed', () => {
  const { header, ekVector } = mlkem768PublicKey(systemRandom(64));
  expect(matchesHeader(header, ekVector)).toBe(true);
  const flipped = ekVector.slice();
  flipped[700]! ^= 1;
  expect(matchesHeader(header, flipped)).toBe(false);
  // 0xFFF = 4095 ≥ 3329, with a header that promises exactly this key
  const outOfRange = ekVector.slice();
  outOfRange.set([0xff, 0xff, 0xff], 0);
  const promised = header.slice();
  promised.set(sodium.crypto_hash_sha3256(concat(outOfRange, header.subarray(0, 32))), 32);
  expect(matchesHeader(promised, outOfRange)).toBe(false);
});
