// All channels that are live here, by the store's reference: handles join and leave, subscriptions begin and end, and
// the store's events become wake-ups and Ended frames. Not its concern: what is delivered when (delivery.ts).

import type { EndCause, Reason, RefusalCode } from '@sotto/wire';
import type { Handle } from '../connection/handle.ts';
import type { ChannelEvent, ChannelRef, ChannelStore } from '../store/channel-store.ts';
import type { Delivery } from './delivery.ts';
import { LiveChannel, removeFrom, withItem } from './live-channel.ts';
import { Subscription } from './subscription.ts';

/** What later frames on an ended handle are refused with. */
const refusalAfter: Readonly<Record<EndCause, RefusalCode>> = {
  evicted: 'INVALID',
  'keys-changed': 'SUPERSEDED',
  deleted: 'UNKNOWN',
  blocked: 'BLOCKED',
};

export class LiveChannels {
  readonly #store: ChannelStore;
  readonly #delivery: Delivery;
  readonly #live = new Map<ChannelRef, LiveChannel>();
  readonly #pools = new Set<LiveChannel>();

  constructor(store: ChannelStore, delivery: Delivery) {
    this.#store = store;
    this.#delivery = delivery;
  }

  get size(): number {
    return this.#live.size;
  }

  /** The live channel behind a grant; its first handle starts the watch. */
  open(ref: ChannelRef): LiveChannel {
    let channel = this.#live.get(ref);
    if (channel === undefined) {
      channel = new LiveChannel(ref, this);
      this.#store.watch(ref, channel, false);
      this.#live.set(ref, channel);
    }
    return channel;
  }

  join(handle: Handle): void {
    const { channel } = handle;
    channel.handles = withItem(channel.handles, handle);
  }

  /** The handle is over, with its subscription. The last one ends the watch. */
  leave(handle: Handle): void {
    this.unsubscribe(handle);
    const { channel } = handle;
    removeFrom(channel.handles, handle);
    if (channel.handles.length > 0) return;
    this.#store.unwatch(channel.ref, channel);
    this.#live.delete(channel.ref);
  }

  /** Begins a subscription; a mailbox's earlier one hears `evicted`, wherever it is. Delivery starts with `wake`. */
  subscribe(handle: Handle, wants: { credit: number; after: number; leaseSeconds: number }): Subscription {
    this.unsubscribe(handle);
    const subscription = new Subscription(handle, wants);
    handle.subscription = subscription;
    const { channel } = handle;
    channel.subscriptions = withItem(channel.subscriptions, subscription);
    if (handle.grant.policy === 'pool') this.#pools.add(channel);
    if (handle.grant.policy === 'mailbox') this.#store.watch(channel.ref, subscription, true);
    return subscription;
  }

  unsubscribe(handle: Handle): void {
    const { subscription, channel } = handle;
    if (subscription === undefined) return;
    handle.subscription = undefined;
    subscription.isOver = true;
    if (handle.grant.policy === 'mailbox') this.#store.unwatch(channel.ref, subscription);
    removeFrom(channel.subscriptions, subscription);
    if (channel.subscriptions.length === 0) this.#pools.delete(channel);
  }

  wake(subscription: Subscription): void {
    this.#delivery.wake(subscription);
  }

  /** A replaced reader of a log has all that it may read. */
  caughtUp(subscription: Subscription): void {
    this.#end(subscription.handle, 'keys-changed');
  }

  /** Called once a second: leases lapse without an event. */
  tick(nowSeconds: number): void {
    for (const channel of this.#pools) {
      for (const subscription of channel.subscriptions) {
        if (subscription.room === 0 && subscription.leasedUntil <= nowSeconds) subscription.released();
      }
      const waiting = channel.subscriptions.find((s) => s.room > 0 && !s.isResting);
      if (waiting !== undefined) this.wake(waiting);
    }
  }

  /** What the store says of a live channel. */
  hear(channel: LiveChannel, event: ChannelEvent): void {
    switch (event.type) {
      case 'appended':
        for (const subscription of channel.subscriptions) this.wake(subscription);
        return;
      case 'keys':
        for (const handle of [...channel.handles]) {
          if (event.rights.includes(handle.grant.right)) this.#keysChanged(handle, event.at);
        }
        return;
      case 'deleted':
        this.#endAll(channel, 'deleted');
        return;
      case 'blocked':
        this.#endAll(channel, 'blocked', event.reason);
        return;
      case 'evicted':
        return;
    }
  }

  #keysChanged(handle: Handle, at: number): void {
    const { grant, subscription } = handle;
    // A grant made after the change is of the new key (or already superseded): the event is old news to it.
    if (grant.superseded) return;
    if (grant.policy === 'log' && grant.right === 'reader' && subscription !== undefined) {
      handle.grant = { ...grant, superseded: true, until: at };
      this.wake(subscription);
      return;
    }
    this.#end(handle, 'keys-changed');
  }

  #endAll(channel: LiveChannel, cause: EndCause, reason?: Reason): void {
    for (const handle of [...channel.handles]) this.#end(handle, cause, reason);
  }

  #end(handle: Handle, cause: EndCause, reason?: Reason): void {
    if (handle.isEnding) {
      handle.hasEnded = true;
      return;
    }
    handle.connection.endHandle(handle, { gone: refusalAfter[cause], ...(reason ? { reason } : {}) });
    handle.connection.send({
      request: 0,
      type: 'ended',
      handle: handle.number,
      cause,
      ...(reason ? { reason } : {}),
    });
  }

  /** Another subscription of the same mailbox has begun, here or elsewhere. */
  evict(subscription: Subscription): void {
    if (subscription.isOver) return;
    const { handle } = subscription;
    this.unsubscribe(handle);
    handle.connection.send({ request: 0, type: 'ended', handle: handle.number, cause: 'evicted' });
  }
}
