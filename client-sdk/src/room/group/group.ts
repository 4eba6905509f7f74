// The state of a room's group on one device and what moves it: making, joining, committing, applying what the log
// brings. Pure: `(state, input) → next`; the caller stores `next` first, then wipes `spent`, and keeps one queue a room.
// Messages are messages.ts; how a state is stored is state-codec.ts.
import {
  type ClientState,
  createGroup as createMlsGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  mlsExporter,
} from 'ts-mls';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { encodeGroupInfo } from 'ts-mls/groupInfo.js';
import type { KeyPackage, PrivateKeyPackage } from 'ts-mls/keyPackage.js';
import { equalBytes, signingKeyPair, asKey, type SigningKeyPair, wipe } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { roomIdOf } from '../pseudonym.ts';
import { capabilitiesOf, clientConfig, contextExtensions } from './config.ts';
import { decodeLeave, type Pass, signLeave } from './pass.ts';
import { follow, type Followed, type PublicGroup, type PublicState, rolesOf } from './public.ts';
import { encodeRoles, type Roles, type RolesInput } from './roles.ts';
import { VoidCommit, type VoidReason } from './rules.ts';
import {
  CannotOpen,
  checkMembership,
  makeCommit,
  makeExternalCommit,
  openCommit,
  superseded,
} from './secrets.ts';
import { type RoomSuite, type Suite, suiteOf } from './suite.ts';
import { thinned } from './thin.ts';
import { leafAt, leafOf, type Member, memberOf, membersOf } from './tree.ts';

declare const state: unique symbol;
/** One device's state of a group. Opaque and immutable; every function of this folder that changes it gives a new one. */
export interface GroupState {
  readonly suite: Suite;
  readonly mls: ClientState;
  readonly roles: Roles;
  readonly [state]: true;
}

/** A commit that may be appended. `next` holds once the log has taken it, and not before. */
export interface Proposed {
  readonly commit: Uint8Array;
  readonly next: GroupState;
  /** After the commit, for the same packet. */
  readonly publicState: Uint8Array;
  /** Wiped when `next` has taken the place of the state, never while the commit may still prove stale. */
  readonly spent: readonly Uint8Array[];
}

/** What an ordered commit means to this device. */
export type Verdict =
  | {
      readonly kind: 'applied';
      readonly next: GroupState;
      readonly joined: readonly Member[];
      /** Not those who came back. */
      readonly removed: readonly Member[];
      readonly returned: readonly Member[];
      readonly rolesChanged: boolean;
      /** I have no place in the group any more: removed, or this pseudonym came back on another device. */
      readonly selfRemoved: boolean;
      readonly committer: Uint8Array;
      readonly spent: readonly Uint8Array[];
    }
  | { readonly kind: 'void'; readonly reason: VoidReason }
  /** Sound for all to see, but not sealed rightly to me; whoever committed it signed it. */
  | { readonly kind: 'cannot-open'; readonly committer: Uint8Array };

/** @internal Puts a state together; the roles are those of its context. */
export function groupState(
  suite: Suite,
  mls: ClientState,
  roles: Roles = rolesOf(mls.groupContext),
): GroupState {
  return { suite, mls, roles } as unknown as GroupState;
}

/** @internal The public side of a state. */
export function publicSideOf({ suite, mls, roles }: GroupState): PublicGroup {
  const { groupContext: context, ratchetTree: tree, confirmationTag } = mls;
  return { suite, context, tree, confirmationTag, roles };
}

async function keyPackageFor(
  suite: Suite,
  pseudonym: SigningKeyPair,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  return generateKeyPackageWithKey(
    { credentialType: 'basic', identity: pseudonym.publicKey },
    capabilitiesOf(suite.kind),
    // Says nothing: lifetimes are not checked, and a real one would tell when the room was made.
    { notBefore: 0n, notAfter: 0n },
    [],
    { publicKey: pseudonym.publicKey, signKey: pseudonym.seed },
    suite.impl,
  );
}

/**
 * A group of one.
 * @param input.roles - As `signRoles` and `signOrder` made them.
 * @throws SottoError ROOM_STATE_BAD where the roles are not this room key's.
 */
export async function createGroup(input: {
  roomKey: SigningKeyPair;
  pseudonym: SigningKeyPair;
  roles: RolesInput;
  suite: RoomSuite;
}): Promise<GroupState> {
  const suite = await suiteOf(input.suite);
  const { publicPackage, privatePackage } = await keyPackageFor(suite, input.pseudonym);
  const roomId = roomIdOf(input.roomKey.publicKey);
  const extensions = contextExtensions(encodeRoles(input.roles));
  const mls = await createMlsGroup(
    roomId,
    publicPackage,
    privatePackage,
    extensions,
    suite.impl,
    clientConfig,
  );
  return groupState(suite, thinned(mls));
}

/** GroupInfo with tree and external key: what one needs to come in. */
export async function publicState({ mls, suite }: GroupState): Promise<Uint8Array> {
  return encodeGroupInfo(await createGroupInfoWithExternalPubAndRatchetTree(mls, [], suite.impl));
}

/**
 * Whether a packet's state is just the one that this member has, whoever signed it: where it isn't, whoever joins from
 * it joins nothing, and a host or any member puts the right one back.
 */
export async function isStateOf(own: GroupState, packet: PublicState): Promise<boolean> {
  const { impl } = own.suite;
  const { context, confirmationTag } = packet.group;
  const [external] = packet.info.extensions;
  const { publicKey } = await impl.hpke.deriveKeyPair(own.mls.keySchedule.externalSecret);
  return (
    own.suite.kind === packet.group.suite.kind &&
    context.epoch === own.mls.groupContext.epoch &&
    equalBytes(context.treeHash, own.mls.groupContext.treeHash) &&
    equalBytes(context.confirmedTranscriptHash, own.mls.groupContext.confirmedTranscriptHash) &&
    equalBytes(packet.roles.signed.roles, own.roles.signed.roles) &&
    equalBytes(packet.roles.signed.order, own.roles.signed.order) &&
    equalBytes(confirmationTag, own.mls.confirmationTag) &&
    external !== undefined &&
    equalBytes(external.extensionData, await impl.hpke.exportPublicKey(publicKey))
  );
}

/**
 * Comes in, or comes back: where the pseudonym has a leaf, that one goes.
 * @throws SottoError ROOM_DOOR, ROOM_FULL, ROOM_REFUSED, ROOM_RULES.
 */
export async function joinExternally(input: {
  state: PublicState;
  pseudonym: SigningKeyPair;
  ticket?: Uint8Array;
}): Promise<Proposed> {
  const { group, info } = input.state;
  const { suite, tree } = group;
  const { pseudonym, ticket } = input;
  const { publicPackage, privatePackage } = await keyPackageFor(suite, pseudonym);
  const made = await makeExternalCommit(group, {
    externalKey: info.extensions[0]?.extensionData ?? new Uint8Array(),
    leafNode: publicPackage.leafNode,
    seed: pseudonym.seed,
    former: leafOf(tree, pseudonym.publicKey),
    pass: { leaving: [], ...(ticket === undefined ? {} : { ticket }) },
  });
  wipe(privatePackage.initPrivateKey, privatePackage.hpkePrivateKey);
  const commit = encodeMlsMessage({ ...made.message, version: 'mls10' });
  const { next } = await followOwn(group, commit);
  const joined = groupState(suite, made.next, next.roles);
  return { commit, next: joined, publicState: await publicState(joined), spent: [] };
}

const OWN_FAULTS: Partial<Record<VoidReason, SottoError['code']>> = {
  'not-host': 'ROOM_NOT_HOST',
  eviction: 'ROOM_NOT_HOST',
  banned: 'ROOM_REFUSED',
  ticket: 'ROOM_DOOR',
  locked: 'ROOM_DOOR',
  full: 'ROOM_FULL',
};

/** What others would refuse is not sent. */
async function followOwn(group: PublicGroup, commit: Uint8Array): Promise<Followed> {
  try {
    return await follow(group, commit, 0);
  } catch (cause) {
    if (!(cause instanceof VoidCommit)) throw cause;
    throw new SottoError(OWN_FAULTS[cause.reason] ?? 'ROOM_RULES', { cause });
  }
}

async function propose(
  own: GroupState,
  input: { removed?: readonly number[]; extensions?: GroupContext['extensions']; pass?: Pass },
): Promise<Proposed> {
  const { removed = [], extensions, pass = { leaving: [] } } = input;
  const made = await makeCommit(own.mls, own.suite, { removed, extensions, pass });
  const commit = encodeMlsMessage({ ...made.message, version: 'mls10' });
  const { next: followed } = await followOwn(publicSideOf(own), commit);
  const next = groupState(own.suite, made.next, followed.roles);
  return { commit, next, publicState: await publicState(next), spent: superseded(own.mls, made.next) };
}

/** New keys for me; what was known of the group's before opens nothing that follows. */
export function proposeUpdate(own: GroupState): Promise<Proposed> {
  return propose(own, {});
}

/**
 * Removes leaves.
 * @param input.order - With the same commit, such as a ban: a newer order part. Hosts only.
 * @param input.notes - `leaveNote`s of those who leave: with them anyone may take their leaves away.
 * @throws SottoError ROOM_NOT_HOST, ROOM_RULES
 */
export async function proposeRemoval(
  own: GroupState,
  input: { leaves: readonly number[]; order?: Uint8Array; notes?: readonly Uint8Array[] },
): Promise<Proposed> {
  const { leaves, order, notes = [] } = input;
  if (leaves.some((leaf) => leafAt(own.mls.ratchetTree, leaf) === undefined))
    throw new SottoError('ROOM_MEMBER');
  const pass: Pass = { leaving: notes.map((note) => decodeLeave(note)) };
  const roles = { roles: own.roles.signed.roles, order: order ?? own.roles.signed.order };
  return propose(own, {
    removed: leaves,
    pass,
    ...(order === undefined ? {} : { extensions: contextExtensions(encodeRoles(roles)) }),
  });
}

/** A newer order part. @throws SottoError ROOM_NOT_HOST, ROOM_RULES */
export async function proposeOrder(own: GroupState, order: Uint8Array): Promise<Proposed> {
  const roles = { roles: own.roles.signed.roles, order };
  return propose(own, { extensions: contextExtensions(encodeRoles(roles)) });
}

/**
 * A newer roles part, such as other hosts or another card. Where it drops the host who signed the order part, a newer
 * one of those comes with it.
 * @throws SottoError ROOM_NOT_HOST, ROOM_RULES
 */
export async function proposeRoles(
  own: GroupState,
  roles: Uint8Array,
  order?: Uint8Array,
): Promise<Proposed> {
  const both = { roles, order: order ?? own.roles.signed.order };
  return propose(own, { extensions: contextExtensions(encodeRoles(both)) });
}

/**
 * Applies what the log delivered, in its order. Void is decided by what all members share, so that they all agree.
 * A device's own commit is not applied by this but by taking `Proposed.next`.
 * @param at - Unix ms of the relay when it took the commit: the same for all readers. Only tickets are judged by it.
 */
export async function applyCommit(own: GroupState, commit: Uint8Array, at: number): Promise<Verdict> {
  const before = publicSideOf(own);
  let followed: Followed | undefined;
  try {
    followed = await follow(before, commit, at);
    const { change, next: after } = followed;
    await checkMembership(own.mls, followed.message, own.suite);
    const mine = ownLeaf(own);
    const selfRemoved = change.removed.includes(mine) || equalBytes(change.pseudonym, ownPseudonym(own));
    const mls = selfRemoved ? own.mls : await openCommit(own.mls, followed);
    const next = selfRemoved ? own : groupState(own.suite, mls, after.roles);
    return {
      kind: 'applied',
      next,
      ...comings(before, followed),
      rolesChanged: change.rolesChanged,
      selfRemoved,
      committer: change.pseudonym,
      spent: selfRemoved ? [] : superseded(own.mls, mls),
    };
  } catch (fault) {
    if (fault instanceof VoidCommit) return { kind: 'void', reason: fault.reason };
    if (fault instanceof CannotOpen && followed !== undefined) {
      return { kind: 'cannot-open', committer: followed.change.pseudonym };
    }
    throw fault;
  }
}

function comings(before: PublicGroup, { change, next }: Followed) {
  const gone: Member[] = [];
  for (const leaf of change.removed) {
    const node = leafAt(before.tree, leaf);
    if (node !== undefined) gone.push(memberOf(leaf, node, before.roles));
  }
  const leaf = change.isExternal ? leafOf(next.tree, change.pseudonym) : undefined;
  const node = leaf === undefined ? undefined : leafAt(next.tree, leaf);
  const come = leaf === undefined || node === undefined ? [] : [memberOf(leaf, node, next.roles)];
  // An external commit removes nothing but the former leaf of whoever comes back.
  const isBack = change.isExternal && gone.length > 0;
  return { joined: isBack ? [] : come, returned: isBack ? come : [], removed: isBack ? [] : gone };
}

/** Everybody in the group, from left to right. */
export function members(own: GroupState): Member[] {
  return membersOf(own.mls.ratchetTree, own.roles);
}

export function epoch(own: GroupState): number {
  return Number(own.mls.groupContext.epoch);
}

/** 32 bytes or more that only members of this epoch know, equal for all of them: to be compared, not secret among them. */
export function epochAuthenticator(own: GroupState): Uint8Array {
  return own.mls.keySchedule.epochAuthenticator.slice();
}

export function roles(own: GroupState): Roles {
  return own.roles;
}

export function ownLeaf(own: GroupState): number {
  return own.mls.privatePath.leafIndex;
}

/** @internal */
export function ownPseudonym(own: GroupState): Uint8Array {
  return ownPair(own).publicKey;
}

function ownPair(own: GroupState): SigningKeyPair {
  return signingKeyPair(asKey('signing-seed', own.mls.signaturePrivateKey));
}

/** My word that my leaf may go, for a `left` control: whoever gets it may commit the removal. */
export function leaveNote(own: GroupState): Uint8Array {
  const leaf = ownLeaf(own);
  const node = leafAt(own.mls.ratchetTree, leaf);
  if (node === undefined) throw new SottoError('ROOM_CLOSED');
  return signLeave({ roomId: own.mls.groupContext.groupId, leaf, leafKey: node.hpkePublicKey }, ownPair(own));
}

/** 32 bytes that all members of this epoch derive alike (RFC 9420 section 8.5). */
export function exportSecret(own: GroupState, label: string): Promise<Uint8Array> {
  return mlsExporter(own.mls.keySchedule.exporterSecret, label, new Uint8Array(), 32, own.suite.impl);
}
