// A rate: so many a second on average, some at once. For frames of a connection, appends to a channel and proofs. What
// it has to remember of each of them is one number, and none before the first use: there are very many.
// Not its concern: what happens to whoever is too fast.

/** What a rate remembers of one connection or channel: the moment at which nothing was left, or would have been. */
export type RateState = number;

/** Nothing was taken yet. */
export const UNUSED: RateState = -Infinity;

/** Milliseconds that never go back, whatever becomes of the wall clock. */
export function monotonicMs(): number {
  return performance.now();
}

export class Rate {
  readonly #perMs: number;
  readonly #burstMs: number;

  /** @param burst - how many at once, when none were taken for a while. */
  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1000;
    this.#burstMs = burst / this.#perMs;
  }

  /** Takes one, even where there is none. @returns what to remember instead. */
  take(state: RateState, nowMs: number): RateState {
    return Math.max(state, nowMs - this.#burstMs) + 1 / this.#perMs;
  }

  /** @returns how many were taken that weren't there. */
  owed(state: RateState, nowMs: number): number {
    // Adding 1 / rate a thousand times isn't exact.
    const owed = (state - nowMs) * this.#perMs;
    return owed > 1e-6 ? owed : 0;
  }

  /** @returns 0 when there is one to take, else in how many milliseconds there will be. */
  waitMs(state: RateState, nowMs: number): number {
    const owed = this.owed(this.take(state, nowMs), nowMs);
    return owed === 0 ? 0 : Math.max(1, Math.ceil(owed / this.#perMs));
  }
}
