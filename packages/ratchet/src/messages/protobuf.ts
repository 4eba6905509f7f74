// The part of Protocol Buffers that the messages and records use, read as strictly as libsignal reads it
// (unknown fields skipped, the last of a repeated field wins, wrong wire types refused). Spec: docs/ratchet.md section 6.1.
import type { Bytes } from '../bytes.ts';

/** How a known field is encoded: a varint cut to 32 bits, length-delimited bytes, or 8 fixed bytes, little-endian. */
export type FieldKind = 'uint32' | 'bytes' | 'fixed64';

/** Thrown by the reader; callers turn it into their own error. */
export class ProtobufError extends Error {}

const WIRE_TYPE: Record<FieldKind, number> = { uint32: 0, fixed64: 1, bytes: 2 };
const MAX_GROUP_DEPTH = 100;

/** Values by field number; absent fields are undefined. Bytes are views into the input. */
export interface Fields {
  uint32(field: number): number | undefined;
  bytes(field: number): Bytes | undefined;
}

/**
 * Reads a whole message.
 * @param kinds - The known fields, by number.
 * @throws ProtobufError for anything that isn't a well-formed message.
 */
export function readFields(input: Uint8Array, kinds: Readonly<Record<number, FieldKind>>): Fields {
  const reader = new Reader(input);
  const values: (number | Bytes | undefined)[] = [];
  while (!reader.atEnd()) {
    const { field, wireType } = reader.tag();
    const kind = kinds[field];
    if (kind === undefined) {
      reader.skip(field, wireType, 0);
      continue;
    }
    if (wireType !== WIRE_TYPE[kind]) throw new ProtobufError('wire type');
    values[field] =
      kind === 'uint32' ? reader.uint32() : kind === 'bytes' ? reader.bytes() : reader.fixed64();
  }
  return {
    uint32: (field) => values[field] as number | undefined,
    bytes: (field) => values[field] as Bytes | undefined,
  };
}

class Reader {
  readonly #input: Uint8Array;
  #at = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  atEnd(): boolean {
    return this.#at >= this.#input.length;
  }

  tag(): { field: number; wireType: number } {
    const key = this.#varint();
    if (key.high !== 0) throw new ProtobufError('tag');
    const field = key.low >>> 3;
    const wireType = key.low & 7;
    if (field === 0 || wireType > 5) throw new ProtobufError('tag');
    return { field, wireType };
  }

  uint32(): number {
    return this.#varint().low;
  }

  fixed64(): Bytes {
    return this.#take(8);
  }

  bytes(): Bytes {
    const { low, high } = this.#varint();
    if (high !== 0) throw new ProtobufError('length');
    return this.#take(low);
  }

  skip(field: number, wireType: number, depth: number): void {
    if (wireType === 0) this.#varint();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#take(4);
    else if (wireType === 3) this.#skipGroup(field, depth);
    else throw new ProtobufError('end of a group that did not begin');
  }

  #skipGroup(field: number, depth: number): void {
    if (depth >= MAX_GROUP_DEPTH) throw new ProtobufError('depth');
    for (;;) {
      const inner = this.tag();
      if (inner.wireType === 4) {
        if (inner.field !== field) throw new ProtobufError('group');
        return;
      }
      this.skip(inner.field, inner.wireType, depth + 1);
    }
  }

  /** Up to 10 bytes, 64 bits, as two unsigned halves. */
  #varint(): { low: number; high: number } {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#input.length) throw new ProtobufError('varint');
      const byte = this.#input[this.#at++]!;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 0x80) {
        if (i === 9 && byte > 1) break;
        return { low: low >>> 0, high: high >>> 0 };
      }
    }
    throw new ProtobufError('varint');
  }

  #take(length: number): Bytes {
    if (length > this.#input.length - this.#at) throw new ProtobufError('length');
    const view = this.#input.subarray(this.#at, this.#at + length) as Bytes;
    this.#at += length;
    return view;
  }
}

/** One field to write; `undefined` values are left out. */
export type FieldToWrite = readonly [field: number, value: number | Uint8Array | undefined];

/** Encodes fields in the order given: numbers as varints, arrays as length-delimited bytes. */
export function writeFields(...fields: readonly FieldToWrite[]): Bytes {
  let length = 0;
  for (const [, value] of fields) {
    if (typeof value === 'number') length += 1 + varintLength(value);
    else if (value) length += 1 + varintLength(value.length) + value.length;
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const [field, value] of fields) {
    if (typeof value === 'number') {
      out[at++] = field << 3;
      at = putVarint(out, at, value);
    } else if (value) {
      out[at++] = (field << 3) | 2;
      at = putVarint(out, at, value.length);
      out.set(value, at);
      at += value.length;
    }
  }
  return out;
}

/** Bytes that an unsigned integer below 2^53 takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes an unsigned integer below 2^53 as a varint; returns the position after it. */
export function putVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 128) {
    out[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}
