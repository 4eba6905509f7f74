// One client's connection: its socket, its buffers and their bounds, its handles, and the order of its frames. Bytes
// come in from http/websockets.ts, frames go to requests.ts, answers go out at the end of a turn (turn.ts). There are very many of
// these at once and most are idle: no timers and no closures of their own. Not its concern: what a frame asks for.

import {
  CLOSE_UNSENT_BYTES,
  CloseCodes,
  MAX_ITEMS,
  PAUSE_UNSENT_BYTES,
  PROOFS_AT_ONCE,
  PROOFS_PER_MINUTE,
  PROTOCOL_VERSION,
  decodeClientFrame,
  relayFrameBytes,
  type AppendResult,
  type ClientFrame,
  type RelayFrame,
} from '@sotto/wire';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Subscription } from '../channel/subscription.ts';
import { freshNonce } from '../crypto/hash.ts';
import { Refusal } from '../store/refusal.ts';
import type { ConnectionContext } from './context.ts';
import { isTombstone, type Handle, type HandleEntry, type Tombstone } from './handle.ts';
import type { Stretch } from './outbox.ts';
import { refuseRequest } from './refusals.ts';
import { handleRequest } from './requests.ts';
import { TokenBucket } from './token-bucket.ts';

/** Frames that wait for an earlier one to be decided; beyond this the socket isn't read. */
const maxQueuedFrames = 64;
/** From an address with many failed proofs. */
const suspectProofs = { atOnce: 16, perMinute: 8 };

type State = 'awaiting hello' | 'open' | 'closing';

export class Connection {
  readonly context: ConnectionContext;
  readonly openedAtMs = Date.now();
  /** Heartbeat slice of the roster. */
  readonly slice: number;
  /** Stands for the client's address in the hourly counts. */
  readonly addressTag: number;
  /** Bytes that delivery may still send in this turn. */
  reservedBytes = 0;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #frames: TokenBucket;
  #proofs: TokenBucket | undefined;
  // As strings: a third of the memory of two Uint8Arrays.
  readonly #serverNonce: string;
  #clientNonce = '';
  #state: State = 'awaiting hello';
  #missedHeartbeats = 0;
  #isInTurn = false;
  #out: Stretch[] | undefined;
  #outBytes = 0;
  #isBusy = false;
  #isPaused = false;
  #awaitsDrain = false;
  #queue: Uint8Array[] | undefined;
  #results: AppendResult[] | undefined;
  #handles: Map<number, HandleEntry> | undefined;
  #undrained: Subscription[] | undefined;

  constructor(ws: WebSocket, socket: Duplex, context: ConnectionContext, addressTag: number) {
    this.context = context;
    this.addressTag = addressTag;
    this.slice = context.roster.nextSlice();
    this.#ws = ws;
    this.#socket = socket;
    this.#frames = new TokenBucket(context.rates.connection, 2 * context.rates.connection, this.openedAtMs);
    const serverNonce = freshNonce();
    this.#serverNonce = latin1(serverNonce);
    this.send({
      request: 0,
      type: 'welcome',
      version: PROTOCOL_VERSION,
      relayKey: context.keys.root.publicKey,
      serverNonce,
      time: context.store.now(),
      promiseVersion: context.promiseVersion(),
    });
  }

  // ───────────────────────────── frames in ─────────────────────────────

  /** One WebSocket message. Frames are handled in order: while one waits for the store, later ones queue. */
  receive(bytes: Uint8Array, isBinary: boolean): void {
    if (this.#state === 'closing') return;
    this.#missedHeartbeats = 0;
    if (!isBinary) {
      this.close(CloseCodes.malformed);
      return;
    }
    if (!this.#isBusy) {
      this.#handle(bytes);
      return;
    }
    const queue = (this.#queue ??= []);
    queue.push(bytes);
    if (queue.length >= maxQueuedFrames && !this.#isPaused) {
      this.#isPaused = true;
      this.#ws.pause();
    }
  }

  #handle(bytes: Uint8Array): void {
    let frame: ClientFrame;
    try {
      frame = decodeClientFrame(bytes);
    } catch {
      this.close(CloseCodes.malformed);
      return;
    }
    if (this.#state === 'awaiting hello') {
      this.#hello(frame);
      return;
    }
    if (frame.type === 'hello') {
      this.close(CloseCodes.malformed);
      return;
    }
    const { connection: rate } = this.context.rates;
    const owed = this.#frames.owe(Date.now());
    if (owed > 0) {
      // Who heeds retry_after_ms never gets deeper into debt.
      if (owed > 2 * rate) this.close(CloseCodes.flood);
      else refuseRequest(this, frame, new Refusal('RATE', { retryAfterMs: Math.ceil((owed * 1000) / rate) }));
      return;
    }
    const decided = handleRequest(this, frame);
    if (decided === undefined) return;
    this.#isBusy = true;
    decided.then(this.#next, this.#next);
  }

  readonly #next = (): void => {
    this.#isBusy = false;
    const queue = this.#queue;
    if (queue === undefined || this.#state === 'closing') return;
    let taken = 0;
    while (taken < queue.length && !this.#isBusyNow()) this.#handle(queue[taken++] as Uint8Array);
    if (taken === queue.length) this.#queue = undefined;
    else queue.splice(0, taken);
    if (this.#isPaused && this.#queue === undefined) {
      this.#isPaused = false;
      this.#ws.resume();
    }
  };

  #isBusyNow(): boolean {
    return this.#isBusy || this.#state === 'closing';
  }

  #hello(frame: ClientFrame): void {
    if (frame.type !== 'hello') {
      this.close(CloseCodes.malformed);
      return;
    }
    this.context.roster.gotFirstFrame(this);
    if (frame.version !== PROTOCOL_VERSION) {
      this.close(CloseCodes.version);
      return;
    }
    this.#clientNonce = latin1(frame.clientNonce);
    this.#state = 'open';
  }

  /** What binds a proof to this connection. */
  handshake(): { relayKey: Uint8Array; serverNonce: Uint8Array; clientNonce: Uint8Array } {
    return {
      relayKey: this.context.keys.root.publicKey,
      serverNonce: Buffer.from(this.#serverNonce, 'latin1'),
      clientNonce: Buffer.from(this.#clientNonce, 'latin1'),
    };
  }

  /** Takes one proof from the allowance. @returns 0, or in how many milliseconds there is one. */
  takeProof(): number {
    const now = Date.now();
    if (this.#proofs === undefined) {
      const { atOnce, perMinute } = this.context.addresses.isSuspect(this.addressTag)
        ? suspectProofs
        : { atOnce: PROOFS_AT_ONCE, perMinute: PROOFS_PER_MINUTE };
      this.#proofs = new TokenBucket(perMinute / 60, atOnce, now);
    }
    return this.#proofs.take(now);
  }

  /** The pong, or any frame, since the last call resets the count. @returns how many heartbeats were missed. */
  heartbeat(): number {
    if (this.#state === 'closing') return 0;
    const missed = this.#missedHeartbeats++;
    this.#flush();
    this.#ws.ping();
    return missed;
  }

  alive(): void {
    this.#missedHeartbeats = 0;
  }

  /** A WebSocket ping counts like a frame. */
  pinged(data: Buffer): void {
    this.alive();
    if (this.#state === 'closing') return;
    const owed = this.#frames.owe(Date.now());
    if (owed > 2 * this.context.rates.connection) this.close(CloseCodes.flood);
    else if (owed <= 0 && this.#socket.writableLength < PAUSE_UNSENT_BYTES) {
      this.#flush();
      this.#ws.pong(data);
    }
  }

  // ───────────────────────────── handles ─────────────────────────────

  handle(number: number): HandleEntry | undefined {
    return this.#handles?.get(number);
  }

  get handleCount(): number {
    return this.#handles?.size ?? 0;
  }

  addHandle(handle: Handle): void {
    (this.#handles ??= new Map()).set(handle.number, handle);
    this.context.channels.join(handle);
  }

  /** The number stays taken, and tells later frames why it has no right. */
  bury(number: number, tombstone: Tombstone): void {
    (this.#handles ??= new Map()).set(number, tombstone);
  }

  endHandle(handle: Handle, tombstone: Tombstone): void {
    this.context.channels.leave(handle);
    this.bury(handle.number, tombstone);
  }

  dropHandle(number: number): void {
    const entry = this.#handles?.get(number);
    if (entry === undefined) return;
    this.#handles?.delete(number);
    if (!isTombstone(entry)) this.context.channels.leave(entry);
  }

  // ───────────────────────────── frames out ─────────────────────────────

  /** Bytes that the client hasn't taken yet, and what this turn may add. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#outBytes + this.reservedBytes;
  }

  /** Queues a frame; it leaves at the end of the turn. */
  send(frame: RelayFrame): void {
    if (this.#state === 'closing') return;
    this.#joinTurn();
    const last = this.#out?.at(-1);
    const stretch = this.context.outbox.put(frame, last);
    if (stretch !== last) (this.#out ??= []).push(stretch);
    this.#outBytes += relayFrameBytes(frame);
    if (this.#socket.writableLength + this.#outBytes > CLOSE_UNSENT_BYTES) this.close(CloseCodes.slowReader);
  }

  #joinTurn(): void {
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.context.turn.joined(this);
  }

  /** Frames go to the socket beside ws, whose control frames must not overtake them: flush before each of those. */
  #flush(): void {
    const out = this.#out;
    if (out === undefined) return;
    this.#out = undefined;
    this.#outBytes = 0;
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
    if (!isBackedUp && socket.writableLength > 0) for (const { slab } of out) this.context.outbox.keep(slab);
  }

  /** An append is durable: its result goes out at the end of the turn, with others. */
  appended(result: AppendResult): void {
    if (this.#state === 'closing') return;
    if (this.#results === undefined) {
      this.#results = [];
      this.context.turn.answering(this);
    }
    this.#results.push(result);
  }

  notDurable(request: number, error: unknown): void {
    this.context.counts.fault(error);
    this.context.counts.refusal('LATER');
    this.send({ request, type: 'refused', code: 'LATER', current: 0, retryAfterMs: 1000 });
  }

  sendResults(): void {
    const results = this.#results ?? [];
    this.#results = undefined;
    for (let at = 0; at < results.length; at += MAX_ITEMS) {
      const some = results.length <= MAX_ITEMS ? results : results.slice(at, at + MAX_ITEMS);
      this.send({ request: 0, type: 'appended', results: some });
    }
  }

  endTurn(): void {
    this.#isInTurn = false;
    this.#flush();
    if (this.#undrained !== undefined && this.#socket.writableLength < PAUSE_UNSENT_BYTES)
      this.#wakeUndrained();
  }

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

  #wakeUndrained(): void {
    const undrained = this.#undrained ?? [];
    this.#undrained = undefined;
    for (const subscription of undrained) this.context.channels.wake(subscription);
  }

  // ───────────────────────────── the end ─────────────────────────────

  /** Closes with a code that says why. What is queued before the close frame is still sent. */
  close(code: number): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.context.counts.close(code);
    this.#flush();
    this.#release();
    this.#ws.close(code);
    // ws waits for the peer's close frame, and must read to see it.
    if (this.#isPaused) this.#ws.resume();
  }

  /** For a peer that is most likely gone: the close frame is tried, and not waited for. */
  terminate(code: number): void {
    this.close(code);
    this.#ws.terminate();
  }

  /** ws saw something that isn't WebSocket (wrong mask, too long …) and is closing with a code of its own. */
  brokeProtocol(kind: string): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.context.counts.fault({ code: kind });
    this.#release();
  }

  /** The socket is closed, by whomever. */
  closed(): void {
    if (this.#state !== 'closing') {
      this.#state = 'closing';
      this.#release();
    }
    this.context.roster.delete(this);
    this.context.addresses.closed(this.addressTag);
    this.context.counts.closed();
  }

  #release(): void {
    this.#out = undefined;
    this.#queue = undefined;
    this.#results = undefined;
    this.#undrained = undefined;
    for (const entry of this.#handles?.values() ?? []) {
      if (!isTombstone(entry)) this.context.channels.leave(entry);
    }
    this.#handles = undefined;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
