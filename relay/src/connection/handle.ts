// What a connection keeps under a handle number: a proved right, or the reason why there is none any more.

import type { Reason, RefusalCode } from '@sotto/wire';
import type { LiveChannel } from '../channel/live-channel.ts';
import type { Subscription } from '../channel/subscription.ts';
import type { Grant } from '../store/channel-store.ts';
import type { AckItem } from './ack-batch.ts';
import type { AppendBatch } from './append-batch.ts';
import type { Connection } from './connection.ts';

/** A proved right on a channel. */
export interface Handle {
  readonly number: number;
  readonly connection: Connection;
  readonly channel: LiveChannel;
  /** Replaced when a log's reader keys change: the old holder reads on up to that point. */
  grant: Grant;
  subscription: Subscription | undefined;
  /** Mailbox: the append that was refused; until it is repeated or withdrawn, others get ORDER. */
  refusedAppend: string | undefined;
  /** Appends under way to a store that takes many at once. */
  batch: AppendBatch | undefined;
  /** Acks of this turn, for such a store. */
  acks: AckItem[] | undefined;
  /** Its own request is about to end it, and is answered with that request: no Ended besides. */
  isEnding: boolean;
  /** Its right ended while `isEnding`. */
  hasEnded: boolean;
}

/** A number whose right was refused or has ended. Later frames on it hear why until it is dropped or proved anew. */
export interface Tombstone {
  readonly gone: RefusalCode;
  readonly reason?: Reason | undefined;
}

export type HandleEntry = Handle | Tombstone;

export function isTombstone(entry: HandleEntry): entry is Tombstone {
  return 'gone' in entry;
}
