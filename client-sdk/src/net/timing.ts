// How long a session waits for what. A dead connection is noticed within idleMs + silentMs (27 s) when idle, within
// silentMs after the next timer (27 s at most) when not.

import type { Timing } from './types.ts';

export const DEFAULT_TIMING: Timing = {
  connectMs: 15_000,
  idleMs: 15_000,
  silentMs: 12_000,
  // A slow line may have 256 KiB of deliveries in front of an answer: this is not the time for a whole round trip.
  answerMs: 60_000,
  // A relay that lives so long after letting us in is not dying of the crowd that comes back to it.
  stableMs: 3_000,
};
