// Time and chance as the network layer takes them: injected, so that every schedule can be replayed in a test.

/** Monotonic time and timers. Wall-clock steps never reach it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Runs `task` once after `delayMs`. @returns cancels it; harmless afterwards. */
  after(delayMs: number, task: () => void): () => void;
}

/** Uniform in [0, 1). Used for jitter only, never for keys. */
export type Chance = () => number;

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** The platform's chance. */
export const systemChance: Chance = () => Math.random();
