// Commits that no honest client makes: signed and sealed as MLS wants them, past our own checks.
import { encodeMlsMessage, createCommit, type Proposal, generateKeyPackageWithKey } from 'ts-mls';
import type { MlsPublicMessage } from 'ts-mls/message.js';
import type { SigningKeyPair } from '../../../src/crypto/index.ts';
import { capabilitiesOf, contextExtensions } from '../../../src/room/group/config.ts';
import { type GroupState, groupState, publicSideOf, publicState } from '../../../src/room/group/group.ts';
import type { Pass } from '../../../src/room/group/pass.ts';
import { readPublicState, type PublicState } from '../../../src/room/group/public.ts';
import { encodeRoles, type RolesInput } from '../../../src/room/group/roles.ts';
import { makeCommit, makeExternalCommit } from '../../../src/room/group/secrets.ts';
import { leafOf } from '../../../src/room/group/tree.ts';

export interface Forged {
  readonly commit: Uint8Array;
  readonly next: GroupState;
}

const encode = (message: MlsPublicMessage): Uint8Array => encodeMlsMessage({ ...message, version: 'mls10' });

/** A member's commit with whatever they like in it. */
export async function forgeCommit(
  own: GroupState,
  what: { removed?: readonly number[]; roles?: RolesInput; pass?: Pass },
): Promise<Forged> {
  const { removed = [], roles, pass = { leaving: [] } } = what;
  const extensions = roles === undefined ? undefined : contextExtensions(encodeRoles(roles));
  const { message, next } = await makeCommit(own.mls, own.suite, { removed, extensions, pass });
  return { commit: encode(message), next: groupState(own.suite, next) };
}

/** An external commit of anyone with a state, removing whomever they like. */
export async function forgeEntry(
  state: PublicState,
  who: SigningKeyPair,
  what: { former?: number | undefined; pass?: Pass; externalKey?: Uint8Array } = {},
): Promise<Forged> {
  const { group, info } = state;
  const { publicPackage } = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: who.publicKey },
    capabilitiesOf(group.suite.kind),
    { notBefore: 0n, notAfter: 0n },
    [],
    { publicKey: who.publicKey, signKey: who.seed },
    group.suite.impl,
  );
  const { message, next } = await makeExternalCommit(group, {
    externalKey: what.externalKey ?? info.extensions[0]?.extensionData ?? new Uint8Array(),
    leafNode: publicPackage.leafNode,
    seed: who.seed,
    former: 'former' in what ? what.former : leafOf(group.tree, who.publicKey),
    pass: what.pass ?? { leaving: [] },
  });
  return { commit: encode(message), next: groupState(group.suite, next) };
}

/** What ts-mls alone makes of proposals. */
export async function plainCommit(own: GroupState, proposals: Proposal[]): Promise<Uint8Array> {
  const { commit } = await createCommit(
    { state: own.mls, cipherSuite: own.suite.impl },
    { wireAsPublicMessage: true, extraProposals: proposals },
  );
  return encodeMlsMessage(commit);
}

/** What a newcomer reads from somebody's packet. */
export async function stateOf(own: GroupState): Promise<PublicState> {
  return readPublicState(await publicState(own), { roomKey: publicSideOf(own).roles.roomKey });
}
