// Frames by example: sizes, used memory, what the encoders refuse, and that messages of errors carry no values.

import { expect, test } from '@jest/globals';
import {
  clientFrameBytes,
  decodeClientFrame,
  encodeClientFrame,
  encodeClientFrameInto,
  encodeRelayFrame,
  encodeRelayFrameInto,
  relayFrameBytes,
  WireError,
  WireErrors,
  type ClientFrame,
  type RelayFrame,
} from '../src/index.ts';

const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0xab);
const ping: ClientFrame = { request: 1, type: 'ping' };
const append: ClientFrame = {
  request: 1,
  type: 'append',
  handle: 1,
  appendId: filled(16),
  block: filled(3968),
  commitment: filled(32),
};
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return 'accepted';
};

test('a frame has 4,480 bytes when it holds a block or a token, else 512', () => {
  const admission = { token: filled(1), requestId: filled(16) };
  const slot: RelayFrame = { request: 1, type: 'slot', sequence: 0, keptUntil: 0 };
  expect(clientFrameBytes(ping)).toBe(512);
  expect(clientFrameBytes({ ...ping, admission })).toBe(4480);
  expect(clientFrameBytes(append)).toBe(4480);
  expect(relayFrameBytes(slot)).toBe(512);
  expect(relayFrameBytes({ ...slot, sequence: 1, appendId: filled(16), block: filled(3968) })).toBe(4480);
  expect(encodeClientFrame(ping)).toHaveLength(512);
  expect(encodeClientFrame({ ...ping, admission })).toHaveLength(4480);
});

test('byte fields of a decoded frame are views into it', () => {
  const bytes = encodeClientFrame(append);
  const decoded = decodeClientFrame(bytes);
  if (decoded.type !== 'append') throw new Error('not an append');
  expect(decoded.block.buffer).toBe(bytes.buffer);
});

test('encoders refuse what decoders would, and say which field, never which value', () => {
  const wrong: unknown[] = [
    { ...ping, request: 0 },
    { ...ping, request: -1 },
    { ...ping, request: 2 ** 32 },
    { ...ping, request: '1' },
    { ...ping, type: 'pong' },
    { ...ping, type: '__proto__' },
    { request: 1 },
    { ...append, block: filled(3969) },
    { ...append, ordered: {} },
    { ...append, ordered: { expect: 0, change: {} } },
    { ...append, ordered: null },
    { ...append, admission: { token: filled(355), requestId: filled(16) } },
    { ...append, admission: { token: filled(0), requestId: filled(16) } },
    {
      ...append,
      admission: { token: filled(1), requestId: filled(16) },
      ordered: { expect: 0, change: { ownerKey: filled(32) } },
    },
    {
      request: 1,
      type: 'prove',
      handle: 1,
      right: '',
      id: filled(24),
      publicKey: filled(32),
      signature: filled(64),
    },
    {
      request: 1,
      type: 'prove',
      handle: 1,
      right: 3,
      id: filled(24),
      publicKey: filled(32),
      signature: filled(64),
    },
    { request: 1, type: 'ack', handle: 1, items: 'none' },
    { request: 1, type: 'ack', handle: 1, items: [7] },
    { request: 1, type: 'changeKeys', handle: 1 },
  ];
  for (const frame of wrong) {
    const target = new Uint8Array(4480);
    expect({ frame, code: codeOf(() => encodeClientFrameInto(frame as ClientFrame, target, 0)) }).toEqual({
      frame,
      code: 'WIRE_VALUE',
    });
    expect(target.every((byte) => byte === 0)).toBe(true);
  }
  expect(() => encodeClientFrame({ ...append, block: filled(1) })).toThrow(
    `${WireErrors.WIRE_VALUE} (block)`,
  );
});

test('encoding into memory that is too short is refused, at the boundary it isn’t', () => {
  const closing: RelayFrame = { request: 0, type: 'closing', retryAfterMs: 1 };
  expect(encodeRelayFrameInto(closing, new Uint8Array(512), 0)).toBe(512);
  expect(encodeRelayFrameInto(closing, new Uint8Array(513), 1)).toBe(513);
  expect(codeOf(() => encodeRelayFrameInto(closing, new Uint8Array(511), 0))).toBe('WIRE_VALUE');
  expect(codeOf(() => encodeRelayFrameInto(closing, new Uint8Array(512), 1))).toBe('WIRE_VALUE');
  expect(codeOf(() => encodeRelayFrameInto(closing, new Uint8Array(600), -1))).toBe('WIRE_VALUE');
  expect(codeOf(() => encodeRelayFrameInto(closing, new Uint8Array(600), 0.5))).toBe('WIRE_VALUE');
  expect(encodeRelayFrame(closing)).toHaveLength(512);
});

test('errors say whether to come back', () => {
  expect(new WireError('WIRE_FRAME_VALUE').retry).toBe('reconnect');
  expect(new WireError('WIRE_VALUE').retry).toBe('never');
  expect(new WireError('WIRE_LINK_DAMAGED').retry).toBe('never');
});
