// Stamps the blocks of one event-loop turn: one signature for each hour and at most 2,048 blocks. Between the reads of
// a turn and their delivery (channel/delivery.ts). A stamp proves the hour and nothing else.

import { MAX_STAMP_LEAVES, stampRootPreimage, type Stamp } from '@sotto/wire';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { StoredBlock } from '../store/channel-store.ts';
import { merkleTree } from './merkle.ts';

interface Batch {
  readonly hour: number;
  readonly blocks: StoredBlock[];
}

/**
 * Stamps blocks that are delivered together. A block that goes to many readers is one leaf.
 * @param key - the stamp key of the published promise.
 * @returns the stamp of each block, by the block object given.
 */
export function stampAll(key: SigningKey, blocks: Iterable<StoredBlock>): Map<StoredBlock, Stamp> {
  const stamps = new Map<StoredBlock, Stamp>();
  for (const batch of intoBatches(new Set(blocks))) {
    const tree = merkleTree(batch.blocks.map((block) => block.commitment));
    const signature = key.sign(stampRootPreimage({ root: tree.root, hour: batch.hour }));
    batch.blocks.forEach((block, index) => {
      stamps.set(block, { hour: batch.hour, index, path: tree.paths[index] as Uint8Array, signature });
    });
  }
  return stamps;
}

function intoBatches(blocks: ReadonlySet<StoredBlock>): Batch[] {
  const full: Batch[] = [];
  const open = new Map<number, Batch>();
  for (const block of blocks) {
    let batch = open.get(block.hour);
    if (batch === undefined) open.set(block.hour, (batch = { hour: block.hour, blocks: [] }));
    batch.blocks.push(block);
    if (batch.blocks.length === MAX_STAMP_LEAVES) {
      full.push(batch);
      open.delete(block.hour);
    }
  }
  return [...full, ...open.values()];
}
