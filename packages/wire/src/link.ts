// Links: all that someone needs to reach a channel, in the fragment of a URL, so that no server sees it
// (docs/protocol.md section 5). Not its concern: what is done with a link, and whether its channel still lives.

import { WireError } from './errors.ts';
import { HASH_BYTES, ID_BYTES, KEY_BYTES, SECRET_BYTES } from './limits.ts';
import { linkPreimage } from './signing.ts';
import { fromBase64url, fromUtf8, toBase64url, utf8 } from './text.ts';

export type LinkKind = 'once' | 'standing' | 'room' | 'door' | 'directory';

export interface Link {
  kind: LinkKind;
  /** Origin and path of the relay, without a slash at the end: `https://relay.example`. */
  relay: string;
  relayKey: Uint8Array;
  writeId: Uint8Array;
  writerSeed: Uint8Array;
  secret: Uint8Array;
  identityHash: Uint8Array;
}

const VERSION = 1;
const CHECKSUM_BYTES = 4;
const HEAD_BYTES = 2;
const MAX_RELAY_CHARS = 200;
// Shorter than any link that was merely cut; such text never was a link.
const MIN_FRAGMENT_CHARS = 40;
const kinds: readonly LinkKind[] = ['once', 'standing', 'room', 'door', 'directory'];
const parts = [
  ['relayKey', KEY_BYTES],
  ['writeId', ID_BYTES],
  ['writerSeed', KEY_BYTES],
  ['secret', SECRET_BYTES],
  ['identityHash', HASH_BYTES],
] as const;
const FIXED_BYTES = HEAD_BYTES + parts.reduce((sum, [, length]) => sum + length, 0);
// Scheme, host in lower case (or an IPv6 address in brackets), port, path without a slash at its end.
const relayForm =
  /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?(?:\/[\w.~!$&'()*+,;=:@%-]+)*$/;

type Sha256 = (bytes: Uint8Array) => Uint8Array;

/**
 * Encodes a link.
 * Spec: docs/protocol.md section 5.
 * @param options - origin: of the web client that the link opens.
 * @returns `origin/#base64url`.
 * @throws WireError WIRE_VALUE.
 */
export function encodeLink(link: Link, options: { origin: string; sha256: Sha256 }): string {
  const relay = withoutSlash(link.relay);
  const kind = kinds.indexOf(link.kind) + 1;
  if (kind < 1) throw new WireError('WIRE_VALUE', 'kind');
  if (!isRelay(relay)) throw new WireError('WIRE_VALUE', 'relay');
  const url = utf8(relay);
  const bytes = new Uint8Array(FIXED_BYTES + url.length + CHECKSUM_BYTES);
  bytes.set([VERSION, kind]);
  let at = HEAD_BYTES;
  for (const [name, length] of parts) {
    if (link[name].length !== length) throw new WireError('WIRE_VALUE', name);
    bytes.set(link[name], at);
    at += length;
  }
  bytes.set(url, at);
  at += url.length;
  bytes.set(checksum(bytes.subarray(0, at), options.sha256), at);
  return `${withoutSlash(options.origin)}/#${toBase64url(bytes)}`;
}

/**
 * Decodes a link as people paste it: with space around it, as a whole URL, as `#fragment` or as the bare fragment.
 * Spec: docs/protocol.md section 5.
 * @throws WireError WIRE_LINK_DAMAGED where it was a link once, WIRE_LINK_VERSION where it is one of a later
 *   version, WIRE_LINK_INVALID where it is none.
 */
export function decodeLink(text: string, options: { sha256: Sha256 }): Link {
  const trimmed = text.trim();
  const fragment = trimmed.slice(trimmed.indexOf('#') + 1);
  if (fragment.length < MIN_FRAGMENT_CHARS || !/^[\w-]+$/.test(fragment))
    throw new WireError('WIRE_LINK_INVALID');
  const bytes = fromBase64url(fragment);
  if (bytes === undefined) throw new WireError('WIRE_LINK_DAMAGED');
  // Version and checksum stand at the same places in every version.
  const end = bytes.length - CHECKSUM_BYTES;
  const sum = checksum(bytes.subarray(0, end), options.sha256);
  if (sum.some((byte, index) => byte !== bytes[end + index])) throw new WireError('WIRE_LINK_DAMAGED');
  if (bytes[0] !== VERSION) throw new WireError('WIRE_LINK_VERSION');
  return readBody(bytes.subarray(0, end));
}

function readBody(bytes: Uint8Array): Link {
  const kind = kinds[(bytes[1] as number) - 1];
  const relay = fromUtf8(bytes.subarray(FIXED_BYTES));
  if (kind === undefined || relay === undefined || !isRelay(relay)) throw new WireError('WIRE_LINK_INVALID');
  let at = HEAD_BYTES;
  const take = (length: number): Uint8Array => bytes.slice(at, (at += length));
  return {
    kind,
    relay,
    relayKey: take(KEY_BYTES),
    writeId: take(ID_BYTES),
    writerSeed: take(KEY_BYTES),
    secret: take(SECRET_BYTES),
    identityHash: take(HASH_BYTES),
  };
}

function checksum(body: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(linkPreimage(body)).subarray(0, CHECKSUM_BYTES);
}

function isRelay(url: string): boolean {
  if (url.length > MAX_RELAY_CHARS || !relayForm.test(url)) return false;
  // Spellings that a URL parser would change: a port out of range, and steps up or in place.
  const [, port] = /^https?:\/\/[^/]*:(\d+)(?:\/|$)/.exec(url) ?? [];
  return Number(port ?? 1) <= 65_535 && !/\/\.{1,2}(?:\/|$)/.test(url);
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
