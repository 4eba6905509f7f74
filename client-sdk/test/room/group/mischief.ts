// Commits that no honest client makes: signed and sealed as MLS wants them, past our own checks.
import { encodeMlsMessage } from 'ts-mls';
import type { MlsPublicMessage } from 'ts-mls/message.js';
import { randomBytes } from '../../../src/crypto/index.ts';
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

/** New keys by which some members go on and others can't: falsely announced, or sealed rightly to every other one. */
export async function forgeSplit(own: GroupState, how: 'wrong-keys' | 'bad-seal'): Promise<Forged> {
  const { impl } = own.suite;
  let asked = 0;
  const hpke =
    how === 'wrong-keys'
      ? {
          ...impl.hpke,
          deriveKeyPair: (ikm: Uint8Array) => impl.hpke.deriveKeyPair(asked++ > 0 ? randomBytes(32) : ikm),
        }
      : {
          ...impl.hpke,
          seal: (...[key, plaintext, ...rest]: Parameters<typeof impl.hpke.seal>) =>
            impl.hpke.seal(key, asked++ % 2 === 0 ? plaintext : randomBytes(plaintext.length), ...rest),
        };
  const { commit, next } = await forgeCommit(
    { ...own, suite: { ...own.suite, impl: { ...impl, hpke } } },
    {},
  );
  return { commit, next: { ...next, suite: own.suite } };
}
