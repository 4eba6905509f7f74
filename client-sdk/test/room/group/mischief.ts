// Commits that no honest client makes: signed and sealed as MLS wants them, past our own checks.
import { encodeMlsMessage } from 'ts-mls';
import type { MlsPublicMessage } from 'ts-mls/message.js';
import { contextExtensions } from '../../../src/room/group/config.ts';
import { type GroupState, groupState } from '../../../src/room/group/group.ts';
import type { Pass } from '../../../src/room/group/pass.ts';
import { encodeRoles, type RolesInput } from '../../../src/room/group/roles.ts';
import { makeCommit } from '../../../src/room/group/secrets.ts';

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
