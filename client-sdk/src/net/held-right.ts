// What every right on a channel has in common: proving it on each new connection, its state, and single questions
// (slot, secure, key changes …) that are repeated until answered. reader.ts, writer.ts and owner.ts build on it.

import {
  type Admission,
  type Deliver,
  type Ended,
  ID_BYTES,
  provePreimage,
  type Proved,
  type Refused,
  type Right,
} from '@sotto/wire';
import { sign, type SigningKeyPair, signingKeyPair, type SigningSeed } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { pauseMs, SLOWED } from './backoff.ts';
import type { Chance, Clock } from './clock.ts';
import type { AnswerTo, RequestBody } from './connection.ts';
import type { HandleOwner, Live } from './live.ts';
import { isPassing, NetRefusal, refusalError } from './refusal.ts';
import type { RightStatus, SlotBlock } from './types.ts';

/** The session, as a right sees it. */
export interface RightHost {
  readonly clock: Clock;
  readonly chance: Chance;
  /** The connection, while there is one. */
  readonly live: Live | undefined;
  /** The right has a handle now, and what was waiting for that can go on. */
  onNamed(): void;
  forget(right: HeldRight): void;
}

type AskBody = RequestBody<'readSlot' | 'secure' | 'withdraw' | 'append' | 'changeKeys' | 'delete'>;
type AskAnswer = Exclude<AnswerTo<AskBody['type']>, Refused>;

/** One question, asked until it is answered. */
export interface Ask {
  readonly body: (handle: number) => AskBody;
  readonly resolve: (answer: AskAnswer) => void;
  readonly reject: (error: SottoError) => void;
  readonly admission?: Admission;
  /** It was sent, and the connection broke before its answer: what it asks for may have been done. */
  maybeDone: boolean;
}

export abstract class HeldRight implements HandleOwner {
  protected readonly host: RightHost;
  readonly #id: Uint8Array;
  readonly #right: Right;
  readonly #onStatus: ((status: RightStatus) => void) | undefined;
  #seed: SigningSeed;
  /** Made at the first proof: the primitives may not be loaded before. */
  #pair: SigningKeyPair | undefined;
  #status: RightStatus = { state: 'waiting' };
  #handle = 0;
  /** Counts proofs: answers to what was sent under an earlier one are void. */
  #proof = 0;
  #failures = 0;
  #cancelPause: (() => void) | undefined;
  #asks: Ask[] = [];
  /** The first question: not sent, sent, or refused for now. */
  #asking: 'idle' | 'sent' | 'paused' = 'idle';
  #askFailures = 0;
  #cancelAskPause: (() => void) | undefined;

  constructor(
    host: RightHost,
    input: {
      id: Uint8Array;
      seed: SigningSeed;
      right: Right;
      onStatus?: ((status: RightStatus) => void) | undefined;
    },
  ) {
    if (input.id.length !== ID_BYTES) throw new NetRefusal('INVALID');
    this.host = host;
    this.#id = input.id.slice();
    this.#right = input.right;
    this.#seed = input.seed;
    this.#onStatus = input.onStatus;
  }

  get status(): RightStatus {
    return this.#status;
  }
  /** 0: none at present. */
  get handle(): number {
    return this.#handle;
  }
  /** Whether a handle is of use right now. */
  abstract readonly wanted: boolean;
  /** Frames that may follow the proof at once, without its answer. */
  protected abstract onNamed(): void;
  protected abstract onProved(proved: Proved): void;
  /** The handle is gone: nothing that was sent on it will be answered. */
  protected abstract onLost(): void;
  /** Dead or released: reject what waits. */
  protected abstract onOver(error: SottoError): void;
  protected abstract onEvicted(): void;
  abstract onDeliver(frame: Deliver): void;
  /** A refused proof that has a meaning of its own here. @returns it was dealt with. */
  protected onProofRefused(_refused: Refused): boolean {
    return false;
  }
  /** A refused question, likewise. */
  protected onAskRefused(_ask: Ask, _refused: Refused): boolean {
    return false;
  }
  /** Whether this question may be sent now. */
  protected mayAsk(_ask: Ask): boolean {
    return true;
  }

  get idle(): boolean {
    return false;
  }
  protected get asks(): readonly Ask[] {
    return this.#asks;
  }

  /** There is a connection, or a reason to use it. */
  attach(): void {
    const { live } = this.host;
    const { state } = this.#status;
    if (live === undefined || this.#handle !== 0 || this.#cancelPause !== undefined || !this.wanted) return;
    if (state !== 'waiting' && state !== 'active') return;
    const handle = live.claim(this);
    if (handle !== undefined) this.#prove(live, handle);
  }

  /** Its handle is wanted by someone else: a spill that counts against its channel. */
  need(): void {
    this.attach();
  }

  /** The connection is gone. */
  detach(): void {
    this.#clearPause();
    this.#loseHandle();
    this.#failures = 0;
    if (this.#status.state === 'active') this.setStatus({ state: 'waiting' });
  }

  park(): void {
    this.dropHandle();
  }
  onHandleFree(): void {
    this.attach();
  }

  onEnded(frame: Ended): void {
    if (frame.cause === 'evicted') {
      this.onEvicted();
      return;
    }
    this.dropHandle();
    if (frame.cause === 'deleted') this.die(new NetRefusal('UNKNOWN'));
    else if (frame.cause === 'blocked') this.die(new NetRefusal('BLOCKED', { reason: frame.reason }));
    // Keys changed: the proof says what this key is still good for.
    else {
      if (this.#status.state === 'active') this.setStatus({ state: 'waiting' });
      this.attach();
    }
  }

  retry(): void {
    const { state } = this.#status;
    if (state === 'released' || state === 'waiting' || state === 'active') return;
    this.setStatus({ state: 'waiting' });
    this.dropHandle();
    this.attach();
  }

  release(): void {
    this.end(new SottoError('NET_CLOSED'));
    this.host.forget(this);
  }

  /** Ends it for good, on the caller's wish. */
  end(error: SottoError): void {
    if (this.#status.state === 'released') return;
    this.dropHandle();
    this.#clearPause();
    this.host.live?.abandon(this);
    this.setStatus({ state: 'released' });
    this.#rejectAsks(error);
    this.onOver(error);
  }

  readSlot(back = 0): Promise<SlotBlock | undefined> {
    return this.ask((handle) => ({ type: 'readSlot', handle, back })).then((answer) => {
      if (answer.type !== 'slot') throw new SottoError('NET_PROTOCOL');
      const { sequence, appendId, block, keptUntil } = answer;
      if (appendId === undefined || block === undefined) return undefined;
      return { sequence, appendId: appendId.slice(), block: block.slice(), keptUntil };
    });
  }

  /** What asking would be rejected with. */
  protected get overError(): SottoError | undefined {
    const { state, error } = this.#status;
    return state === 'released' || state === 'dead' ? (error ?? new SottoError('NET_CLOSED')) : undefined;
  }

  /** @throws NetRefusal; SottoError NET_CLOSED */
  protected ask(body: Ask['body'], admission?: Admission): Promise<AskAnswer> {
    return new Promise((resolve, reject) => {
      const over = this.overError;
      if (over !== undefined) {
        reject(over);
        return;
      }
      this.pushAsk({
        body,
        resolve,
        reject,
        maybeDone: false,
        ...(admission === undefined ? {} : { admission }),
      });
    });
  }

  /** As `ask`, where the answer must have its effect before the next question leaves. */
  protected pushAsk(ask: Ask): void {
    this.#asks.push(ask);
    this.attach();
    this.pumpAsks();
  }

  /** Sends on the present handle; the answer counts only as long as the handle lives. */
  protected request<T extends RequestBody['type']>(
    body: RequestBody<T>,
    onAnswer: (answer: AnswerTo<T>) => void,
    admission?: Admission,
  ): void {
    const proof = this.#proof;
    this.host.live?.connection.request<T>(
      body,
      (answer) => {
        if (proof === this.#proof) onAnswer(answer);
      },
      admission,
    );
  }

  protected setStatus(status: RightStatus): void {
    if (status.state === this.#status.state && status.error === this.#status.error) return;
    this.#status = status;
    this.#onStatus?.(status);
  }

  protected setSeed(seed: SigningSeed): void {
    this.#seed = seed;
    this.#pair = undefined;
  }

  /** Over until `retry()`. */
  protected die(error: NetRefusal): void {
    this.dropHandle();
    this.setStatus({ state: 'dead', error, ...(error.reason === undefined ? {} : { reason: error.reason }) });
    this.#rejectAsks(error);
    this.onOver(error);
  }

  /** Gives the handle back; the right itself stays wanted or not as it was. */
  protected dropHandle(): void {
    const handle = this.#handle;
    if (handle === 0) return;
    this.#loseHandle();
    this.host.live?.release(handle);
  }

  /** Not now: proves anew after a pause. */
  protected proveLater(atLeastMs: number): void {
    this.dropHandle();
    const { clock, chance } = this.host;
    const pause = pauseMs({ range: SLOWED, failures: this.#failures++, chance, atLeastMs });
    this.#cancelPause ??= clock.after(pause, () => {
      this.#cancelPause = undefined;
      this.attach();
    });
  }

  /** Takes a question out whose answer came another way; it is neither resolved nor rejected here. */
  protected dropAsk(ask: Ask | undefined): void {
    this.#asks = this.#asks.filter((other) => other !== ask);
  }

  protected pumpAsks(): void {
    const ask = this.#asks[0];
    if (ask === undefined || this.#asking !== 'idle' || this.#handle === 0 || !this.mayAsk(ask)) return;
    this.#asking = 'sent';
    try {
      this.#send(ask);
    } catch {
      // Values that no frame can hold.
      this.#asking = 'idle';
      this.#asks.shift();
      ask.reject(new NetRefusal('INVALID'));
      this.pumpAsks();
    }
  }

  #send(ask: Ask): void {
    this.request(
      ask.body(this.#handle),
      (answer: AnswerTo<AskBody['type']>) => {
        this.#asking = 'idle';
        if (answer.type === 'refused') this.#askRefused(ask, answer);
        else {
          this.#askFailures = 0;
          this.#asks.shift();
          ask.resolve(answer);
          this.pumpAsks();
        }
      },
      ask.admission,
    );
  }

  #askRefused(ask: Ask, refused: Refused): void {
    if (isPassing(refused.code)) {
      const { clock, chance } = this.host;
      const range = SLOWED;
      const pause = pauseMs({
        range,
        failures: this.#askFailures++,
        chance,
        atLeastMs: refused.retryAfterMs,
      });
      this.#asking = 'paused';
      this.#cancelAskPause = clock.after(pause, () => {
        this.#asking = 'idle';
        this.pumpAsks();
      });
      return;
    }
    if (this.onAskRefused(ask, refused)) return;
    this.#asks.shift();
    ask.reject(refusalError(refused));
    this.pumpAsks();
  }

  #prove(live: Live, handle: number): void {
    this.#handle = handle;
    this.#proof++;
    const right = this.#right;
    const id = this.#id;
    const pair = (this.#pair ??= signingKeyPair(this.#seed));
    const { publicKey } = pair;
    const signature = sign(pair, provePreimage({ ...live.connection.handshake, right, id }));
    this.request<'prove'>({ type: 'prove', handle, right, id, publicKey, signature }, (answer) => {
      if (answer.type === 'refused') this.#proofRefused(answer);
      else {
        this.#failures = 0;
        this.setStatus({ state: 'active' });
        this.onProved(answer);
      }
    });
    this.onNamed();
    this.pumpAsks();
    this.host.onNamed();
  }

  #proofRefused(refused: Refused): void {
    // What was sent behind the proof was refused with it.
    this.#cancelAskPause?.();
    this.#asking = 'idle';
    if (isPassing(refused.code)) {
      this.proveLater(refused.retryAfterMs);
      return;
    }
    this.dropHandle();
    if (!this.onProofRefused(refused)) this.die(refusalError(refused));
  }

  #loseHandle(): void {
    if (this.#handle === 0) return;
    this.#handle = 0;
    this.#proof++;
    this.#cancelAskPause?.();
    const [ask] = this.#asks;
    if (ask !== undefined && this.#asking === 'sent') ask.maybeDone = true;
    this.#asking = 'idle';
    this.onLost();
  }

  #rejectAsks(error: SottoError): void {
    for (const ask of this.#asks.splice(0)) ask.reject(error);
  }

  #clearPause(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }
}
