// A store behind a network may take many appends of one handle in one step: then they are gathered while the ones
// before are under way, and cost one round trip together. The embedded store needs none of it (prompt-store.ts).

import type { Accepted, AppendRequest, ChannelStore, Grant } from '../store/channel-store.ts';
import type { Refusal } from '../store/refusal.ts';

export interface BatchStore {
  /**
   * Unordered appends, in order. An outcome is undefined where an append wasn't tried because one before it was
   * refused by a mailbox: later ones must not overtake it.
   */
  appendMany(
    grant: Grant,
    requests: readonly AppendRequest[],
  ): Promise<readonly (Accepted | Refusal | undefined)[]>;
}

export function batchSide(store: ChannelStore): BatchStore | undefined {
  const candidate = store as ChannelStore & Partial<BatchStore>;
  return candidate.appendMany === undefined ? undefined : (candidate as ChannelStore & BatchStore);
}
