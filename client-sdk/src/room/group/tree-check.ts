// All hashes and signatures of a tree that one is about to join (RFC 9420 sections 7.8 and 7.9.2), in one pass: a room's
// nodes have no unmerged leaves, so every subtree is hashed once, where ts-mls hashes them anew for each parent hash and
// takes seconds for 200 members. Whether each node may stand in a room's tree at all is tree.ts.
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { encodeParentHashInput } from 'ts-mls/parentHash.js';
import { type RatchetTree, resolution } from 'ts-mls/ratchetTree.js';
import { encodeTreeHashInput } from 'ts-mls/treeHash.js';
import {
  isLeaf,
  left,
  leafWidth,
  type NodeIndex,
  right,
  root,
  toLeafIndex,
  toNodeIndex,
} from 'ts-mls/treemath.js';
import { equalBytes } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import type { PublicGroup } from './public.ts';
import { leavesOf } from './tree.ts';

/** The hash of every subtree, by its node. */
async function hashesOf({ tree, suite }: PublicGroup): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  const hash = async (index: NodeIndex): Promise<Uint8Array> => {
    const node = tree[index];
    const made = isLeaf(index)
      ? encodeTreeHashInput({
          nodeType: 'leaf',
          leafIndex: toLeafIndex(index / 2),
          leafNode: node?.nodeType === 'leaf' ? node.leaf : undefined,
        })
      : encodeTreeHashInput({
          nodeType: 'parent',
          parentNode: node?.nodeType === 'parent' ? node.parent : undefined,
          leftHash: await hash(left(index)),
          rightHash: await hash(right(index)),
        });
    const digest = await suite.impl.hash.digest(made);
    hashes[index] = digest;
    return digest;
  };
  await hash(rootOf(tree));
  return hashes;
}

const rootOf = (tree: RatchetTree): NodeIndex => root(leafWidth(tree.length));

/** The parent hash that a node carries; undefined for leaves that made no path. */
function carriedBy(tree: RatchetTree, index: number): Uint8Array | undefined {
  const node = tree[index];
  if (node?.nodeType === 'parent') return node.parent.parentHash;
  return node?.nodeType === 'leaf' && node.leaf.leafNodeSource === 'commit'
    ? node.leaf.parentHash
    : undefined;
}

/** Every parent was set by a path: one child of it resolves to one node alone, which carries the parent's hash. */
async function areParentsLinked(
  { tree, suite }: PublicGroup,
  hashes: readonly Uint8Array[],
): Promise<boolean> {
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType !== 'parent') continue;
    const at = toNodeIndex(index);
    let links = 0;
    for (const [child, sibling] of [
      [left(at), right(at)],
      [right(at), left(at)],
    ] as const) {
      const [only, ...more] = resolution(tree, child);
      const carried = only === undefined || more.length > 0 ? undefined : carriedBy(tree, only);
      const originalSiblingTreeHash = hashes[sibling];
      if (carried === undefined || originalSiblingTreeHash === undefined) continue;
      const { hpkePublicKey: encryptionKey, parentHash } = node.parent;
      const input = encodeParentHashInput({ encryptionKey, parentHash, originalSiblingTreeHash });
      if (equalBytes(carried, await suite.impl.hash.digest(input))) links++;
    }
    if (links !== 1) return false;
  }
  return true;
}

async function areLeavesSigned({ tree, suite, context }: PublicGroup): Promise<boolean> {
  const { signature } = suite.impl;
  for (const { leaf, node } of leavesOf(tree)) {
    const isSigned =
      node.leafNodeSource === 'key_package'
        ? verifyLeafNodeSignatureKeyPackage({ ...node, leafNodeSource: 'key_package' }, signature)
        : verifyLeafNodeSignature(node, context.groupId, leaf, signature);
    if (!(await isSigned)) return false;
  }
  return true;
}

/** @throws SottoError ROOM_STATE_BAD */
export async function checkTree(group: PublicGroup): Promise<void> {
  const hashes = await hashesOf(group);
  const rootHash = hashes[rootOf(group.tree)];
  const holds =
    rootHash !== undefined &&
    equalBytes(rootHash, group.context.treeHash) &&
    (await areParentsLinked(group, hashes)) &&
    (await areLeavesSigned(group));
  if (!holds) throw new SottoError('ROOM_STATE_BAD');
}
