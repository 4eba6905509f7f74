// Fetches what a relay publishes about itself and believes only what its pinned key signed.
// Comparing it with what was seen: promise-check.ts.

import { fetchText } from '#websocket';
import { parsePromise, promisePreimage, type RelayPromise } from '@sotto/wire';
import { verify, type VerifyKey } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 65_536;

/** @throws SottoError NET_UNREACHABLE; NET_PROMISE: malformed, or not signed by `relayKey`. */
export async function fetchPromise(input: {
  readonly url: string;
  readonly relayKey: VerifyKey;
  readonly agent?: unknown;
}): Promise<RelayPromise> {
  const { url, relayKey, agent } = input;
  let text: string;
  try {
    text = await fetchText(url, { agent, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
  } catch (cause) {
    throw new SottoError('NET_UNREACHABLE', { retry: 'later', cause });
  }
  return readPromise(text, relayKey);
}

/** @throws SottoError NET_PROMISE */
export function readPromise(text: string, relayKey: VerifyKey): RelayPromise {
  try {
    const { promise, payload, signature } = parsePromise(text);
    verify(relayKey, promisePreimage(payload), signature);
    return promise;
  } catch (cause) {
    throw new SottoError('NET_PROMISE', { cause });
  }
}
