// A minimal client for `sotto-relay check`: one connection, frames in and out, promises for answers. Not its concern:
// anything an SDK does (encryption, outbox, reconnection).

import { KEY_BYTES, SUBPROTOCOL, WEBSOCKET_PATH, decodeRelayFrame, encodeClientFrame } from '@sotto/wire';
import type { ClientBody, RelayBody, RelayFrame } from '@sotto/wire';
import { WebSocket } from 'ws';
import { RelayError } from '../errors.ts';

const answerMs = 10_000;
const expectedSizes = [512, 4480];

export type Frame<Type extends RelayBody['type']> = Extract<RelayFrame, { type: Type }>;

interface Waiter {
  matches(frame: RelayFrame): boolean;
  resolve(frame: RelayFrame): void;
  reject(error: Error): void;
}

export class ProbeConnection {
  readonly #ws: WebSocket;
  #requests = 0;
  #unread: RelayFrame[] = [];
  #waiters: Waiter[] = [];
  #failure: RelayError | undefined;

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data: Buffer) => {
      this.#receive(data);
    });
    ws.on('close', (code) => {
      this.#fail(failed(`The connection was closed with code ${String(code)}.`));
    });
  }

  /** @param base - of the relay, http or https. */
  static open(base: URL): Promise<ProbeConnection> {
    const url = new URL(WEBSOCKET_PATH, base);
    url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
    const ws = new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false, handshakeTimeout: answerMs });
    const connection = new ProbeConnection(ws);
    return new Promise((resolve, reject) => {
      ws.once('open', () => {
        resolve(connection);
      });
      ws.once('error', (cause) => {
        reject(new RelayError('RELAY_CHECK_FAILED', { detail: 'No WebSocket connection.', cause }));
      });
    });
  }

  /** Sends a request. @returns its number. */
  send(body: ClientBody): number {
    const request = ++this.#requests;
    this.#ws.send(encodeClientFrame({ request, ...body }));
    return request;
  }

  /** Sends a request and waits for its answer. */
  async ask<Type extends RelayBody['type']>(body: ClientBody, type: Type): Promise<Frame<Type>> {
    const request = this.send(body);
    const answer = await this.next((frame) => frame.request === request);
    if (answer.type === type) return answer as Frame<Type>;
    const why = answer.type === 'refused' ? `refused with ${answer.code}` : `answered by ${answer.type}`;
    throw failed(`The request "${body.type}" was ${why}.`);
  }

  /** The next frame that fits, of those that came already or will come. */
  next(matches: (frame: RelayFrame) => boolean): Promise<RelayFrame> {
    const at = this.#unread.findIndex(matches);
    const [found] = at < 0 ? [] : this.#unread.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(failed(`No answer within ${String(answerMs / 1000)} s.`));
      }, answerMs);
      this.#waiters.push({
        matches,
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  close(): void {
    this.#failure ??= failed('The probe has closed its connection.');
    this.#ws.close();
  }

  #receive(data: Buffer): void {
    if (!expectedSizes.includes(data.length)) {
      this.#fail(failed(`A frame of ${String(data.length)} bytes came; the promise says 512 or 4,480.`));
      return;
    }
    let frame: RelayFrame;
    try {
      frame = decodeRelayFrame(data);
    } catch {
      this.#fail(failed('A frame came that the protocol does not know.'));
      return;
    }
    const at = this.#waiters.findIndex((waiter) => waiter.matches(frame));
    const [waiter] = at < 0 ? [] : this.#waiters.splice(at, 1);
    if (waiter === undefined) this.#unread.push(frame);
    else waiter.resolve(frame);
  }

  #fail(error: RelayError): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
  }
}

export function failed(detail: string): RelayError {
  return new RelayError('RELAY_CHECK_FAILED', { detail });
}

/** Both keys of 32 bytes and equal. */
export function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === KEY_BYTES && Buffer.compare(a, b) === 0;
}
