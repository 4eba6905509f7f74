// Stamps as a moderator would check them: every leaf of every batch size climbs to the signed root, others don't.

import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { stampRootOf, stampRootPreimage } from '@sotto/wire';
import fc from 'fast-check';
import { signingKey } from '../src/crypto/ed25519.ts';
import { stampAll } from '../src/stamp/stamper.ts';
import type { StoredBlock } from '../src/store/channel-store.ts';
import { sha256 } from './support/client.ts';

const key = signingKey(randomBytes(32));
const publicKey = createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key.publicKey).toString('base64url') },
  format: 'jwk',
});

const block = new Uint8Array(3968);
function stored(sequence: number, hour = 500_000): StoredBlock {
  const commitment = new Uint8Array(randomBytes(32));
  return { sequence, appendId: new Uint8Array(16), block, commitment, ordered: false, hour, keptUntil: 0 };
}

function holds(
  commitment: Uint8Array,
  stamp: { hour: number; index: number; path: Uint8Array; signature: Uint8Array },
) {
  const root = stampRootOf({ commitment, index: stamp.index, path: stamp.path }, sha256);
  return verify(null, stampRootPreimage({ root, hour: stamp.hour }), publicKey, stamp.signature);
}

test('each leaf of a batch of 1 to 33 verifies, another commitment, hour or index does not', () => {
  for (let count = 1; count <= 33; count++) {
    const blocks = Array.from({ length: count }, (_, n) => stored(n + 1));
    const stamps = stampAll(key, blocks);
    expect(new Set([...stamps.values()].map((stamp) => stamp.signature)).size).toBe(1);
    for (const one of blocks) {
      const stamp = stamps.get(one)!;
      expect(holds(one.commitment, stamp)).toBe(true);
      expect(holds(stored(1).commitment, stamp)).toBe(false);
      expect(holds(one.commitment, { ...stamp, hour: stamp.hour + 1 })).toBe(false);
      if (count > 1) expect(holds(one.commitment, { ...stamp, index: stamp.index ^ 1 })).toBe(false);
    }
  }
});

test('2,048 blocks share a signature, the next one has its own; hours never mix', () => {
  const blocks = Array.from({ length: 2049 }, (_, n) => stored(n));
  const stamps = stampAll(key, blocks);
  const signatures = blocks.map((one) => Buffer.from(stamps.get(one)!.signature).toString('hex'));
  expect(new Set(signatures.slice(0, 2048)).size).toBe(1);
  expect(signatures[2048]).not.toBe(signatures[0]);
  expect(stamps.get(blocks[2047]!)!.path.length).toBe(11 * 32);
  expect(stamps.get(blocks[2048]!)!.path.length).toBe(0);
  const mixed = [stored(1, 10), stored(2, 11), stored(3, 10)];
  const byHour = stampAll(key, mixed);
  for (const one of mixed) {
    expect(byHour.get(one)!.hour).toBe(one.hour);
    expect(holds(one.commitment, byHour.get(one)!)).toBe(true);
  }
});

test('a block given for many readers is one leaf', () => {
  const one = stored(1);
  const stamps = stampAll(key, [one, one, one]);
  expect(stamps.size).toBe(1);
  expect(stamps.get(one)!.path.length).toBe(0);
});

test('any batch verifies', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(299), (count, pick) => {
      const blocks = Array.from({ length: count }, (_, n) => stored(n));
      const one = blocks[pick % count]!;
      expect(holds(one.commitment, stampAll(key, blocks).get(one)!)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
