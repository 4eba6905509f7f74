// Point arithmetic behind XEdDSA, against noble's.
import { expect, test } from '@jest/globals';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import {
  basePointTimes,
  edwardsFromMontgomery,
  isTorsionFree,
  L,
  scalarFrom,
} from '../src/primitives/edwards.ts';
import { systemRandom } from '../src/primitives/random.ts';
import { littleEndian32 } from '../src/bytes.ts';

test('L is the order of the group', () => {
  expect(L).toBe(ed25519.Point.Fn.ORDER);
});

test('multiples of the base point, by way of Montgomery coordinates, are noble’s', () => {
  const edge = [
    1n,
    2n,
    7n,
    8n,
    9n,
    L - 1n,
    L - 8n,
    2n ** 251n,
    8n * 2n ** 248n,
    (L - 1n) / 2n,
    (L + 1n) / 2n,
  ];
  const random = Array.from({ length: 200 }, () => scalarFrom(systemRandom(64)));
  for (const scalar of [...edge, ...random]) {
    expect(basePointTimes(scalar)).toEqual(ed25519.Point.BASE.multiply(scalar).toBytes());
  }
  expect(basePointTimes(0n)).toEqual(ed25519.Point.ZERO.toBytes());
});

/** A point of order 8. */
const TORSION = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');

test('only points of the prime-order group pass', () => {
  for (let i = 0; i < 20; i++) {
    const point = ed25519.Point.BASE.multiply(scalarFrom(systemRandom(64)));
    expect(isTorsionFree(ed25519.utils.toMontgomery(point.toBytes()))).toBe(true);
    for (const multiple of [1n, 2n, 3n, 4n]) {
      const mixed = point.add(TORSION.multiplyUnsafe(multiple));
      expect(isTorsionFree(ed25519.utils.toMontgomery(mixed.toBytes()))).toBe(false);
    }
  }
  const minusOne = littleEndian32(2n ** 255n - 20n);
  expect(edwardsFromMontgomery(minusOne)).toBeUndefined();
  for (const u of [littleEndian32(0n), littleEndian32(1n), minusOne, littleEndian32(2n)])
    expect(isTorsionFree(u)).toBe(false);
  expect(isTorsionFree(x25519.getPublicKey(systemRandom(32)))).toBe(true);
});
