// The writer's right on a channel: sends appends in order and repeats them until they are answered, and secures a
// link's mailbox. Which append goes when: append-queue.ts. Not its concern: what a block contains, the outbox on disk.

import {
  APPEND_ID_BYTES,
  BLOCK_BYTES,
  COMMITMENT_BYTES,
  type Deliver,
  type Proved,
  type Refused,
} from '@sotto/wire';
import { signingKeyPair, type SigningSeed } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { AppendQueue, type Flow, type QueuedAppend } from './append-queue.ts';
import { type Ask, HeldRight, type RightHost } from './held-right.ts';
import { NetRefusal, refusalError } from './refusal.ts';
import type { AppendInput, AppendOutcome, WriterHandle, WriterOptions } from './types.ts';

/** The securing of a link on its way. */
interface Securing {
  readonly nextSeed: SigningSeed;
  readonly ask: Ask;
  readonly resolve: () => void;
  /** The relay denies the first key: does it know the next one, because a lost answer of it was "done"? */
  trying: boolean;
}

export class Writer extends HeldRight implements WriterHandle {
  readonly kind = 'writer';
  readonly #options: WriterOptions;
  readonly #queue: AppendQueue;
  #superseded = false;
  #parked = false;
  #securing: Securing | undefined;
  #cancelHold: (() => void) | undefined;
  #flow: Flow = 'flowing';
  #pumping = false;

  constructor(host: RightHost, options: WriterOptions) {
    super(host, {
      id: options.writeId,
      seed: options.keySeed,
      right: options.right ?? 'writer',
      onStatus: options.onStatus,
    });
    this.#options = options;
    this.#queue = new AppendQueue(options.lastKnown);
  }

  get unanswered(): number {
    return this.#queue.size;
  }
  /** Work is waiting, as opposed to a proof for its own sake. */
  get busy(): boolean {
    return this.#queue.size > 0 || this.asks.length > 0 || this.#securing !== undefined;
  }
  get wanted(): boolean {
    return !this.#parked || this.busy;
  }
  override get idle(): boolean {
    return this.status.state === 'active' && !this.busy;
  }

  append(input: AppendInput): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      const { appendId, block, commitment } = input;
      const wellFormed =
        appendId.length === APPEND_ID_BYTES &&
        block.length === BLOCK_BYTES &&
        commitment.length === COMMITMENT_BYTES;
      const refusal = this.#refusal(input, wellFormed);
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      this.#queue.submit({ input, resolve, reject });
      this.#use();
    });
  }

  readerSeen(): void {
    this.#queue.readerSeen(this.host.clock.now(), this.host.chance);
    // The pause that was waited for may have become shorter.
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#pump();
  }

  secure(nextSeed: SigningSeed): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = this.#securing === undefined ? this.overError : new NetRefusal('INVALID');
      if (over !== undefined) {
        reject(over);
        return;
      }
      const { publicKey: writerKey } = signingKeyPair(nextSeed);
      const ask: Ask = {
        body: (handle) => ({ type: 'secure', handle, writerKey }),
        resolve: () => {
          this.#secured();
        },
        reject,
        maybeDone: false,
      };
      this.#parked = false;
      this.#securing = { nextSeed, ask, resolve, trying: false };
      this.pushAsk(ask);
    });
  }

  async withdraw(input: { appendId: Uint8Array; secret: Uint8Array }): Promise<void> {
    await this.ask((handle) => ({ type: 'withdraw', handle, ...input }));
  }

  override attach(): void {
    super.attach();
    this.#pump();
  }

  override detach(): void {
    this.#parked = false;
    this.#superseded = false;
    super.detach();
  }

  override need(): void {
    this.#use();
  }

  override park(): void {
    this.#parked = true;
    super.park();
  }

  onDeliver(_frame: Deliver): void {
    // A writer's handle has no subscription; what comes on it is the relay's mistake and nobody's block.
  }

  protected onNamed(): void {
    this.#pump();
  }

  protected onProved(proved: Proved): void {
    if (this.#securing?.trying === true) this.#secured();
    this.#superseded = proved.superseded && this.#securing === undefined;
    this.#queue.proved(proved);
    const { lastSequence, orderedSequence, superseded } = proved;
    const incarnation = proved.incarnation.slice();
    this.#options.onProved?.({ lastSequence, orderedSequence, incarnation, superseded });
    if (this.#superseded) this.#queue.rejectAll(new NetRefusal('SUPERSEDED'), 'new');
    this.#settle();
  }

  protected onLost(): void {
    this.#queue.lost();
    this.#cancelHold?.();
    this.#cancelHold = undefined;
  }

  protected onOver(error: SottoError): void {
    this.#queue.rejectAll(error);
    this.#securing = undefined;
  }

  protected onEvicted(): void {
    // Only subscriptions are evicted.
  }

  /** Securing waits until no append is in flight: the handle ends with it. */
  protected override mayAsk(): boolean {
    if (this.#securing === undefined) return true;
    return !this.#securing.trying && this.#queue.inFlight === 0;
  }

  protected override onProofRefused(): boolean {
    const securing = this.#securing;
    if (securing === undefined || securing.trying || !securing.ask.maybeDone) return false;
    this.#tryNext(securing);
    return true;
  }

  protected override onAskRefused(ask: Ask, refused: Refused): boolean {
    const securing = this.#securing;
    if (securing === undefined || ask !== securing.ask) return false;
    const denied = refused.code === 'UNKNOWN' || refused.code === 'SUPERSEDED';
    if (!denied) return false;
    if (ask.maybeDone) this.#tryNext(securing);
    else this.die(new NetRefusal('UNKNOWN'));
    return true;
  }

  #refusal(input: AppendInput, wellFormed: boolean): SottoError | undefined {
    const { state, error } = this.status;
    if (state === 'released') return new SottoError('NET_CLOSED');
    if (state === 'dead') return error ?? new NetRefusal('UNKNOWN');
    if (!wellFormed) return new NetRefusal('INVALID');
    return this.#superseded && input.repeat !== true ? new NetRefusal('SUPERSEDED') : undefined;
  }

  #use(): void {
    this.#parked = false;
    this.attach();
  }

  /** Proves under the next key: if it is the writer's already, securing had succeeded. */
  #tryNext(securing: Securing): void {
    securing.trying = true;
    this.dropHandle();
    this.setSeed(securing.nextSeed);
    super.attach();
  }

  #secured(): void {
    const securing = this.#securing;
    if (securing === undefined) return;
    this.#securing = undefined;
    securing.resolve();
    if (securing.trying) {
      // Proved under the next key: the question itself has its answer.
      this.dropAsk(securing.ask);
      return;
    }
    this.setSeed(securing.nextSeed);
    this.dropHandle();
    this.attach();
  }

  #pump(): void {
    // `take` may be reached again from a callback of the caller.
    if (this.#pumping || this.handle === 0) return;
    this.#pumping = true;
    let now: number;
    try {
      for (;;) {
        now = this.host.clock.now();
        const append = this.#securing === undefined ? this.#queue.take(now) : undefined;
        if (append === undefined) break;
        this.#trySend(append);
      }
    } finally {
      this.#pumping = false;
    }
    this.pumpAsks();
    this.#noteFlow(now);
  }

  #trySend(append: QueuedAppend): void {
    try {
      this.#send(append);
    } catch {
      // A token or an `expect` that no frame can hold; nothing was sent.
      const refused = { type: 'refused', code: 'INVALID', current: 0, retryAfterMs: 0 } as const;
      this.#queue.refused(append, refused, this.host.clock.now(), this.host.chance);
    }
  }

  #send(append: QueuedAppend): void {
    const { appendId, block, commitment, ordered, admission } = append.input;
    const body = { type: 'append', handle: this.handle, appendId, block, commitment } as const;
    this.request<'append'>(
      ordered === undefined ? body : { ...body, ordered },
      (answer) => {
        if (answer.type === 'refused') this.#refused(append, answer);
        else {
          const { sequence, duplicate, keptUntil } = answer;
          this.#queue.answered(append, { sequence, duplicate, keptUntil });
          this.#settle();
        }
      },
      admission,
    );
  }

  #refused(append: QueuedAppend, refused: Refused): void {
    const { clock, chance } = this.host;
    if (refused.code === 'UNKNOWN' || refused.code === 'BLOCKED') {
      this.die(refusalError(refused));
      return;
    }
    const after = this.#queue.refused(append, refused, clock.now(), chance);
    if (after.type === 'lift') {
      const { appendId } = append.input;
      // Of no meaning in a log, and then simply refused.
      this.request<'withdraw'>({ type: 'withdraw', handle: this.handle, appendId }, () => undefined);
    }
    if (after.type === 'prove-anew') {
      this.dropHandle();
      super.attach();
    }
    this.#settle();
  }

  /** After whatever changed the queue. */
  #settle(): void {
    const history = this.#queue.history();
    if (history !== undefined) this.#options.onHistory?.(history);
    this.#pump();
    if (this.handle !== 0 && this.idle && this.host.live?.contended === true) this.park();
  }

  /** @param now - When the queue last gave nothing: a second look at the clock may find the pause over, and arm no timer. */
  #noteFlow(now: number): void {
    const holdMs = this.#queue.holdMs(now);
    if (holdMs > 0) {
      this.#cancelHold ??= this.host.clock.after(holdMs, () => {
        this.#cancelHold = undefined;
        this.#pump();
      });
    }
    const { flow } = this.#queue;
    if (flow === this.#flow && flow === 'flowing') return;
    if (flow === this.#flow && holdMs === 0) return;
    this.#flow = flow;
    this.#options.onFlow?.(flow === 'flowing' ? { state: flow } : { state: flow, retryInMs: holdMs });
  }
}
