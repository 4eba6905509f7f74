// Whole frames: u16 length, one message, zeros up to one of two sizes. The entrance of the codec; frames come from
// and go to a WebSocket, one frame a binary message. Picks the hand-written path for hot frames (hot-frames.ts) and
// the general one (codec.ts) for all else. Not its concern: what a frame means.

import type { Fields } from './bounds.ts';
import { decodeMessage, encodeMessage } from './codec.ts';
import { WireError } from './errors.ts';
import {
  decodeHotClientFrame,
  decodeHotRelayFrame,
  encodeHotClientFrame,
  encodeHotRelayFrame,
} from './hot-frames.ts';
import { CONTROL_FRAME_BYTES, DATA_FRAME_BYTES, FRAME_LENGTH_BYTES } from './limits.ts';
import type { ClientFrame, RelayFrame } from './messages.ts';

/** A data frame is whatever holds a block, and whatever holds a token. */
export function clientFrameBytes(frame: ClientFrame): number {
  return frame.type === 'append' || frame.admission !== undefined ? DATA_FRAME_BYTES : CONTROL_FRAME_BYTES;
}

/** @see clientFrameBytes */
export function relayFrameBytes(frame: RelayFrame): number {
  return frame.type === 'deliver' || (frame.type === 'slot' && frame.block !== undefined)
    ? DATA_FRAME_BYTES
    : CONTROL_FRAME_BYTES;
}

/**
 * Encodes a client's frame.
 * Spec: docs/protocol.md section 1.
 * @returns 512 or 4,480 bytes, its own memory.
 * @throws WireError WIRE_VALUE.
 */
export function encodeClientFrame(frame: ClientFrame): Uint8Array {
  const target = new Uint8Array(clientFrameBytes(frame));
  putClientFrame(frame, target, 0);
  return target;
}

/** As encodeClientFrame, for a relay's frame. */
export function encodeRelayFrame(frame: RelayFrame): Uint8Array {
  const target = new Uint8Array(relayFrameBytes(frame));
  putRelayFrame(frame, target, 0);
  return target;
}

/**
 * Encodes a client's frame into memory that is used again, padding included.
 * @param target - holds at least 4,480 bytes from `offset`, or as many as the frame has.
 * @returns the position after the frame.
 * @throws WireError WIRE_VALUE, also where `target` is too short; `target` is then not written to.
 */
export function encodeClientFrameInto(frame: ClientFrame, target: Uint8Array, offset: number): number {
  const end = reserve(target, offset, clientFrameBytes(frame));
  target.fill(0, putClientFrame(frame, target, offset), end);
  return end;
}

/** As encodeClientFrameInto, for a relay's frame. */
export function encodeRelayFrameInto(frame: RelayFrame, target: Uint8Array, offset: number): number {
  const end = reserve(target, offset, relayFrameBytes(frame));
  target.fill(0, putRelayFrame(frame, target, offset), end);
  return end;
}

/**
 * Decodes a client's frame.
 * Spec: docs/protocol.md section 1.
 * @param bytes - one WebSocket message.
 * @returns the frame; its byte fields are views into `bytes`.
 * @throws WireError WIRE_FRAME_…: whatever is not exactly what encodeClientFrame makes.
 */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const end = messageEnd(bytes);
  const frame =
    decodeHotClientFrame(bytes, end) ??
    (decodeMessage('ClientFrame', bytes, FRAME_LENGTH_BYTES, end) as unknown as ClientFrame);
  if (clientFrameBytes(frame) !== bytes.length) throw new WireError('WIRE_FRAME_SIZE');
  return frame;
}

/** As decodeClientFrame, for a relay's frame. */
export function decodeRelayFrame(bytes: Uint8Array): RelayFrame {
  const end = messageEnd(bytes);
  const frame =
    decodeHotRelayFrame(bytes, end) ??
    (decodeMessage('RelayFrame', bytes, FRAME_LENGTH_BYTES, end) as unknown as RelayFrame);
  if (relayFrameBytes(frame) !== bytes.length) throw new WireError('WIRE_FRAME_SIZE');
  return frame;
}

function putClientFrame(frame: ClientFrame, target: Uint8Array, offset: number): number {
  const start = offset + FRAME_LENGTH_BYTES;
  let end = encodeHotClientFrame(frame, target, start);
  if (end < 0) end = encodeMessage('ClientFrame', frame as unknown as Fields, target, start);
  return putLength(target, offset, end);
}

function putRelayFrame(frame: RelayFrame, target: Uint8Array, offset: number): number {
  const start = offset + FRAME_LENGTH_BYTES;
  let end = encodeHotRelayFrame(frame, target, start);
  if (end < 0) end = encodeMessage('RelayFrame', frame as unknown as Fields, target, start);
  return putLength(target, offset, end);
}

function putLength(target: Uint8Array, offset: number, end: number): number {
  const length = end - offset - FRAME_LENGTH_BYTES;
  target[offset] = length >> 8;
  target[offset + 1] = length & 0xff;
  return end;
}

function reserve(target: Uint8Array, offset: number, bytes: number): number {
  const end = offset + bytes;
  if (!Number.isInteger(offset) || offset < 0 || end > target.length)
    throw new WireError('WIRE_VALUE', 'target');
  return end;
}

/** Checks size, length and padding. @returns where the message ends. */
function messageEnd(bytes: Uint8Array): number {
  if (bytes.length !== CONTROL_FRAME_BYTES && bytes.length !== DATA_FRAME_BYTES)
    throw new WireError('WIRE_FRAME_SIZE');
  const length = ((bytes[0] as number) << 8) | (bytes[1] as number);
  const end = FRAME_LENGTH_BYTES + length;
  if (length === 0 || end > bytes.length) throw new WireError('WIRE_FRAME_LENGTH');
  // Frames begin at any address, so words can't be compared; eight bytes a step come close.
  let at = end;
  let seen = 0;
  for (const last = bytes.length - 7; at < last; at += 8)
    seen |=
      (bytes[at] as number) |
      (bytes[at + 1] as number) |
      (bytes[at + 2] as number) |
      (bytes[at + 3] as number) |
      (bytes[at + 4] as number) |
      (bytes[at + 5] as number) |
      (bytes[at + 6] as number) |
      (bytes[at + 7] as number);
  for (; at < bytes.length; at++) seen |= bytes[at] as number;
  if (seen !== 0) throw new WireError('WIRE_FRAME_PADDING');
  return end;
}
