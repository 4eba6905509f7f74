// Runs scripts for the store: what all of them are told (time, how to publish, how long channels live), that nothing is
// asked after the store has closed, and that closing waits for what is under way. Not its concern: which script.

import { RelayError } from '../../errors.ts';
import type { Script } from './script.ts';
import type { StoreClock } from './store-clock.ts';
import type { Topology } from './topology.ts';
import type { Argument } from './words.ts';

const closeMs = 3_000;

export interface AskerParts {
  readonly topology: Topology;
  readonly clock: StoreClock;
  /** How wake-ups are published here: sharded where Redis can. */
  readonly publish: 'SPUBLISH' | 'PUBLISH';
  /** How many days a channel lives without its reader. */
  readonly idleDays: number;
}

export class Asker {
  readonly #parts: AskerParts;
  #isClosed = false;
  #underWay = 0;
  #idle: (() => void) | undefined;

  constructor(parts: AskerParts) {
    this.#parts = parts;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Runs a script on a channel; the time that it answers is the store's. The second key is never there: while a cluster
   * moves the channel's slot, a server that has one of the two is asked for both and answers TRYAGAIN. Otherwise a script
   * would run where only some of the channel's keys are, and take those that are missing for empty.
   */
  run(
    script: Script,
    base: string,
    incarnation: Buffer | '',
    words: readonly Argument[],
  ): Promise<unknown[]> {
    return this.#run(script, [`${base}c`, `${base}t`], [incarnation, ...words]);
  }

  /** Runs a script on one key that stands alone; the first word is the incarnation, '' where there is none. */
  runOn(script: Script, key: string, words: readonly Argument[]): Promise<unknown[]> {
    return this.#run(script, [key], words);
  }

  async #run(
    script: Script,
    keys: readonly [string, ...string[]],
    words: readonly Argument[],
  ): Promise<unknown[]> {
    if (this.#isClosed) throw new RelayError('RELAY_STORE_CLOSED');
    const { topology, clock, publish, idleDays } = this.#parts;
    const common: Argument[] = [clock.floor, clock.isFixed ? '1' : '', publish, String(idleDays)];
    this.#underWay++;
    try {
      const reply = await topology.run(script, keys, [...common, ...words]);
      clock.seen(reply[0] as number);
      return reply;
    } finally {
      if (--this.#underWay === 0) this.#idle?.();
    }
  }

  /** Nothing new from here on; settles once all is answered, or late. */
  async close(): Promise<void> {
    if (this.#underWay > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      await Promise.race([idle, new Promise((resolve) => setTimeout(resolve, closeMs).unref())]);
    }
    this.#isClosed = true;
  }
}
