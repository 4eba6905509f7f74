// One channel on its way to being made: sent on each new connection until the relay answers for good. Creation is
// idempotent, so a repeat is harmless. Not its concern: proving rights on what was made.

import { type Create, createPreimage, type Deliver, type Ended } from '@sotto/wire';
import { sign, signingKeyPair } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { pauseMs, SLOWED } from './backoff.ts';
import { HeldRight, type RightHost } from './held-right.ts';
import type { HandleOwner, Live } from './live.ts';
import { isPassing, NetRefusal, refusalError } from './refusal.ts';
import type { ChannelSpec, CreatedChannel } from './types.ts';

export class Creation implements HandleOwner {
  readonly idle = false;
  readonly #host: Omit<RightHost, 'forget' | 'onNamed'>;
  readonly #spec: ChannelSpec;
  readonly #onOver: (creation: Creation) => void;
  #handle = 0;
  #failures = 0;
  #over = false;
  #cancelPause: (() => void) | undefined;
  #resolve: (created: CreatedChannel) => void = () => undefined;
  #reject: (error: SottoError) => void = () => undefined;
  readonly result: Promise<CreatedChannel>;

  constructor(
    host: Omit<RightHost, 'forget' | 'onNamed'>,
    spec: ChannelSpec,
    onOver: (creation: Creation) => void,
  ) {
    this.#host = host;
    this.#spec = spec;
    this.#onOver = onOver;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Sends it, if there is a connection, and if the channel that a spill counts against is proved on it. */
  attach(): void {
    const { live } = this.#host;
    if (this.#over || live === undefined || this.#handle !== 0 || this.#cancelPause !== undefined) return;
    const spill = this.#spillHandle();
    if (spill === undefined) return;
    const handle = live.claim(this);
    if (handle === undefined) return;
    this.#handle = handle;
    try {
      this.#send(live, handle, spill);
    } catch {
      // Keys, salt or bounds that no frame can hold.
      this.#handle = 0;
      live.release(handle);
      this.end(new NetRefusal('INVALID'));
    }
  }

  #send(live: Live, handle: number, spill: number): void {
    const create = this.#frame(handle, spill);
    const { ownerSeed, admission } = this.#spec;
    const preimage = createPreimage({ ...live.connection.handshake, create });
    const signature = sign(signingKeyPair(ownerSeed), preimage);
    live.connection.request<'create'>(
      { ...create, type: 'create', signature },
      (answer) => {
        if (this.#handle !== handle) return;
        this.#handle = 0;
        live.release(handle);
        if (answer.type === 'created') {
          this.#onOver(this);
          const { existed, ttlSeconds } = answer;
          this.#resolve({ incarnation: answer.incarnation.slice(), existed, ttlSeconds });
        } else if (isPassing(answer.code)) {
          this.#later(answer.retryAfterMs);
        } else {
          this.end(refusalError(answer));
        }
      },
      admission,
    );
  }

  detach(): void {
    this.#handle = 0;
    this.#clearPause();
  }

  end(error: SottoError): void {
    this.#over = true;
    this.#clearPause();
    this.#onOver(this);
    this.#reject(error);
  }

  park(): void {
    // Never idle.
  }
  onHandleFree(): void {
    this.attach();
  }
  onDeliver(_frame: Deliver): void {
    // Nothing is subscribed on it.
  }
  onEnded(_frame: Ended): void {
    // It is given back at once anyway.
  }

  #frame(handle: number, spillHandle: number): Omit<Create, 'type' | 'signature'> {
    const {
      policy,
      securing,
      ttlSeconds = 0,
      ownerSeed,
      salt,
      readerKey,
      writerKey,
      joinerKey,
      spill,
    } = this.#spec;
    return {
      handle,
      policy,
      securing,
      ttlSeconds,
      ownerKey: signingKeyPair(ownerSeed).publicKey,
      salt,
      readerKey,
      writerKey,
      ...(joinerKey === undefined ? {} : { joinerKey }),
      spillHandle,
      spillBlocks: spill?.blocks ?? 0,
    };
  }

  /** 0: no spill. Undefined: not yet. */
  #spillHandle(): number | undefined {
    const against = this.#spec.spill?.against;
    if (against === undefined) return 0;
    if (!(against instanceof HeldRight)) {
      this.end(new NetRefusal('INVALID'));
      return undefined;
    }
    const { state, error } = against.status;
    if (state === 'dead' || state === 'released') {
      this.end(error ?? new SottoError('NET_CLOSED'));
      return undefined;
    }
    // It may be parked: wanting it again proves it.
    if (against.handle === 0) against.need();
    const { handle } = against;
    return handle === 0 ? undefined : handle;
  }

  #later(atLeastMs: number): void {
    if (this.#over) return;
    const { clock, chance } = this.#host;
    const pause = pauseMs({ range: SLOWED, failures: this.#failures++, chance, atLeastMs });
    this.#cancelPause = clock.after(pause, () => {
      this.#cancelPause = undefined;
      this.attach();
    });
  }

  #clearPause(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }
}
