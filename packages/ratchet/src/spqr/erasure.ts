// The erasure code that carries keys and ciphertexts over messages that may be lost: any N different chunks of an
// N-chunk message give it back. Chunk x holds 16 polynomials' values at x; chunks 0 … N−1 are the message itself.
// Spec: docs/ratchet.md section 7.7. Not here: what the message means, and whether it is authentic.
import type { Bytes } from '../bytes.ts';
import { EXP, GROUP_ORDER, LOG } from './galois.ts';

export const CHUNK_BYTES = 32;
const ELEMENTS = CHUNK_BYTES / 2;
const INDICES = 65536;

/** A numbered piece on its way. */
export interface Chunk {
  readonly index: number;
  readonly data: Uint8Array;
}

/** A message being sent, and the number of its next chunk. */
export interface Encoder {
  readonly message: Bytes;
  readonly next: number;
}

/** A message being collected: distinct chunks in order of index, fewer than `needed`. */
export interface Decoder {
  readonly needed: number;
  readonly chunks: readonly Chunk[];
}

export function newEncoder(message: Bytes): Encoder {
  return { message, next: 0 };
}

/** The next chunk. The numbering starts over after 65,536. */
export function nextChunk(encoder: Encoder): { next: Encoder; chunk: Chunk } {
  const index = encoder.next;
  const count = encoder.message.length / CHUNK_BYTES;
  const data =
    index < count
      ? encoder.message.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
      : interpolate(splitMessage(encoder.message), index);
  return { next: { message: encoder.message, next: (index + 1) % INDICES }, chunk: { index, data } };
}

/** @param length - Of the message, a multiple of 32. */
export function newDecoder(length: number): Decoder {
  return { needed: length / CHUNK_BYTES, chunks: [] };
}

/** Adds a chunk; the first one with an index wins. `message` is there once enough have come. */
export function addChunk(decoder: Decoder, chunk: Chunk): { next: Decoder; message: Bytes | undefined } {
  const { needed, chunks } = decoder;
  const at = chunks.findIndex((held) => held.index >= chunk.index);
  if (at >= 0 && chunks[at]!.index === chunk.index) return { next: decoder, message: undefined };
  const all = at < 0 ? [...chunks, chunk] : [...chunks.slice(0, at), chunk, ...chunks.slice(at)];
  const next = { needed, chunks: all };
  return { next, message: all.length < needed ? undefined : joinMessage(all, needed) };
}

function splitMessage(message: Uint8Array): Chunk[] {
  const count = message.length / CHUNK_BYTES;
  return Array.from({ length: count }, (_, index) => ({
    index,
    data: message.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  }));
}

function joinMessage(chunks: readonly Chunk[], count: number): Bytes {
  const message = new Uint8Array(count * CHUNK_BYTES);
  const held = new Set<number>();
  for (const { index, data } of chunks) {
    if (index >= count) continue;
    message.set(data, index * CHUNK_BYTES);
    held.add(index);
  }
  for (let index = 0; index < count; index++) {
    if (!held.has(index)) message.set(interpolate(chunks, index), index * CHUNK_BYTES);
  }
  return message;
}

/** The values at x of the 16 polynomials that the chunks determine (Lagrange); x is none of their indices. */
function interpolate(chunks: readonly Chunk[], x: number): Bytes {
  let logAll = 0; // log of Π (x − xj)
  for (const { index } of chunks) logAll += LOG[x ^ index]!;
  const values = new Uint16Array(ELEMENTS);
  for (const { index, data } of chunks) {
    let logOthers = LOG[x ^ index]!; // log of (x − xi)·Π (xi − xj), the part to divide by
    for (const other of chunks) if (other.index !== index) logOthers += LOG[index ^ other.index]!;
    const logWeight = (((logAll - logOthers) % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER;
    for (let j = 0; j < ELEMENTS; j++) {
      const element = (data[2 * j]! << 8) | data[2 * j + 1]!;
      if (element !== 0) values[j]! ^= EXP[LOG[element]! + logWeight]!;
    }
  }
  const out = new Uint8Array(CHUNK_BYTES);
  for (let j = 0; j < ELEMENTS; j++) {
    out[2 * j] = values[j]! >> 8;
    out[2 * j + 1] = values[j]! & 0xff;
  }
  return out;
}
