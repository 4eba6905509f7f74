// What one connection sends: frames of a turn gathered into one write, results of appends into one frame, and how much
// the client hasn't taken yet. Frames come from connection.ts and channel/delivery.ts, the turn says when they leave
// (turn.ts). Not its concern: memory for frames (outbox.ts), what they say, when the connection ends.

import {
  MAX_ITEMS,
  PAUSE_UNSENT_BYTES,
  relayFrameBytes,
  type AppendResult,
  type RelayFrame,
} from '@sotto/wire';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Subscription } from '../channel/subscription.ts';
import type { ConnectionContext } from './context.ts';
import type { Stretch } from './outbox.ts';

export class Outgoing {
  /** Bytes that delivery may still send in this turn. */
  reservedBytes = 0;
  readonly #context: ConnectionContext;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  #stretches: Stretch[] | undefined;
  #bytes = 0;
  #results: AppendResult[] | undefined;
  #undrained: Subscription[] | undefined;
  #isInTurn = false;
  #awaitsDrain = false;
  #isOver = false;

  constructor(ws: WebSocket, socket: Duplex, context: ConnectionContext) {
    this.#ws = ws;
    this.#socket = socket;
    this.#context = context;
  }

  /** Bytes that the client hasn't taken yet, and what this turn may add. */
  get unsentBytes(): number {
    return this.queuedBytes + this.reservedBytes;
  }

  /** Bytes that wait here and in the socket. */
  get queuedBytes(): number {
    return this.#socket.writableLength + this.#bytes;
  }

  get isSocketGone(): boolean {
    return this.#socket.destroyed;
  }

  /** Queues a frame; it leaves at the end of the turn. */
  put(frame: RelayFrame): void {
    if (this.#isOver) return;
    const last = this.#stretches?.at(-1);
    const stretch = this.#context.outbox.put(frame, last);
    this.#joinTurn();
    if (stretch !== last) {
      if (this.#stretches === undefined) this.#stretches = [stretch];
      else this.#stretches.push(stretch);
    }
    this.#bytes += relayFrameBytes(frame);
  }

  /** An append is durable: its result goes out at the end of the turn, with others. */
  appended(result: AppendResult): void {
    if (this.#isOver) return;
    if (this.#results === undefined) {
      this.#results = [];
      this.#context.turn.answering(this);
    }
    this.#results.push(result);
  }

  sendResults(): void {
    const results = this.#results ?? [];
    this.#results = undefined;
    for (let at = 0; at < results.length; at += MAX_ITEMS) {
      const some = results.length <= MAX_ITEMS ? results : results.slice(at, at + MAX_ITEMS);
      this.put({ request: 0, type: 'appended', results: some });
    }
  }

  endTurn(): void {
    this.#isInTurn = false;
    this.flush();
    if (this.#undrained !== undefined && this.#socket.writableLength < PAUSE_UNSENT_BYTES)
      this.#wakeUndrained();
  }

  /** Frames go to the socket beside ws, whose control frames must not overtake them: flush before each of those. */
  flush(): void {
    const out = this.#stretches;
    if (out === undefined) return;
    this.#stretches = undefined;
    this.#bytes = 0;
    const socket = this.#socket;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    // A backed-up socket gets copies of its own: a slab must not wait in memory for its slowest reader.
    const isBackedUp = socket.writableLength > 0;
    if (out.length > 1) socket.cork();
    for (const { slab, start, end } of out) {
      const bytes = slab.subarray(start, end);
      socket.write(isBackedUp ? Buffer.from(bytes) : bytes);
    }
    if (out.length > 1) socket.uncork();
    // The kernel took only a part: the socket holds the rest.
    if (!isBackedUp && socket.writableLength > 0) for (const { slab } of out) this.#context.outbox.keep(slab);
  }

  /** The subscription has more for a client that doesn't take what it has: it is woken once there is room. */
  wakeWhenDrained(subscription: Subscription): void {
    (this.#undrained ??= []).push(subscription);
    // Perhaps only this turn's reservations fill the bound: its end looks again.
    this.#joinTurn();
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#socket.once('drain', () => {
      this.#awaitsDrain = false;
      this.#wakeUndrained();
    });
  }

  /** Nothing more goes out; what was flushed still does. */
  end(): void {
    this.#isOver = true;
    this.#stretches = this.#results = this.#undrained = undefined;
    this.#bytes = 0;
  }

  #joinTurn(): void {
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.#context.turn.joined(this);
  }

  #wakeUndrained(): void {
    const undrained = this.#undrained ?? [];
    this.#undrained = undefined;
    for (const subscription of undrained) this.#context.channels.wake(subscription);
  }
}
