// A channel that at least one connection here holds a right on: its handles, its subscriptions, its rate. Made and
// fed with the store's events by live-channels.ts. Not its concern: anything that must hold across processes.

import { UNUSED } from '../connection/rate.ts';
import type { Handle } from '../connection/handle.ts';
import type { ChannelEvent, ChannelRef, ChannelWatcher, StoredBlock } from '../store/channel-store.ts';
import type { LiveChannels } from './live-channels.ts';
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

/** Shared by all that have none: most channels have one handle and at most one subscription. */
const NOBODY = Object.freeze([]) as unknown as never[];

export class LiveChannel implements ChannelWatcher {
  readonly ref: ChannelRef;
  readonly #home: LiveChannels;
  handles: Handle[] = NOBODY;
  /** In the order in which they subscribed. */
  subscriptions: Subscription[] = NOBODY;
  /** What the rates of appends remember. */
  appends = UNUSED;
  orderedAppends = UNUSED;
  sharedRead: SharedRead | undefined;

  constructor(ref: ChannelRef, home: LiveChannels) {
    this.ref = ref;
    this.#home = home;
  }

  hear(event: ChannelEvent): void {
    this.#home.hear(this, event);
  }
}

/** `list` with `item` at its end. The first makes a list of exactly one: `push` would take room for seventeen. */
export function withItem<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}

/** Takes `item` out of an unordered or small list. */
export function removeFrom<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
