// What a member's state need not keep: ts-mls derives two ratchets for every node of a tree, of which only the leaves'
// application ratchets ever serve here, and keeps whole trees for past epochs, of which only the senders' keys serve.
// Thinned, a state is a twentieth in size, and what is dropped is wiped. Which operation thins: group.ts, secrets.ts.
import type { ClientState } from 'ts-mls';
import type { EpochReceiverData } from 'ts-mls/epochReceiverData.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { SecretTree, SecretTreeNode } from 'ts-mls/secretTree.js';
import { wipe } from '../../crypto/index.ts';
import { leavesOf } from './tree.ts';

/** Epochs whose late messages still open. */
export const PAST_EPOCHS = 16;

const NONE = new Uint8Array(0);

/** Handshakes travel as public messages: their ratchets are never used. */
export const NO_RATCHET = { secret: NONE, generation: 0, unusedGenerations: {} };

/** A leaf of a past epoch: only its owner's signature key is needed, to check what it sent. */
export function bareLeaf(signaturePublicKey: Uint8Array): LeafNode {
  return {
    leafNodeSource: 'key_package',
    lifetime: { notBefore: 0n, notAfter: 0n },
    hpkePublicKey: NONE,
    signaturePublicKey,
    credential: { credentialType: 'basic', identity: signaturePublicKey },
    capabilities: { versions: [], ciphersuites: [], extensions: [], proposals: [], credentials: [] },
    extensions: [],
    signature: NONE,
  };
}

/** The nodes that are there, of a tree that may have holes. */
export function presentSecrets(tree: SecretTree): { index: number; node: SecretTreeNode }[] {
  const found: { index: number; node: SecretTreeNode }[] = [];
  tree.forEach((node, index) => {
    found.push({ index, node });
  });
  return found;
}

function leavesOnly(secrets: SecretTree, tree: RatchetTree, except?: number): SecretTree {
  const thin: SecretTree = [];
  for (const { leaf } of leavesOf(tree)) {
    const node = (secrets as (SecretTreeNode | undefined)[])[leaf * 2];
    if (leaf !== except && node !== undefined) {
      thin[leaf * 2] = { application: node.application, handshake: NO_RATCHET };
    }
  }
  return thin;
}

/** A new epoch's state, fresh from ts-mls: nobody else holds its secret tree yet, so what is dropped is wiped here. */
export function thinned(state: ClientState): ClientState {
  const secretTree = leavesOnly(state.secretTree, state.ratchetTree);
  for (const { index, node } of presentSecrets(state.secretTree)) {
    wipe(node.handshake.secret);
    if ((secretTree as (SecretTreeNode | undefined)[])[index] === undefined) wipe(node.application.secret);
  }
  return { ...state, secretTree };
}

function bareTree(tree: RatchetTree): RatchetTree {
  const bare: RatchetTree = [];
  for (const { leaf, node } of leavesOf(tree)) {
    bare[leaf * 2] = { nodeType: 'leaf', leaf: bareLeaf(node.signaturePublicKey) };
  }
  return bare;
}

/** The past epochs after an epoch ends: it joins them, the oldest beyond sixteen goes. */
export function pastWith(ended: ClientState): ClientState['historicalReceiverData'] {
  const { groupContext, keySchedule, ratchetTree, secretTree, privatePath } = ended;
  const epoch: EpochReceiverData = {
    groupContext,
    senderDataSecret: keySchedule.senderDataSecret,
    // Of one's own messages nothing is opened any more.
    secretTree: leavesOnly(secretTree, ratchetTree, privatePath.leafIndex),
    ratchetTree: bareTree(ratchetTree),
    resumptionPsk: NONE,
  };
  return new Map([...ended.historicalReceiverData, [groupContext.epoch, epoch] as const].slice(-PAST_EPOCHS));
}
