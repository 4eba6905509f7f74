import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES as WIRE_BLOCK_BYTES } from '@sotto/wire';
import { boxKeyPair, randomBytes, ready } from '../../src/crypto/index.ts';
import {
  BLOCK_BYTES,
  MAX_ENVELOPE_BODY,
  openEnvelope,
  openNewcomer,
  openSlot,
  sealEnvelope,
  sealNewcomer,
  sealSlot,
  THREAD_TAG_BYTES,
} from '../../src/envelope/envelope.ts';

beforeAll(ready);

test('a block is as long as the wire says', () => {
  expect(BLOCK_BYTES).toBe(WIRE_BLOCK_BYTES);
});

test('whatever fits comes back, and every block has the same length', () => {
  const key = randomBytes(32);
  const pair = boxKeyPair();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: MAX_ENVELOPE_BODY - THREAD_TAG_BYTES }), (body) => {
      for (const kind of ['whisper', 'preKey'] as const) {
        const block = sealEnvelope(key, kind, body);
        expect(block).toHaveLength(BLOCK_BYTES);
        expect(openEnvelope([randomBytes(32), key], block)).toMatchObject({ kind, body, keyIndex: 1 });
      }
      const tag = randomBytes(THREAD_TAG_BYTES);
      const boxed = sealNewcomer(pair.publicKey, tag, body);
      expect(boxed).toHaveLength(BLOCK_BYTES);
      expect(openNewcomer([boxKeyPair(), pair], boxed)).toEqual({ tag, body });
    }),
    { numRuns: 50 },
  );
});

test('the longest body fits, one byte more does not', () => {
  const key = randomBytes(32);
  const longest = new Uint8Array(MAX_ENVELOPE_BODY).fill(7);
  expect(openEnvelope([key], sealEnvelope(key, 'whisper', longest))?.body).toEqual(longest);
  const boxed = new Uint8Array(MAX_ENVELOPE_BODY - THREAD_TAG_BYTES);
  expect(sealNewcomer(boxKeyPair().publicKey, new Uint8Array(THREAD_TAG_BYTES), boxed)).toHaveLength(
    BLOCK_BYTES,
  );
  expect(() => sealEnvelope(key, 'whisper', new Uint8Array(MAX_ENVELOPE_BODY + 1))).toThrow(
    expect.objectContaining({ code: 'ENVELOPE_TOO_LONG' }),
  );
});

test('a flipped bit, another key, another purpose: nothing opens', () => {
  const key = randomBytes(32);
  const block = sealEnvelope(key, 'whisper', Uint8Array.of(1, 2, 3));
  fc.assert(
    fc.property(fc.nat(BLOCK_BYTES - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const wrong = block.slice();
      wrong[at] = (wrong[at] ?? 0) ^ (1 << bit);
      expect(openEnvelope([key], wrong)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
  expect(openEnvelope([randomBytes(32)], block)).toBeUndefined();
  expect(openEnvelope([], block)).toBeUndefined();
  expect(openEnvelope([key], block.subarray(1))).toBeUndefined();
  expect(openSlot(key, block)).toBeUndefined();
  expect(openEnvelope([key], sealSlot(key, Uint8Array.of(1)))).toBeUndefined();
  expect(openSlot(key, sealSlot(key, Uint8Array.of(1)))).toEqual(Uint8Array.of(1));
  expect(openNewcomer([boxKeyPair()], block)).toBeUndefined();
});
