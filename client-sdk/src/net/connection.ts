// One WebSocket to one relay, from dialling to its end: greeting and pinned key, requests and their answers, liveness.
// It is used once and ends once; coming back is relay-session.ts. Not its concern: handles, channels, what is repeated.

import { openSocket } from '#websocket';
import {
  type Admission,
  type AppendResult,
  type ClientBody,
  type Created,
  DATA_FRAME_BYTES,
  decodeRelayFrame,
  type Deliver,
  type Done,
  encodeClientFrame,
  type Ended,
  type Handshake,
  type Leased,
  MAX_UINT32,
  NONCE_BYTES,
  type Pong,
  PROTOCOL_VERSION,
  type Proved,
  type Refused,
  type RelayFrame,
  type Slot,
  SUBPROTOCOL,
  type Subscribed,
  type Welcome,
} from '@sotto/wire';
import { equalBytes, randomBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { Chance, Clock } from './clock.ts';
import { closeError } from './close-codes.ts';
import { aliveAt, answered, awaited, judge, received } from './liveness.ts';
import type { Socket, SocketOptions } from './socket.ts';
import type { Timing } from './types.ts';

/** What answers what. Frames that are not here are not answered. */
interface Answers {
  prove: Proved;
  create: Created;
  append: AppendResult & { type: 'appended' };
  withdraw: Done;
  subscribe: Subscribed;
  unsubscribe: Done;
  readSlot: Slot;
  secure: Done;
  changeKeys: Done;
  delete: Done;
  lease: Leased;
  ping: Pong;
}
type RequestType = keyof Answers;
export type RequestBody<T extends RequestType = RequestType> = Extract<ClientBody, { type: T }>;
export type AnswerTo<T extends RequestType> = Answers[T] | Refused;

const ANSWER_TYPES: Readonly<Record<RequestType, RelayFrame['type']>> = {
  prove: 'proved',
  create: 'created',
  append: 'appended',
  withdraw: 'done',
  subscribe: 'subscribed',
  unsubscribe: 'done',
  readSlot: 'slot',
  secure: 'done',
  changeKeys: 'done',
  delete: 'done',
  lease: 'leased',
  ping: 'pong',
};

interface Pending {
  readonly expects: RelayFrame['type'];
  readonly onAnswer: (answer: AnswerTo<RequestType>) => void;
}

/** How a connection ended. `atLeastMs`: the relay asked not to be called before. */
export interface ConnectionEnd {
  readonly error: SottoError;
  readonly atLeastMs: number;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly relayKey: Uint8Array;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly timing: Timing;
  readonly agent?: unknown;
  readonly dialled?: SocketOptions['dialled'];
  readonly onReady: (welcome: Welcome) => void;
  readonly onFrame: (frame: Deliver | Ended) => void;
  /** Once. What was unanswered stays so. */
  readonly onEnd: (end: ConnectionEnd) => void;
}

/** A timer that fires this much too late was held up by this device itself: the socket gets one more moment. */
const LATE_MS = 1000;
const GRACE_MS = 2000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #timing: Timing;
  readonly #clientNonce = randomBytes(NONCE_BYTES);
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #closed: Promise<void>;
  #welcome: Welcome | undefined;
  #lastRequest = 0;
  #life;
  #timer: () => void;
  #timerDueAt = 0;
  #atLeastMs = 0;
  /** Set when this side ends it; the socket's own close code says nothing then. */
  #error: SottoError | undefined;
  #over = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { clock, timing, chance } = options;
    // Shortened by chance, so that the idle clients of a relay don't ping in step.
    this.#timing = { ...timing, idleMs: timing.idleMs * (0.8 + 0.2 * chance()) };
    this.#life = aliveAt(clock.now());
    this.#timer = clock.after(timing.connectMs, () => {
      this.#fail(new SottoError('NET_SILENT', { retry: 'reconnect' }));
    });
    let closed: () => void = () => undefined;
    this.#closed = new Promise((resolve) => (closed = resolve));
    this.#socket = openSocket({
      url: options.url,
      subprotocol: SUBPROTOCOL,
      agent: options.agent,
      dialled: options.dialled,
      maxBytes: DATA_FRAME_BYTES,
      onMessage: (bytes) => {
        this.#receive(bytes);
      },
      onClose: (code) => {
        this.#end(closeError(code));
        closed();
      },
    });
  }

  /** What signatures on this connection are bound to. Only after `onReady`. */
  get handshake(): Handshake {
    if (this.#welcome === undefined) throw new SottoError('NET_PROTOCOL', { retry: 'reconnect' });
    return {
      relayKey: this.#options.relayKey,
      serverNonce: this.#welcome.serverNonce,
      clientNonce: this.#clientNonce,
    };
  }

  /**
   * Sends what is answered. `onAnswer` is called at most once, in the order in which answers come; never after the end.
   * @throws WireError WIRE_VALUE: the caller's values can't be encoded; nothing was sent.
   */
  request<T extends RequestType>(
    body: RequestBody<T>,
    onAnswer: (answer: AnswerTo<T>) => void,
    admission?: Admission,
  ): void {
    if (this.#over) return;
    const request = this.#nextRequest();
    const frame: RequestBody = body;
    // First of all: what can't be encoded must leave no trace.
    const bytes = encodeClientFrame({ request, ...(admission === undefined ? {} : { admission }), ...frame });
    const expects = ANSWER_TYPES[frame.type];
    this.#pending.set(request, { expects, onAnswer: onAnswer as Pending['onAnswer'] });
    this.#life = awaited(this.#life, this.#options.clock.now());
    this.#socket.send(bytes);
  }

  /** Sends what is not answered. */
  tell(body: Extract<ClientBody, { type: 'ack' | 'drop' | 'hello' }>): void {
    if (!this.#over) this.#socket.send(encodeClientFrame({ request: this.#nextRequest(), ...body }));
  }

  /** Makes sure that the relay is there: an answer must come within `silentMs`. */
  ping(): void {
    if (this.#welcome === undefined || this.#life.awaitingSince !== undefined) return;
    this.request({ type: 'ping' }, () => undefined);
    this.#watch();
  }

  /** Ends it politely; resolves when the socket is gone. */
  close(): Promise<void> {
    this.#error ??= new SottoError('NET_CLOSED');
    this.#socket.close();
    this.#end(this.#error);
    return this.#closed;
  }

  #nextRequest(): number {
    this.#lastRequest = this.#lastRequest === MAX_UINT32 ? 1 : this.#lastRequest + 1;
    return this.#lastRequest;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#handle(decodeRelayFrame(bytes));
    } catch (cause) {
      this.#fail(new SottoError('NET_PROTOCOL', { retry: 'reconnect', cause }));
    }
  }

  #handle(frame: RelayFrame): void {
    if (this.#welcome === undefined) {
      if (frame.type === 'welcome') this.#greet(frame);
      else if (frame.type === 'closing') this.#atLeastMs = frame.retryAfterMs;
      else throw new SottoError('NET_PROTOCOL');
      return;
    }
    const now = this.#options.clock.now();
    switch (frame.type) {
      case 'deliver':
      case 'ended':
        this.#life = received(this.#life, now);
        this.#options.onFrame(frame);
        return;
      case 'closing':
        this.#life = received(this.#life, now);
        this.#atLeastMs = frame.retryAfterMs;
        return;
      case 'appended':
        for (const result of frame.results) this.#answer(result.request, { ...result, type: 'appended' });
        return;
      case 'welcome':
        throw new SottoError('NET_PROTOCOL');
      default:
        this.#answer(frame.request, frame);
    }
  }

  #greet(welcome: Welcome): void {
    const { relayKey, onReady, clock } = this.#options;
    if (welcome.version !== PROTOCOL_VERSION) {
      this.#fail(new SottoError('NET_VERSION'));
    } else if (!equalBytes(welcome.relayKey, relayKey)) {
      this.#fail(new SottoError('NET_RELAY_KEY'));
    } else {
      this.#welcome = welcome;
      this.#life = aliveAt(clock.now());
      this.#watch();
      this.tell({ type: 'hello', version: PROTOCOL_VERSION, clientNonce: this.#clientNonce });
      onReady(welcome);
    }
  }

  #answer(request: number, answer: AnswerTo<RequestType>): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) throw new SottoError('NET_PROTOCOL');
    if (answer.type !== pending.expects && answer.type !== 'refused') throw new SottoError('NET_PROTOCOL');
    this.#pending.delete(request);
    this.#life = answered(this.#life, this.#options.clock.now(), this.#pending.size);
    pending.onAnswer(answer);
  }

  /** Judges, and arms the timer for the next time: lazily, so that frames cost no timer of their own. */
  #watch(): void {
    if (this.#over) return;
    const { clock } = this.#options;
    const timing = this.#timing;
    const now = clock.now();
    const late = this.#timerDueAt !== 0 && now - this.#timerDueAt > LATE_MS;
    const judgement = judge(this.#life, now, timing);
    let againInMs = timing.silentMs;
    switch (judgement.verdict) {
      case 'dead':
        if (!late) {
          this.#fail(new SottoError('NET_SILENT', { retry: 'reconnect' }));
          return;
        }
        againInMs = GRACE_MS;
        break;
      case 'ping':
        this.request({ type: 'ping' }, () => undefined);
        break;
      case 'alive':
        againInMs = judgement.againInMs;
    }
    againInMs = Math.max(againInMs, 1);
    this.#timer();
    this.#timerDueAt = now + againInMs;
    this.#timer = clock.after(againInMs, () => {
      this.#watch();
    });
  }

  /** This side ends it at once. */
  #fail(error: SottoError): void {
    this.#error ??= error;
    this.#end(this.#error);
    this.#socket.abort();
  }

  #end(error: SottoError): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer();
    this.#pending.clear();
    this.#options.onEnd({ error: this.#error ?? error, atLeastMs: this.#atLeastMs });
  }
}
