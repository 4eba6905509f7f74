// Reads what subscriptions may be given and sends it, stamped, once per turn of the event loop. Between the store and
// connections; woken by live-channels.ts (something was appended), by acks and by sockets that drained. Delivery
// may come before durability; `appended` never does. Not its concern: who may subscribe.

import { DATA_FRAME_BYTES, MAX_CREDIT, PAUSE_UNSENT_BYTES } from '@sotto/wire';
import type { Counts } from '../connection/counts.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { stampAll } from '../stamp/stamper.ts';
import type { ChannelStore, StoredBlock } from '../store/channel-store.ts';
import type { PromptStore } from './prompt-store.ts';
import type { Subscription } from './subscription.ts';

interface Found {
  readonly subscription: Subscription;
  readonly blocks: readonly StoredBlock[];
  /** How many were asked for. */
  readonly limit: number;
  readonly reservedBytes: number;
}

/** What delivery needs of its relay. */
export interface DeliveryOptions {
  readonly store: ChannelStore;
  readonly prompt: PromptStore | undefined;
  readonly stampKey: SigningKey;
  readonly counts: Counts;
  /** A log's reader with a replaced key has got all that it may read. */
  onCaughtUp(subscription: Subscription): void;
}

export class Delivery {
  /** Set by the turn: something wants to be read when it ends. */
  onWake: () => void = () => undefined;
  readonly #options: DeliveryOptions;
  #awake: Subscription[] = [];
  /** Read from a store that took its time, not delivered yet. */
  #found: Found[] = [];
  /** Subscriptions whose read failed: tried again a second later. */
  #failed: Subscription[] = [];
  #turn = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Looks for something to deliver at the end of this turn. */
  wake(subscription: Subscription): void {
    if (subscription.isAwake || subscription.isOver) return;
    subscription.isAwake = true;
    this.#awake.push(subscription);
    this.onWake();
  }

  /** Called once a second. */
  tick(): void {
    for (const subscription of this.#failed.splice(0)) this.wake(subscription);
  }

  /** Delivers what has been read, and reads for all that are awake. */
  flush(): void {
    // First what earlier turns asked for: it moves the cursors from which this turn reads.
    const arrived = this.#found;
    this.#found = [];
    if (arrived.length > 0) this.#deliver(arrived);
    if (this.#awake.length === 0) return;
    this.#turn++;
    const awake = this.#awake;
    this.#awake = [];
    const found: Found[] = [];
    // A store that decides within the call has answered when this returns; others bring a later turn about.
    for (const subscription of awake) this.#read(subscription, found);
    if (found.length > 0) this.#deliver(found);
  }

  #read(subscription: Subscription, found: Found[]): void {
    subscription.isAwake = false;
    if (subscription.isReading) {
      // What is being read may have been asked for before the reason to look came.
      subscription.isWokenWhileReading = true;
      return;
    }
    if (subscription.isOver || subscription.isResting) return;
    const { connection, grant } = subscription.handle;
    if (grant.until !== undefined && subscription.cursor >= grant.until) {
      this.#options.onCaughtUp(subscription);
      return;
    }
    const freeBytes = PAUSE_UNSENT_BYTES - connection.outgoing.unsentBytes;
    if (freeBytes <= 0) {
      connection.outgoing.wakeWhenDrained(subscription);
      return;
    }
    const limit = Math.min(subscription.room, Math.ceil(freeBytes / DATA_FRAME_BYTES));
    if (limit <= 0) return;
    const reservedBytes = limit * DATA_FRAME_BYTES;
    connection.outgoing.reservedBytes += reservedBytes;
    if (this.#options.prompt !== undefined && grant.policy !== 'pool') {
      try {
        const blocks = this.#queryNow(this.#options.prompt, subscription, limit);
        found.push({ subscription, blocks, limit, reservedBytes });
      } catch (error) {
        this.#readFailed(subscription, reservedBytes, error);
      }
      return;
    }
    subscription.isReading = true;
    this.#query(subscription, limit).then(
      (blocks) => {
        this.#wasRead(subscription);
        this.#found.push({ subscription, blocks, limit, reservedBytes });
        this.onWake();
      },
      (error: unknown) => {
        this.#wasRead(subscription);
        this.#readFailed(subscription, reservedBytes, error);
      },
    );
  }

  #wasRead(subscription: Subscription): void {
    subscription.isReading = false;
    if (!subscription.isWokenWhileReading) return;
    subscription.isWokenWhileReading = false;
    this.wake(subscription);
  }

  #readFailed(subscription: Subscription, reservedBytes: number, error: unknown): void {
    subscription.handle.connection.outgoing.reservedBytes -= reservedBytes;
    // Another refusal means that the right ended between event and read: the event ends the handle.
    const { name, code } = error as { name?: unknown; code?: unknown };
    if (name === 'Refusal' && code !== 'LATER') return;
    if (name !== 'Refusal') this.#options.counts.fault(error);
    this.#failed.push(subscription);
  }

  #queryNow(store: PromptStore, subscription: Subscription, limit: number): readonly StoredBlock[] {
    const { grant, channel } = subscription.handle;
    const after = subscription.cursor;
    if (grant.policy === 'mailbox' || grant.until !== undefined) return store.readNow(grant, after, limit);
    const shared = channel.sharedRead;
    if (shared?.turn === this.#turn && shared.after === after && shared.generation === grant.generation) {
      return shared.now.length <= limit ? shared.now : shared.now.slice(0, limit);
    }
    const now = store.readNow(grant, after, MAX_CREDIT);
    channel.sharedRead = { turn: this.#turn, after, generation: grant.generation, now, blocks: undefined };
    return now.length <= limit ? now : now.slice(0, limit);
  }

  #query(subscription: Subscription, limit: number): Promise<readonly StoredBlock[]> {
    const { store } = this.#options;
    const { grant, channel } = subscription.handle;
    if (grant.policy === 'pool') {
      return store.claim(grant, subscription.leaseSeconds).then((block) => (block ? [block] : []));
    }
    if (grant.policy === 'mailbox' || grant.until !== undefined) {
      return store.read(grant, subscription.cursor, limit);
    }
    const shared = channel.sharedRead;
    if (
      shared?.turn === this.#turn &&
      shared.after === subscription.cursor &&
      shared.generation === grant.generation
    ) {
      return (shared.blocks ?? Promise.resolve(shared.now)).then((blocks) => blocks.slice(0, limit));
    }
    const blocks = store.read(grant, subscription.cursor, MAX_CREDIT);
    channel.sharedRead = {
      turn: this.#turn,
      after: subscription.cursor,
      generation: grant.generation,
      now: [],
      blocks,
    };
    return blocks.then((list) => list.slice(0, limit));
  }

  #deliver(found: readonly Found[]): void {
    const all: StoredBlock[] = [];
    for (const { subscription, blocks } of found) if (!subscription.isOver) all.push(...blocks);
    const nowMs = performance.now();
    const stamps = stampAll(this.#options.stampKey, all);
    for (const { subscription, blocks, limit, reservedBytes } of found) {
      const { handle } = subscription;
      handle.connection.outgoing.reservedBytes -= reservedBytes;
      if (subscription.isOver) continue;
      for (const block of blocks) {
        subscription.delivered(block, nowMs);
        handle.connection.send({
          request: 0,
          type: 'deliver',
          handle: handle.number,
          sequence: block.sequence,
          appendId: block.appendId,
          block: block.block,
          ordered: block.ordered,
          keptUntil: block.keptUntil,
          leasedUntil: block.leasedUntil ?? 0,
          stamp: stamps.get(block),
        });
      }
      this.#afterwards(subscription, blocks.length, limit);
    }
    for (const { subscription } of found) subscription.handle.channel.sharedRead = undefined;
  }

  #afterwards(subscription: Subscription, count: number, limit: number): void {
    const { grant, channel } = subscription.handle;
    if (grant.until !== undefined && (count === 0 || subscription.cursor >= grant.until)) {
      this.#options.onCaughtUp(subscription);
      return;
    }
    // Fewer than asked for is all there was: what comes later wakes by itself.
    if (count < limit) return;
    this.wake(subscription);
    // A pool wakes one waiting reader at a time, in the order in which they came; each that got something wakes the next.
    if (grant.policy === 'pool') {
      for (const other of channel.subscriptions) if (other !== subscription) this.wake(other);
    }
  }
}
