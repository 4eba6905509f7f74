// What all connections of one relay share. Made once by ../relay.ts. Not its concern: any behaviour.

import type { RelayKeys } from '../crypto/key-files.ts';
import type { LiveChannels } from '../channel/live-channels.ts';
import type { BatchStore } from '../channel/batch-store.ts';
import type { PromptStore } from '../channel/prompt-store.ts';
import type { Latencies } from '../metrics/metrics.ts';
import type { ChannelStore } from '../store/channel-store.ts';
import type { Addresses } from './addresses.ts';
import type { Counts } from './counts.ts';
import type { DurableAnswers } from './durable-answers.ts';
import type { Outbox } from './outbox.ts';
import type { Overload } from './overload.ts';
import type { Rate } from './rate.ts';
import type { Roster } from './roster.ts';
import type { Turn } from './turn.ts';

export interface ConnectionContext {
  readonly store: ChannelStore;
  /** The same store, where it decides within the call. */
  readonly prompt: PromptStore | undefined;
  /** The same store, where it takes many appends at once. */
  readonly batches: BatchStore | undefined;
  readonly keys: RelayKeys;
  readonly channels: LiveChannels;
  readonly turn: Turn;
  readonly outbox: Outbox;
  readonly roster: Roster;
  readonly addresses: Addresses;
  readonly answers: DurableAnswers;
  readonly counts: Counts;
  readonly latencies: Latencies;
  readonly overload: Overload;
  /** A second; twice that at once. */
  readonly rates: { readonly connection: number; readonly channel: number };
  readonly frameRate: Rate;
  readonly appendRate: Rate;
  promiseVersion(): number;
  /** True once the relay is closing: nothing new is taken on. */
  draining: boolean;
}
