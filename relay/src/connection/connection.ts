// One client's connection: its state, the order of its frames, its proofs and handles. Bytes come in from
// http/websockets.ts, frames go to requests.ts, answers leave by outgoing.ts. There are very many of these at once and
// most are idle: no timers and no closures of their own. Not its concern: what a frame asks for.

import {
  CLOSE_UNSENT_BYTES,
  CloseCodes,
  PAUSE_UNSENT_BYTES,
  PROOFS_AT_ONCE,
  PROOFS_PER_MINUTE,
  PROTOCOL_VERSION,
  decodeClientFrame,
  type AppendResult,
  type ClientFrame,
  type RelayFrame,
} from '@sotto/wire';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { freshNonce } from '../crypto/hash.ts';
import { Refusal } from '../store/refusal.ts';
import type { ConnectionContext } from './context.ts';
import { isTombstone, type Handle, type HandleEntry, type Tombstone } from './handle.ts';
import { HandleTable } from './handle-table.ts';
import { Outgoing } from './outgoing.ts';
import { Rate, UNUSED, monotonicMs } from './rate.ts';
import { refuseRequest } from './refusals.ts';
import { handleRequest } from './requests.ts';

/** Frames that wait for an earlier one to be decided; beyond this the socket isn't read. */
const maxQueuedFrames = 64;
const proofRate = new Rate(PROOFS_PER_MINUTE / 60, PROOFS_AT_ONCE);
/** From an address with many failed proofs. */
const suspectProofRate = new Rate(8 / 60, 16);

type State = 'awaiting hello' | 'open' | 'closing';

export class Connection {
  readonly context: ConnectionContext;
  readonly openedAtMs = Date.now();
  /** Heartbeat slice of the roster. */
  readonly slice: number;
  /** Stands for the client's address in the hourly counts. */
  readonly addressTag: number;
  readonly outgoing: Outgoing;
  readonly #ws: WebSocket;
  #frames = UNUSED;
  #proofs = UNUSED;
  #proofRate: Rate | undefined;
  // As strings: a third of the memory of two Uint8Arrays.
  readonly #serverNonce: string;
  #clientNonce = '';
  #state: State = 'awaiting hello';
  #missedHeartbeats = 0;
  #isBusy = false;
  #isPaused = false;
  #queue: Uint8Array[] | undefined;
  readonly #handles = new HandleTable();
  #undecided = 0;
  #onDecided: (() => void)[] | undefined;

  constructor(ws: WebSocket, socket: Duplex, context: ConnectionContext, addressTag: number) {
    this.context = context;
    this.addressTag = addressTag;
    this.slice = context.roster.nextSlice();
    this.#ws = ws;
    this.outgoing = new Outgoing(ws, socket, context);
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
    const owed = this.#countFrame();
    if (owed > 0) {
      const { connection: perSecond } = this.context.rates;
      const retryAfterMs = Math.ceil((owed * 1000) / perSecond);
      if (this.#state === 'open') refuseRequest(this, frame, new Refusal('RATE', { retryAfterMs }));
      return;
    }
    const decided = handleRequest(this, frame);
    if (decided === undefined) return;
    this.#isBusy = true;
    const next = () => {
      this.#next();
    };
    decided.then(next, next);
  }

  /** Who heeds retry_after_ms never gets deep into debt; who does is closed. @returns how many frames are owed. */
  #countFrame(): number {
    const { frameRate, rates } = this.context;
    const now = monotonicMs();
    this.#frames = frameRate.take(this.#frames, now);
    const owed = frameRate.owed(this.#frames, now);
    if (owed > 2 * rates.connection) this.close(CloseCodes.flood);
    return owed;
  }

  #next(): void {
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
  }

  /** Appends that a store behind a network hasn't decided yet. */
  get undecided(): number {
    return this.#undecided;
  }

  set undecided(count: number) {
    this.#undecided = count;
    if (count > 0 || this.#onDecided === undefined) return;
    const waiting = this.#onDecided;
    this.#onDecided = undefined;
    for (const resolve of waiting) resolve();
  }

  /** Settles once no append of this connection is undecided. */
  whenDecided(): Promise<void> {
    return new Promise((resolve) => {
      (this.#onDecided ??= []).push(resolve);
    });
  }

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
    this.#proofRate ??= this.context.addresses.isSuspect(this.addressTag) ? suspectProofRate : proofRate;
    const now = monotonicMs();
    const waitMs = this.#proofRate.waitMs(this.#proofs, now);
    if (waitMs === 0) this.#proofs = this.#proofRate.take(this.#proofs, now);
    return waitMs;
  }

  /** The pong, or any frame, since the last call resets the count. @returns how many heartbeats were missed. */
  heartbeat(): number {
    if (this.#state === 'closing') return 0;
    const missed = this.#missedHeartbeats++;
    this.outgoing.flush();
    this.#ws.ping();
    return missed;
  }

  /** Held although its socket is gone, and not since this moment: something leaks. */
  get isGone(): boolean {
    return this.#missedHeartbeats > 0 && this.outgoing.isSocketGone;
  }

  alive(): void {
    this.#missedHeartbeats = 0;
  }

  /** A WebSocket ping counts like a frame. */
  pinged(data: Buffer): void {
    this.alive();
    if (this.#state === 'closing') return;
    if (this.#countFrame() > 0 || this.outgoing.queuedBytes >= PAUSE_UNSENT_BYTES) return;
    this.outgoing.flush();
    this.#ws.pong(data);
  }

  // ───────────────────────────── handles ─────────────────────────────

  handle(number: number): HandleEntry | undefined {
    return this.#handles.get(number);
  }

  get handleCount(): number {
    return this.#handles.size;
  }

  addHandle(handle: Handle): void {
    this.#handles.set(handle.number, handle);
    this.context.channels.join(handle);
  }

  /** The number stays taken, and tells later frames why it has no right. */
  bury(number: number, tombstone: Tombstone): void {
    this.#handles.set(number, tombstone);
  }

  endHandle(handle: Handle, tombstone: Tombstone): void {
    this.context.channels.leave(handle);
    this.bury(handle.number, tombstone);
  }

  dropHandle(number: number): void {
    const entry = this.#handles.get(number);
    if (entry === undefined) return;
    this.#handles.delete(number);
    if (!isTombstone(entry)) this.context.channels.leave(entry);
  }

  // ───────────────────────────── answers ─────────────────────────────

  /** Queues a frame; it leaves at the end of the turn. */
  send(frame: RelayFrame): void {
    if (this.#state === 'closing') return;
    this.outgoing.put(frame);
    if (this.outgoing.queuedBytes > CLOSE_UNSENT_BYTES) this.close(CloseCodes.slowReader);
  }

  appended(result: AppendResult): void {
    this.outgoing.appended(result);
  }

  notDurable(request: number, error: unknown): void {
    this.context.counts.fault(error);
    this.context.counts.refusal('LATER');
    this.send({ request, type: 'refused', code: 'LATER', current: 0, retryAfterMs: 1000 });
  }

  // ───────────────────────────── the end ─────────────────────────────

  /** Closes with a code that says why. What is queued before the close frame is still sent. */
  close(code: number): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.context.counts.close(code);
    this.outgoing.flush();
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
    this.outgoing.end();
    this.#queue = undefined;
    for (const handle of this.#handles.live()) this.context.channels.leave(handle);
    this.#handles.clear();
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
