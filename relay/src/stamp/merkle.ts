// Merkle tree over the commitments of one batch: root and the path of each leaf. Called by stamper.ts.
// Spec: docs/protocol.md, "Stamp". Not its concern: what is batched together, and the signature.

import { stampLeafPreimage, stampNodePreimage } from '@sotto/wire';
import { sha256 } from '../crypto/hash.ts';

const hashBytes = 32;
const noChild = new Uint8Array(hashBytes);

// The preimages are made by wire once; then only their variable tails are written, so that a hash costs no allocation.
const leafScratch = Uint8Array.from(stampLeafPreimage(new Uint8Array(hashBytes)));
const leafAt = leafScratch.length - hashBytes;
const nodeScratch = Uint8Array.from(stampNodePreimage(new Uint8Array(hashBytes), new Uint8Array(hashBytes)));
const nodeAt = nodeScratch.length - 2 * hashBytes;

/** One batch, built. */
export interface Tree {
  readonly root: Uint8Array;
  /** Siblings from leaf to root, one after the other; empty for a batch of one. */
  path(index: number): Uint8Array;
}

/**
 * Builds the tree. Where a level has an odd count, its last node's sibling is 32 zero bytes: every path has one length.
 * @param commitments - 1 to 2,048 of 32 bytes.
 */
export function merkleTree(commitments: readonly Uint8Array[]): Tree {
  const levels: Uint8Array[][] = [commitments.map(leafHash)];
  for (let level = levels[0] ?? []; level.length > 1;) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Uint8Array;
      above.push(nodeHash(left, level[i + 1] ?? noChild));
    }
    levels.push(above);
    level = above;
  }
  return {
    root: levels.at(-1)?.[0] as Uint8Array,
    path(index) {
      const path = new Uint8Array((levels.length - 1) * hashBytes);
      for (let depth = 0, at = index; depth < levels.length - 1; depth++, at >>= 1) {
        const level = levels[depth] as Uint8Array[];
        path.set(level[at ^ 1] ?? noChild, depth * hashBytes);
      }
      return path;
    },
  };
}

function leafHash(commitment: Uint8Array): Uint8Array {
  leafScratch.set(commitment, leafAt);
  return sha256(leafScratch);
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeScratch.set(left, nodeAt);
  nodeScratch.set(right, nodeAt + hashBytes);
  return sha256(nodeScratch);
}
