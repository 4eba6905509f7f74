// Merkle tree over the commitments of one batch: root and the path of each leaf. Called by stamper.ts, for every block
// that is delivered: it lies in one piece of memory, and a hash costs no object.
// Spec: docs/protocol.md section 3.5. Not its concern: what is batched together, and the signature.

import { HASH_BYTES, MAX_STAMP_LEAVES, stampLeafPreimage, stampNodePreimage } from '@sotto/wire';
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

/** A hash as words: to copy eight of them costs a tenth of a call that copies 32 bytes. */
const HASH_WORDS = HASH_BYTES / 4;

// All levels of one tree, leaves first; used and done within a call. Each level is at most half of the one below it, and
// one more.
const nodes = Buffer.alloc((2 * MAX_STAMP_LEAVES + 16) * HASH_BYTES);
const nodeWords = new Uint32Array(nodes.buffer, nodes.byteOffset, nodes.length / 4);

const NO_PATH = new Uint8Array(0);

/**
 * Builds the tree. Where a level has an odd count, its last node's sibling is 32 zero bytes: every path has one length.
 * @param commitments - 1 to 2,048 of 32 bytes.
 */
export function merkleTree(commitments: readonly Uint8Array[]): Tree {
  const count = commitments.length;
  for (let index = 0; index < count; index++) {
    leafScratch.set(commitments[index] as Uint8Array, leafAt);
    sha256Into(leafScratch, nodes, index * HASH_BYTES);
  }
  // Where each level begins, in hashes, and where the last one ends.
  const starts = [0, count];
  for (let below = count; below > 1;) below = buildAbove(starts, below);
  const depth = starts.length - 2;
  const rootAt = (starts[depth] as number) * HASH_BYTES;
  const root = new Uint8Array(nodes.subarray(rootAt, rootAt + HASH_BYTES));
  if (depth === 0) return { root, paths: [NO_PATH] };
  const pathBytes = depth * HASH_BYTES;
  // All paths in one allocation; what is left zero is a missing sibling.
  const all = Buffer.alloc(count * pathBytes);
  const words = new Uint32Array(all.buffer, all.byteOffset, all.length / 4);
  const paths: Uint8Array[] = [];
  for (let index = 0, to = 0; index < count; index++) {
    for (let height = 0; height < depth; height++, to += HASH_WORDS) {
      const sibling = (starts[height] as number) + ((index >> height) ^ 1);
      if (sibling >= (starts[height + 1] as number)) continue;
      const from = sibling * HASH_WORDS;
      for (let word = 0; word < HASH_WORDS; word++) words[to + word] = nodeWords[from + word] as number;
    }
    paths.push(all.subarray(index * pathBytes, (index + 1) * pathBytes));
  }
  return { root, paths };
}

/** Hashes the newest level, of `below` nodes, in pairs into the next. @returns how many that has. */
function buildAbove(starts: number[], below: number): number {
  const end = starts[starts.length - 1] as number;
  const above = Math.ceil(below / 2);
  for (let n = 0; n < above; n++) {
    const from = (end - below + 2 * n) * HASH_BYTES;
    const to = Math.min(from + 2 * HASH_BYTES, end * HASH_BYTES);
    nodeScratch.fill(0, nodeAt + to - from);
    nodes.copy(nodeScratch, nodeAt, from, to);
    sha256Into(nodeScratch, nodes, (end + n) * HASH_BYTES);
  }
  starts.push(end + above);
  return above;
}
