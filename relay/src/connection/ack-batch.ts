// A handle's acks on their way to a store behind a network: those of one turn go together. Called by appends.ts. Not its
// concern: the credit that they return, which needs no store.

import type { ChannelStore } from '../store/channel-store.ts';
import type { Handle } from './handle.ts';

export interface AckItem {
  readonly sequence: number;
  readonly appendId: Uint8Array;
}

/** Sends `items` with what else this turn acks on the handle. */
export function gatherAck(
  handle: Handle,
  items: readonly AckItem[],
  to: { readonly store: ChannelStore; readonly onError: (error: unknown) => void },
): void {
  if (handle.acks !== undefined) {
    handle.acks.push(...items);
    return;
  }
  handle.acks = [...items];
  setImmediate(() => {
    const all = handle.acks ?? [];
    handle.acks = undefined;
    to.store.ack(handle.grant, all).catch(to.onError);
  });
}
