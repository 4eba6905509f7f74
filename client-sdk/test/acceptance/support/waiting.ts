// Waiting for what a process says: woken by each thing it says and by its end. Time is the upper limit alone.
import { EventEmitter, once } from 'node:events';

export class Waiting {
  readonly #news = new EventEmitter().setMaxListeners(0);
  #isOver = false;

  /** Something was said. */
  stir(): void {
    this.#news.emit('news');
  }

  /** Nothing more will be. */
  end(): void {
    this.#isOver = true;
    this.stir();
  }

  /** What `find` finds, now or later. @throws after `ms`, or when the process has ended, with what `missing` says. */
  async for<T>(find: () => T | undefined, missing: () => string, ms: number): Promise<T> {
    const late = AbortSignal.timeout(ms);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#isOver || late.aborted) throw new Error(missing());
      await once(this.#news, 'news', { signal: late }).catch(() => undefined);
    }
  }
}
