// What everybody who can read a room's log knows of its group: context, tree, roles. Reads it from a packet, and follows
// commits on it, checking all that can be checked without secrets; a commit that fails here is void for everyone alike.
// What only a member can check, and what follows for its own keys, is group.ts.
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls';
import { nextEpochContext } from 'ts-mls/clientState.js';
import { verifyFramedContentSignature } from 'ts-mls/framedContent.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import {
  decodeGroupInfo,
  encodeGroupInfo,
  type GroupInfo,
  ratchetTreeFromExtension,
  verifyGroupInfoSignature,
} from 'ts-mls/groupInfo.js';
import { verifyLeafNodeSignature } from 'ts-mls/leafNode.js';
import type { MlsPublicMessage } from 'ts-mls/message.js';
import {
  addLeafNode,
  filteredDirectPathAndCopathResolution,
  type RatchetTree,
  removeLeafNode,
} from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath, type UpdatePath } from 'ts-mls/updatePath.js';
import { equalBytes } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { roomIdOf } from '../pseudonym.ts';
import { rolesExtensionOf } from './config.ts';
import { openRoles, type Roles } from './roles.ts';
import { type Change, judge, VoidCommit } from './rules.ts';
import { type RoomSuite, SEALED_PATH_BYTES, type Suite, suiteKindOf, suiteOf } from './suite.ts';
import { checkTree } from './tree-check.ts';
import { isRoomTree, isUsableKey, isUsableLeaf, leafAt, type Member, membersOf } from './tree.ts';

/** No state or commit of 200 members in the larger suite is longer. */
const MAX_BYTES = 1_048_576;

/** The public side of a group at one epoch. */
export interface PublicGroup {
  readonly suite: Suite;
  readonly context: GroupContext;
  readonly tree: RatchetTree;
  readonly confirmationTag: Uint8Array;
  readonly roles: Roles;
}

declare const checked: unique symbol;
/** A packet's state that hangs together and is of the room: `readPublicState` alone makes it. */
export interface PublicState {
  readonly group: PublicGroup;
  readonly info: GroupInfo;
  readonly epoch: number;
  readonly roles: Roles;
  readonly members: readonly Member[];
  readonly [checked]: true;
}

/** What a commit that nobody need refuse leads to. */
export interface Followed {
  readonly message: MlsPublicMessage;
  readonly change: Change;
  readonly next: PublicGroup;
}

/**
 * The climb from a packet's bytes to a state that one may join: of this room by its key, roles signed, tree sound,
 * signed by one of its members. That it is the newest, and that others have it too, can't be seen from it.
 * @throws SottoError ROOM_STATE_BAD
 */
export async function readPublicState(
  bytes: Uint8Array,
  expected: { roomKey: Uint8Array },
): Promise<PublicState> {
  try {
    return await readState(bytes, expected.roomKey);
  } catch (cause) {
    throw new SottoError('ROOM_STATE_BAD', { cause });
  }
}

async function readState(bytes: Uint8Array, roomKey: Uint8Array): Promise<PublicState> {
  if (bytes.length > MAX_BYTES) throw new SottoError('ROOM_STATE_BAD');
  // ts-mls hands out views; a copy of our own can't change under them.
  const copy = bytes.slice();
  const [info, length] = decodeGroupInfo(copy, 0) ?? [];
  const kind = suiteKindOf(info?.groupContext.cipherSuite ?? '');
  if (info === undefined || length !== copy.length || kind === undefined)
    throw new SottoError('ROOM_STATE_BAD');
  const { groupContext: context, extensions, confirmationTag, signer } = info;
  const [external, treeExtension] = extensions;
  const roomId = roomIdOf(roomKey);
  const isShaped =
    extensions.length === 2 &&
    external?.extensionType === 'external_pub' &&
    treeExtension?.extensionType === 'ratchet_tree' &&
    isUsableKey(external.extensionData, kind) &&
    equalBytes(context.groupId, roomId) &&
    context.epoch <= BigInt(MAX_EPOCH);
  const tree = isShaped ? ratchetTreeFromExtension(info) : undefined;
  if (tree === undefined || !isRoomTree(tree, kind)) throw new SottoError('ROOM_STATE_BAD');
  if (!equalBytes(encodeGroupInfo(info), copy)) throw new SottoError('ROOM_STATE_BAD');
  const suite = await suiteOf(kind);
  const roles = rolesOf(context);
  const signerLeaf = leafAt(tree, signer);
  if (signerLeaf === undefined) throw new SottoError('ROOM_STATE_BAD');
  const { signature } = suite.impl;
  const isSigned = await verifyGroupInfoSignature(info, signerLeaf.signaturePublicKey, signature);
  if (!isSigned) throw new SottoError('ROOM_STATE_BAD');
  const group: PublicGroup = { suite, context, tree, confirmationTag, roles };
  await checkTree(group);
  const state = { group, info, epoch: Number(context.epoch), roles, members: membersOf(tree, roles) };
  return state as unknown as PublicState;
}

/** Far more commits than a room can see; keeps epochs within safe integers. */
const MAX_EPOCH = 0xffff_ffff;

/** @throws SottoError ROOM_STATE_BAD */
export function rolesOf(context: GroupContext): Roles {
  const encoded = rolesExtensionOf(context.extensions);
  if (encoded === undefined) throw new SottoError('ROOM_STATE_BAD');
  return openRoles(encoded, { roomId: context.groupId });
}

/** @throws VoidCommit where it is no commit in its only byte form. */
export function decodeCommit(bytes: Uint8Array): MlsPublicMessage {
  if (bytes.length > MAX_BYTES) throw new VoidCommit('malformed');
  const copy = bytes.slice();
  let decoded: ReturnType<typeof decodeMlsMessage>;
  let again: Uint8Array | undefined;
  try {
    decoded = decodeMlsMessage(copy, 0);
    again = decoded === undefined ? undefined : encodeMlsMessage(decoded[0]);
  } catch {
    throw new VoidCommit('malformed');
  }
  if (decoded === undefined || again === undefined || !equalBytes(again, copy))
    throw new VoidCommit('malformed');
  const [message] = decoded;
  if (message.wireformat !== 'mls_public_message') throw new VoidCommit('malformed');
  return message;
}

/**
 * Follows one commit by public information alone.
 * @param at - Unix ms of the relay when it took the commit.
 * @throws VoidCommit
 */
export async function follow(group: PublicGroup, bytes: Uint8Array, at: number): Promise<Followed> {
  const message = decodeCommit(bytes);
  const { content, auth } = message.publicMessage;
  const change = judge(group, message.publicMessage, at);
  const { impl } = group.suite;
  if (content.contentType !== 'commit' || auth.contentType !== 'commit') throw new VoidCommit('malformed');
  const { pseudonym } = change;
  const { context } = group;
  const isSigned = await verifyFramedContentSignature(
    pseudonym,
    'mls_public_message',
    content,
    auth,
    context,
    impl.signature,
  );
  if (!isSigned) throw new VoidCommit('signature');
  const tree = await treeAfter(group, change);
  const extensions = change.extensions ?? context.extensions;
  const nextContext = await nextEpochContext(
    { ...context, extensions },
    'mls_public_message',
    content,
    auth.signature,
    await treeHashRoot(tree, impl.hash),
    group.confirmationTag,
    impl.hash,
  );
  const next = {
    suite: group.suite,
    context: nextContext,
    tree,
    confirmationTag: auth.confirmationTag,
    roles: change.roles,
  };
  return { message, change, next };
}

async function treeAfter(group: PublicGroup, change: Change): Promise<RatchetTree> {
  const { impl, kind } = group.suite;
  const { path } = change;
  if (!isUsableLeaf(path.leafNode, kind)) throw new VoidCommit('leaf');
  let tree = change.removed.reduce((rest, leaf) => removeLeafNode(rest, toLeafIndex(leaf)), group.tree);
  let { leaf } = change;
  if (change.isExternal) {
    const [added, index] = addLeafNode(tree, path.leafNode);
    tree = added;
    leaf = index / 2;
  }
  const isOwn = await verifyLeafNodeSignature(path.leafNode, group.context.groupId, leaf, impl.signature);
  if (!isOwn) throw new VoidCommit('leaf');
  checkPathShape(tree, { leaf, path, suite: kind });
  checkFreshKeys(group.tree, path);
  try {
    return await applyUpdatePath(tree, toLeafIndex(leaf), path, impl.hash, change.isExternal);
  } catch {
    throw new VoidCommit('path');
  }
}

/** As many nodes and ciphertexts as the tree asks for, each key one that can be sealed to. */
function checkPathShape(
  tree: RatchetTree,
  { leaf, path, suite }: { leaf: number; path: UpdatePath; suite: RoomSuite },
): void {
  const wanted = filteredDirectPathAndCopathResolution(toLeafIndex(leaf), tree);
  const { enc, ciphertext } = SEALED_PATH_BYTES[suite];
  const fits =
    wanted.length === path.nodes.length &&
    path.nodes.every(
      ({ encryptedPathSecret, hpkePublicKey }, i) =>
        encryptedPathSecret.length === wanted[i]?.resolution.length &&
        encryptedPathSecret.every(
          (sealed) => sealed.kemOutput.length === enc && sealed.ciphertext.length === ciphertext,
        ) &&
        isUsableKey(hpkePublicKey, suite),
    );
  if (!fits) throw new VoidCommit('path');
}

/** MLS 12.4.3.2 and 7.9: keys of a path are new, and differ from each other. */
function checkFreshKeys(tree: RatchetTree, path: UpdatePath): void {
  const known = new Set<string>();
  for (const node of tree) {
    if (node === undefined) continue;
    known.add((node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey).join());
  }
  for (const key of [path.leafNode.hpkePublicKey, ...path.nodes.map((node) => node.hpkePublicKey)]) {
    const text = key.join();
    if (known.has(text)) throw new VoidCommit('path');
    known.add(text);
  }
}
