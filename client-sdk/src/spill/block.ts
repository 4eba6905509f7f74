// One block of a spill: a piece of the plaintext, sealed so that it opens only at its own place in a spill of its own
// size (docs/protocol-client.md, "Spill"). Pure but for the random nonce.
import { asKey, concatBytes, deriveKey, keyedHash, seal, tryOpen, utf8 } from '../crypto/index.ts';
import { SPILL_PIECE_BYTES } from './ref.ts';

const DOMAIN = utf8('sotto.v1.spill\0');
const APPEND_ID_BYTES = 16;

/** domain ‖ index u32 ‖ blocks u32 */
function associated(index: number, blocks: number): Uint8Array {
  const place = new Uint8Array(8);
  const view = new DataView(place.buffer);
  view.setUint32(0, index);
  view.setUint32(4, blocks);
  return concatBytes(DOMAIN, place);
}

/** @param place.index - From 0. @param piece - At most `SPILL_PIECE_BYTES`; zeros follow. @returns the block. */
export function sealPiece(
  key: Uint8Array,
  place: { index: number; blocks: number },
  piece: Uint8Array,
): Uint8Array {
  const padded = new Uint8Array(SPILL_PIECE_BYTES);
  padded.set(piece);
  return seal(asKey('seal', key), padded, associated(place.index, place.blocks));
}

/**
 * @param length - How much of it is plaintext.
 * @returns the piece; undefined where the block is not this spill's at this place, or its rest is not zeros.
 */
export function openPiece(
  key: Uint8Array,
  place: { index: number; blocks: number },
  block: Uint8Array,
  length: number,
): Uint8Array | undefined {
  const padded = tryOpen(asKey('seal', key), block, associated(place.index, place.blocks));
  if (padded?.length !== SPILL_PIECE_BYTES) return undefined;
  if (padded.subarray(length).some((byte) => byte !== 0)) return undefined;
  return padded.subarray(0, length);
}

/** Names the append of one block for ever, so that a repeat after a crash is the same append. */
export function appendIds(key: Uint8Array): (index: number) => Uint8Array {
  const names = deriveKey(asKey('hash', key), 'hash', 'spill.append');
  return (index) => {
    const place = new Uint8Array(4);
    new DataView(place.buffer).setUint32(0, index);
    return keyedHash(names, place, APPEND_ID_BYTES);
  };
}

/** Plaintext bytes of the block at `index`; 0 in the blocks that only pad. */
export function pieceLength(length: number, index: number): number {
  return Math.max(0, Math.min(SPILL_PIECE_BYTES, length - index * SPILL_PIECE_BYTES));
}
