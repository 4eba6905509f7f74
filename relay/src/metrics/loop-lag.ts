// How late the event loop is: the measure of a relay that has more to do than it can. Looked at each half second by
// connection/overload.ts and told by metrics.ts. Not its concern: what to do about it.

import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

const resolutionMs = 10;
const nsPerMs = 1e6;

export class LoopLag {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  /** Of the last whole window. */
  meanMs = 0;
  p99Ms = 0;
  /** Since the last `takeMaxMs`. */
  #maxMs = 0;

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** Ends a window. A window without a tick tells nothing: its lateness comes with the next. */
  roll(): void {
    const { count } = this.#histogram as IntervalHistogram & { count: number };
    if (count === 0) return;
    const over = (ns: number): number => Math.max(0, ns / nsPerMs - resolutionMs);
    this.meanMs = over(this.#histogram.mean);
    this.p99Ms = over(this.#histogram.percentile(99));
    this.#maxMs = Math.max(this.#maxMs, over(this.#histogram.max));
    this.#histogram.reset();
  }

  takeMaxMs(): number {
    const max = this.#maxMs;
    this.#maxMs = 0;
    return max;
  }
}
