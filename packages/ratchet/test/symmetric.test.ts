// The two sets of symmetric primitives, Node's and noble's, are one and the same to their callers.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as nodeSet from '../src/primitives/symmetric-node.ts';
import * as nobleSet from '../src/primitives/symmetric.ts';
import { Q, N, compressInto } from '../src/primitives/lattice.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('they export the same names', () => {
  expect(Object.keys(nodeSet).sort()).toEqual(Object.keys(nobleSet).sort());
});

test('HMAC, HKDF and SHA-512 agree, whole and in parts', () => {
  fc.assert(
    fc.property(bytes(80), bytes(200), bytes(200), fc.integer({ min: 1, max: 130 }), (key, a, b, length) => {
      expect(nodeSet.hmacSha256(key, a, b)).toEqual(nobleSet.hmacSha256(key, a, b));
      expect(nodeSet.hmacSha256(key, a)).toEqual(nobleSet.hmacSha256(key, a));
      expect(nodeSet.sha512(a, b)).toEqual(nobleSet.sha512(a, b));
      expect(nodeSet.hkdfSha256(key, a, b, length)).toEqual(nobleSet.hkdfSha256(key, a, b, length));
    }),
  );
});

test('AES-CBC agrees, also about what it refuses', () => {
  fc.assert(
    fc.property(exactly(32), exactly(16), bytes(200), fc.nat(), (key, iv, plaintext, at) => {
      const ciphertext = nodeSet.aesCbcEncrypt(key, iv, plaintext);
      expect(nobleSet.aesCbcEncrypt(key, iv, plaintext)).toEqual(ciphertext);
      // As it is in a message: a view at an odd offset
      const view = new Uint8Array([0, ...ciphertext]).subarray(1);
      for (const set of [nodeSet, nobleSet])
        expect(set.aesCbcDecrypt(key, iv, view)).toEqual(new Uint8Array(plaintext));
      const damaged = ciphertext.slice();
      damaged[at % damaged.length]! ^= 0x80;
      expect(nodeSet.aesCbcDecrypt(key, iv, damaged)).toEqual(nobleSet.aesCbcDecrypt(key, iv, damaged));
      for (const set of [nodeSet, nobleSet]) {
        expect(set.aesCbcDecrypt(key, iv, ciphertext.subarray(1))).toBeUndefined();
        expect(set.aesCbcDecrypt(key, iv, new Uint8Array(0))).toBeUndefined();
      }
    }),
  );
});

test('compression without division is exact for every coefficient', () => {
  for (const bits of [4, 10]) {
    for (let start = 0; start < Q; start += N) {
      const polynomial = Int16Array.from({ length: N }, (_, i) => (start + i) % Q);
      const packed = new Uint8Array((N * bits) / 8);
      compressInto(packed, polynomial, bits);
      for (let i = 0; i < N; i++) {
        let value = 0;
        for (let bit = 0; bit < bits; bit++) {
          const at = i * bits + bit;
          value |= ((packed[at >> 3]! >> (at & 7)) & 1) << bit;
        }
        const exact = (BigInt(polynomial[i]!) * 2n ** BigInt(bits) * 2n + BigInt(Q)) / (2n * BigInt(Q));
        expect(value).toBe(Number(exact % 2n ** BigInt(bits)));
      }
    }
  }
});
