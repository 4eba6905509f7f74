// The WebSocket in browsers, page or worker. Behind `#websocket`.

import type { Socket, SocketOptions, WebsocketPlatform } from './socket.ts';

export function openSocket(options: SocketOptions): Socket {
  const ahead = options.dialled?.(options.url);
  const socket = ahead?.socket ?? new WebSocket(options.url, [options.subprotocol]);
  let over = false;
  const end = (code: number): void => {
    if (over) return;
    over = true;
    socket.onmessage = null;
    socket.onclose = null;
    options.onClose(code);
  };
  socket.binaryType = 'arraybuffer';
  socket.onmessage = (event: MessageEvent<unknown>) => {
    const { data } = event;
    const fits = data instanceof ArrayBuffer && data.byteLength <= options.maxBytes;
    // What doesn't fit fails to decode, and the connection ends as for any malformed frame.
    options.onMessage(fits ? new Uint8Array(data) : new Uint8Array(0));
  };
  socket.onclose = (event) => {
    end(event.code);
  };
  // After this returned: the receiver answers what it is given here.
  for (const event of ahead?.early ?? []) {
    queueMicrotask(() => {
      if (!over) socket.onmessage?.(event);
    });
  }
  return {
    send: (bytes) => {
      // The cast: TypeScript allows for shared memory here, which frames never live in.
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes as Uint8Array<ArrayBuffer>);
    },
    close: () => {
      socket.close(1000);
    },
    // A page can't cut a connection; the browser finishes the close in its own time while we go on.
    abort: () => {
      socket.close();
      queueMicrotask(() => {
        end(1006);
      });
    },
  };
}

export async function fetchText(
  url: string,
  options: { agent?: unknown; timeoutMs: number; maxBytes: number },
): Promise<string> {
  const response = await fetch(url, {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  if (response.status !== 200) throw new Error('status');
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength > options.maxBytes) throw new Error('length');
  return new TextDecoder().decode(bytes);
}

export function watchNetwork(onChange: (available: boolean) => void): () => void {
  const online = (): void => {
    onChange(true);
  };
  const offline = (): void => {
    onChange(false);
  };
  const woke = (): void => {
    if (document.visibilityState === 'visible') onChange(navigator.onLine);
  };
  const page = typeof document === 'undefined' ? undefined : document;
  globalThis.addEventListener('online', online);
  globalThis.addEventListener('offline', offline);
  page?.addEventListener('visibilitychange', woke);
  return () => {
    globalThis.removeEventListener('online', online);
    globalThis.removeEventListener('offline', offline);
    page?.removeEventListener('visibilitychange', woke);
  };
}

({ openSocket, fetchText, watchNetwork }) satisfies WebsocketPlatform;
