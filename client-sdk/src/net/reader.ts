// The reader's right on a mailbox or a log: subscribes with the proof, hands blocks to the caller one at a time, acks
// what the caller has stored, and notices a store that is not the one it knew. Order and repeats: delivery-queue.ts.

import { type Deliver, type Ended, MAX_CREDIT, type Proved, type Subscribed } from '@sotto/wire';
import { equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { pauseMs, SLOWED } from './backoff.ts';
import { DeliveryQueue, MAX_ATTEMPTS } from './delivery-queue.ts';
import { HeldRight, type RightHost } from './held-right.ts';
import { isPassing, NetRefusal, refusalError } from './refusal.ts';
import type { ChannelReset, ReaderHandle, ReaderOptions } from './types.ts';

/** A subscription that brings nothing for so long has nothing more to bring, whatever its `head` says: blocks expire. */
const QUIET_MS = 2000;

export class Reader extends HeldRight implements ReaderHandle {
  readonly kind = 'reader';
  readonly #options: ReaderOptions;
  readonly #credit: number;
  readonly #queue: DeliveryQueue;
  #incarnation: Uint8Array | undefined;
  #head = 0;
  /** Subscribed, and what is delivered belongs to what we know of the channel. */
  #accepting = false;
  #caughtUp = false;
  /** Log: the key was replaced, and reads up to the change; then it is over. */
  #superseded = false;
  #ending = false;
  #over = false;
  #cancelFlush: (() => void) | undefined;
  #cancelPause: (() => void) | undefined;
  #cancelQuiet: (() => void) | undefined;

  constructor(host: RightHost, options: ReaderOptions) {
    super(host, {
      id: options.readId,
      seed: options.keySeed,
      right: 'reader',
      onStatus: options.onStatus,
    });
    const credit = options.credit ?? MAX_CREDIT;
    if (!Number.isInteger(credit) || credit < 1 || credit > MAX_CREDIT) throw new NetRefusal('INVALID');
    this.#options = options;
    this.#credit = credit;
    this.#incarnation = options.after?.incarnation;
    this.#queue = new DeliveryQueue({
      policy: options.policy,
      credit,
      cursor: options.after?.sequence ?? 0,
    });
  }

  get wanted(): boolean {
    return true;
  }

  override retry(): void {
    this.#ending = false;
    this.#queue.forgive();
    super.retry();
  }

  protected onNamed(): void {
    this.#subscribe();
  }

  protected onProved(proved: Proved): void {
    this.#superseded = proved.superseded;
  }

  override onEnded(frame: Ended): void {
    if (frame.cause !== 'keys-changed' || !this.#superseded) {
      super.onEnded(frame);
      return;
    }
    // All that this key may read has come; it is over once the caller has it all.
    this.#flush();
    this.#ending = true;
    this.dropHandle();
    this.#run();
  }

  override attach(): void {
    if (!this.#ending) super.attach();
  }

  protected onLost(): void {
    this.#accepting = false;
    this.#stopTimers();
  }

  protected onOver(): void {
    this.#over = this.status.state === 'released';
    this.#stopTimers();
  }

  protected onEvicted(): void {
    // Whoever came last reads: fighting back would only make the two take turns.
    this.#flush();
    this.setStatus({ state: 'evicted' });
    this.dropHandle();
  }

  onDeliver(frame: Deliver): void {
    if (!this.#accepting) return;
    this.#queue.offer(frame);
    this.#cancelQuiet?.();
    this.#run();
  }

  protected override dropHandle(): void {
    if (this.#accepting) this.#flush();
    super.dropHandle();
  }

  #subscribe(): void {
    this.#accepting = false;
    this.#queue.subscribed();
    const after = this.#options.policy === 'log' ? this.#queue.cursor : 0;
    const body = {
      type: 'subscribe',
      handle: this.handle,
      credit: this.#credit,
      after,
      leaseSeconds: 0,
    } as const;
    this.request<'subscribe'>(body, (answer) => {
      if (answer.type === 'subscribed') this.#subscribed(answer);
      else if (isPassing(answer.code)) this.proveLater(answer.retryAfterMs);
      else this.die(refusalError(answer));
    });
  }

  #subscribed(subscribed: Subscribed): void {
    const reset = this.#compare(subscribed);
    this.#incarnation = subscribed.incarnation.slice();
    this.#head = subscribed.head;
    if (reset === undefined || reset.cause === 'expired' || this.#options.policy === 'mailbox') {
      this.#accepting = true;
    } else {
      // The relay counts from a place that means nothing there: subscribe from the right one.
      this.request<'unsubscribe'>({ type: 'unsubscribe', handle: this.handle }, () => undefined);
      this.#subscribe();
    }
    if (reset !== undefined) this.#options.onReset?.(reset);
    const { incarnation, head, floor } = subscribed;
    this.#options.onSubscribed?.({ incarnation: incarnation.slice(), head, floor });
    this.#noteQuiet();
  }

  /** Where our memory of the channel and the relay's differ, the queue is put on the relay's. */
  #compare({ incarnation, head, floor }: Subscribed): ChannelReset | undefined {
    const known = this.#incarnation;
    const { cursor } = this.#queue;
    const at = { incarnation: incarnation.slice(), head, floor };
    if (known === undefined) return undefined;
    if (!equalBytes(known, incarnation)) {
      this.#queue.rewind(0);
      return { cause: 'new-store', ...at };
    }
    if (head < cursor) {
      this.#queue.rewind(head);
      return { cause: 'went-back', ...at };
    }
    const gap = this.#options.policy === 'log' && floor > cursor + 1 && head > cursor;
    return gap ? { cause: 'expired', ...at } : undefined;
  }

  #run(): void {
    const next = this.#over || this.#cancelPause !== undefined ? undefined : this.#queue.take();
    this.#flushSoon();
    if (next === undefined) {
      if (this.#ending && this.#queue.empty) this.die(new NetRefusal('SUPERSEDED'));
      else this.#noteQuiet();
      return;
    }
    const { frame, attempt } = next;
    const { sequence, ordered, keptUntil, stamp } = frame;
    const block = {
      sequence,
      appendId: frame.appendId.slice(),
      block: frame.block.slice(),
      ordered,
      keptUntil,
      incarnation: this.#incarnation ?? new Uint8Array(0),
      attempt,
      ...(stamp === undefined ? {} : { stamp }),
    };
    // An async function, so that a callback which throws at once counts as one that rejects.
    const offer = async (): Promise<unknown> => this.#options.onBlock(block);
    offer().then(
      () => {
        if (this.#over) return;
        this.#queue.done();
        this.#run();
      },
      (cause: unknown) => {
        if (!this.#over) this.#failed(cause);
      },
    );
  }

  #failed(cause: unknown): void {
    const attempts = this.#queue.failed();
    if (attempts >= MAX_ATTEMPTS) {
      this.setStatus({ state: 'stuck', error: new SottoError('NET_STUCK', { retry: 'later', cause }) });
      this.dropHandle();
      return;
    }
    const { clock, chance } = this.host;
    const pause = pauseMs({ range: SLOWED, failures: attempts - 1, chance });
    this.#cancelPause = clock.after(pause, () => {
      this.#cancelPause = undefined;
      this.#run();
    });
  }

  /** Acks leave once per turn of the event loop, up to 16 in a frame. */
  #flushSoon(): void {
    this.#cancelFlush ??= this.host.clock.after(0, () => {
      this.#cancelFlush = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    for (;;) {
      const items = this.#accepting ? this.#queue.takeAcks() : [];
      if (items.length === 0) return;
      this.host.live?.connection.tell({ type: 'ack', handle: this.handle, items });
    }
  }

  #noteQuiet(): void {
    if (this.#caughtUp || !this.#accepting || !this.#queue.empty) return;
    if (this.#queue.cursor >= this.#head) {
      this.#nowCaughtUp();
      return;
    }
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.host.clock.after(QUIET_MS, () => {
      if (this.#accepting && this.#queue.empty) this.#nowCaughtUp();
    });
  }

  #nowCaughtUp(): void {
    this.#caughtUp = true;
    this.#options.onCaughtUp?.();
  }

  #stopTimers(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    this.#cancelQuiet?.();
    this.#caughtUp = false;
  }
}
