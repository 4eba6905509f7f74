// The owner's right on a channel: the slot, keys, deletion. It proves itself when there is something to do and gives
// the handle back after. Each act is repeated until answered; all of them may be done twice without harm.

import {
  APPEND_ID_BYTES,
  BLOCK_BYTES,
  COMMITMENT_BYTES,
  type Deliver,
  type KeyChange,
  type Refused,
} from '@sotto/wire';
import { signingKeyPair, type SigningSeed } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { type Ask, HeldRight, type RightHost } from './held-right.ts';
import { NetRefusal } from './refusal.ts';
import type { AppendInput, AppendOutcome, OwnerHandle, OwnerKeyChange, OwnerOptions } from './types.ts';

export class Owner extends HeldRight implements OwnerHandle {
  readonly kind = 'owner';
  /** Acts that replace the owner key, with the seed of the new one. */
  readonly #nextSeeds = new WeakMap<Ask['body'], SigningSeed>();
  readonly #deletions = new WeakSet<Ask['body']>();
  /** The act for which the new key is being tried, because the old one was refused after a lost answer. */
  #trying: Ask | undefined;

  constructor(host: RightHost, options: OwnerOptions) {
    super(host, { id: options.readId, seed: options.keySeed, right: 'owner' });
  }

  get wanted(): boolean {
    return this.asks.length > 0;
  }

  async orderedAppend(
    input: Omit<AppendInput, 'ordered' | 'repeat'> & { expect: number; change?: OwnerKeyChange },
  ): Promise<AppendOutcome> {
    const { appendId, block, commitment, expect, change } = input;
    const wellFormed =
      appendId.length === APPEND_ID_BYTES &&
      block.length === BLOCK_BYTES &&
      commitment.length === COMMITMENT_BYTES;
    if (!wellFormed) throw new NetRefusal('INVALID');
    const ordered = { expect, ...(change === undefined ? {} : { change: keyChange(change) }) };
    const answer = await this.#act(
      (handle) => ({ type: 'append', handle, appendId, block, commitment, ordered }),
      change?.ownerSeed,
      input.admission,
    );
    if (answer.type !== 'appended') throw new SottoError('NET_PROTOCOL');
    const { sequence, duplicate, keptUntil } = answer;
    return { sequence, duplicate, keptUntil };
  }

  async changeKeys(change: OwnerKeyChange): Promise<void> {
    const keys = keyChange(change);
    await this.#act((handle) => ({ type: 'changeKeys', handle, change: keys }), change.ownerSeed);
  }

  async delete(): Promise<void> {
    const body: Ask['body'] = (handle) => ({ type: 'delete', handle });
    this.#deletions.add(body);
    await this.#act(body);
  }

  override readSlot(back?: number): ReturnType<HeldRight['readSlot']> {
    return super.readSlot(back).finally(() => {
      this.#rest();
    });
  }

  onDeliver(_frame: Deliver): void {
    // An owner's handle has no subscription.
  }
  protected onNamed(): void {
    // Questions follow by themselves.
  }
  protected onProved(): void {
    this.#trying = undefined;
  }
  protected onLost(): void {
    // The question at the head is asked again.
  }
  protected onOver(): void {
    this.#trying = undefined;
    // An owner may make the channel again, and go on with this handle.
    if (this.status.state === 'dead') this.setStatus({ state: 'waiting' });
  }
  protected onEvicted(): void {
    // Only subscriptions are evicted.
  }

  protected override onProofRefused(refused: Refused): boolean {
    const ask = this.asks[0];
    if (ask === undefined || refused.code !== 'UNKNOWN') return false;
    if (this.#deletions.has(ask.body) && ask.maybeDone) {
      this.dropAsk(ask);
      ask.resolve({ type: 'done' });
      return true;
    }
    const nextSeed = this.#nextSeeds.get(ask.body);
    if (nextSeed === undefined || !ask.maybeDone || this.#trying === ask) return false;
    this.#trying = ask;
    this.setSeed(nextSeed);
    this.attach();
    return true;
  }

  #act(
    body: Ask['body'],
    nextSeed?: SigningSeed,
    admission?: AppendInput['admission'],
  ): Promise<Parameters<Ask['resolve']>[0]> {
    if (nextSeed !== undefined) this.#nextSeeds.set(body, nextSeed);
    return new Promise((resolve, reject) => {
      const over = this.overError;
      if (over !== undefined) {
        reject(over);
        return;
      }
      this.pushAsk({
        body,
        maybeDone: false,
        ...(admission === undefined ? {} : { admission }),
        resolve: (answer) => {
          if (nextSeed !== undefined) {
            // Handles of the old key are over.
            this.setSeed(nextSeed);
            this.dropHandle();
          }
          this.#rest();
          resolve(answer);
        },
        reject: (error) => {
          // A refused append leaves a handle that refuses later ones: the next act takes a new one.
          this.dropHandle();
          this.#rest();
          reject(error);
        },
      });
    });
  }

  #rest(): void {
    if (this.asks.length === 0) this.dropHandle();
    else this.attach();
  }
}

function keyChange(change: OwnerKeyChange): KeyChange {
  const { ownerSeed, ...keys } = change;
  return ownerSeed === undefined ? keys : { ...keys, ownerKey: signingKeyPair(ownerSeed).publicKey };
}
