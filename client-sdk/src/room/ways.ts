// The way back in, for members who can't follow a commit that changes the keys of the log: beside it, for each who stays,
// a box to their pseudonym with the new reader and joiner seeds. Without it whoever was led astray before a removal
// behind a door would be shut out with those who were removed. Whoever follows the commit needs no box.
import { bytes, message, repeated } from '../content/wire-codec.ts';
import {
  asKey,
  boxKeyOfVerifyKey,
  boxPairOfSigningPair,
  concatBytes,
  equalBytes,
  SEALED_BOX_OVERHEAD,
  sealToBox,
  type SigningKeyPair,
  tryOpenBox,
} from '../crypto/index.ts';
import type { LogSeeds } from './seeds.ts';

const SEEDS_BYTES = 64;
const PREFIX_BYTES = 8;
const MAX_WAYS = 200;
const BOX_BYTES = SEEDS_BYTES + SEALED_BOX_OVERHEAD;
/** All of them, encoded. */
export const MAX_WAYS_BYTES = MAX_WAYS * (PREFIX_BYTES + BOX_BYTES + 8);

const waysCodec = message({
  ways: repeated(
    1,
    message({
      /** Of the pseudonym: finds the box, proves nothing. */
      member: bytes(1, PREFIX_BYTES),
      box: bytes(2, BOX_BYTES),
    }),
    MAX_WAYS,
  ),
});

/** Seeds as a packet brought them; they hold where the relay says that the present ones hold no more. */
export interface Way {
  readonly readerSeed: Uint8Array;
  readonly joinerSeed: Uint8Array;
}

/** @param members - pseudonyms of all who stay. */
export function showWays(members: readonly Uint8Array[], { readerSeed, joinerSeed }: LogSeeds): Uint8Array {
  const seeds = concatBytes(readerSeed, joinerSeed);
  const ways = members.map((pseudonym) => ({
    member: pseudonym.slice(0, PREFIX_BYTES),
    box: sealToBox(boxKeyOfVerifyKey(asKey('verify', pseudonym)), seeds),
  }));
  return waysCodec.encode({ ways });
}

/** @returns undefined where none is for me, or none at all can be read. */
export function findWay(encoded: Uint8Array, me: SigningKeyPair): Way | undefined {
  try {
    for (const { member, box } of waysCodec.decode(encoded).ways) {
      if (!equalBytes(member, me.publicKey.subarray(0, PREFIX_BYTES))) continue;
      const seeds = tryOpenBox(boxPairOfSigningPair(me), box);
      if (seeds?.length === SEEDS_BYTES)
        return { readerSeed: seeds.slice(0, 32), joinerSeed: seeds.slice(32) };
    }
  } catch {
    // Not what a host writes.
  }
  return undefined;
}
