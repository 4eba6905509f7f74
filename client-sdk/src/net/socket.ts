// The WebSocket as connection.ts needs it; websocket-node.ts and websocket-browser.ts make it (`#websocket`).

import type { DialledSocket } from './dial-ahead-browser.ts';

export interface SocketOptions {
  readonly url: string;
  readonly subprotocol: string;
  /** Node: an http.Agent. Browsers ignore it. */
  readonly agent?: unknown;
  /** Browsers: gives a socket to this address that stands already (dial-ahead-browser.ts). */
  readonly dialled?: ((url: string) => DialledSocket | undefined) | undefined;
  /** Larger messages end the connection. */
  readonly maxBytes: number;
  /** One binary message. The bytes are the receiver's own. */
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Once, whatever the end was; 1006 when the connection broke or was never made. */
  readonly onClose: (code: number) => void;
}

export interface Socket {
  /** In order; dropped when the socket is not open any more. */
  send(bytes: Uint8Array): void;
  /** What was sent still goes out, for a second at most; then `onClose`. */
  close(): void;
  /** At once: the peer is known to be gone. */
  abort(): void;
}

/** What a platform offers: files behind `#websocket` export exactly these. */
export interface WebsocketPlatform {
  openSocket(options: SocketOptions): Socket;
  /** GET, without cookies, referrer or cache. Rejects on any status but 200 and beyond `maxBytes`. */
  fetchText(url: string, options: { agent?: unknown; timeoutMs: number; maxBytes: number }): Promise<string>;
  /** Calls back when the platform says that the network went or came, or that the device woke. */
  watchNetwork(onChange: (available: boolean) => void): () => void;
}
