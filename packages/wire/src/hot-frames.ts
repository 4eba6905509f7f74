// The four frames that a busy relay sees most, coded by hand: append and ack from clients, appended and deliver from
// relays (docs/protocol.md section 1.3). Answers "not mine" for everything else and everything irregular, which then
// takes the general path and gets its verdict there; hot-frames.props.test.ts holds both paths equal.
// Not its concern: padding and sizes (frame.ts).

import { view } from './codec.ts';
import {
  APPEND_ID_BYTES,
  BLOCK_BYTES,
  COMMITMENT_BYTES,
  HASH_BYTES,
  MAX_ITEMS,
  MAX_STAMP_DEPTH,
  MAX_STAMP_LEAVES,
  MAX_UINT32,
  SIGNATURE_BYTES,
} from './limits.ts';
import type { AckItem, AppendResult, ClientFrame, Deliver, RelayFrame, Stamp } from './messages.ts';

// Tags: field number · 8 + wire type. The names say message and field of sotto.proto.
const REQUEST = 0x08;
const CLIENT_APPEND = 0x2a;
const CLIENT_ACK = 0x4a;
const RELAY_APPENDED = 0x2a;
const RELAY_DELIVER = 0x42;
const FIELD_1_NUMBER = 0x08;
const FIELD_2_NUMBER = 0x10;
const FIELD_1_BYTES = 0x0a;
const FIELD_2_BYTES = 0x12;
const FIELD_3_NUMBER = 0x18;
const FIELD_3_BYTES = 0x1a;
const FIELD_4_NUMBER = 0x20;
const FIELD_4_BYTES = 0x22;
const FIELD_5_NUMBER = 0x28;
const FIELD_6_NUMBER = 0x30;
const FIELD_7_NUMBER = 0x38;
const FIELD_8_BYTES = 0x42;
// BLOCK_BYTES (3,968) as a varint: 0x80 0x1f.
const BLOCK_VARINT_LOW = (BLOCK_BYTES & 0x7f) | 0x80;
const BLOCK_VARINT_HIGH = BLOCK_BYTES >> 7;

const NOT_MINE = -1;
const EMPTY = new Uint8Array(0);

// The place in the one frame being read. Both directions are synchronous and never call out, so one is enough and
// nothing is made per frame.
let at = 0;

// ───────────────────────────── decoding ─────────────────────────────

/** @returns the frame, or undefined where the general path must decide. */
export function decodeHotClientFrame(bytes: Uint8Array, end: number): ClientFrame | undefined {
  at = 2;
  const request = numberField(bytes, end, REQUEST);
  if (request <= 0 || at >= end) return undefined;
  switch (bytes[at++]) {
    case CLIENT_APPEND:
      return number(bytes, end) === end - at ? readAppend(bytes, end, request) : undefined;
    case CLIENT_ACK:
      return number(bytes, end) === end - at ? readAck(bytes, end, request) : undefined;
    default:
      return undefined;
  }
}

/** @returns the frame, or undefined where the general path must decide. */
export function decodeHotRelayFrame(bytes: Uint8Array, end: number): RelayFrame | undefined {
  at = 2;
  switch (bytes[at++]) {
    case RELAY_APPENDED:
      return number(bytes, end) === end - at ? readAppended(bytes, end) : undefined;
    case RELAY_DELIVER:
      return number(bytes, end) === end - at ? readDeliver(bytes, end) : undefined;
    default:
      return undefined;
  }
}

function readAppend(bytes: Uint8Array, end: number, request: number): ClientFrame | undefined {
  const handle = numberField(bytes, end, FIELD_1_NUMBER);
  if (handle <= 0) return undefined;
  const appendId = shortField(bytes, end, FIELD_2_BYTES, APPEND_ID_BYTES);
  if (appendId === undefined) return undefined;
  const block = blockField(bytes, end, FIELD_3_BYTES);
  if (block === undefined) return undefined;
  const commitment = shortField(bytes, end, FIELD_4_BYTES, COMMITMENT_BYTES);
  if (commitment === undefined || at !== end) return undefined;
  return { request, type: 'append', handle, appendId, block, commitment };
}

function readAck(bytes: Uint8Array, end: number, request: number): ClientFrame | undefined {
  const handle = numberField(bytes, end, FIELD_1_NUMBER);
  if (handle <= 0 || at === end) return undefined;
  const items: AckItem[] = [];
  while (at < end) {
    if (bytes[at++] !== FIELD_2_BYTES || items.length === MAX_ITEMS) return undefined;
    const itemEnd = number(bytes, end) + at;
    if (itemEnd > end) return undefined;
    const sequence = numberField(bytes, itemEnd, FIELD_1_NUMBER);
    if (sequence <= 0) return undefined;
    const appendId = shortField(bytes, itemEnd, FIELD_2_BYTES, APPEND_ID_BYTES);
    if (appendId === undefined || at !== itemEnd) return undefined;
    items.push({ sequence, appendId });
  }
  return { request, type: 'ack', handle, items };
}

function readAppended(bytes: Uint8Array, end: number): RelayFrame | undefined {
  if (at === end) return undefined;
  const results: AppendResult[] = [];
  while (at < end) {
    if (bytes[at++] !== FIELD_1_BYTES || results.length === MAX_ITEMS) return undefined;
    const itemEnd = number(bytes, end) + at;
    if (itemEnd > end) return undefined;
    const request = numberField(bytes, itemEnd, FIELD_1_NUMBER);
    const sequence = numberField(bytes, itemEnd, FIELD_2_NUMBER);
    if (request <= 0 || sequence <= 0) return undefined;
    const duplicate = numberField(bytes, itemEnd, FIELD_3_NUMBER);
    const keptUntil = numberField(bytes, itemEnd, FIELD_4_NUMBER);
    if (duplicate < 0 || duplicate > 1 || keptUntil < 0 || at !== itemEnd) return undefined;
    results.push({ request, sequence, duplicate: duplicate === 1, keptUntil });
  }
  return { request: 0, type: 'appended', results };
}

function readDeliver(bytes: Uint8Array, end: number): RelayFrame | undefined {
  const handle = numberField(bytes, end, FIELD_1_NUMBER);
  const sequence = numberField(bytes, end, FIELD_2_NUMBER);
  if (handle <= 0 || sequence <= 0) return undefined;
  const appendId = shortField(bytes, end, FIELD_3_BYTES, APPEND_ID_BYTES);
  if (appendId === undefined) return undefined;
  const block = blockField(bytes, end, FIELD_4_BYTES);
  if (block === undefined) return undefined;
  const ordered = numberField(bytes, end, FIELD_5_NUMBER);
  const keptUntil = numberField(bytes, end, FIELD_6_NUMBER);
  const leasedUntil = numberField(bytes, end, FIELD_7_NUMBER);
  if (ordered < 0 || ordered > 1 || keptUntil < 0 || leasedUntil < 0) return undefined;
  const frame: { request: number } & Deliver = {
    request: 0,
    type: 'deliver',
    handle,
    sequence,
    appendId,
    block,
    ordered: ordered === 1,
    keptUntil,
    leasedUntil,
  };
  if (at === end) return frame;
  if (bytes[at++] !== FIELD_8_BYTES || number(bytes, end) !== end - at) return undefined;
  const stamp = readStamp(bytes, end);
  if (stamp === undefined) return undefined;
  frame.stamp = stamp;
  return frame;
}

function readStamp(bytes: Uint8Array, end: number): Stamp | undefined {
  const hour = numberField(bytes, end, FIELD_1_NUMBER);
  const index = numberField(bytes, end, FIELD_2_NUMBER);
  if (hour < 0 || index < 0 || index >= MAX_STAMP_LEAVES) return undefined;
  let path: Uint8Array = EMPTY;
  if (at < end && bytes[at] === FIELD_3_BYTES) {
    at++;
    const length = number(bytes, end);
    if (length <= 0 || length > MAX_STAMP_DEPTH * HASH_BYTES || length % HASH_BYTES !== 0) return undefined;
    if (length > end - at) return undefined;
    path = view(bytes, at, length);
    at += length;
  }
  const signature = shortField(bytes, end, FIELD_4_BYTES, SIGNATURE_BYTES);
  if (signature === undefined || at !== end) return undefined;
  return index < 2 ** (path.length / HASH_BYTES) ? { hour, index, path, signature } : undefined;
}

/** @returns the number of this field; 0 when another one or none follows; NOT_MINE where it isn't canonical. */
function numberField(bytes: Uint8Array, end: number, tag: number): number {
  if (at >= end || bytes[at] !== tag) return 0;
  at++;
  const value = number(bytes, end);
  return value === 0 ? NOT_MINE : value;
}

/** A varint in its shortest form, at most 2^32 − 1; NOT_MINE otherwise. */
function number(bytes: Uint8Array, end: number): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
    if (at >= end) return NOT_MINE;
    const byte = bytes[at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return (byte === 0 && scale > 1) || value > MAX_UINT32 ? NOT_MINE : value;
  }
  return NOT_MINE;
}

/** A bytes field whose length fits one varint byte. */
function shortField(bytes: Uint8Array, end: number, tag: number, length: number): Uint8Array | undefined {
  const from = at + 2;
  if (from + length > end || bytes[at] !== tag || bytes[at + 1] !== length) return undefined;
  at = from + length;
  return view(bytes, from, length);
}

function blockField(bytes: Uint8Array, end: number, tag: number): Uint8Array | undefined {
  const from = at + 3;
  if (from + BLOCK_BYTES > end || bytes[at] !== tag) return undefined;
  if (bytes[at + 1] !== BLOCK_VARINT_LOW || bytes[at + 2] !== BLOCK_VARINT_HIGH) return undefined;
  at = from + BLOCK_BYTES;
  return view(bytes, from, BLOCK_BYTES);
}

// ───────────────────────────── encoding ─────────────────────────────

/** @returns the position after the message, or −1 where the general path must decide; then nothing was written. */
export function encodeHotClientFrame(frame: ClientFrame, target: Uint8Array, start: number): number {
  if (frame.admission !== undefined || !isPositive(frame.request)) return NOT_MINE;
  if (frame.type === 'append') {
    if (frame.ordered !== undefined || !isPositive(frame.handle)) return NOT_MINE;
    if (!isBytes(frame.appendId, APPEND_ID_BYTES) || !isBytes(frame.block, BLOCK_BYTES)) return NOT_MINE;
    if (!isBytes(frame.commitment, COMMITMENT_BYTES)) return NOT_MINE;
    const length =
      1 + numberBytes(frame.handle) + 2 + APPEND_ID_BYTES + 3 + BLOCK_BYTES + 2 + COMMITMENT_BYTES;
    at = start;
    putField(target, REQUEST, frame.request);
    putField(target, CLIENT_APPEND, length);
    putField(target, FIELD_1_NUMBER, frame.handle);
    putBytes(target, FIELD_2_BYTES, frame.appendId);
    putBytes(target, FIELD_3_BYTES, frame.block);
    putBytes(target, FIELD_4_BYTES, frame.commitment);
    return at;
  }
  if (frame.type === 'ack') {
    const { handle, items } = frame;
    if (!isPositive(handle) || !isList(items)) return NOT_MINE;
    let length = 1 + numberBytes(handle);
    for (const item of items) {
      if (!isPositive(item.sequence) || !isBytes(item.appendId, APPEND_ID_BYTES)) return NOT_MINE;
      length += 2 + ackItemBytes(item);
    }
    at = start;
    putField(target, REQUEST, frame.request);
    putField(target, CLIENT_ACK, length);
    putField(target, FIELD_1_NUMBER, handle);
    for (const item of items) {
      putField(target, FIELD_2_BYTES, ackItemBytes(item));
      putField(target, FIELD_1_NUMBER, item.sequence);
      putBytes(target, FIELD_2_BYTES, item.appendId);
    }
    return at;
  }
  return NOT_MINE;
}

/** @returns the position after the message, or −1 where the general path must decide; then nothing was written. */
export function encodeHotRelayFrame(frame: RelayFrame, target: Uint8Array, start: number): number {
  if (frame.request !== 0) return NOT_MINE;
  if (frame.type === 'deliver') return putDeliver(frame, target, start);
  if (frame.type !== 'appended' || !isList(frame.results)) return NOT_MINE;
  let length = 0;
  for (const result of frame.results) {
    if (!isPositive(result.request) || !isPositive(result.sequence)) return NOT_MINE;
    if (typeof result.duplicate !== 'boolean' || !isNumber(result.keptUntil)) return NOT_MINE;
    length += 2 + resultBytes(result);
  }
  at = start;
  putField(target, RELAY_APPENDED, length);
  for (const result of frame.results) {
    putField(target, FIELD_1_BYTES, resultBytes(result));
    putField(target, FIELD_1_NUMBER, result.request);
    putField(target, FIELD_2_NUMBER, result.sequence);
    if (result.duplicate) putField(target, FIELD_3_NUMBER, 1);
    if (result.keptUntil !== 0) putField(target, FIELD_4_NUMBER, result.keptUntil);
  }
  return at;
}

function putDeliver(frame: Deliver, target: Uint8Array, start: number): number {
  const { handle, sequence, appendId, block, ordered, keptUntil, leasedUntil, stamp } = frame;
  if (!isPositive(handle) || !isPositive(sequence) || !isNumber(keptUntil) || !isNumber(leasedUntil))
    return NOT_MINE;
  if (!isBytes(appendId, APPEND_ID_BYTES) || !isBytes(block, BLOCK_BYTES) || typeof ordered !== 'boolean')
    return NOT_MINE;
  if (stamp !== undefined && !isStamp(stamp)) return NOT_MINE;
  const stampLength = stamp === undefined ? 0 : stampBytes(stamp);
  at = start;
  putField(
    target,
    RELAY_DELIVER,
    1 +
      numberBytes(handle) +
      1 +
      numberBytes(sequence) +
      2 +
      APPEND_ID_BYTES +
      3 +
      BLOCK_BYTES +
      (ordered ? 2 : 0) +
      optionalBytes(keptUntil) +
      optionalBytes(leasedUntil) +
      (stamp === undefined ? 0 : 1 + numberBytes(stampLength) + stampLength),
  );
  putField(target, FIELD_1_NUMBER, handle);
  putField(target, FIELD_2_NUMBER, sequence);
  putBytes(target, FIELD_3_BYTES, appendId);
  putBytes(target, FIELD_4_BYTES, block);
  if (ordered) putField(target, FIELD_5_NUMBER, 1);
  if (keptUntil !== 0) putField(target, FIELD_6_NUMBER, keptUntil);
  if (leasedUntil !== 0) putField(target, FIELD_7_NUMBER, leasedUntil);
  if (stamp !== undefined) {
    putField(target, FIELD_8_BYTES, stampLength);
    if (stamp.hour !== 0) putField(target, FIELD_1_NUMBER, stamp.hour);
    if (stamp.index !== 0) putField(target, FIELD_2_NUMBER, stamp.index);
    if (stamp.path.length > 0) putBytes(target, FIELD_3_BYTES, stamp.path);
    putBytes(target, FIELD_4_BYTES, stamp.signature);
  }
  return at;
}

function putField(target: Uint8Array, tag: number, value: number): void {
  target[at++] = tag;
  let rest = value;
  while (rest > 0x7f) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest = rest >>> 7;
  }
  target[at++] = rest;
}

function putBytes(target: Uint8Array, tag: number, bytes: Uint8Array): void {
  putField(target, tag, bytes.length);
  target.set(bytes, at);
  at += bytes.length;
}

function ackItemBytes(item: AckItem): number {
  return 1 + numberBytes(item.sequence) + 2 + APPEND_ID_BYTES;
}

function resultBytes(result: AppendResult): number {
  return (
    2 +
    numberBytes(result.request) +
    numberBytes(result.sequence) +
    (result.duplicate ? 2 : 0) +
    optionalBytes(result.keptUntil)
  );
}

function stampBytes(stamp: Stamp): number {
  const path = stamp.path.length;
  return (
    optionalBytes(stamp.hour) +
    optionalBytes(stamp.index) +
    (path === 0 ? 0 : 1 + numberBytes(path) + path) +
    2 +
    SIGNATURE_BYTES
  );
}

function numberBytes(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : value < 2 ** 28 ? 4 : 5;
}

function optionalBytes(value: number): number {
  return value === 0 ? 0 : 1 + numberBytes(value);
}

function isNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

function isPositive(value: number): boolean {
  return value !== 0 && isNumber(value);
}

function isBytes(value: Uint8Array, length: number): boolean {
  return value instanceof Uint8Array && value.length === length;
}

function isList(list: readonly unknown[]): boolean {
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_ITEMS) return false;
  return list.every((item) => typeof item === 'object' && item !== null);
}

function isStamp(stamp: Stamp | null): boolean {
  // Callers in JavaScript may pass null, whatever the types say.
  if (typeof stamp !== 'object' || stamp === null) return false;
  const { hour, index, path, signature } = stamp;
  if (!isNumber(hour) || !isNumber(index) || index >= MAX_STAMP_LEAVES) return false;
  if (!isBytes(signature, SIGNATURE_BYTES)) return false;
  if (!(path instanceof Uint8Array) || path.length > MAX_STAMP_DEPTH * HASH_BYTES) return false;
  return path.length % HASH_BYTES === 0 && index < 2 ** (path.length / HASH_BYTES);
}
