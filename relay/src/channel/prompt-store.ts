// A store that decides within the call may say so without promises, and then the hot path (append, read, ack) makes
// none: no microtasks, no frames that wait for the one before. The embedded store does; a store behind a network can't.

import type { Accepted, AppendRequest, ChannelStore, Grant, StoredBlock } from '../store/channel-store.ts';

/** Throws its refusals where ChannelStore rejects. */
export interface PromptStore {
  appendNow(grant: Grant, request: AppendRequest): Accepted;
  readNow(grant: Grant, after: number, limit: number): readonly StoredBlock[];
  ackNow(grant: Grant, items: readonly { sequence: number; appendId: Uint8Array }[]): void;
}

export function promptSide(store: ChannelStore): PromptStore | undefined {
  const candidate = store as ChannelStore & Partial<PromptStore>;
  const isPrompt = candidate.appendNow && candidate.readNow && candidate.ackNow;
  return isPrompt === undefined ? undefined : (candidate as ChannelStore & PromptStore);
}
