// Gathers what one turn of the event loop wants to send: sockets stay corked from their first frame of the turn to its
// end, results of appends share frames, and blocks to deliver share one stamp. (Corking alone is worth a factor of
// three: fewer, larger writes.) Not its concern: what is sent.

import type { Delivery } from '../channel/delivery.ts';
import type { Counts } from './counts.ts';
import type { Connection } from './connection.ts';

export class Turn {
  readonly #delivery: Delivery;
  readonly #counts: Counts;
  #isScheduled = false;
  #corked: Connection[] = [];
  #answering: Connection[] = [];

  constructor(delivery: Delivery, counts: Counts) {
    this.#delivery = delivery;
    this.#counts = counts;
    delivery.onWake = () => {
      this.#schedule();
    };
  }

  /** The connection has corked its socket: uncork it when the turn ends. */
  corked(connection: Connection): void {
    this.#corked.push(connection);
    this.#schedule();
  }

  /** The connection has results of appends to send when the turn ends. */
  answering(connection: Connection): void {
    this.#answering.push(connection);
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
      for (const connection of answering) connection.sendResults();
    }
    const delivered = this.#delivery.flush();
    if (delivered === undefined) this.#uncork();
    else delivered.then(this.#uncork, this.#failed);
  };

  readonly #failed = (error: unknown): void => {
    this.#counts.fault(error);
    this.#uncork();
  };

  readonly #uncork = (): void => {
    const corked = this.#corked;
    this.#corked = [];
    for (const connection of corked) connection.uncork();
  };
}
