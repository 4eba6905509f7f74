// Byte-array arithmetic that every other file shares: joining, comparing, fixed-width integers.
// Not here: anything that knows what the bytes mean.

/** Uint8Array over a plain ArrayBuffer: what libsignal-client's signatures ask for and return. */
export type Bytes = Uint8Array<ArrayBuffer>;

export const EMPTY: Bytes = new Uint8Array(0);

/** Joins byte arrays into a new one. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Compares without stopping at the first difference; lengths are taken to be public. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** True when every byte is zero; looks at all of them. */
export function isAllZero(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0;
}

/** 4 bytes, big-endian. */
export function u32be(value: number): Bytes {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
}

/** 8 bytes, big-endian; exact up to 2^53 − 1. */
export function u64be(value: number): Bytes {
  return concat(u32be(Math.floor(value / 2 ** 32)), u32be(value % 2 ** 32));
}

/** ASCII label to bytes. */
export function ascii(text: string): Bytes {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Little-endian bytes, a multiple of 8, to an integer. */
export function bigIntFromLittleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let value = 0n;
  for (let at = bytes.length - 8; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}

/** Integer below 2^256 to 32 little-endian bytes. */
export function littleEndian32(value: bigint): Bytes {
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let at = 0; at < 32; at += 8) view.setBigUint64(at, value >> BigInt(8 * at), true);
  return out;
}

/** Overwrites secrets that nothing refers to any more (as far as a garbage-collected language allows). */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
