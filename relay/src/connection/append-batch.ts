// One handle's appends on their way to a store that takes many at once: they are gathered while those before them are
// under way, so that a round trip carries as many as have come meanwhile, and the ORDER rule still holds. Called by
// appends.ts. Not its concern: what the store decides, when it is durable.

import type { ClientFrame } from '@sotto/wire';
import type { BatchStore } from '../channel/batch-store.ts';
import { appendKey } from '../channel/subscription.ts';
import type { Accepted, AppendRequest } from '../store/channel-store.ts';
import { Refusal } from '../store/refusal.ts';
import type { Handle } from './handle.ts';

type AppendFrame = Extract<ClientFrame, { type: 'append' }>;

interface Item {
  readonly frame: AppendFrame;
  readonly request: AppendRequest;
}

/** In one round trip. A connection has at most so many unanswered anyway. */
const maxBatch = 64;

export interface BatchAnswers {
  accepted(handle: Handle, frame: AppendFrame, accepted: Accepted): void;
  refused(handle: Handle, frame: AppendFrame, error: unknown): void;
}

export class AppendBatch {
  readonly #handle: Handle;
  readonly #store: BatchStore;
  readonly #answers: BatchAnswers;
  #queue: Item[] = [];
  #isUnderWay = false;

  constructor(handle: Handle, store: BatchStore, answers: BatchAnswers) {
    this.#handle = handle;
    this.#store = store;
    this.#answers = answers;
  }

  push(frame: AppendFrame, request: AppendRequest): void {
    this.#handle.connection.undecided++;
    this.#queue.push({ frame, request });
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    // What else this turn brings goes along.
    setImmediate(() => {
      this.#go();
    });
  }

  #go(): void {
    const batch = this.#take();
    if (batch.length === 0) {
      this.#isUnderWay = false;
      return;
    }
    const work = this.#store
      .appendMany(
        this.#handle.grant,
        batch.map(({ request }) => request),
      )
      .then(
        (outcomes) => {
          this.#settle(batch, outcomes);
        },
        (error: unknown) => {
          // A mailbox's others wait until the first has been repeated; elsewhere each is told.
          const isMailbox = this.#handle.grant.policy === 'mailbox';
          this.#settle(
            batch,
            batch.map((_, i) => (i === 0 || !isMailbox ? (error as Refusal) : undefined)),
          );
        },
      )
      .then(() => {
        this.#go();
      });
    this.#handle.connection.context.answers.track(work);
  }

  /** The next ones that may be tried; those that the ORDER rule holds back are answered. */
  #take(): Item[] {
    const batch: Item[] = [];
    const handle = this.#handle;
    let at = 0;
    for (; at < this.#queue.length && batch.length < maxBatch; at++) {
      const item = this.#queue[at] as Item;
      const { refusedAppend } = handle;
      if (refusedAppend === undefined || refusedAppend === appendKey(item.frame.appendId)) batch.push(item);
      else
        this.#done(() => {
          this.#answers.refused(handle, item.frame, new Refusal('ORDER'));
        });
    }
    this.#queue = this.#queue.slice(at);
    return batch;
  }

  #settle(batch: readonly Item[], outcomes: readonly (Accepted | Refusal | undefined)[]): void {
    const untried: Item[] = [];
    for (const [i, item] of batch.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) {
        untried.push(item);
        continue;
      }
      this.#done(() => {
        if ('durable' in outcome) this.#answers.accepted(this.#handle, item.frame, outcome);
        else this.#answers.refused(this.#handle, item.frame, outcome);
      });
    }
    if (untried.length > 0) this.#queue = [...untried, ...this.#queue];
  }

  #done(answer: () => void): void {
    answer();
    this.#handle.connection.undecided--;
  }
}
