// Byte handling that secrets pass through: joining, wiping, constant-time comparison, base64url, hex, UTF-8.
import { SottoError } from '../errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE64URL_VALUES = new Map(Array.from(BASE64URL, (letter, value) => [letter, value] as const));

/** A new array with all parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether both are equal, in a time that depends only on the lengths. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Overwrites secrets with zeros. Copies that the engine made elsewhere are out of reach. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** Text to UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws SottoError CRYPTO_ENCODING where the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SottoError('CRYPTO_ENCODING', { cause });
  }
}

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** @throws SottoError CRYPTO_ENCODING */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new SottoError('CRYPTO_ENCODING');
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  );
}

/** RFC 4648 section 5, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += BASE64URL.charAt(bits >> 18) + BASE64URL.charAt((bits >> 12) & 63);
    if (left > 1) text += BASE64URL.charAt((bits >> 6) & 63);
    if (left > 2) text += BASE64URL.charAt(bits & 63);
  }
  return text;
}

/** Strict: no padding, no other letters, no stray bits. @throws SottoError CRYPTO_ENCODING */
export function fromBase64url(text: string): Uint8Array {
  if (text.length % 4 === 1) throw new SottoError('CRYPTO_ENCODING');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    const value = BASE64URL_VALUES.get(letter);
    if (value === undefined) throw new SottoError('CRYPTO_ENCODING');
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 0xff;
    }
  }
  if ((bits & ((1 << held) - 1)) !== 0) throw new SottoError('CRYPTO_ENCODING');
  return bytes;
}
