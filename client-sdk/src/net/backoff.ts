// When to try again: exponential growth with full jitter, so that many clients that failed together don't come back
// together. Pure: chance comes in. Used for reconnecting, for refused appends and for blocks that couldn't be stored.

import type { Chance } from './clock.ts';

export interface BackoffRange {
  readonly baseMs: number;
  readonly capMs: number;
}

/** Reconnecting (design section 13, lesson 5). */
export const RECONNECT: BackoffRange = { baseMs: 500, capMs: 60_000 };
/**
 * A connection that was let in counts as so many failures at most: on a line that comes and goes, or beside a relay
 * that dies again and again, people wait 2 s at the longest, and the relay sees less than one dial a second of each.
 */
export const LET_IN_FAILURES = 2;
/** A relay that says "not now". */
export const SLOWED: BackoffRange = { baseMs: 500, capMs: 60_000 };
/**
 * A full mailbox. Each try costs a data frame (at most about 1 MB an hour), but nobody tells the writer that its reader
 * is back: a longer pause would hold up someone who reads and doesn't write.
 */
export const FULL: BackoffRange = { baseMs: 500, capMs: 15_000 };

/** 2^n past this is beyond any cap, and must not overflow into Infinity × 0. */
const MAX_DOUBLINGS = 30;

/**
 * The pause after so many failures in a row.
 * @param input.failures - 0 for the first.
 * @param input.atLeastMs - What the other side asked for; the jitter comes on top of it.
 * @returns milliseconds in [atLeastMs, atLeastMs + min(cap, base × 2^failures)).
 */
export function pauseMs(input: {
  readonly range: BackoffRange;
  readonly failures: number;
  readonly chance: Chance;
  readonly atLeastMs?: number;
}): number {
  const { range, failures, chance, atLeastMs = 0 } = input;
  const ceiling = Math.min(range.capMs, range.baseMs * 2 ** Math.min(failures, MAX_DOUBLINGS));
  return atLeastMs + chance() * ceiling;
}
