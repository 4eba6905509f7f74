// The appends of one writer on their way: submission order, the window of unanswered ones, waiting and repeating after
// a refusal, and the comparison of the relay's memory with ours that tells a rewound profile. No I/O: time and chance
// come in, frames are sent by writer.ts from what `take` gives.

import { MAX_UNANSWERED, type Proved, type Refused } from '@sotto/wire';
import { equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { FULL, pauseMs, SLOWED } from './backoff.ts';
import type { Chance } from './clock.ts';
import { isPassing, refusalError } from './refusal.ts';
import type { AppendInput, AppendOutcome, ChannelPosition, WriterHistory } from './types.ts';

/** One append from its submission until it is settled. */
export interface QueuedAppend {
  readonly input: AppendInput;
  readonly order: number;
  /** It was sent before, on this connection or an earlier one, in this run or an earlier one. */
  repeat: boolean;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: SottoError) => void;
}

/** What a refusal asks of the writer. `lift`: an append was given up, and the relay must forget that it refused it. */
export type AfterRefusal =
  { readonly type: 'wait' } | { readonly type: 'lift' } | { readonly type: 'prove-anew' };

export type Flow = 'flowing' | 'full' | 'slowed';

export class AppendQueue {
  /** By `order`. */
  #queued: QueuedAppend[] = [];
  readonly #inFlight = new Set<QueuedAppend>();
  #lastOrder = 0;
  #window = MAX_UNANSWERED;
  #failures = 0;
  #holdUntilMs = 0;
  #flow: Flow = 'flowing';
  /** After a refusal nothing is sent until everything in flight is answered: the rest would only be refused too. */
  #settling = false;
  /** Undefined where others write too. */
  #known: ChannelPosition | undefined;
  #knownAtProof = 0;
  /** The relay's last sequence, while ours is lower and the repeats that may explain it are not all answered. */
  #unexplained: Proved | undefined;
  #proved = false;

  constructor(lastKnown: ChannelPosition | undefined) {
    this.#known = lastKnown;
  }

  get size(): number {
    return this.#queued.length + this.#inFlight.size;
  }
  get inFlight(): number {
    return this.#inFlight.size;
  }
  get flow(): Flow {
    return this.#flow;
  }

  submit(append: Omit<QueuedAppend, 'order' | 'repeat'>): void {
    this.#queued.push({ ...append, order: ++this.#lastOrder, repeat: append.input.repeat === true });
  }

  /** The next to be sent now, which counts as sent from here on. */
  take(nowMs: number): QueuedAppend | undefined {
    if (nowMs < this.#holdUntilMs || this.#inFlight.size >= this.#window) return undefined;
    if (this.#settling && this.#inFlight.size > 0) return undefined;
    this.#settling = false;
    const at = this.#mayStartNew() ? 0 : this.#queued.findIndex((append) => append.repeat);
    const next = at < 0 ? undefined : this.#queued[at];
    if (next === undefined) return undefined;
    this.#queued.splice(at, 1);
    this.#inFlight.add(next);
    return next;
  }

  /** The reader is there, so a full mailbox is being emptied: the next try comes soon, however many failed before. */
  readerSeen(nowMs: number, chance: Chance): void {
    if (this.#flow !== 'full') return;
    this.#failures = 0;
    this.#holdUntilMs = Math.min(this.#holdUntilMs, nowMs + pauseMs({ range: FULL, failures: 0, chance }));
  }

  /** How long `take` gives nothing only because of a refusal; 0: it isn't that. */
  holdMs(nowMs: number): number {
    return this.#queued.length === 0 ? 0 : Math.max(0, this.#holdUntilMs - nowMs);
  }

  /** The relay has it. */
  answered(append: QueuedAppend, outcome: AppendOutcome): void {
    this.#inFlight.delete(append);
    if (this.#known !== undefined && outcome.sequence > this.#known.sequence) {
      this.#known = { ...this.#known, sequence: outcome.sequence };
    }
    // What was accepted before a refusal but answered after it says nothing about what comes next.
    if (!this.#settling) {
      this.#failures = 0;
      this.#flow = 'flowing';
      this.#window = Math.min(MAX_UNANSWERED, this.#window * 2);
    }
    append.resolve(outcome);
  }

  /** The relay refused it: for now, and it goes back to its place in the queue, or for good, and it is rejected. */
  refused(append: QueuedAppend, refused: Refused, nowMs: number, chance: Chance): AfterRefusal {
    this.#inFlight.delete(append);
    if (!isPassing(refused.code)) {
      append.reject(refusalError(refused));
      return { type: 'lift' };
    }
    append.repeat = true;
    this.#requeue(append);
    // An append refused because of an earlier one waits for that one, which set the pause.
    if (refused.code === 'ORDER' && this.#settling) return { type: 'wait' };
    const first = !this.#settling;
    this.#settling = true;
    this.#window = 1;
    if (!first) return { type: 'wait' };
    const range = refused.code === 'QUOTA' ? FULL : SLOWED;
    const pause = pauseMs({ range, failures: this.#failures, chance, atLeastMs: refused.retryAfterMs });
    this.#failures++;
    this.#holdUntilMs = nowMs + pause;
    this.#flow = refused.code === 'QUOTA' ? 'full' : 'slowed';
    // ORDER with nothing before it: the relay remembers a refusal that we don't. A new handle has no such memory.
    return refused.code === 'ORDER' ? { type: 'prove-anew' } : { type: 'wait' };
  }

  /** The connection or the handle is gone: all that was in flight is to be repeated, in the old order. */
  lost(): void {
    const lost = [...this.#inFlight];
    this.#inFlight.clear();
    this.#settling = false;
    this.#proved = false;
    this.#unexplained = undefined;
    for (const append of lost) {
      append.repeat = true;
      this.#requeue(append);
    }
  }

  /** The relay has told what it remembers of this writer. Ask `history` afterwards. */
  proved(proved: Proved): void {
    this.#proved = true;
    this.#unexplained = proved;
    this.#knownAtProof = this.#known?.sequence ?? 0;
  }

  /**
   * The verdict of the last proof, once, as soon as it can be told. After `rewound`, what had never been sent is
   * rejected: it was sealed with keys that were used already.
   */
  history(): WriterHistory | undefined {
    const proved = this.#unexplained;
    const known = this.#known;
    if (proved === undefined || known === undefined) return undefined;
    const verdict = this.#verdict(proved, known);
    if (verdict === undefined) return undefined;
    this.#unexplained = undefined;
    const { incarnation, lastSequence } = proved;
    if (verdict !== 'same') this.#known = { incarnation, sequence: lastSequence };
    if (verdict === 'rewound') this.rejectAll(new SottoError('NET_REWOUND'));
    return { verdict, incarnation, lastSequence, knownSequence: this.#knownAtProof };
  }

  /** @param which - 'new': only what was never sent. */
  rejectAll(error: SottoError, which: 'all' | 'new' = 'all'): void {
    const rejected = this.#queued.filter((append) => which === 'all' || !append.repeat);
    this.#queued = this.#queued.filter((append) => which !== 'all' && append.repeat);
    if (which === 'all') {
      rejected.unshift(...this.#inFlight);
      this.#inFlight.clear();
    }
    for (const append of rejected) append.reject(error);
  }

  #verdict(proved: Proved, known: ChannelPosition): WriterHistory['verdict'] | undefined {
    if (!equalBytes(proved.incarnation, known.incarnation)) return 'new-store';
    if (proved.lastSequence < this.#knownAtProof) return 'went-back';
    if (proved.lastSequence <= known.sequence) return 'same';
    const repeating =
      this.#queued.some((append) => append.repeat) || [...this.#inFlight].some((a) => a.repeat);
    return repeating ? undefined : 'rewound';
  }

  /** Where this device is the only writer, nothing new leaves it before the relay's memory is explained. */
  #mayStartNew(): boolean {
    return this.#known === undefined || (this.#proved && this.#unexplained === undefined);
  }

  #requeue(append: QueuedAppend): void {
    const at = this.#queued.findIndex((other) => other.order > append.order);
    this.#queued.splice(at < 0 ? this.#queued.length : at, 0, append);
  }
}
