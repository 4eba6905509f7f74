// Fixed-layout binary writing and reading for what this package stores. Fast on purpose: a session is read and
// written with every message. Spec of the layouts: docs/ratchet.md section 9.1. Not here: wire formats.
import type { Bytes } from './bytes.ts';

/** Holds nearly every session; larger buffers aren't kept. */
const FIRST_CAPACITY = 16_384;
/** The buffer of a writer that has finished, all zero: a fresh one would be cleared in full for every record. */
let spare: Uint8Array | undefined;

/** Appends to a buffer that grows. */
export class BinaryWriter {
  #buffer: Uint8Array;
  #at = 0;

  constructor() {
    this.#buffer = spare ?? new Uint8Array(FIRST_CAPACITY);
    spare = undefined;
  }

  #room(length: number): number {
    const at = this.#at;
    if (at + length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(2 * this.#buffer.length, at + length));
      larger.set(this.#buffer);
      this.#buffer.fill(0);
      this.#buffer = larger;
    }
    this.#at = at + length;
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#buffer[at] = value;
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#buffer[at] = value >> 8;
    this.#buffer[at + 1] = value;
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#buffer[at] = value >>> 24;
    this.#buffer[at + 1] = value >>> 16;
    this.#buffer[at + 2] = value >>> 8;
    this.#buffer[at + 3] = value;
  }

  /** A safe integer in 8 bytes. */
  u64(value: number): void {
    this.u32(Math.floor(value / 2 ** 32));
    this.u32(value % 2 ** 32);
  }

  /** Bytes whose length the reader knows. */
  fixed(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Bytes with their length, below 2^32, in front. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.fixed(bytes);
  }

  /** What `write` appends, with its length in front. */
  sizedBy(write: () => void): void {
    const at = this.#room(4);
    write();
    const end = this.#at;
    this.#at = at;
    this.u32(end - at - 4);
    this.#at = end;
  }

  /** The bytes written; the writer's own copy is wiped, and the writer not to be used again. */
  finish(): Bytes {
    const buffer = this.#buffer;
    const out = new Uint8Array(buffer.subarray(0, this.#at));
    buffer.fill(0, 0, this.#at);
    this.#buffer = new Uint8Array(0);
    this.#at = 0;
    if (buffer.length === FIRST_CAPACITY) spare = buffer;
    return out;
  }
}

/** Thrown for bytes that are not what a writer made. */
export class BinaryError extends Error {}

/** Reads what a BinaryWriter wrote. Byte fields are views into the input, which must not change afterwards. */
export class BinaryReader {
  readonly #input: Bytes;
  #at = 0;

  constructor(input: Bytes) {
    this.#input = input;
  }

  fixed(length: number): Bytes {
    const end = this.#at + length;
    if (end > this.#input.length) throw new BinaryError('cut short');
    const view = this.#input.subarray(this.#at, end);
    this.#at = end;
    return view;
  }

  sized(): Bytes {
    return this.fixed(this.u32());
  }

  u8(): number {
    if (this.#at >= this.#input.length) throw new BinaryError('cut short');
    return this.#input[this.#at++]!;
  }

  u16(): number {
    return this.u8() * 256 + this.u8();
  }

  u32(): number {
    return this.u16() * 65536 + this.u16();
  }

  u64(): number {
    const value = this.u32() * 2 ** 32 + this.u32();
    if (!Number.isSafeInteger(value)) throw new BinaryError('integer too large');
    return value;
  }

  /** A byte that is 0 or 1. */
  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw new BinaryError('flag');
    return value === 1;
  }

  /** `count` items. Stops at the first that isn't there, so a false count costs nothing. */
  list<Item>(count: number, read: () => Item): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  end(): void {
    if (this.#at !== this.#input.length) throw new BinaryError('trailing bytes');
  }
}
