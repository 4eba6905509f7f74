// Runs asynchronous steps one after another. A step that fails does not stop the next.

export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `step` once all earlier ones have settled. */
  run<R>(step: () => Promise<R>): Promise<R> {
    const result = this.#last.then(step, step);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
