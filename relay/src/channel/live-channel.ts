// A channel that at least one connection here holds a right on: its handles, its subscriptions, its rate. Made and
// fed with the store's events by live-channels.ts. Not its concern: anything that must hold across processes.

import type { TokenBucket } from '../connection/token-bucket.ts';
import type { Handle } from '../connection/handle.ts';
import type { ChannelRef, StoredBlock } from '../store/channel-store.ts';
import type { Subscription } from './subscription.ts';

/** A read that subscriptions of one turn share: a log's block is read once for all its readers. */
export interface SharedRead {
  readonly turn: number;
  readonly after: number;
  readonly generation: number;
  /** Read within the call, or … */
  readonly now: readonly StoredBlock[];
  /** … still being read. */
  readonly blocks: Promise<readonly StoredBlock[]> | undefined;
}

export class LiveChannel {
  readonly ref: ChannelRef;
  readonly handles: Handle[] = [];
  /** In the order in which they subscribed. */
  readonly subscriptions: Subscription[] = [];
  stopWatching: (() => void) | undefined;
  appends: TokenBucket | undefined;
  orderedAppends: TokenBucket | undefined;
  sharedRead: SharedRead | undefined;

  constructor(ref: ChannelRef) {
    this.ref = ref;
  }
}

/** Takes `item` out of an unordered or small list. */
export function removeFrom<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
