// Gathers what one turn of the event loop wants to send: each connection writes once at the end of the turn, results
// of appends share frames, and blocks to deliver share one stamp. (Fewer, larger writes alone are worth a factor of
// three.) Not its concern: what is sent.

import type { Delivery } from '../channel/delivery.ts';
import type { Outbox } from './outbox.ts';
import type { Outgoing } from './outgoing.ts';

export class Turn {
  readonly #delivery: Delivery;
  readonly #outbox: Outbox;
  #isScheduled = false;
  #joined: Outgoing[] = [];
  #answering: Outgoing[] = [];

  constructor(delivery: Delivery, outbox: Outbox) {
    this.#delivery = delivery;
    this.#outbox = outbox;
    delivery.onWake = () => {
      this.#schedule();
    };
  }

  /** The connection has something to send: tell it when the turn ends. */
  joined(outgoing: Outgoing): void {
    this.#joined.push(outgoing);
    this.#schedule();
  }

  /** The connection has results of appends to send when the turn ends. */
  answering(outgoing: Outgoing): void {
    this.#answering.push(outgoing);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    this.#isScheduled = false;
    if (this.#answering.length > 0) {
      const answering = this.#answering;
      this.#answering = [];
      for (const outgoing of answering) outgoing.sendResults();
    }
    this.#delivery.flush();
    const joined = this.#joined;
    this.#joined = [];
    for (const outgoing of joined) outgoing.endTurn();
    // Whoever has something encoded has joined.
    if (this.#joined.length === 0) this.#outbox.reuse();
  };
}
