// What the relay counts about itself, for its hourly log line and its metrics: numbers of things of one kind, never of
// one client or channel. Not its concern: writing them out (../log.ts, ../metrics/metrics.ts).

import type { RefusalCode } from '@sotto/wire';

/** Counts of a time. */
export interface Counted {
  readonly opened: number;
  readonly closed: number;
  /** Close code the relay gave → how often. */
  readonly closes: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Error class → how often: faults of the relay or of its store. */
  readonly faults: Readonly<Record<string, number>>;
}

/** An error class of a library could be anything: no more kinds than this are told apart. */
const maxFaultKinds = 64;

export class Counts {
  #opened = 0;
  #closed = 0;
  readonly #closes: Record<string, number> = {};
  readonly #refusals: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};
  #taken: Counted = { opened: 0, closed: 0, closes: {}, refusals: {}, faults: {} };

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
    const isKnown = kind in this.#faults || Object.keys(this.#faults).length < maxFaultKinds;
    const counted = isKnown ? kind : 'other';
    this.#faults[counted] = (this.#faults[counted] ?? 0) + 1;
  }

  /** Since the start. */
  get total(): Counted {
    return {
      opened: this.#opened,
      closed: this.#closed,
      closes: this.#closes,
      refusals: this.#refusals,
      faults: this.#faults,
    };
  }

  /** Since the last call. */
  take(): Counted {
    const { total } = this;
    const before = this.#taken;
    this.#taken = structuredClone(total);
    return {
      opened: total.opened - before.opened,
      closed: total.closed - before.closed,
      closes: since(total.closes, before.closes),
      refusals: since(total.refusals, before.refusals),
      faults: since(total.faults, before.faults),
    };
  }
}

function since(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) {
  const differences = Object.entries(now).map(
    ([kind, count]) => [kind, count - (before[kind] ?? 0)] as const,
  );
  return Object.fromEntries(differences.filter(([, count]) => count > 0));
}

/** The code of an error when it has one, else its class. */
export function faultClass(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}
