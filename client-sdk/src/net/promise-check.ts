// Compares what a relay publishes about itself with what a session saw of it. Pure; fetching and the signature are
// promise.ts. Its findings are shown to people ("what the relay knows"), so each is a fixed word, not a sentence.

import {
  BLOCK_BYTES,
  CONTROL_FRAME_BYTES,
  DATA_FRAME_BYTES,
  type Policy,
  PROTOCOL_VERSION,
  type RelayPromise,
} from '@sotto/wire';
import { equalBytes, fromBase64url } from '../crypto/index.ts';

/** What a session notes about a relay while it works. */
export interface Observed {
  /** Of the last Welcome. */
  promiseVersion?: number;
  /** Lifetime that the relay named for channels whose maker left it to the operator. */
  readonly ttlSeconds: Partial<Record<Policy, number>>;
}

/** `version`: an older promise than the one that the relay names when it greets. */
export type PromiseMismatch = 'relay-key' | 'protocol' | 'sizes' | 'version' | 'ttl' | 'time';

export interface PromiseReport {
  readonly promise: RelayPromise;
  /** Empty: what was seen agrees with what is promised. */
  readonly mismatches: readonly PromiseMismatch[];
}

/** Clocks and trips differ: less than this is no finding. */
const TIME_TOLERANCE_SECONDS = 300;

/** @param input.nowSeconds - The relay's time as this session reckons it, Unix seconds. */
export function checkPromise(input: {
  readonly promise: RelayPromise;
  readonly relayKey: Uint8Array;
  readonly observed: Observed;
  readonly nowSeconds?: number;
}): PromiseReport {
  const { promise, observed } = input;
  const found = new Set<PromiseMismatch>();
  if (!equalBytes(fromBase64url(promise.relayKey), input.relayKey)) found.add('relay-key');
  if (!promise.protocol.includes(PROTOCOL_VERSION)) found.add('protocol');
  const { block, control, data } = promise.sizes;
  if (block !== BLOCK_BYTES || control !== CONTROL_FRAME_BYTES || data !== DATA_FRAME_BYTES)
    found.add('sizes');
  if (promise.version < (observed.promiseVersion ?? 0)) found.add('version');
  for (const policy of ['mailbox', 'log', 'pool'] as const) {
    const promised = promise.ttlSeconds[policy];
    const named = observed.ttlSeconds[policy];
    if (named !== undefined && named !== promised) found.add('ttl');
  }
  const { nowSeconds } = input;
  if (nowSeconds !== undefined && promise.time > nowSeconds + TIME_TOLERANCE_SECONDS) found.add('time');
  return { promise, mismatches: [...found] };
}
