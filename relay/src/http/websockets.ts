// Turns upgrade requests at /v1 into connections and feeds them what arrives. Of the request nothing is kept. Between node:http and connection/. Not its concern: what frames mean.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { DATA_FRAME_BYTES, SUBPROTOCOL, WEBSOCKET_PATH } from '@sotto/wire';
import { WebSocket, WebSocketServer } from 'ws';
import { Connection } from '../connection/connection.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { UpgradeQueue, type Upgrade } from './upgrade-queue.ts';

// The types of ws don't know this option yet.
const closeTimeout = { closeTimeout: 5000 };

/**
 * A socket that knows its connection, and hands it what ws emits without listeners: five of them on each socket would
 * take more memory than the connection itself.
 */
class RelaySocket extends WebSocket {
  connection: Connection | undefined = undefined;

  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const { connection } = this;
    if (connection === undefined) return false;
    switch (event) {
      case 'message':
        connection.receive(first as Buffer, second as boolean);
        return true;
      case 'pong':
        connection.alive();
        return true;
      case 'ping':
        connection.pinged(first as Buffer);
        return true;
      case 'error': {
        // What broke the WebSocket protocol or the connection: ws closes it by itself, with its own code.
        const { code } = first as { code?: string };
        if (code?.startsWith('WS_ERR') === true) connection.brokeProtocol(code);
        return true;
      }
      case 'close':
        this.connection = undefined;
        connection.closed();
        return true;
      default:
        return false;
    }
  }
}

export interface WebSocketsOptions {
  readonly context: ConnectionContext;
  /** Take the client's address from X-Forwarded-For: a proxy of ours sets it. */
  readonly trustProxy: boolean;
}

/** @returns the handler of a server's `upgrade` events; `close` turns away those who still wait. */
export function webSockets(options: WebSocketsOptions) {
  const { context } = options;
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: RelaySocket,
    perMessageDeflate: false,
    maxPayload: DATA_FRAME_BYTES,
    clientTracking: false,
    skipUTF8Validation: true,
    // Answered by the connection, which counts pings as frames.
    autoPong: false,
    ...closeTimeout,
    handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  // Of a request that isn't a WebSocket handshake ws answers for itself, and keeps nothing.
  server.on('wsClientError', (_error: Error, socket: Duplex) => {
    refuse(socket, '400 Bad Request');
  });
  const turnAway = (socket: Duplex): void => {
    const seconds = context.overload.turnAway();
    refuse(socket, '503 Service Unavailable', '', `Retry-After: ${String(seconds)}\r\n`);
  };
  const accept = ({ request, socket, head }: Upgrade): void => {
    const tag = context.addresses.tag(addressOf(request, socket, options.trustProxy));
    if (!context.addresses.opened(tag)) {
      refuse(socket, '429 Too Many Requests');
      return;
    }
    let upgraded = false as boolean;
    // The answer to the handshake and the Welcome leave in one write.
    socket.cork();
    server.handleUpgrade(request, socket, head, (ws) => {
      upgraded = true;
      socket.removeListener('error', ignore);
      open(ws, socket, context, tag);
    });
    socket.uncork();
    // ws decides within the call; a refused handshake gives its place back.
    if (!upgraded) context.addresses.closed(tag);
  };
  const queue = new UpgradeQueue(accept, ({ socket }) => {
    turnAway(socket);
  });
  const handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', ignore);
    if (request.url !== WEBSOCKET_PATH) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!offersProtocol(request)) {
      refuse(socket, '400 Bad Request', `The subprotocol must be ${SUBPROTOCOL}.\n`);
      return;
    }
    if (context.draining) refuse(socket, '503 Service Unavailable');
    else if (context.overload.isShedding) turnAway(socket);
    else queue.add({ request, socket, head });
  };
  return {
    handle,
    close() {
      queue.close();
    },
  };
}

function open(ws: RelaySocket, socket: Duplex, context: ConnectionContext, tag: number): void {
  const connection = new Connection(ws, socket, context, tag);
  ws.connection = connection;
  context.roster.add(connection);
  context.counts.opened();
  connection.outgoing.flush();
}

function ignore(): void {
  // A peer that went away while it was refused: 'close' follows.
}

function offersProtocol(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL);
}

function addressOf(
  request: IncomingMessage,
  socket: Duplex & { remoteAddress?: string },
  trustProxy: boolean,
): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  // The last entry is the one that our own proxy wrote.
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim();
  return last === undefined || last === '' ? (socket.remoteAddress ?? '') : last;
}

/** @param header - whole lines, each with its end. */
function refuse(socket: Duplex, status: string, text = '', header = ''): void {
  if (socket.destroyed || !socket.writable) return;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\n${header}Content-Type: text/plain\r\n` +
      `Content-Length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`,
  );
}
