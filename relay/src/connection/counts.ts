// What the relay counts about itself, for its hourly log line and for the operator: numbers of things of one kind,
// never of one client or channel. Not its concern: writing them out (../log.ts).

import type { RefusalCode } from '@sotto/wire';

/** Counted since the last `take`. */
export interface Counted {
  readonly opened: number;
  readonly closed: number;
  /** Close code the relay gave → how often. */
  readonly closes: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Error class → how often: faults of the relay or of its store. */
  readonly faults: Readonly<Record<string, number>>;
}

export class Counts {
  #opened = 0;
  #closed = 0;
  #closes: Record<string, number> = {};
  #refusals: Record<string, number> = {};
  #faults: Record<string, number> = {};

  opened(): void {
    this.#opened++;
  }

  closed(): void {
    this.#closed++;
  }

  close(code: number): void {
    this.#closes[code] = (this.#closes[code] ?? 0) + 1;
  }

  refusal(code: RefusalCode): void {
    this.#refusals[code] = (this.#refusals[code] ?? 0) + 1;
  }

  /** Keeps the error's class alone: messages of libraries may name paths or values. */
  fault(error: unknown): void {
    const kind = faultClass(error);
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
  }

  /** Since the last call, and starts anew. */
  take(): Counted {
    const counted: Counted = {
      opened: this.#opened,
      closed: this.#closed,
      closes: this.#closes,
      refusals: this.#refusals,
      faults: this.#faults,
    };
    this.#opened = this.#closed = 0;
    this.#closes = {};
    this.#refusals = {};
    this.#faults = {};
    return counted;
  }
}

/** The code of an error when it has one, else its class. */
export function faultClass(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}
