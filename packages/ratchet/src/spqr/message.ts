// The SPQR bytes inside a SignalMessage. Spec: docs/ratchet.md section 7.2.
import type { Bytes } from '../bytes.ts';
import { Refused } from '../errors.ts';
import { putVarint, varintLength } from '../messages/protobuf.ts';
import type { Chunk } from './erasure.ts';
import { CHUNK_BYTES } from './erasure.ts';

const VERSION = 1;
const MAX_U32 = 0xffffffff;
const MAX_CHUNK_INDEX = 65535;

/** Type bytes of messages with a chunk, by what they carry. */
const WITH_CHUNK = { header: 1, ek: 2, ekAndCt1Ack: 3, ct1: 5, ct2: 6 } as const;
/** Type bytes of messages without. */
const WITHOUT_CHUNK = { nothing: 0, ct1Ack: 4 } as const;

/** What the braid has to say with one message. */
export type BraidPayload =
  | { readonly kind: keyof typeof WITH_CHUNK; readonly chunk: Chunk }
  | { readonly kind: keyof typeof WITHOUT_CHUNK };

/** The payload with its epoch, and the position of the message's key in the chain. */
export interface SpqrMessage {
  readonly epoch: number;
  readonly index: number;
  readonly payload: BraidPayload;
}

/** @throws Refused for another version or a malformed message. Trailing bytes are ignored, as the peer does. */
export function decodeSpqrMessage(bytes: Uint8Array): SpqrMessage {
  // No version (an empty field) would mean a session without SPQR; a newer one says nothing to us
  if (bytes[0] !== VERSION) throw new Refused('SPQR version');
  let at = 1;
  const varint = (limit: number): number => {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Refused('SPQR message cut short');
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        if (value > limit) throw new Refused('SPQR integer out of range');
        return value;
      }
    }
    throw new Refused('SPQR integer too long');
  };
  const epoch = varint(Number.MAX_SAFE_INTEGER);
  if (epoch === 0) throw new Refused('SPQR epoch zero');
  const index = varint(MAX_U32);
  const type = bytes[at++];
  for (const kind of ['header', 'ek', 'ekAndCt1Ack', 'ct1', 'ct2'] as const) {
    if (type !== WITH_CHUNK[kind]) continue;
    const chunkIndex = varint(MAX_CHUNK_INDEX);
    if (bytes.length - at < CHUNK_BYTES) throw new Refused('SPQR chunk cut short');
    return {
      epoch,
      index,
      payload: { kind, chunk: { index: chunkIndex, data: bytes.slice(at, at + CHUNK_BYTES) } },
    };
  }
  for (const kind of ['nothing', 'ct1Ack'] as const) {
    if (type === WITHOUT_CHUNK[kind]) return { epoch, index, payload: { kind } };
  }
  throw new Refused('SPQR message type');
}

export function encodeSpqrMessage({ epoch, index, payload }: SpqrMessage): Bytes {
  const chunk = 'chunk' in payload ? payload.chunk : undefined;
  const head = 2 + varintLength(epoch) + varintLength(index);
  const out = new Uint8Array(head + (chunk ? varintLength(chunk.index) + CHUNK_BYTES : 0));
  out[0] = VERSION;
  let at = putVarint(out, 1, epoch);
  at = putVarint(out, at, index);
  out[at++] = 'chunk' in payload ? WITH_CHUNK[payload.kind] : WITHOUT_CHUNK[payload.kind];
  if (chunk) out.set(chunk.data, putVarint(out, at, chunk.index));
  return out;
}
