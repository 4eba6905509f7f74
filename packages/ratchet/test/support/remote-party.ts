// A party in another process, over a socket: requests as JSON, byte arrays as base64. The page answers, Node asks.
import type { Party, Posted, PublishedBundle } from './party.ts';
import type { Bytes } from '../../src/bytes.ts';

/** What Node asks of the page, and how each is answered. */
export interface Requests {
  newParty: { name: string };
  publish: { name: string; oneTime: boolean };
  begin: { name: string; peer: string; bundle: PublishedBundle };
  send: { name: string; peer: string; plaintext: Bytes };
  receive: { name: string; peer: string; message: Posted };
  sessionBytes: { name: string };
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  /** An error's code, when the request failed. */
  readonly code?: number;
}

const toBase64 = (bytes: Uint8Array) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
};

export function pack(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Uint8Array ? { base64: toBase64(part) } : part,
  );
}

export function unpack(text: string): unknown {
  return JSON.parse(text, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('base64' in part)) return part;
    return Uint8Array.from(atob(part.base64 as string), (char) => char.charCodeAt(0));
  });
}

/** Carries out one request on the parties that live here. */
export async function carryOut(
  parties: Map<string, Party>,
  make: (name: string) => Party,
  request: { readonly [Name in keyof Requests]: { do: Name } & Requests[Name] }[keyof Requests],
): Promise<unknown> {
  if (request.do === 'newParty') {
    parties.set(request.name, make(request.name));
    return undefined;
  }
  const party = parties.get(request.name)!;
  switch (request.do) {
    case 'publish':
      return party.publish({ oneTime: request.oneTime });
    case 'begin':
      return party.begin(request.peer, request.bundle);
    case 'send':
      return party.send(request.peer, request.plaintext);
    case 'receive':
      return party.receive(request.peer, request.message);
    case 'sessionBytes':
      return [...party.sessions.values()];
  }
}
