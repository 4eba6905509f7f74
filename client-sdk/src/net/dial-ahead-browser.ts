// Begins the connection to an invite's relay while the rest of a program still loads: on a slow line the handshakes are
// most of the wait. Nothing is said on it and nothing is proved; the session that comes next takes it over. Needs no
// primitive, so that it can be loaded first. Browsers only. Not its concern: whether the invite is any good.
import { decodeLink, fromBase64url, linkPreimage, SUBPROTOCOL } from '@sotto/wire';
import { relayUrls } from './relay-url.ts';

const CHECKSUM_BYTES = 4;
/** A relay waits ten seconds for a first word. */
const AHEAD_MS = 8_000;
/** A relay greets once and then waits to be spoken to. */
const MAX_EARLY = 4;

/** A socket, and what came on it before anybody listened. */
export interface DialledSocket {
  readonly socket: WebSocket;
  readonly early: readonly MessageEvent<unknown>[];
}

/** A connection on its way. Untaken, it is closed after some seconds. */
export interface Dialled {
  /** @returns the socket, once, where it leads to this address and still lives. */
  take(url: string): DialledSocket | undefined;
}

/**
 * Opens a socket to the relay that a link names.
 * @param link - As people paste it.
 * @returns undefined for a link that is damaged, or none: accepting it says what is wrong.
 */
export async function dialAhead(link: string): Promise<Dialled | undefined> {
  try {
    const body = fromBase64url(link.slice(link.indexOf('#') + 1).trim());
    if (body === undefined) return undefined;
    const preimage = linkPreimage(body.subarray(0, -CHECKSUM_BYTES)) as Uint8Array<ArrayBuffer>;
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', preimage));
    const { relay } = decodeLink(link, { sha256: () => digest });
    return dial(relayUrls(relay).socket);
  } catch {
    return undefined;
  }
}

function dial(url: string): Dialled {
  const socket = new WebSocket(url, [SUBPROTOCOL]);
  const early: MessageEvent<unknown>[] = [];
  let isThere = true;
  const giveUp = (): void => {
    isThere = false;
    clearTimeout(timer);
    socket.close();
  };
  const timer = setTimeout(giveUp, AHEAD_MS);
  socket.binaryType = 'arraybuffer';
  socket.onclose = giveUp;
  socket.onmessage = (event) => {
    if (early.length < MAX_EARLY) early.push(event);
    else giveUp();
  };
  return {
    take(wanted) {
      if (!isThere || wanted !== url) return undefined;
      isThere = false;
      clearTimeout(timer);
      return { socket, early };
    },
  };
}
