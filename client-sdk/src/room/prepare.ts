// From a proposed commit to the packet that carries it: which right appends it, and which keys of the log change with it
// in the same step.
import type { Prepared } from './commits.ts';
import { equalBytes } from '../crypto/index.ts';
import { encodeGroup, type GroupState, members, type Proposed } from './group/index.ts';
import type { RoomRunner } from './runner.ts';
import { seedsOf, switchOf } from './seeds.ts';
import { compare } from './transition.ts';
import { showWays } from './ways.ts';

/** @param options - `card`: a new one; `ownerSeed`: replaces the owner key, when a co-host's role ends. */
export async function preparedFrom(
  runner: RoomRunner,
  before: GroupState,
  proposed: Proposed,
  options: { kind: Prepared['kind']; card?: Uint8Array; ownerSeed?: Uint8Array },
): Promise<Prepared> {
  const { next } = proposed;
  const committer = runner.me.publicKey;
  const which = switchOf(before, next, { removed: compare(before, next).removed.length, committer });
  const seeds = which === 'none' ? undefined : await seedsOf(next);
  const { ownerSeed } = options;
  const others = members(next).flatMap(({ pseudonym }) =>
    equalBytes(pseudonym, committer) ? [] : [pseudonym],
  );
  const change =
    seeds === undefined && ownerSeed === undefined
      ? undefined
      : {
          ...(seeds === undefined ? {} : which === 'all' ? seeds : { writerSeed: seeds.writerSeed }),
          ...(ownerSeed === undefined ? {} : { ownerSeed }),
        };
  return {
    kind: options.kind,
    expect: runner.record().ordered,
    commit: proposed.commit,
    next: encodeGroup(next),
    state: proposed.publicState,
    card: options.card ?? runner.record().card,
    right: change === undefined ? (runner.outbox.right() === undefined ? 'owner' : 'writer') : 'owner',
    spent: proposed.spent,
    ...(change === undefined ? {} : { change }),
    // Where nobody else stays there is nobody to show one to.
    ...(seeds === undefined || which !== 'all' || others.length === 0
      ? {}
      : { ways: showWays(others, seeds) }),
    ...runner.accessNow(next),
  };
}
