// Holds the hand-written path (hot-frames.ts) equal to the general one (codec.ts): on valid frames it takes what is
// its own and says the same; on damaged ones it never accepts what the general path refuses.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../src/bounds.ts';
import { decodeMessage, encodeMessage } from '../src/codec.ts';
import { WireError } from '../src/errors.ts';
import {
  decodeHotClientFrame,
  decodeHotRelayFrame,
  encodeHotClientFrame,
  encodeHotRelayFrame,
} from '../src/hot-frames.ts';
import type { ClientFrame, RelayFrame } from '../src/messages.ts';
import {
  appendedFrame,
  clientFrame,
  damage,
  deliverFrame,
  harm,
  plainClientFrame,
  relayFrame,
} from './arbitraries.ts';

type Frame = ClientFrame | RelayFrame;

const sides = [
  {
    name: 'ClientFrame' as const,
    hot: plainClientFrame as fc.Arbitrary<Frame>,
    any: clientFrame as fc.Arbitrary<Frame>,
    encode: encodeHotClientFrame as (frame: Frame, target: Uint8Array, start: number) => number,
    decode: decodeHotClientFrame as (bytes: Uint8Array, end: number) => Frame | undefined,
    isMine: (frame: Frame) =>
      (frame.type === 'append' && frame.ordered === undefined && frame.admission === undefined) ||
      (frame.type === 'ack' && frame.admission === undefined),
  },
  {
    name: 'RelayFrame' as const,
    hot: fc.oneof(deliverFrame, appendedFrame) as fc.Arbitrary<Frame>,
    any: relayFrame as fc.Arbitrary<Frame>,
    encode: encodeHotRelayFrame as (frame: Frame, target: Uint8Array, start: number) => number,
    decode: decodeHotRelayFrame as (bytes: Uint8Array, end: number) => Frame | undefined,
    isMine: (frame: Frame) => frame.type === 'deliver' || frame.type === 'appended',
  },
];

function general(name: 'ClientFrame' | 'RelayFrame', bytes: Uint8Array, end: number): unknown {
  try {
    return decodeMessage(name, bytes, 2, end);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

for (const side of sides) {
  test(`${side.name}: encodes what is its own as the general path does, and leaves the rest untouched`, () => {
    let mine = 0;
    fc.assert(
      fc.property(fc.oneof(side.hot, side.any), (frame) => {
        const target = new Uint8Array(4480);
        const end = side.encode(frame, target, 2);
        if (!side.isMine(frame)) {
          expect(end).toBe(-1);
          expect(target.every((byte) => byte === 0)).toBe(true);
          return;
        }
        mine++;
        const expected = new Uint8Array(4480);
        expect(end).toBe(encodeMessage(side.name, frame as unknown as Fields, expected, 2));
        expect(Buffer.compare(target, expected)).toBe(0);
        expect(side.decode(target, end)).toEqual(frame);
      }),
      { numRuns: 600 },
    );
    expect(mine).toBeGreaterThan(100);
  });

  test(`${side.name}: on damaged bytes it says what the general path says, or leaves the word to it`, () => {
    let agreed = 0;
    let left = 0;
    fc.assert(
      fc.property(side.hot, damage, fc.integer({ min: -3, max: 3 }), (frame, steps, shift) => {
        const target = new Uint8Array(4480);
        const end = encodeMessage(side.name, frame as unknown as Fields, target, 2);
        const bytes = harm(target, steps);
        const damagedEnd = Math.max(3, Math.min(4480, steps.length > 2 ? end + shift : end));
        const hot = side.decode(bytes, damagedEnd);
        const wanted = general(side.name, bytes, damagedEnd);
        if (hot !== undefined) {
          agreed++;
          expect(hot).toEqual(wanted);
        } else {
          left++;
          // What it leaves is refused, or isn't its own.
          if (wanted !== undefined) expect(side.isMine(wanted as Frame)).toBe(false);
        }
      }),
      { numRuns: 800 },
    );
    expect(agreed).toBeGreaterThan(100);
    expect(left).toBeGreaterThan(100);
  });
}

test('a value out of bounds is never written by the hand', () => {
  const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(1);
  const append = {
    request: 1,
    type: 'append',
    handle: 1,
    appendId: bytes(16),
    block: bytes(3968),
    commitment: bytes(32),
  };
  const ack = { request: 1, type: 'ack', handle: 1, items: [{ sequence: 1, appendId: bytes(16) }] };
  const deliver = {
    request: 0,
    type: 'deliver',
    handle: 1,
    sequence: 1,
    appendId: bytes(16),
    block: bytes(3968),
    ordered: false,
    keptUntil: 1,
    leasedUntil: 0,
    stamp: { hour: 1, index: 1, path: bytes(32), signature: bytes(64) },
  };
  const appended = {
    request: 0,
    type: 'appended',
    results: [{ request: 1, sequence: 1, duplicate: false, keptUntil: 0 }],
  };
  const target = new Uint8Array(4480);
  const client = (frame: object): number => encodeHotClientFrame(frame as ClientFrame, target, 2);
  const relay = (frame: object): number => encodeHotRelayFrame(frame as RelayFrame, target, 2);
  expect([client(append), client(ack), relay(deliver), relay(appended)].every((end) => end > 2)).toBe(true);
  target.fill(0);
  const wrong = [
    client({ ...append, request: 0 }),
    client({ ...append, handle: 2 ** 32 }),
    client({ ...append, handle: 1.5 }),
    client({ ...append, appendId: bytes(15) }),
    client({ ...append, block: bytes(3967) }),
    client({ ...append, block: 'x'.repeat(3968) }),
    client({ ...append, commitment: undefined }),
    client({ ...ack, items: [] }),
    client({ ...ack, items: Array.from({ length: 17 }, () => ack.items[0]) }),
    client({ ...ack, items: [null] }),
    client({ ...ack, items: [{ sequence: 0, appendId: bytes(16) }] }),
    relay({ ...deliver, request: 1 }),
    relay({ ...deliver, sequence: 0 }),
    relay({ ...deliver, ordered: 1 }),
    relay({ ...deliver, leasedUntil: -1 }),
    relay({ ...deliver, stamp: null }),
    relay({ ...deliver, stamp: { ...deliver.stamp, index: 2 } }),
    relay({ ...deliver, stamp: { ...deliver.stamp, path: bytes(31) } }),
    relay({ ...deliver, stamp: { ...deliver.stamp, path: bytes(384), index: 0 } }),
    relay({ ...deliver, stamp: { ...deliver.stamp, signature: bytes(63) } }),
    relay({ ...appended, results: [{ ...appended.results[0], request: 0 }] }),
    relay({ ...appended, results: [{ ...appended.results[0], duplicate: 0 }] }),
    relay({ ...appended, results: [{ ...appended.results[0], keptUntil: Number.NaN }] }),
  ];
  expect(wrong).toEqual(wrong.map(() => -1));
  expect(target.every((byte) => byte === 0)).toBe(true);
});
