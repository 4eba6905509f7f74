// Holds each `appended` back until the store says that the append can't be lost. The store makes many appends durable
// at once and says so by one promise: they wait in one list. Not its concern: packing answers into frames.

import type { AppendResult } from '@sotto/wire';
import type { Connection } from './connection.ts';

interface Waiting {
  readonly connection: Connection;
  readonly result: AppendResult;
}

export class DurableAnswers {
  #durable: Promise<void> | undefined;
  #list: Waiting[] = [];
  #pending = 0;
  #idle: (() => void)[] = [];

  /** Answers on `connection` once `durable` settles. */
  hold(durable: Promise<void>, connection: Connection, result: AppendResult): void {
    this.#pending++;
    if (durable === this.#durable) {
      this.#list.push({ connection, result });
      return;
    }
    const list: Waiting[] = [{ connection, result }];
    this.#durable = durable;
    this.#list = list;
    durable.then(
      () => {
        this.#settle(durable, list, undefined);
      },
      (error: unknown) => {
        this.#settle(durable, list, error ?? new Error('not durable'));
      },
    );
  }

  /** Resolves once nothing waits any more. */
  settled(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #settle(durable: Promise<void>, list: readonly Waiting[], error: unknown): void {
    if (this.#durable === durable) this.#durable = undefined;
    for (const { connection, result } of list) {
      if (error === undefined) connection.appended(result);
      else connection.notDurable(result.request, error);
    }
    this.#pending -= list.length;
    if (this.#pending > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
