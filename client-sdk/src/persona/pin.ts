// The key of one's own relay, pinned on first use: links carry their relay's key, but an address typed by a person
// doesn't. From then on another key at that address stops every connection (NET_RELAY_KEY).
import { fetchText } from '#websocket';
import { parsePromise } from '@sotto/wire';
import { asKey, fromBase64url } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { readPromise } from '../net/promise.ts';
import { relayUrls } from '../net/relay-url.ts';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 65_536;

/** @throws SottoError NET_UNREACHABLE, NET_PROMISE, NET_URL. */
export async function fetchRelayKey(
  url: string,
  options: { agent?: unknown; allowPlain?: boolean },
): Promise<Uint8Array> {
  const { promise: address } = relayUrls(url, options.allowPlain);
  let body: string;
  try {
    body = await fetchText(address, { agent: options.agent, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
  } catch (cause) {
    throw new SottoError('NET_UNREACHABLE', { retry: 'later', cause });
  }
  try {
    const key = asKey('verify', fromBase64url(parsePromise(body).promise.relayKey));
    readPromise(body, key);
    return key;
  } catch (cause) {
    throw new SottoError('NET_PROMISE', { cause });
  }
}
