// The room's rules for commits: who may change what. Pure, over the decoded message and the public group, run before
// anything is applied; MLS itself lets any member, and any stranger with a GroupInfo, remove anyone. Signatures of the
// message and the soundness of its path are public.ts.
import type { Extension } from 'ts-mls';
import type { PublicMessage } from 'ts-mls/publicMessage.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { equalBytes } from '../../crypto/index.ts';
import { rolesExtensionOf } from './config.ts';
import { decodePass, type Pass, verifyLeave, verifyTicket } from './pass.ts';
import type { PublicGroup } from './public.ts';
import { isBanned, isHost, MAX_MEMBERS, openRoles, type Roles } from './roles.ts';
import { leafAt, leafOf, leavesOf } from './tree.ts';

/** Why a commit means nothing to anyone. Counted, never shown as text to users. */
export const VOID_REASONS = [
  'malformed',
  'epoch',
  'signature',
  'membership',
  'leaf',
  'path',
  'confirmation',
  'proposal',
  'not-host',
  'roles',
  'banned',
  'ticket',
  'locked',
  'full',
  'eviction',
] as const;
export type VoidReason = (typeof VOID_REASONS)[number];

/** Thrown inside this folder only; `applyCommit` turns it into a verdict. */
export class VoidCommit extends Error {
  readonly reason: VoidReason;
  constructor(reason: VoidReason) {
    super(reason);
    this.reason = reason;
  }
}

/** What an allowed commit changes. */
export interface Change {
  readonly isExternal: boolean;
  /** The committer's leaf before it; -1 for an external commit, whose leaf is found by applying it. */
  readonly leaf: number;
  /** The committer's. */
  readonly pseudonym: Uint8Array;
  readonly removed: readonly number[];
  readonly path: UpdatePath;
  /** New group context extensions. */
  readonly extensions: Extension[] | undefined;
  readonly roles: Roles;
  readonly rolesChanged: boolean;
}

/**
 * Judges one commit.
 * @param at - Unix ms of the relay when it took the commit.
 * @throws VoidCommit
 */
export function judge(group: PublicGroup, message: PublicMessage, at: number): Change {
  const { content, senderType } = message;
  if (content.contentType !== 'commit') throw new VoidCommit('malformed');
  const { context } = group;
  if (!equalBytes(content.groupId, context.groupId)) throw new VoidCommit('malformed');
  if (content.epoch !== context.epoch) throw new VoidCommit('epoch');
  const { path, proposals } = content.commit;
  // Without a path nobody's keys are renewed; a room has no use for such a commit.
  if (path === undefined) throw new VoidCommit('path');
  const pass = passOf(content.authenticatedData);
  const found = sortProposals(proposals);
  const { sender } = content;
  if (senderType === 'new_member_commit' && sender.senderType === 'new_member_commit') {
    return judgeExternal(group, { path, found, pass, at });
  }
  if (senderType === 'member' && sender.senderType === 'member') {
    return judgeMember(group, { path, found, pass, leaf: sender.leafIndex });
  }
  throw new VoidCommit('proposal');
}

interface Found {
  readonly removed: readonly number[];
  readonly extensions: Extension[] | undefined;
  readonly hasExternalInit: boolean;
}

type Proposals = Extract<PublicMessage['content'], { contentType: 'commit' }>['commit']['proposals'];

/** Only removals, one change of extensions, one external init; by value. All else is refused. */
function sortProposals(proposals: Proposals): Found {
  const removed: number[] = [];
  let extensions: Extension[] | undefined;
  let hasExternalInit = false;
  for (const item of proposals) {
    if (item.proposalOrRefType !== 'proposal') throw new VoidCommit('proposal');
    const { proposal } = item;
    if (proposal.proposalType === 'remove') {
      removed.push((proposal as { remove: { removed: number } }).remove.removed);
    } else if (proposal.proposalType === 'group_context_extensions' && extensions === undefined) {
      extensions = (proposal as { groupContextExtensions: { extensions: Extension[] } })
        .groupContextExtensions.extensions;
    } else if (proposal.proposalType === 'external_init' && !hasExternalInit) {
      hasExternalInit = true;
    } else throw new VoidCommit('proposal');
  }
  if (new Set(removed).size !== removed.length) throw new VoidCommit('proposal');
  return { removed, extensions, hasExternalInit };
}

function passOf(authenticatedData: Uint8Array): Pass {
  try {
    return decodePass(authenticatedData);
  } catch {
    throw new VoidCommit('malformed');
  }
}

function judgeMember(
  group: PublicGroup,
  input: { path: UpdatePath; found: Found; pass: Pass; leaf: number },
): Change {
  const { path, found, pass, leaf } = input;
  const committer = leafAt(group.tree, leaf);
  if (committer === undefined) throw new VoidCommit('signature');
  const pseudonym = committer.signaturePublicKey;
  // Who one is never changes: the path's leaf is the same pseudonym's.
  if (!equalBytes(path.leafNode.signaturePublicKey, pseudonym)) throw new VoidCommit('leaf');
  if (found.hasExternalInit || pass.ticket !== undefined) throw new VoidCommit('proposal');
  const roles = rolesAfter(group, found.extensions, pseudonym);
  // An owner whose hosts are all gone names a new one, who commits it: the room key stands above the hosts.
  const isNamed = roles.revision > group.roles.revision && isHost(roles, pseudonym);
  const byHost = isHost(group.roles, pseudonym) || isNamed;
  const left = leavesLeft(group, pass);
  for (const removed of found.removed) {
    if (removed === leaf || leafAt(group.tree, removed) === undefined) throw new VoidCommit('proposal');
    if (!byHost && !left.has(removed)) throw new VoidCommit('eviction');
  }
  const rolesChanged = found.extensions !== undefined;
  return {
    isExternal: false,
    leaf,
    pseudonym,
    path,
    removed: found.removed,
    extensions: found.extensions,
    roles,
    rolesChanged,
  };
}

/** The leaves whose owners said that they leave. @throws VoidCommit where a note is false or names no leaf. */
function leavesLeft(group: PublicGroup, pass: Pass): Set<number> {
  const left = new Set<number>();
  for (const { leaf, signature } of pass.leaving) {
    const node = leafAt(group.tree, leaf);
    if (node === undefined || left.has(leaf)) throw new VoidCommit('eviction');
    try {
      const of = {
        roomId: group.context.groupId,
        leafKey: node.hpkePublicKey,
        pseudonym: node.signaturePublicKey,
      };
      verifyLeave(signature, of);
    } catch {
      throw new VoidCommit('eviction');
    }
    left.add(leaf);
  }
  return left;
}

/** The roles after a commit. @throws VoidCommit unless a host, old or new, brings signed parts that are newer. */
function rolesAfter(group: PublicGroup, extensions: Extension[] | undefined, committer: Uint8Array): Roles {
  const { roles: old } = group;
  if (extensions === undefined) return old;
  const encoded = rolesExtensionOf(extensions);
  if (encoded === undefined) throw new VoidCommit('roles');
  let roles: Roles;
  try {
    roles = openRoles(encoded, { roomId: group.context.groupId });
  } catch {
    throw new VoidCommit('roles');
  }
  const sameRoles = equalBytes(roles.signed.roles, old.signed.roles);
  const sameOrder = equalBytes(roles.signed.order, old.signed.order);
  const rises =
    (sameRoles || roles.revision > old.revision) &&
    (sameOrder || roles.counter > old.counter) &&
    !(sameRoles && sameOrder);
  if (!rises) throw new VoidCommit('roles');
  // New hosts are named by the room key alone: `openRoles` has checked its signature.
  const isNamed = !sameRoles && isHost(roles, committer);
  if (!isHost(old, committer) && !isNamed) throw new VoidCommit('not-host');
  return roles;
}

function judgeExternal(
  group: PublicGroup,
  { path, found, pass, at }: { path: UpdatePath; found: Found; pass: Pass; at: number },
): Change {
  if (!found.hasExternalInit || found.extensions !== undefined || pass.leaving.length > 0) {
    throw new VoidCommit('proposal');
  }
  const { tree, roles, context } = group;
  const pseudonym = path.leafNode.signaturePublicKey;
  const former = leafOf(tree, pseudonym);
  // Of all leaves only one's own former one may go, and it must: no pseudonym stands twice.
  const [removed] = found.removed;
  if (found.removed.length > 1 || removed !== former) throw new VoidCommit('eviction');
  if (isBanned(roles, pseudonym)) throw new VoidCommit('banned');
  if (former === undefined) {
    if (roles.mode === 'locked' && !isHost(roles, pseudonym)) throw new VoidCommit('locked');
    checkPlace(group);
    checkTicket(pass, { roles, pseudonym, at, roomId: context.groupId });
  }
  return {
    isExternal: true,
    leaf: -1,
    pseudonym,
    path,
    removed: found.removed,
    extensions: undefined,
    roles,
    rolesChanged: false,
  };
}

function checkPlace({ tree, roles }: PublicGroup): void {
  const members = Array.from(leavesOf(tree)).length;
  if (members >= Math.min(roles.places, MAX_MEMBERS)) throw new VoidCommit('full');
}

function checkTicket(
  pass: Pass,
  of: { roles: Roles; pseudonym: Uint8Array; at: number; roomId: Uint8Array },
): void {
  if (of.roles.door === 'open' || isHost(of.roles, of.pseudonym)) return;
  if (pass.ticket === undefined) throw new VoidCommit('ticket');
  try {
    verifyTicket(pass.ticket, of);
  } catch {
    throw new VoidCommit('ticket');
  }
}
