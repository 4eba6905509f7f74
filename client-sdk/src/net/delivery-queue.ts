// The blocks of one reader between the relay and the caller: order, one at a time, acks, repeats after a lost ack, and
// bounded tries. No I/O: reader.ts calls the caller and sends the acks that `takeAcks` gives.

import { type AckItem, type Deliver, MAX_ITEMS } from '@sotto/wire';
import { toHex } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

/** How many acked ids are remembered: more than a mailbox can redeliver. */
const REMEMBERED = 1024;
/** Tries of one block before the reader gives up and says so. */
export const MAX_ATTEMPTS = 5;

export class DeliveryQueue {
  readonly #policy: 'mailbox' | 'log';
  readonly #credit: number;
  #waiting: Deliver[] = [];
  #acks: AckItem[] = [];
  #lastSequence = 0;
  /** The highest sequence that the caller has stored, in the present incarnation. */
  #cursor: number;
  /** The one that the caller has now, and whether it still belongs to the present subscription and incarnation. */
  #current: { readonly frame: Deliver; stale: boolean; foreign: boolean } | undefined;
  /** Insertion order is age. Mailbox only: a log's cursor does the same. */
  readonly #acked = new Set<string>();
  /** How often each unacked block was offered: survives redelivery. */
  readonly #attempts = new Map<string, number>();

  constructor(input: { policy: 'mailbox' | 'log'; credit: number; cursor: number }) {
    this.#policy = input.policy;
    this.#credit = input.credit;
    this.#cursor = input.cursor;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get empty(): boolean {
    return this.#waiting.length === 0 && this.#current === undefined;
  }

  /** A subscription begins: what it delivers comes from the start, or after the cursor of a log. */
  subscribed(): void {
    this.#waiting = [];
    this.#acks = [];
    this.#lastSequence = this.#policy === 'log' ? this.#cursor : 0;
    if (this.#current !== undefined) this.#current.stale = true;
  }

  /** The store is another or an older one: sequences count from here. */
  rewind(sequence: number): void {
    this.#cursor = sequence;
    if (this.#current !== undefined) this.#current.foreign = true;
  }

  /** @throws SottoError NET_PROTOCOL: out of order, or more than the credit. */
  offer(frame: Deliver): void {
    if (frame.sequence <= this.#lastSequence) throw new SottoError('NET_PROTOCOL', { retry: 'reconnect' });
    this.#lastSequence = frame.sequence;
    this.#waiting.push(frame);
    if (this.#waiting.length > this.#credit) throw new SottoError('NET_PROTOCOL', { retry: 'reconnect' });
  }

  /** The next for the caller, if it has none. What this process acked before is only acked again. */
  take(): { readonly frame: Deliver; readonly attempt: number } | undefined {
    if (this.#current !== undefined) return undefined;
    for (;;) {
      const frame = this.#waiting.shift();
      if (frame === undefined) return undefined;
      const name = toHex(frame.appendId);
      if (this.#policy === 'log' ? frame.sequence <= this.#cursor : this.#acked.has(name)) {
        this.#ack(frame);
        continue;
      }
      if (this.#attempts.size > REMEMBERED) this.#attempts.clear();
      const attempt = (this.#attempts.get(name) ?? 0) + 1;
      this.#attempts.set(name, attempt);
      this.#current = { frame, stale: false, foreign: false };
      return { frame, attempt };
    }
  }

  /** The caller has stored it. */
  done(): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    const name = toHex(current.frame.appendId);
    this.#attempts.delete(name);
    if (this.#policy === 'mailbox') this.#remember(name);
    if (!current.foreign) this.#cursor = Math.max(this.#cursor, current.frame.sequence);
    // Of an earlier subscription: the relay delivers it again, and it is acked then.
    if (!current.stale) this.#ack(current.frame);
  }

  /** The caller couldn't store it: it is the next again. @returns the tries so far. */
  failed(): number {
    const current = this.#current;
    if (current === undefined) return 0;
    this.#current = undefined;
    if (!current.stale) this.#waiting.unshift(current.frame);
    return this.#attempts.get(toHex(current.frame.appendId)) ?? 0;
  }

  /** The person asked to try again: the bound starts anew. */
  forgive(): void {
    this.#attempts.clear();
  }

  /** Up to 16 acks for one frame; a log's are cumulative, so one is enough. */
  takeAcks(): AckItem[] {
    if (this.#policy === 'mailbox') return this.#acks.splice(0, MAX_ITEMS);
    const last = this.#acks.at(-1);
    this.#acks = [];
    return last === undefined ? [] : [last];
  }

  #ack(frame: Deliver): void {
    this.#acks.push({ sequence: frame.sequence, appendId: frame.appendId });
  }

  #remember(name: string): void {
    this.#acked.add(name);
    if (this.#acked.size <= REMEMBERED) return;
    for (const oldest of this.#acked) {
      this.#acked.delete(oldest);
      break;
    }
  }
}
