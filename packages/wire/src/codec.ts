// The general codec: walks the generated schema and the bounds over one message in the canonical protobuf encoding,
// and refuses every other spelling of the same value, so that encode(decode(x)) = x without encoding again. Between
// frame.ts (padding, sizes) and the schema. Not its concern: speed; hot-frames.ts has the four frames that matter.

import { bounds, rules, type Bound, type Fields } from './bounds.ts';
import { WireError, type WireErrorCode } from './errors.ts';
import { enums, messages } from './generated/schema.gen.ts';
import { MAX_UINT32 } from './limits.ts';

type Kind = 'uint32' | 'bytes' | 'bool' | 'enum' | 'message';
type Role = 'single' | 'repeated' | 'oneof';

interface Field {
  readonly tag: number;
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  readonly bound: Bound;
  readonly words: readonly string[];
  /** Name of the message type, where the kind is `message`. */
  readonly of: string;
}

// Protobuf wire types: 0 is a varint, 2 is a length and that many bytes.
const wireType: Readonly<Record<Kind, number>> = { uint32: 0, bool: 0, enum: 0, bytes: 2, message: 2 };
const unbounded: Bound = { min: 0, max: 0, step: 1, optional: true };

const layout: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(messages).map(([message, fields]) => [message, fields.map((f) => field(message, f))]),
);

function field(message: string, [number, name, type, role]: readonly [number, string, string, Role]): Field {
  const words = (enums as Readonly<Record<string, readonly string[]>>)[type] ?? [];
  const kind = words.length > 0 ? 'enum' : type in messages ? 'message' : (type as Kind);
  const bound = bounds[message]?.[name] ?? unbounded;
  return { tag: (number << 3) | wireType[kind], name, kind, role, bound, words, of: type };
}

function fieldsOf(message: string): readonly Field[] {
  const fields = layout.get(message);
  if (fields === undefined) throw new TypeError('no such message');
  return fields;
}

// ───────────────────────────── decoding ─────────────────────────────

/** A place in the bytes of one frame. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  /** The first field whose value doesn't hold. Told only once the encoding is known to be right, as in section 1.2. */
  fault?: string;
}

/**
 * Decodes one top-level message that fills `bytes` from `start` to `end`.
 * Spec: docs/protocol.md section 1.2.
 * @returns the flat frame; byte fields are views into `bytes`.
 * @throws WireError WIRE_FRAME_ENCODING or WIRE_FRAME_VALUE.
 */
export function decodeMessage(
  message: 'ClientFrame' | 'RelayFrame',
  bytes: Uint8Array,
  start: number,
  end: number,
): Fields {
  const cursor: Cursor = { bytes, at: start };
  const out = readFields(message, cursor, end);
  if (cursor.fault !== undefined) throw new WireError('WIRE_FRAME_VALUE', cursor.fault);
  return out;
}

function readFields(message: string, cursor: Cursor, end: number): Fields {
  const fields = fieldsOf(message);
  const out: Fields = {};
  let next = 0;
  while (cursor.at < end) {
    const tag = readVarint(cursor, end);
    let field = fields[next];
    while (field !== undefined && field.tag !== tag) {
      finish(out, field, cursor);
      field = fields[++next];
    }
    if (field === undefined) throw new WireError('WIRE_FRAME_ENCODING');
    readField(out, field, cursor, end);
    if (field.role !== 'repeated') next++;
  }
  for (; next < fields.length; next++) finish(out, fields[next] as Field, cursor);
  if (fields.some((f) => f.role === 'oneof') && out['type'] === undefined) cursor.fault ??= 'body';
  // Rules take for granted that every field holds.
  if (cursor.fault === undefined && rules[message]?.(out) === false) cursor.fault = message;
  return out;
}

function readField(out: Fields, field: Field, cursor: Cursor, end: number): void {
  switch (field.kind) {
    case 'uint32':
    case 'bool':
    case 'enum': {
      const number = readVarint(cursor, end);
      // Zero is the default, and defaults don't go over the wire.
      if (number === 0) throw new WireError('WIRE_FRAME_ENCODING', field.name);
      out[field.name] = readNumber(field, number, cursor);
      return;
    }
    case 'bytes': {
      const to = readEnd(cursor, end);
      if (to === cursor.at) throw new WireError('WIRE_FRAME_ENCODING', field.name);
      const length = to - cursor.at;
      if (!lengthHolds(field.bound, length)) cursor.fault ??= field.name;
      out[field.name] = view(cursor.bytes, cursor.at, length);
      cursor.at = to;
      return;
    }
    case 'message': {
      const to = readEnd(cursor, end);
      if (field.role === 'oneof' && out['type'] !== undefined)
        throw new WireError('WIRE_FRAME_ENCODING', field.name);
      const inner = readFields(field.of, cursor, to);
      if (field.role === 'oneof') Object.assign(out, { type: field.name }, inner);
      else if (field.role === 'repeated') push(out, field, inner, cursor);
      else out[field.name] = inner;
    }
  }
}

function readNumber(field: Field, number: number, cursor: Cursor): unknown {
  if (field.kind === 'uint32') {
    if (!numberHolds(field.bound, number)) cursor.fault ??= field.name;
    return number;
  }
  if (field.kind === 'bool') {
    if (number !== 1) throw new WireError('WIRE_FRAME_ENCODING', field.name);
    return true;
  }
  const word = field.words[number];
  if (word === undefined) cursor.fault ??= field.name;
  return word;
}

function push(out: Fields, field: Field, item: Fields, cursor: Cursor): void {
  const list = (out[field.name] ??= []) as Fields[];
  if (list.length === field.bound.max) cursor.fault ??= field.name;
  list.push(item);
}

/** Called once the reader is past `field`: what is absent gets its default, or may not be absent. */
function finish(out: Fields, field: Field, cursor: Cursor): void {
  if (field.role === 'oneof' || out[field.name] !== undefined) return;
  if (field.kind === 'uint32' && numberHolds(field.bound, 0)) out[field.name] = 0;
  else if (field.kind === 'bool') out[field.name] = false;
  else if (field.kind === 'bytes' && mayBeEmpty(field)) out[field.name] = new Uint8Array(0);
  else if (field.kind === 'uint32' || !field.bound.optional) cursor.fault ??= field.name;
}

/** A length, as the position where it ends. */
function readEnd(cursor: Cursor, end: number): number {
  const length = readVarint(cursor, end);
  if (length > end - cursor.at) throw new WireError('WIRE_FRAME_ENCODING');
  return cursor.at + length;
}

function readVarint(cursor: Cursor, end: number): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.at < end ? (cursor.bytes[cursor.at++] as number) : -1;
    if (byte < 0) throw new WireError('WIRE_FRAME_ENCODING');
    value += (byte & 0x7f) * scale;
    if (value > MAX_UINT32) throw new WireError('WIRE_FRAME_ENCODING');
    if (byte < 0x80) {
      // A last group of zero is a longer spelling of the same number.
      if (byte === 0 && scale > 1) throw new WireError('WIRE_FRAME_ENCODING');
      return value;
    }
    if (scale >= 2 ** 28) throw new WireError('WIRE_FRAME_ENCODING');
  }
}

/** A plain Uint8Array even where the input is a Buffer, so that decoded values look the same everywhere. */
export function view(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

// ───────────────────────────── encoding ─────────────────────────────

/**
 * Encodes one top-level message into `target` from `start`, after checking every bound.
 * @returns the position after the message.
 * @throws WireError WIRE_VALUE; `target` is then not written to.
 */
export function encodeMessage(
  message: 'ClientFrame' | 'RelayFrame',
  frame: Fields,
  target: Uint8Array,
  start: number,
): number {
  // First pass: checks and lengths, in the order in which the second pass takes them.
  const lengths: number[] = [];
  measure(message, frame, lengths);
  const pen: Pen = { bytes: target, at: start, lengths, next: 0 };
  writeFields(message, frame, pen);
  return pen.at;
}

/** Where the second pass stands, in the target and in the lengths that the first one found. */
interface Pen extends Cursor {
  readonly lengths: readonly number[];
  next: number;
}

/** The values of a field: none when absent or default, several when repeated. */
function present(field: Field, from: Fields): readonly unknown[] {
  if (field.role === 'oneof') return from['type'] === field.name ? [from] : [];
  const value = from[field.name];
  const code: WireErrorCode = 'WIRE_VALUE';
  switch (field.kind) {
    case 'uint32':
      if (!Number.isInteger(value) || !numberHolds(field.bound, value as number))
        throw new WireError(code, field.name);
      return value === 0 ? [] : [value];
    case 'bool':
      if (typeof value !== 'boolean') throw new WireError(code, field.name);
      return value ? [1] : [];
    case 'enum': {
      if (value === undefined && field.bound.optional) return [];
      const number = typeof value === 'string' ? field.words.indexOf(value) : -1;
      if (number < 1) throw new WireError(code, field.name);
      return [number];
    }
    case 'bytes':
      if (value === undefined && field.bound.optional) return [];
      if (!(value instanceof Uint8Array) || !lengthHolds(field.bound, value.length))
        throw new WireError(code, field.name);
      return value.length === 0 ? [] : [value];
    case 'message': {
      const list: unknown = field.role === 'repeated' ? value : value === undefined ? [] : [value];
      if (!Array.isArray(list)) throw new WireError(code, field.name);
      if (field.role === 'repeated' && (list.length < field.bound.min || list.length > field.bound.max))
        throw new WireError(code, field.name);
      if (list.some((item) => typeof item !== 'object' || item === null))
        throw new WireError(code, field.name);
      if (list.length === 0 && !field.bound.optional) throw new WireError(code, field.name);
      return list;
    }
  }
}

function measure(message: string, from: Fields, lengths: number[]): number {
  const slot = lengths.push(0) - 1;
  let total = 0;
  let members = 0;
  const fields = fieldsOf(message);
  for (const field of fields) {
    for (const value of present(field, from)) {
      if (field.role === 'oneof') members++;
      total += varintBytes(field.tag);
      if (field.kind === 'message') {
        const length = measure(field.of, value as Fields, lengths);
        total += varintBytes(length) + length;
      } else if (field.kind === 'bytes') {
        const { length } = value as Uint8Array;
        total += varintBytes(length) + length;
      } else total += varintBytes(value as number);
    }
  }
  if (members === 0 && fields.some((f) => f.role === 'oneof')) throw new WireError('WIRE_VALUE', 'type');
  if (rules[message]?.(from) === false) throw new WireError('WIRE_VALUE', message);
  lengths[slot] = total;
  return total;
}

function writeFields(message: string, from: Fields, pen: Pen): void {
  pen.next++;
  for (const field of fieldsOf(message)) {
    for (const value of present(field, from)) {
      writeVarint(pen, field.tag);
      if (field.kind === 'message') {
        writeVarint(pen, pen.lengths[pen.next]!);
        writeFields(field.of, value as Fields, pen);
      } else if (field.kind === 'bytes') {
        writeVarint(pen, (value as Uint8Array).length);
        pen.bytes.set(value as Uint8Array, pen.at);
        pen.at += (value as Uint8Array).length;
      } else writeVarint(pen, value as number);
    }
  }
}

function varintBytes(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : value < 2 ** 28 ? 4 : 5;
}

function writeVarint(cursor: Cursor, value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) cursor.bytes[cursor.at++] = (rest % 128) | 0x80;
  cursor.bytes[cursor.at++] = rest;
}

function numberHolds(bound: Bound, value: number): boolean {
  return (value >= bound.min && value <= bound.max) || (value === 0 && bound.optional);
}

/** Bytes that are always there, of any number of units, none included. */
function mayBeEmpty(field: Field): boolean {
  return !field.bound.optional && field.role === 'single' && field.bound.min === 0 && field.bound.max > 0;
}

function lengthHolds(bound: Bound, length: number): boolean {
  return length >= bound.min && length <= bound.max && length % bound.step === 0;
}
