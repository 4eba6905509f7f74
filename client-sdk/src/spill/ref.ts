// What one must know to fetch a spill: something too long for a block, kept in a log of its own at the relay. A ref
// stands inside sealed content (an attachment, a room's commit), never anywhere else. Its strict form, and how many
// blocks a length takes. Not its concern: writing (write.ts), fetching (read.ts), what the bytes mean.
import { BLOCK_BYTES, ID_BYTES } from '@sotto/wire';
import { bytes, type Codec, message, optionalBytes, text, type TypeOf, uint } from '../content/wire-codec.ts';
import { SEAL_OVERHEAD } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

/** Plaintext in one block of a spill. */
export const SPILL_PIECE_BYTES = BLOCK_BYTES - SEAL_OVERHEAD;
/** Of a log, as relays have it unless their operator chose less. */
export const MAX_SPILL_BLOCKS = 8_192;
export const MAX_SPILL_BYTES = MAX_SPILL_BLOCKS * SPILL_PIECE_BYTES;

const rawCodec = message({
  relay: text(1, 200),
  relayKey: optionalBytes(2, 32),
  readId: bytes(3, ID_BYTES),
  readerSeed: bytes(4, 32),
  key: bytes(5, 32),
  length: uint(6, MAX_SPILL_BYTES),
  sha256: bytes(7, 32),
  keptUntil: uint(8, 0xffff_ffff),
  ownerSeed: optionalBytes(9, 32),
});

/**
 * Where a spill lies and how it opens. `relay` '' and no `relayKey`: the relay of the channel in which the ref stands.
 * `sha256` is of the plaintext. `keptUntil`: Unix seconds, by the relay's word to the writer. `ownerSeed`: only where
 * the ref has one reader, who removes the spill once it is read.
 */
export type SpillRef = TypeOf<typeof rawCodec>;

/** Strict. Decoding throws SottoError CONTENT_MALFORMED. */
export const spillRefCodec: Codec<SpillRef> = {
  encode: (ref) => {
    mustBeSound(ref);
    return rawCodec.encode(ref);
  },
  decode: (encoded) => {
    const ref = rawCodec.decode(encoded);
    mustBeSound(ref);
    return ref;
  },
};

function mustBeSound({ length, relay, relayKey }: SpillRef): void {
  if (length < 1 || (relay === '') !== (relayKey === undefined)) throw new SottoError('CONTENT_MALFORMED');
}

/**
 * How many blocks hold `length` bytes, so rounded up that the relay learns a size class: to a power of two up to 16,
 * from there to an eighth of the power of two below.
 * @throws SottoError SPILL_TOO_LONG beyond `MAX_SPILL_BYTES`, CONTENT_EMPTY below 1.
 */
export function spillBlocks(length: number): number {
  if (length < 1) throw new SottoError('CONTENT_EMPTY');
  const needed = Math.ceil(length / SPILL_PIECE_BYTES);
  if (needed > MAX_SPILL_BLOCKS) throw new SottoError('SPILL_TOO_LONG');
  const power = 2 ** Math.floor(Math.log2(needed));
  const step = needed <= 16 ? power * (needed > power ? 2 : 1) : power / 8;
  return Math.ceil(needed / step) * step;
}
