// A member that keeps no rule: makes any commit with its real keys, rightly signed and tagged, as an evil client would.
// With it the negative tests show what others refuse; nothing of our rules runs here.
import { encodeMlsMessage, type MlsPublicMessage, type Proposal } from 'ts-mls';
import { createConfirmationTag, createContentCommitSignature } from 'ts-mls/framedContent.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { addLeafNode, removeLeafNode } from 'ts-mls/ratchetTree.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { createUpdatePath, type UpdatePath } from 'ts-mls/updatePath.js';
import { exportSecret } from 'ts-mls/clientState.js';
import type { SigningKeyPair } from '../../../src/crypto/index.ts';
import type { GroupState, PublicState } from '../../../src/room/group/index.ts';
import { capabilitiesOf } from '../../../src/room/group/config.ts';

export interface Forgery {
  readonly proposals?: readonly Proposal[];
  /** Leaves that the path is made without; by default those that the proposals remove. */
  readonly without?: readonly number[];
  readonly authenticatedData?: Uint8Array;
  readonly path?: (path: UpdatePath) => UpdatePath | undefined;
  readonly epoch?: bigint;
  /** Changes the finished message. */
  readonly message?: (message: MlsPublicMessage['publicMessage']) => MlsPublicMessage['publicMessage'];
}

export const removing = (removed: number): Proposal => ({ proposalType: 'remove', remove: { removed } });

function removedBy(forgery: Forgery): readonly number[] {
  const listed = (forgery.proposals ?? []).flatMap((each) =>
    each.proposalType === 'remove' ? [(each as { remove: { removed: number } }).remove.removed] : [],
  );
  return forgery.without ?? listed;
}

/** Any commit by a member. Its confirmation tag is well-formed and false, which no public check can see. */
export async function forgeAsMember(state: GroupState, forgery: Forgery): Promise<Uint8Array> {
  const { mls, suite } = state;
  const { leafIndex } = mls.privatePath;
  const base = removedBy(forgery).reduce(
    (tree, leaf) => (tree[leaf * 2] === undefined ? tree : removeLeafNode(tree, toLeafIndex(leaf))),
    mls.ratchetTree,
  );
  const made = await createUpdatePath(
    base,
    toLeafIndex(leafIndex),
    mls.groupContext,
    mls.signaturePrivateKey,
    suite.impl,
  );
  return finish(state, forgery, { path: made[1], sender: { senderType: 'member', leafIndex } });
}

/** Any external commit, from a public state. */
export async function forgeFromOutside(
  from: PublicState,
  pseudonym: SigningKeyPair,
  forgery: Forgery = {},
): Promise<Uint8Array> {
  const { context, tree, suite } = from.group;
  const [externalKey] = from.info.extensions;
  const { enc } = await exportSecret(externalKey?.extensionData ?? new Uint8Array(), suite.impl);
  const base = removedBy(forgery).reduce((left, leaf) => removeLeafNode(left, toLeafIndex(leaf)), tree);
  const [placed, node] = addLeafNode(base, {
    leafNodeSource: 'key_package',
    lifetime: { notBefore: 0n, notAfter: 0n },
    hpkePublicKey: new Uint8Array(32),
    signaturePublicKey: pseudonym.publicKey,
    credential: { credentialType: 'basic', identity: pseudonym.publicKey },
    capabilities: capabilitiesOf(suite.kind),
    extensions: [],
    signature: new Uint8Array(64),
  });
  const made = await createUpdatePath(placed, toLeafIndex(node / 2), context, pseudonym.seed, suite.impl);
  const proposals: Proposal[] = [
    ...(forgery.proposals ?? []),
    { proposalType: 'external_init', externalInit: { kemOutput: enc } },
  ];
  const outside = {
    suite,
    mls: { groupContext: context, signaturePrivateKey: pseudonym.seed, keySchedule: undefined },
  };
  return finish(
    outside,
    { ...forgery, proposals },
    { path: made[1], sender: { senderType: 'new_member_commit' } },
  );
}

interface Author {
  readonly suite: GroupState['suite'];
  readonly mls: {
    groupContext: GroupState['mls']['groupContext'];
    signaturePrivateKey: Uint8Array;
    keySchedule: GroupState['mls']['keySchedule'] | undefined;
  };
}

async function finish(
  { mls, suite: { impl } }: Author,
  forgery: Forgery,
  by: {
    path: UpdatePath;
    sender: { senderType: 'member'; leafIndex: number } | { senderType: 'new_member_commit' };
  },
): Promise<Uint8Array> {
  const path = forgery.path === undefined ? by.path : forgery.path(by.path);
  const { signature, framedContent } = await createContentCommitSignature(
    { ...mls.groupContext, epoch: forgery.epoch ?? mls.groupContext.epoch },
    'mls_public_message',
    {
      proposals: (forgery.proposals ?? []).map((proposal) => ({ proposalOrRefType: 'proposal', proposal })),
      path,
    },
    by.sender,
    forgery.authenticatedData ?? new Uint8Array(),
    mls.signaturePrivateKey,
    impl.signature,
  );
  const confirmationTag = await createConfirmationTag(new Uint8Array(32), new Uint8Array(32), impl.hash);
  const publicMessage = await protectPublicMessage(
    mls.keySchedule?.membershipKey ?? new Uint8Array(32),
    mls.groupContext,
    {
      wireformat: 'mls_public_message',
      content: framedContent,
      auth: { contentType: framedContent.contentType, signature, confirmationTag },
    },
    impl,
  );
  const sent = forgery.message === undefined ? publicMessage : forgery.message(publicMessage);
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage: sent });
}
