// A member's side of a commit: the secrets of the next epoch, made or opened. Follows RFC 9420 sections 7.5, 7.9, 8 and
// 12.4 with ts-mls' parts. ts-mls' own whole (createCommit, processMessage) is not used because it seals a path that
// comes with new extensions to another context than it opens it with, makes no path for a change of extensions, never
// compares a path's public keys with its secrets, and keeps what a commit made useless. Tests hold both equal.
import type { ClientState, Proposal } from 'ts-mls';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { SenderMember, SenderNewMemberCommit } from 'ts-mls/sender.js';
import { verifyMembershipTag } from 'ts-mls/authenticatedContent.js';
import { nextEpochContext } from 'ts-mls/clientState.js';
import { applyUpdatePathSecret } from 'ts-mls/createCommit.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import {
  createConfirmationTag,
  createContentCommitSignature,
  toTbs,
  verifyConfirmationTag,
} from 'ts-mls/framedContent.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { initializeEpoch, type KeySchedule } from 'ts-mls/keySchedule.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import type { MlsPublicMessage } from 'ts-mls/message.js';
import { getCommitSecret, pathToPathSecrets, pathToRoot } from 'ts-mls/pathSecrets.js';
import {
  mergePrivateKeyPaths,
  type PrivateKeyPath,
  toPrivateKeyPath,
  updateLeafKey,
} from 'ts-mls/privateKeyPath.js';
import { addLeafNode, getHpkePublicKey, type RatchetTree, removeLeafNode } from 'ts-mls/ratchetTree.js';
import { createSecretTree, type SecretTree } from 'ts-mls/secretTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { leafWidth, root, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
import { createUpdatePath } from 'ts-mls/updatePath.js';
import { equalBytes, utf8, wipe } from '../../crypto/index.ts';
import { encodePass, type Pass } from './pass.ts';
import { clientConfig } from './config.ts';
import type { Followed, PublicGroup } from './public.ts';
import { VoidCommit } from './rules.ts';
import type { Suite } from './suite.ts';
import { pastWith, presentSecrets, thinned } from './thin.ts';
import { leafOf } from './tree.ts';

/** Thrown inside this folder only: a sound commit whose path was not sealed rightly to me. */
export class CannotOpen extends Error {}

/** RFC 9420 section 8.3. */
const EXTERNAL_INIT = utf8('MLS 1.0 external init secret');

/** Makes a commit with a path, as a member. Rules are checked by whoever asks. */
export async function makeCommit(
  state: ClientState,
  suite: Suite,
  input: { removed: readonly number[]; extensions?: GroupContext['extensions'] | undefined; pass: Pass },
): Promise<{ message: MlsPublicMessage; next: ClientState }> {
  const { removed, extensions } = input;
  const { leafIndex } = state.privatePath;
  const context = { ...state.groupContext, extensions: extensions ?? state.groupContext.extensions };
  const base = removed.reduce((tree, leaf) => removeLeafNode(tree, toLeafIndex(leaf)), state.ratchetTree);
  const proposals: Proposal[] = removed.map((leaf) => ({
    proposalType: 'remove',
    remove: { removed: leaf },
  }));
  if (extensions !== undefined) {
    proposals.push({ proposalType: 'group_context_extensions', groupContextExtensions: { extensions } });
  }
  const made = await makePathCommit(suite, {
    ...input,
    base,
    leafIndex,
    proposals,
    sender: { senderType: 'member', leafIndex },
    seed: state.signaturePrivateKey,
    signedIn: state.groupContext,
    context,
    confirmationTag: state.confirmationTag,
    init: state.keySchedule.initSecret,
  });
  const publicMessage = await protectPublicMessage(
    state.keySchedule.membershipKey,
    state.groupContext,
    made.content,
    suite.impl,
  );
  const { privatePath, ...rest } = made;
  const path = mergePrivateKeyPaths(state.privatePath, privatePath);
  const next = {
    ...moved(state, rest),
    privatePath: pruned(path, made.tree),
    confirmationTag: made.confirmationTag,
  };
  return { message: { wireformat: 'mls_public_message', publicMessage }, next };
}

/**
 * Makes the external commit by which somebody comes in or comes back.
 * @param input.former - The leaf that goes.
 */
export async function makeExternalCommit(
  group: PublicGroup,
  input: {
    externalKey: Uint8Array;
    leafNode: LeafNode;
    seed: Uint8Array;
    former: number | undefined;
    pass: Pass;
  },
): Promise<{ message: MlsPublicMessage; next: ClientState }> {
  const { suite, context } = group;
  const { hpke, kdf } = suite.impl;
  const { former, seed } = input;
  const externalKey = await hpke.importPublicKey(input.externalKey);
  const { enc, secret } = await hpke.exportSecret(externalKey, EXTERNAL_INIT, kdf.size, new Uint8Array());
  const left = former === undefined ? group.tree : removeLeafNode(group.tree, toLeafIndex(former));
  const [base, index] = addLeafNode(left, input.leafNode);
  const proposals: Proposal[] =
    former === undefined ? [] : [{ proposalType: 'remove', remove: { removed: former } }];
  proposals.push({ proposalType: 'external_init', externalInit: { kemOutput: enc } });
  const made = await makePathCommit(suite, {
    pass: input.pass,
    base,
    leafIndex: index / 2,
    proposals,
    sender: { senderType: 'new_member_commit' },
    seed,
    signedIn: context,
    context,
    confirmationTag: group.confirmationTag,
    init: secret,
  });
  wipe(secret);
  const publicMessage = { ...made.content, senderType: 'new_member_commit' as const };
  const next = thinned({
    groupContext: made.context,
    ratchetTree: made.tree,
    keySchedule: made.keySchedule,
    secretTree: made.secretTree,
    privatePath: made.privatePath,
    confirmationTag: made.confirmationTag,
    signaturePrivateKey: seed,
    unappliedProposals: {},
    historicalReceiverData: new Map(),
    groupActiveState: { kind: 'active' },
    clientConfig,
  });
  return { message: { wireformat: 'mls_public_message', publicMessage }, next };
}

async function makePathCommit(
  suite: Suite,
  input: {
    /** After removals and the own leaf's arrival, before the path. */
    base: RatchetTree;
    leafIndex: number;
    proposals: Proposal[];
    sender: SenderMember | SenderNewMemberCommit;
    seed: Uint8Array;
    pass: Pass;
    /** The epoch that is left; `context` has new extensions in it. */
    signedIn: GroupContext;
    context: GroupContext;
    confirmationTag: Uint8Array;
    init: Uint8Array;
  },
) {
  const { impl } = suite;
  const { leafIndex, context } = input;
  const made = await createUpdatePath(input.base, toLeafIndex(leafIndex), context, input.seed, impl);
  const [tree, path, pathSecrets, leafKey] = made;
  const fresh = await toPrivateKeyPath(pathToPathSecrets(pathSecrets), leafIndex, impl);
  const privatePath = updateLeafKey(fresh, await impl.hpke.exportPrivateKey(leafKey));
  // Alone in the group there is nobody to seal to, and the commit's secret is all zeros (RFC 9420 section 7.4).
  const last = pathSecrets.at(-1);
  const commitSecret =
    last === undefined
      ? new Uint8Array(impl.kdf.size)
      : await getCommitSecret(tree, toNodeIndex(last.nodeIndex), last.secret, impl.kdf);
  const { signature, framedContent } = await createContentCommitSignature(
    input.signedIn,
    'mls_public_message',
    { proposals: input.proposals.map((proposal) => ({ proposalOrRefType: 'proposal', proposal })), path },
    input.sender,
    encodePass(input.pass),
    input.seed,
    impl.signature,
  );
  const next = await nextEpochContext(
    context,
    'mls_public_message',
    framedContent,
    signature,
    await treeHashRoot(tree, impl.hash),
    input.confirmationTag,
    impl.hash,
  );
  const epoch = await enterEpoch(suite, { init: input.init, commitSecret, context: next, tree });
  const hash = next.confirmedTranscriptHash;
  const confirmationTag = await createConfirmationTag(epoch.keySchedule.confirmationKey, hash, impl.hash);
  wipe(...pathSecrets.map(({ secret }) => secret));
  const auth = { contentType: framedContent.contentType, signature, confirmationTag };
  const content = { wireformat: 'mls_public_message' as const, content: framedContent, auth };
  return { ...epoch, tree, context: next, confirmationTag, privatePath, content };
}

/**
 * Opens a commit that has passed all public checks and `checkMembership`.
 * @throws VoidCommit where what all members share shows that it is false; CannotOpen where only my own keys do.
 */
export async function openCommit(
  state: ClientState,
  { message, change, next }: Followed,
): Promise<ClientState> {
  const { suite, tree, context } = next;
  const { impl } = suite;
  const init = change.isExternal ? await externalInit(state, message, suite) : state.keySchedule.initSecret;
  const committer = leafOf(tree, change.pseudonym) ?? -1;
  const sealedTo = { ...context, confirmedTranscriptHash: state.groupContext.confirmedTranscriptHash };
  const { privatePath, commitSecret } = await openPath(state, {
    committer,
    sealedTo,
    followed: { message, change, next },
  });
  const epoch = await enterEpoch(suite, { init, commitSecret, context, tree });
  const isConfirmed = await verifyConfirmationTag(
    epoch.keySchedule.confirmationKey,
    next.confirmationTag,
    context.confirmedTranscriptHash,
    impl.hash,
  );
  // The path opened and fits its public keys, so everyone whose path opened has the same secret, and the same answer.
  if (!isConfirmed) throw new VoidCommit('confirmation');
  if (change.isExternal) wipe(init);
  return {
    ...moved(state, { tree, context, ...epoch }),
    privatePath: pruned(privatePath, tree),
    confirmationTag: next.confirmationTag,
  };
}

/** The membership tag, by a key that all members of the epoch share. @throws VoidCommit */
export async function checkMembership(
  state: ClientState,
  { publicMessage }: MlsPublicMessage,
  { impl }: Suite,
): Promise<void> {
  if (publicMessage.senderType !== 'member') return;
  const contentTbs = toTbs(publicMessage.content, 'mls_public_message', state.groupContext);
  const isMember = await verifyMembershipTag(
    state.keySchedule.membershipKey,
    { contentTbs, auth: publicMessage.auth },
    publicMessage.membershipTag,
    impl.hash,
  );
  if (!isMember) throw new VoidCommit('membership');
}

async function externalInit(state: ClientState, { publicMessage }: MlsPublicMessage, { impl }: Suite) {
  const { content } = publicMessage;
  const proposals = content.contentType === 'commit' ? content.commit.proposals : [];
  for (const item of proposals) {
    if (item.proposalOrRefType !== 'proposal' || item.proposal.proposalType !== 'external_init') continue;
    const { kemOutput } = (item.proposal as { externalInit: { kemOutput: Uint8Array } }).externalInit;
    const { privateKey } = await impl.hpke.deriveKeyPair(state.keySchedule.externalSecret);
    try {
      return await impl.hpke.importSecret(
        privateKey,
        EXTERNAL_INIT,
        kemOutput,
        impl.kdf.size,
        new Uint8Array(),
      );
    } catch {
      // All members share this key: what none of them can open is void, not mine alone.
      throw new VoidCommit('proposal');
    }
  }
  throw new VoidCommit('proposal');
}

async function openPath(
  state: ClientState,
  input: { committer: number; sealedTo: GroupContext; followed: Followed },
): Promise<{ privatePath: PrivateKeyPath; commitSecret: Uint8Array }> {
  const { change, next } = input.followed;
  const { tree, suite } = next;
  const { impl } = suite;
  try {
    const from = await applyUpdatePathSecret(
      tree,
      state.privatePath,
      toLeafIndex(input.committer),
      input.sealedTo,
      change.path,
      [],
      impl,
    );
    const secrets = await pathToRoot(tree, toNodeIndex(from.nodeIndex), from.pathSecret, impl.kdf);
    const fresh = await toPrivateKeyPath(secrets, state.privatePath.leafIndex, impl);
    await checkKeys(tree, secrets, suite);
    const rootSecret = secrets[root(leafWidth(tree.length))];
    if (rootSecret === undefined) throw new CannotOpen('path');
    const commitSecret = await deriveSecret(rootSecret, 'path', impl.kdf);
    wipe(...Object.values(secrets));
    return { privatePath: mergePrivateKeyPaths(state.privatePath, fresh), commitSecret };
  } catch {
    throw new CannotOpen('path');
  }
}

/** RFC 9420 section 7.9: the secrets that I derive belong to the public keys that everyone sees. */
async function checkKeys(
  tree: RatchetTree,
  secrets: Record<number, Uint8Array>,
  { impl }: Suite,
): Promise<void> {
  for (const [index, secret] of Object.entries(secrets)) {
    const node = tree[Number(index)];
    // The way up ends at the root, which is blank where nobody is left in its other half.
    if (node === undefined) continue;
    const seed = await deriveSecret(secret, 'node', impl.kdf);
    const { publicKey } = await impl.hpke.deriveKeyPair(seed);
    const derived = await impl.hpke.exportPublicKey(publicKey);
    if (!equalBytes(getHpkePublicKey(node), derived)) throw new CannotOpen('path');
  }
}

interface Epoch {
  readonly keySchedule: KeySchedule;
  readonly secretTree: ClientState['secretTree'];
}

async function enterEpoch(
  { impl }: Suite,
  input: { init: Uint8Array; commitSecret: Uint8Array; context: GroupContext; tree: RatchetTree },
): Promise<Epoch> {
  const noPsk = new Uint8Array(impl.kdf.size);
  const secrets = await initializeEpoch(input.init, input.commitSecret, input.context, noPsk, impl.kdf);
  const secretTree = await createSecretTree(leafWidth(input.tree.length), secrets.encryptionSecret, impl.kdf);
  wipe(input.commitSecret, secrets.joinerSecret, secrets.encryptionSecret, secrets.welcomeSecret);
  return { keySchedule: secrets.keySchedule, secretTree };
}

function moved(state: ClientState, to: Epoch & { tree: RatchetTree; context: GroupContext }): ClientState {
  return thinned({
    ...state,
    ratchetTree: to.tree,
    groupContext: to.context,
    keySchedule: to.keySchedule,
    secretTree: to.secretTree,
    unappliedProposals: {},
    historicalReceiverData: pastWith(state),
  });
}

/** Keys of nodes that are blank now open nothing any more that should be opened. */
function pruned(path: PrivateKeyPath, tree: RatchetTree): PrivateKeyPath {
  const kept = Object.entries(path.privateKeys).filter(([index]) => tree[Number(index)] !== undefined);
  return { ...path, privateKeys: Object.fromEntries(kept) };
}

function ratchetSecrets(tree: SecretTree): Uint8Array[] {
  return presentSecrets(tree).flatMap(({ node: { application, handshake } }) => [
    application.secret,
    handshake.secret,
    ...Object.values(application.unusedGenerations),
  ]);
}

function secretsOf(state: ClientState): Uint8Array[] {
  const { keySchedule, privatePath, secretTree, historicalReceiverData } = state;
  const schedule: Record<string, Uint8Array> = { ...keySchedule };
  const all = [...Object.values(schedule), ...Object.values(privatePath.privateKeys)];
  all.push(...ratchetSecrets(secretTree));
  for (const epoch of historicalReceiverData.values()) {
    all.push(epoch.senderDataSecret, ...ratchetSecrets(epoch.secretTree));
  }
  return all;
}

/** The secrets of a state that its successor does not hold any more: to be wiped once that one has taken its place. */
export function superseded(old: ClientState, next: ClientState): Uint8Array[] {
  const kept = new Set(secretsOf(next));
  return secretsOf(old).filter((secret) => !kept.has(secret));
}
