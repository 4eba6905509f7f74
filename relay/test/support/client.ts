// A raw client for tests: frames in and out over a real WebSocket, with keys for channels made on the spot. It checks
// nothing by itself, so that tests can send whatever they like.

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  ID_BYTES,
  SUBPROTOCOL,
  createPreimage,
  decodeRelayFrame,
  encodeClientFrame,
  idPreimage,
  provePreimage,
  type ClientBody,
  type Create,
  type Policy,
  type RelayBody,
  type RelayFrame,
  type Right,
} from '@sotto/wire';
import { WebSocket } from 'ws';

export type Frame<Type extends RelayBody['type']> = Extract<RelayFrame, { type: Type }>;

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export function keyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  return { publicKey: new Uint8Array(Buffer.from(raw, 'base64url')), privateKey };
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** All keys and ids of one channel. */
export interface TestChannel {
  readonly policy: Policy;
  readonly salt: Uint8Array;
  readonly readId: Uint8Array;
  readonly writeId: Uint8Array;
  readonly keys: Readonly<Record<Right, KeyPair>>;
  readonly hasJoiner: boolean;
}

export function testChannel(policy: Policy, hasJoiner = false): TestChannel {
  const keys = { owner: keyPair(), reader: keyPair(), writer: keyPair(), joiner: keyPair() };
  const salt = new Uint8Array(randomBytes(32));
  const id = (right: 'read' | 'write') =>
    new Uint8Array(sha256(idPreimage(right, keys.owner.publicKey, salt)).subarray(0, ID_BYTES));
  return { policy, salt, keys, hasJoiner, readId: id('read'), writeId: id('write') };
}

export function appendId(n?: number): Uint8Array {
  const id = new Uint8Array(randomBytes(16));
  if (n !== undefined) new DataView(id.buffer).setUint32(0, n);
  return id;
}

export function block(text = ''): Uint8Array {
  const bytes = new Uint8Array(3968);
  Buffer.from(text).copy(bytes);
  return bytes;
}

/** Long: only a failure waits for it, and a busy machine isn't one. */
const waitMs = 30_000;

export class RawClient {
  readonly ws: WebSocket;
  /** Close code, once closed. */
  readonly closed: Promise<number>;
  readonly unread: RelayFrame[] = [];
  /** The most results that one Appended held. */
  mostResults = 0;
  welcome!: Frame<'welcome'>;
  clientNonce: Uint8Array = new Uint8Array(randomBytes(32));
  #requests = 0;
  #handles = 0;
  #waiters: { matches: (frame: RelayFrame) => boolean; resolve: (frame: RelayFrame) => void }[] = [];
  #isClosed = false;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    this.closed = new Promise((resolve) => {
      ws.on('close', (code) => {
        this.#isClosed = true;
        resolve(code);
      });
    });
    ws.on('error', () => undefined);
    ws.on('message', (data: Buffer) => {
      const frame = decodeRelayFrame(data);
      if (frame.type !== 'appended') {
        this.#take(frame);
        return;
      }
      // Each result answers a request of its own.
      this.mostResults = Math.max(this.mostResults, frame.results.length);
      for (const result of frame.results) this.#take({ ...frame, results: [result] });
    });
  }

  #take(frame: RelayFrame): void {
    const at = this.#waiters.findIndex((waiter) => waiter.matches(frame));
    if (at < 0) this.unread.push(frame);
    else this.#waiters.splice(at, 1)[0]?.resolve(frame);
  }

  /** A connection that has its Welcome; `hello: false` leaves the rest to the test. */
  static async open(url: string, options: { hello?: boolean } = {}): Promise<RawClient> {
    const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/v1`, [SUBPROTOCOL], { perMessageDeflate: false });
    const client = new RawClient(ws);
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    client.welcome = await client.next<'welcome'>('welcome');
    if (options.hello !== false) client.hello();
    return client;
  }

  hello(version = 1): void {
    this.send({ type: 'hello', version, clientNonce: this.clientNonce });
  }

  handshake(): { relayKey: Uint8Array; serverNonce: Uint8Array; clientNonce: Uint8Array } {
    const { relayKey, serverNonce } = this.welcome;
    return { relayKey, serverNonce, clientNonce: this.clientNonce };
  }

  send(body: ClientBody): number {
    const request = ++this.#requests;
    this.ws.send(encodeClientFrame({ request, ...body }));
    return request;
  }

  /** The next frame of a type, or one that fits. */
  next<Type extends RelayBody['type']>(
    wanted: Type | ((frame: RelayFrame) => boolean),
    timeoutMs = waitMs,
  ): Promise<Frame<Type>> {
    const matches = typeof wanted === 'string' ? (frame: RelayFrame) => frame.type === wanted : wanted;
    const at = this.unread.findIndex(matches);
    const [found] = at < 0 ? [] : this.unread.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found as Frame<Type>);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((one) => one !== waiter);
        const what = typeof wanted === 'string' ? wanted : 'frame that fits';
        reject(new Error(`no ${what} came${this.#isClosed ? ': closed' : ''}`));
      }, timeoutMs).unref();
      const waiter = {
        matches,
        resolve: (frame: RelayFrame) => {
          clearTimeout(timer);
          resolve(frame as Frame<Type>);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** Sends and waits for the answer, whatever it is. Appends: the result, or the refusal. */
  async ask(body: ClientBody): Promise<RelayFrame> {
    return this.answer(this.send(body));
  }

  answer(request: number): Promise<RelayFrame> {
    return this.next(
      (frame) =>
        frame.request === request ||
        (frame.type === 'appended' && frame.results.some((result) => result.request === request)),
    );
  }

  /** Asks, and returns the refusal's code or the answer's type. */
  async outcome(body: ClientBody): Promise<string> {
    const frame = await this.ask(body);
    return frame.type === 'refused' ? frame.code : frame.type;
  }

  // ───────────────────────────── channels ─────────────────────────────

  createBody(channel: TestChannel, changes: Partial<Create> = {}): Create & { handle: number } {
    const { keys } = channel;
    const create = {
      handle: ++this.#handles,
      policy: channel.policy,
      securing: 'never' as const,
      ttlSeconds: 0,
      ownerKey: keys.owner.publicKey,
      salt: channel.salt,
      readerKey: keys.reader.publicKey,
      writerKey: keys.writer.publicKey,
      ...(channel.hasJoiner ? { joinerKey: keys.joiner.publicKey } : {}),
      spillHandle: 0,
      spillBlocks: 0,
      ...changes,
    };
    const message = createPreimage({ ...this.handshake(), create });
    const signature = sign(null, message, keys.owner.privateKey);
    return { type: 'create', signature, ...create };
  }

  /** Makes the channel. @returns the owner handle. */
  async create(channel: TestChannel, changes: Partial<Create> = {}): Promise<number> {
    const body = this.createBody(channel, changes);
    const answer = await this.ask(body);
    if (answer.type !== 'created') throw new Error(`create: ${JSON.stringify(answer)}`);
    return body.handle;
  }

  proveBody(channel: TestChannel, right: Right, key?: KeyPair) {
    const pair = key ?? channel.keys[right];
    const id = right === 'owner' || right === 'reader' ? channel.readId : channel.writeId;
    const message = provePreimage({ ...this.handshake(), right, id });
    return {
      type: 'prove' as const,
      handle: ++this.#handles,
      right,
      id,
      publicKey: pair.publicKey,
      signature: sign(null, message, pair.privateKey) as Uint8Array,
    };
  }

  /** Proves a right. @returns the handle. */
  async prove(channel: TestChannel, right: Right, key?: KeyPair): Promise<number> {
    const body = this.proveBody(channel, right, key);
    const answer = await this.ask(body);
    if (answer.type !== 'proved') throw new Error(`prove: ${JSON.stringify(answer)}`);
    return body.handle;
  }

  async subscribe(
    handle: number,
    options: { credit?: number; after?: number; leaseSeconds?: number } = {},
  ): Promise<Frame<'subscribed'>> {
    const answer = await this.ask({
      type: 'subscribe',
      handle,
      credit: options.credit ?? 64,
      after: options.after ?? 0,
      leaseSeconds: options.leaseSeconds ?? 0,
    });
    if (answer.type !== 'subscribed') throw new Error(`subscribe: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** One append. @returns its sequence, or the refusal's code. */
  async append(handle: number, text = '', id = appendId()): Promise<number | string> {
    const request = this.send(appendBody(handle, text, id));
    const answer = await this.answer(request);
    if (answer.type !== 'appended') return answer.type === 'refused' ? answer.code : answer.type;
    return answer.results.find((result) => result.request === request)?.sequence ?? 'none';
  }

  ack(handle: number, ...frames: { sequence: number; appendId: Uint8Array }[]): void {
    this.send({
      type: 'ack',
      handle,
      items: frames.map(({ sequence, appendId }) => ({ sequence, appendId })),
    });
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }
}

export function appendBody(handle: number, text = '', id = appendId()) {
  return {
    type: 'append' as const,
    handle,
    appendId: id,
    block: block(text),
    commitment: sha256(id) as Uint8Array,
  };
}

export function textOf(block: Uint8Array): string {
  return Buffer.from(block).toString('utf8').replace(/\0+$/, '');
}
