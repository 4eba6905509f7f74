// The keys by which the relay lets a room's members write and read its log. They follow from the group's secrets in the
// epoch that a removal began, so that whoever was removed doesn't know them and everyone else needs no message.
import { exportSecret, type GroupState, isHost, roles } from './group/index.ts';

/** 32-byte seeds; which of them hold now depends on the door. */
export interface LogSeeds {
  readonly writerSeed: Uint8Array;
  readonly readerSeed: Uint8Array;
  readonly joinerSeed: Uint8Array;
}

/** The seeds that this epoch gives. */
export async function seedsOf(state: GroupState): Promise<LogSeeds> {
  return {
    writerSeed: await exportSecret(state, 'sotto.v1.room.writer'),
    readerSeed: await exportSecret(state, 'sotto.v1.room.reader'),
    joinerSeed: await exportSecret(state, 'sotto.v1.room.joiner'),
  };
}

/** Which rights a commit replaces: all behind doors; in an open room whoever has the link may read on. */
export type Switch = 'none' | 'writer' | 'all';

/**
 * Decided from what everyone sees: who is gone, the doors before and after, and that a host did it: nobody else can change
 * the log's keys with a commit.
 */
export function switchOf(
  before: GroupState,
  after: GroupState,
  by: { removed: number; committer: Uint8Array },
): Switch {
  if (!isHost(roles(before), by.committer)) return 'none';
  const wasOpen = roles(before).door === 'open';
  const isOpen = roles(after).door === 'open';
  if (by.removed === 0 && !(wasOpen && !isOpen)) return 'none';
  return isOpen ? 'writer' : 'all';
}
