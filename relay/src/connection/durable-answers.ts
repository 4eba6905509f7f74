// Holds each `appended` back until the store says that the append can't be lost. The store makes many appends durable
// at once and says so by one promise: they wait in one list. Not its concern: packing answers into frames.

import type { AppendResult } from '@sotto/wire';
import type { Histogram } from '../metrics/histogram.ts';
import type { Connection } from './connection.ts';

interface Waiting {
  readonly connection: Connection;
  readonly result: AppendResult;
}

/** Those whom one commit answers. `sinceMs`: of each, when it was accepted (a list of its own: numbers lie flat). */
interface Answers {
  readonly waiting: Waiting[];
  readonly sinceMs: number[];
}

export class DurableAnswers {
  #durable: Promise<void> | undefined;
  #answers: Answers = { waiting: [], sinceMs: [] };
  #pending = 0;
  #idle: (() => void)[] = [];
  readonly #latency: Histogram;

  constructor(latency: Histogram) {
    this.#latency = latency;
  }

  /** How many wait. */
  get pending(): number {
    return this.#pending;
  }

  /** Answers on `connection` once `durable` settles. */
  hold(durable: Promise<void>, connection: Connection, result: AppendResult): void {
    this.#pending++;
    const nowMs = performance.now();
    if (durable === this.#durable) {
      this.#answers.waiting.push({ connection, result });
      this.#answers.sinceMs.push(nowMs);
      return;
    }
    const answers: Answers = { waiting: [{ connection, result }], sinceMs: [nowMs] };
    this.#durable = durable;
    this.#answers = answers;
    durable.then(
      () => {
        this.#settle(durable, answers, undefined);
      },
      (error: unknown) => {
        this.#settle(durable, answers, error ?? new Error('not durable'));
      },
    );
  }

  /** Work that will hold answers, or refuse, is waited for as well. */
  track(work: Promise<unknown>): void {
    this.#pending++;
    const done = (): void => {
      this.#pending--;
      this.#tellIdle();
    };
    work.then(done, done);
  }

  /** Resolves once nothing waits any more. */
  settled(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #settle(durable: Promise<void>, answers: Answers, error: unknown): void {
    if (this.#durable === durable) this.#durable = undefined;
    const { waiting, sinceMs } = answers;
    for (const { connection, result } of waiting) {
      if (error === undefined) connection.appended(result);
      else connection.notDurable(result.request, error);
    }
    const nowMs = performance.now();
    if (error === undefined) for (const since of sinceMs) this.#latency.observe((nowMs - since) / 1000);
    this.#pending -= waiting.length;
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#pending > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
