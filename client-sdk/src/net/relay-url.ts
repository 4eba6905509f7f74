// From the relay's address, as links carry it, to the two addresses that a client uses.

import { PROMISE_PATH, WEBSOCKET_PATH } from '@sotto/wire';
import { SottoError } from '../errors.ts';

export interface RelayUrls {
  readonly socket: string;
  readonly promise: string;
}

/** On these an eavesdropper would have to sit inside this machine, or inside Tor's own encryption. */
function needsNoTls(host: string): boolean {
  return (
    host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host) || host.endsWith('.onion')
  );
}

/**
 * @param address - http(s) or ws(s), with or without a path; query and fragment have no meaning and are refused.
 * @param allowPlain - Lets unencrypted addresses other than loopback and .onion pass.
 * @throws SottoError NET_URL
 */
export function relayUrls(address: string, allowPlain = false): RelayUrls {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new SottoError('NET_URL');
  }
  const encrypted = url.protocol === 'https:' || url.protocol === 'wss:';
  const plain = url.protocol === 'http:' || url.protocol === 'ws:';
  const decorated = url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '';
  if ((!encrypted && !plain) || decorated) throw new SottoError('NET_URL');
  if (plain && !allowPlain && !needsNoTls(url.hostname)) throw new SottoError('NET_URL');
  const base = `${url.host}${url.pathname.replace(/\/+$/, '')}`;
  return {
    socket: `${encrypted ? 'wss' : 'ws'}://${base}${WEBSOCKET_PATH}`,
    promise: `${encrypted ? 'https' : 'http'}://${base}${PROMISE_PATH}`,
  };
}
