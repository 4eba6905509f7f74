// Properties of whole frames: round trip, agreement with protobufjs, one spelling for each value, and that no bytes
// at all make the decoders do anything but answer or throw a WireError.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeClientFrameInto,
  encodeRelayFrame,
  encodeRelayFrameInto,
  WireError,
  WireErrors,
  type ClientFrame,
  type RelayFrame,
} from '../src/index.ts';
import { clientFrame, damage, harm, relayFrame } from './arbitraries.ts';
import { oracleDecode, oracleEncode, pad } from './oracle.mjs';

interface Side {
  name: 'ClientFrame' | 'RelayFrame';
  frames: fc.Arbitrary<ClientFrame | RelayFrame>;
  encode: (frame: never) => Uint8Array;
  encodeInto: (frame: never, target: Uint8Array, offset: number) => number;
  decode: (bytes: Uint8Array) => ClientFrame | RelayFrame;
}

const sides: Side[] = [
  {
    name: 'ClientFrame',
    frames: clientFrame,
    encode: encodeClientFrame,
    encodeInto: encodeClientFrameInto,
    decode: decodeClientFrame,
  },
  {
    name: 'RelayFrame',
    frames: relayFrame,
    encode: encodeRelayFrame,
    encodeInto: encodeRelayFrameInto,
    decode: decodeRelayFrame,
  },
];

/** Decodes, and lets only WireError pass as a refusal. */
function verdict(side: Side, bytes: Uint8Array): ClientFrame | RelayFrame | undefined {
  try {
    return side.decode(bytes);
  } catch (error) {
    if (!(error instanceof WireError) || !(error.code in WireErrors)) throw error;
    expect(error.code).toMatch(/^WIRE_FRAME_/);
    return undefined;
  }
}

/** Whatever is accepted has one spelling, and protobufjs reads the same from it. */
function checkAccepted(side: Side, bytes: Uint8Array, frame: ClientFrame | RelayFrame): void {
  expect(Buffer.compare(side.encode(frame as never), bytes)).toBe(0);
  const length = (Number(bytes[0]) << 8) | Number(bytes[1]);
  expect(frame).toEqual(oracleDecode(side.name, bytes.subarray(2, 2 + length)));
}

for (const side of sides) {
  test(`${side.name}: decode(encode(x)) = x, in the bytes that protobufjs makes`, () => {
    fc.assert(
      fc.property(side.frames, (frame) => {
        const bytes = side.encode(frame as never);
        expect(side.decode(bytes)).toEqual(frame);
        const expected = pad(oracleEncode(side.name, frame), bytes.length);
        expect(Buffer.compare(bytes, expected)).toBe(0);
      }),
      { numRuns: 600 },
    );
  });

  test(`${side.name}: encoding into used memory gives the same bytes and touches nothing else`, () => {
    fc.assert(
      fc.property(side.frames, fc.nat(40), (frame, offset) => {
        const target = new Uint8Array(offset + 4480 + 8).fill(0xee);
        const end = side.encodeInto(frame as never, target, offset);
        expect(Buffer.compare(target.subarray(offset, end), side.encode(frame as never))).toBe(0);
        expect(target.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
        expect(target.subarray(end).every((byte) => byte === 0xee)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test(`${side.name}: a damaged frame is refused, or is the one spelling of another value`, () => {
    let refused = 0;
    let accepted = 0;
    fc.assert(
      fc.property(side.frames, damage, (frame, steps) => {
        const bytes = harm(side.encode(frame as never), steps);
        const decoded = verdict(side, bytes);
        if (decoded === undefined) {
          refused++;
          return;
        }
        accepted++;
        checkAccepted(side, bytes, decoded);
      }),
      { numRuns: 1500 },
    );
    // Both ways must have been gone, or the property says nothing.
    expect(refused).toBeGreaterThan(100);
    expect(accepted).toBeGreaterThan(50);
  });

  test(`${side.name}: arbitrary bytes are decoded or refused`, () => {
    // Short ones reach further: random bytes fail early.
    const message = fc.uint8Array({ maxLength: 120, size: 'max' });
    fc.assert(
      fc.property(
        fc.oneof(
          { arbitrary: message, weight: 4 },
          { arbitrary: fc.uint8Array({ maxLength: 5000, size: 'max' }), weight: 1 },
        ),
        (bytes) => {
          verdict(side, bytes);
          for (const size of [512, 4480]) {
            const framed = pad(bytes.subarray(0, size - 2), size);
            const decoded = verdict(side, framed);
            if (decoded !== undefined) checkAccepted(side, framed, decoded);
          }
        },
      ),
      { numRuns: 800 },
    );
  });

  test(`${side.name}: decoding changes nothing in its input, and a Buffer gives the same as a Uint8Array`, () => {
    fc.assert(
      fc.property(side.frames, (frame) => {
        const bytes = side.encode(frame as never);
        const before = Uint8Array.from(bytes);
        const whole = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]);
        expect(side.decode(whole.subarray(3, 3 + bytes.length))).toStrictEqual(side.decode(bytes));
        expect(Buffer.compare(before, bytes)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
}
