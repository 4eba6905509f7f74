// HMAC and HKDF by libsodium against OpenSSL's, and the two sets of other symmetric primitives, Node's and browsers',
// which are one and the same to their callers.
import { createHmac, hkdfSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hkdfSha256, hmacSha256 } from '../src/primitives/hmac.ts';
import * as nodeSet from '../src/primitives/symmetric-node.ts';
import * as browserSet from '../src/primitives/symmetric.ts';
import { Q, N, compressInto } from '../src/primitives/lattice.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('they export the same names', () => {
  expect(Object.keys(nodeSet).sort()).toEqual(Object.keys(browserSet).sort());
});

test('HMAC and HKDF are OpenSSL’s, whole and in parts, below and above what the scratch memory holds', () => {
  // Up to 2 KiB where the scratch has 1, and keys longer than a block, which HMAC hashes first
  fc.assert(
    fc.property(
      bytes(150),
      bytes(1000),
      bytes(1000),
      fc.integer({ min: 1, max: 1300 }),
      (key, a, b, length) => {
        const parts = createHmac('sha256', key).update(a).update(b).digest();
        expect(hmacSha256(key, a, b)).toEqual(new Uint8Array(parts));
        expect(hmacSha256(key, a)).toEqual(new Uint8Array(createHmac('sha256', key).update(a).digest()));
        expect(hkdfSha256(key, a, b, length)).toEqual(new Uint8Array(hkdfSync('sha256', a, key, b, length)));
      },
    ),
  );
  const large = new Uint8Array(3_000_000).fill(7);
  expect(hmacSha256(large, large)).toEqual(
    new Uint8Array(createHmac('sha256', large).update(large).digest()),
  );
  expect(() => hkdfSha256(large, large, large, 255 * 32 + 1)).toThrow(RangeError);
});

test('SHA-512 agrees, whole and in parts', () => {
  fc.assert(
    fc.property(bytes(200), bytes(200), (a, b) => {
      expect(nodeSet.sha512(a, b)).toEqual(browserSet.sha512(a, b));
    }),
  );
});

test('AES-CBC agrees, also about what it refuses', async () => {
  await fc.assert(
    fc.asyncProperty(exactly(32), exactly(16), bytes(200), fc.nat(), async (key, iv, plaintext, at) => {
      const ciphertext = await nodeSet.aesCbcEncrypt(key, iv, plaintext);
      expect(await browserSet.aesCbcEncrypt(key, iv, plaintext)).toEqual(ciphertext);
      // As it is in a message: a view at an odd offset
      const view = new Uint8Array([0, ...ciphertext]).subarray(1);
      for (const set of [nodeSet, browserSet])
        expect(await set.aesCbcDecrypt(key, iv, view)).toEqual(new Uint8Array(plaintext));
      const damaged = ciphertext.slice();
      damaged[at % damaged.length]! ^= 0x80;
      expect(await nodeSet.aesCbcDecrypt(key, iv, damaged)).toEqual(
        await browserSet.aesCbcDecrypt(key, iv, damaged),
      );
      for (const set of [nodeSet, browserSet]) {
        expect(await set.aesCbcDecrypt(key, iv, ciphertext.subarray(1))).toBeUndefined();
        expect(await set.aesCbcDecrypt(key, iv, new Uint8Array(0))).toBeUndefined();
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
