// Merkle tree over the commitments of one batch: root and the path of each leaf. Called by stamper.ts, for every block
// that is delivered: it lies in one piece of memory, and a hash costs no object.
// Spec: docs/protocol.md section 3.5. Not its concern: what is batched together, and the signature.

import { HASH_BYTES, stampLeafPreimage, stampNodePreimage } from '@sotto/wire';
import { sha256Into } from '../crypto/hash.ts';

// The preimages are made by wire once; then only their variable tails are written.
const leafScratch = Buffer.from(stampLeafPreimage(new Uint8Array(HASH_BYTES)));
const leafAt = leafScratch.length - HASH_BYTES;
const nodeScratch = Buffer.from(stampNodePreimage(new Uint8Array(HASH_BYTES), new Uint8Array(HASH_BYTES)));
const nodeAt = nodeScratch.length - 2 * HASH_BYTES;

/** One batch, built. */
export interface Tree {
  readonly root: Uint8Array;
  /** Of each leaf: its siblings from leaf to root, one after the other; empty in a batch of one. */
  readonly paths: readonly Uint8Array[];
}

/**
 * Builds the tree. Where a level has an odd count, its last node's sibling is 32 zero bytes: every path has one length.
 * @param commitments - 1 to 2,048 of 32 bytes.
 */
export function merkleTree(commitments: readonly Uint8Array[]): Tree {
  const levels: Buffer[] = [leaves(commitments)];
  for (let level = levels[0] as Buffer; level.length > HASH_BYTES; levels.push(level)) level = above(level);
  const depth = levels.length - 1;
  const pathBytes = depth * HASH_BYTES;
  // All paths in one allocation; what is left zero is a missing sibling.
  const all = Buffer.alloc(commitments.length * pathBytes);
  const paths = commitments.map((_, index) => {
    const start = index * pathBytes;
    for (let height = 0; height < depth; height++) {
      const sibling = ((index >> height) ^ 1) * HASH_BYTES;
      levels[height]?.copy(all, start + height * HASH_BYTES, sibling, sibling + HASH_BYTES);
    }
    return all.subarray(start, start + pathBytes);
  });
  return { root: levels[depth] as Buffer, paths };
}

function leaves(commitments: readonly Uint8Array[]): Buffer {
  const level = Buffer.allocUnsafe(commitments.length * HASH_BYTES);
  commitments.forEach((commitment, index) => {
    leafScratch.set(commitment, leafAt);
    sha256Into(leafScratch, level, index * HASH_BYTES);
  });
  return level;
}

function above(level: Buffer): Buffer {
  const next = Buffer.allocUnsafe(Math.ceil(level.length / (2 * HASH_BYTES)) * HASH_BYTES);
  for (let from = 0, to = 0; from < level.length; from += 2 * HASH_BYTES, to += HASH_BYTES) {
    nodeScratch.fill(0, nodeAt);
    level.copy(nodeScratch, nodeAt, from, from + 2 * HASH_BYTES);
    sha256Into(nodeScratch, next, to);
  }
  return next;
}
