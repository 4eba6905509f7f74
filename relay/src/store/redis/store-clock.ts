// The store's time is Redis' time: every script's answer carries it. It never goes back while the process lives, so
// that expiry and stamps don't either. Not its concern: asking.

export class StoreClock {
  readonly #fixed: (() => number) | undefined;
  #latest = 0;
  #seconds = 0;
  #heardAtMs = 0;

  /** @param fixed - tests move the time by hand, and Redis' own is not asked. */
  constructor(fixed?: () => number) {
    this.#fixed = fixed;
  }

  get isFixed(): boolean {
    return this.#fixed !== undefined;
  }

  /** Scripts take no earlier time than this. */
  get floor(): string {
    return String(this.isFixed ? this.now() : this.#latest);
  }

  /** A server's clock, now. */
  heard(seconds: number): void {
    this.#seconds = seconds;
    this.#heardAtMs = performance.now();
    this.seen(Math.floor(seconds));
  }

  /** The time that a script decided by. */
  seen(seconds: number): void {
    if (seconds > this.#latest) this.#latest = seconds;
  }

  now(): number {
    const now = this.#fixed?.() ?? this.#seconds + (performance.now() - this.#heardAtMs) / 1000;
    this.seen(Math.floor(now));
    return this.#latest;
  }
}
