// The WebSocket on Node, by `ws`: proxies and Tor come in as an http.Agent. Behind `#websocket`.

import { type Agent, get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { WebSocket } from 'ws';
import type { Socket, SocketOptions, WebsocketPlatform } from './socket.ts';

/** How long a polite close may take; a dead peer never answers it. */
const CLOSE_MS = 1000;

export function openSocket(options: SocketOptions): Socket {
  const socket = new WebSocket(options.url, [options.subprotocol], {
    perMessageDeflate: false,
    maxPayload: options.maxBytes,
    followRedirects: false,
    ...(options.agent === undefined ? {} : { agent: options.agent as Agent }),
  });
  let closing: NodeJS.Timeout | undefined;
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    // Text is not of this protocol; an empty message fails to decode, as it should. Copied: `ws` hands out views.
    options.onMessage(isBinary ? new Uint8Array(data) : new Uint8Array(0));
  });
  // 'close' always follows, with 1006: the reason stays out of reach of messages, because it names addresses.
  socket.on('error', () => undefined);
  socket.on('close', (code: number) => {
    clearTimeout(closing);
    options.onClose(code);
  });
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    close: () => {
      if (closing !== undefined || socket.readyState === WebSocket.CLOSED) return;
      closing = setTimeout(() => {
        socket.terminate();
      }, CLOSE_MS);
      socket.close(1000);
    },
    abort: () => {
      socket.terminate();
    },
  };
}

export function fetchText(
  url: string,
  options: { agent?: unknown; timeoutMs: number; maxBytes: number },
): Promise<string> {
  // Not `fetch`: it takes no http.Agent, and would go around the proxy.
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  const agent = options.agent === undefined ? false : (options.agent as Agent);
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { accept: 'application/json' } }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      if (response.statusCode !== 200) request.destroy(new Error('status'));
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > options.maxBytes) request.destroy(new Error('length'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
    const timer = setTimeout(() => {
      request.destroy(new Error('time'));
    }, options.timeoutMs);
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
    });
  });
}

/** Node has no such events: back-off and `poke()` do. */
export function watchNetwork(_onChange: (available: boolean) => void): () => void {
  return () => undefined;
}

({ openSocket, fetchText, watchNetwork }) satisfies WebsocketPlatform;
