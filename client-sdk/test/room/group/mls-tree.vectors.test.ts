// MLS vectors of the ratchet tree: its arithmetic, operations, validity, and the paths that carry new secrets.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- vectors are JSON */
import { beforeAll, expect, test } from '@jest/globals';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { applyUpdatePathSecret } from 'ts-mls/createCommit.js';
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import { getCommitSecret, pathToRoot } from 'ts-mls/pathSecrets.js';
import { toPrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { decodeProposal } from 'ts-mls/proposal.js';
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  type RatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from 'ts-mls/ratchetTree.js';
import { treeHash, treeHashRoot } from 'ts-mls/treeHash.js';
import {
  left,
  leafWidth,
  nodeWidth,
  parent,
  right,
  root,
  toLeafIndex,
  toNodeIndex,
} from 'ts-mls/treemath.js';
import { applyUpdatePath, createUpdatePath, decodeUpdatePath } from 'ts-mls/updatePath.js';
import { fromHex, toHex } from '../../../src/crypto/index.ts';
import { type Suite, suiteOf } from '../../../src/room/group/suite.ts';
import { decoded, describeVectors, epochContext, vectors } from './mls-vectors.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await suiteOf('x25519');
});

describeVectors('MLS vectors: the tree', () => {
  test('tree-math', () => {
    for (const v of vectors('tree-math', 10)) {
      expect(nodeWidth(v.n_leaves)).toBe(v.n_nodes);
      expect(root(v.n_leaves)).toBe(v.root);
      for (let i = 0; i < v.n_nodes; i++) {
        if (v.left[i] !== null) expect(left(toNodeIndex(i))).toBe(v.left[i]);
        if (v.right[i] !== null) expect(right(toNodeIndex(i))).toBe(v.right[i]);
        if (v.parent[i] !== null) expect(parent(toNodeIndex(i), v.n_leaves)).toBe(v.parent[i]);
      }
    }
  });

  test('tree-operations', async () => {
    for (const v of vectors('tree-operations', 5)) {
      const before = decoded(decodeRatchetTree, v.tree_before);
      expect(toHex(await treeHashRoot(before, suite.impl.hash))).toBe(v.tree_hash_before);
      const proposal: any = decoded(decodeProposal, v.proposal);
      const apply: Record<string, () => RatchetTree> = {
        add: () => addLeafNode(before, proposal.add.keyPackage.leafNode)[0],
        update: () => updateLeafNode(before, proposal.update.leafNode, v.proposal_sender),
        remove: () => removeLeafNode(before, proposal.remove.removed),
      };
      const after = apply[proposal.proposalType]!();
      expect(toHex(encodeRatchetTree(after))).toBe(v.tree_after);
      expect(toHex(await treeHashRoot(after, suite.impl.hash))).toBe(v.tree_hash_after);
    }
  });

  test('tree-validation', async () => {
    const { impl } = suite;
    for (const v of vectors('tree-validation', 14)) {
      const tree = decoded(decodeRatchetTree, v.tree);
      for (const [index, expected] of v.tree_hashes.entries()) {
        expect(toHex(await treeHash(tree, toNodeIndex(index), impl.hash))).toBe(expected);
        expect(resolution(tree, toNodeIndex(index))).toEqual(v.resolutions[index]);
      }
      expect(await verifyParentHashes(tree, impl.hash)).toBe(true);
      for (const [index, node] of tree.entries()) {
        if (node?.nodeType !== 'leaf') continue;
        const { leaf } = node;
        const isSigned =
          leaf.leafNodeSource === 'key_package'
            ? verifyLeafNodeSignatureKeyPackage(leaf, impl.signature)
            : verifyLeafNodeSignature(leaf, fromHex(v.group_id), index / 2, impl.signature);
        expect(await isSigned).toBe(true);
      }
    }
  });

  test('treekem', async () => {
    const { impl } = suite;
    for (const v of vectors('treekem', 11)) {
      const tree = decoded(decodeRatchetTree, v.ratchet_tree);
      const context = { ...epochContext(suite, v), treeHash: await treeHashRoot(tree, impl.hash) };
      const privates = new Map<number, any>();
      for (const leaf of v.leaves_private) {
        let privateKeys: Record<number, Uint8Array> = { [2 * leaf.index]: fromHex(leaf.encryption_priv) };
        for (const { node, path_secret } of leaf.path_secrets) {
          const path = await toPrivateKeyPath({ [node]: fromHex(path_secret) }, leaf.index, impl);
          const { publicKey } = await impl.hpke.deriveKeyPair(
            await deriveSecret(fromHex(path_secret), 'node', impl.kdf),
          );
          expect(toHex(await impl.hpke.exportPublicKey(publicKey))).toBe(
            toHex((tree[node] as any).parent.hpkePublicKey),
          );
          privateKeys = { ...privateKeys, ...path.privateKeys };
        }
        privates.set(leaf.index, {
          path: { leafIndex: leaf.index, privateKeys },
          seed: fromHex(leaf.signature_priv),
        });
      }
      for (const u of v.update_paths) {
        const path = decoded(decodeUpdatePath, u.update_path);
        const after = await applyUpdatePath(tree, toLeafIndex(u.sender), path, impl.hash);
        const hash = await treeHashRoot(after, impl.hash);
        expect(toHex(hash)).toBe(u.tree_hash_after);
        const sealedTo = { ...epochContext(suite, v), epoch: BigInt(v.epoch), treeHash: hash };
        for (const [leaf, { path: own }] of privates) {
          if (leaf === u.sender) continue;
          const { nodeIndex, pathSecret } = await applyUpdatePathSecret(
            after,
            own,
            toLeafIndex(u.sender),
            sealedTo,
            path,
            [],
            impl,
          );
          expect(toHex(pathSecret)).toBe(u.path_secrets[leaf]);
          const secrets = await pathToRoot(after, toNodeIndex(nodeIndex), pathSecret, impl.kdf);
          const top = secrets[root(leafWidth(after.length))]!;
          expect(toHex(await deriveSecret(top, 'path', impl.kdf))).toBe(u.commit_secret);
        }
      }
      // And one of our own making, from every member to every other.
      for (const [sender, { seed }] of privates) {
        const before = { ...context, epoch: BigInt(v.epoch) };
        const [after, path, secrets] = await createUpdatePath(tree, toLeafIndex(sender), before, seed, impl);
        const applied = await applyUpdatePath(tree, toLeafIndex(sender), path, impl.hash);
        const hash = await treeHashRoot(applied, impl.hash);
        expect(hash).toEqual(await treeHashRoot(after, impl.hash));
        const last = secrets.at(-1)!;
        const commitSecret = await getCommitSecret(after, toNodeIndex(last.nodeIndex), last.secret, impl.kdf);
        const sealedTo = { ...before, epoch: before.epoch + 1n, treeHash: hash };
        for (const [leaf, { path: own }] of privates) {
          if (leaf === sender) continue;
          const opened = await applyUpdatePathSecret(
            applied,
            own,
            toLeafIndex(sender),
            sealedTo,
            path,
            [],
            impl,
          );
          const up = await pathToRoot(applied, toNodeIndex(opened.nodeIndex), opened.pathSecret, impl.kdf);
          expect(await deriveSecret(up[root(leafWidth(applied.length))]!, 'path', impl.kdf)).toEqual(
            commitSecret,
          );
        }
      }
    }
  });
});
