// A TCP proxy on loopback that misbehaves on command: what a bad network does to a connection, made repeatable by a
// seed. Tests and the fault harness put it between client and relay. It knows bytes only, nothing of WebSocket or Sotto.

import { connect, createServer } from 'node:net';
import { seededRandom } from '../random.mjs';

/**
 * What happens to bytes of one direction.
 * @typedef {object} Line
 * @property {number} delayMs - before each piece is passed on; order is kept.
 * @property {number} jitterMs - up to so much more, by chance.
 * @property {number} bytesPerSecond - 0: no limit.
 * @property {number} pieceBytes - pieces of random length up to this many bytes; 0: as they come.
 * @property {number} mergeMs - collects what comes within so many milliseconds into one piece; 0: not at all.
 * @property {boolean} swallow - silently passes nothing on any more, and reads on: half of a half-open connection.
 * @property {boolean} stall - stops reading, so that the sender's window fills up.
 */

/** @type {Line} */
const CLEAR = {
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: 0,
  pieceBytes: 0,
  mergeMs: 0,
  swallow: false,
  stall: false,
};

/** One direction of one connection: a queue of pieces, each with the moment at which it may leave. */
class Pipe {
  #from;
  #to;
  #line = CLEAR;
  #random;
  #queue = [];
  #timer;
  #freeAt = 0;
  #ended = false;

  constructor(from, to, random) {
    this.#from = from;
    this.#to = to;
    this.#random = random;
    from.on('data', (bytes) => this.#take(bytes));
    from.on('end', () => {
      this.#ended = true;
      this.#pump();
    });
    to.on('drain', () => this.#pump());
  }

  set line(line) {
    this.#line = line;
    if (line.stall) this.#from.pause();
    else this.#from.resume();
    this.#pump();
  }

  /** Nothing gets through, not even the end of the connection. */
  get swallowing() {
    return this.#line.swallow;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  #take(bytes) {
    const { swallow, delayMs, jitterMs, mergeMs, pieceBytes, bytesPerSecond } = this.#line;
    if (swallow) return;
    const now = performance.now();
    let at = 0;
    while (at < bytes.length) {
      const length = pieceBytes > 0 ? this.#random.between(1, pieceBytes) : bytes.length;
      const piece = bytes.subarray(at, at + length);
      at += piece.length;
      const last = this.#queue.at(-1);
      const onWireMs = bytesPerSecond > 0 ? (piece.length * 1000) / bytesPerSecond : 0;
      if (last !== undefined && last.mergeUntil > now) {
        last.bytes = Buffer.concat([last.bytes, piece]);
        last.leaveAt += onWireMs;
        this.#freeAt = last.leaveAt;
        continue;
      }
      // Not before the piece in front of it, whatever the jitter says: TCP keeps order.
      const earliest = Math.max(now + mergeMs + delayMs + jitterMs * this.#random.next(), this.#freeAt);
      const leaveAt = earliest + onWireMs;
      this.#freeAt = leaveAt;
      this.#queue.push({ bytes: piece, leaveAt, mergeUntil: now + mergeMs });
    }
    this.#pump();
  }

  #pump() {
    clearTimeout(this.#timer);
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const waitMs = next.leaveAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), waitMs);
        return;
      }
      this.#queue.shift();
      if (this.#line.swallow) continue;
      const more = this.#to.write(next.bytes);
      if (this.#line.pieceBytes > 0) {
        // The next piece gets a segment of its own: Nagle is off, and the loop turns in between.
        this.#timer = setTimeout(() => this.#pump(), 0);
        return;
      }
      if (!more) return;
    }
    if (this.#ended && !this.#line.swallow) this.#to.end();
  }
}

/** One client's connection through the proxy. */
class Passage {
  #client;
  #upstream;
  #up;
  #down;

  constructor(client, target, random, onClose) {
    this.#client = client;
    this.#upstream = connect({ ...target, noDelay: true, allowHalfOpen: true });
    client.setNoDelay(true);
    this.#up = new Pipe(client, this.#upstream, random.fork('up'));
    this.#down = new Pipe(this.#upstream, client, random.fork('down'));
    this.#watch(client, this.#upstream, this.#up, onClose);
    this.#watch(this.#upstream, client, this.#down, onClose);
  }

  #watch(socket, other, pipe, onClose) {
    // A broken side breaks the other; where bytes are swallowed, the other side never hears of it.
    socket.on('error', () => {
      if (!pipe.swallowing) other.resetAndDestroy();
    });
    socket.on('close', () => {
      pipe.stop();
      if (!other.destroyed && !pipe.swallowing) other.end();
      if (other.destroyed) onClose(this);
    });
  }

  apply(up, down) {
    this.#up.line = up;
    this.#down.line = down;
  }

  /** @param {'rst' | 'fin'} how */
  cut(how) {
    this.#up.stop();
    this.#down.stop();
    for (const socket of [this.#client, this.#upstream]) {
      if (how === 'rst') socket.resetAndDestroy();
      else socket.end(() => socket.destroy());
    }
  }
}

export class FaultProxy {
  #server;
  #target;
  #random;
  #passages = new Set();
  #up = CLEAR;
  #down = CLEAR;
  #refusing = false;
  #cutTimer;
  /** Connections taken so far, and those that were cut. */
  accepted = 0;
  cuts = 0;

  /**
   * Starts one.
   * @param {{ port: number, host?: string, seed?: number }} options - where to pass on to; the seed repeats its chances.
   */
  static async start({ port, host = '127.0.0.1', seed = 1 }) {
    const proxy = new FaultProxy({ port, host }, seed);
    await new Promise((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  constructor(target, seed) {
    this.#target = target;
    this.#random = seededRandom(seed);
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      if (this.#refusing) {
        client.resetAndDestroy();
        return;
      }
      this.accepted++;
      const random = this.#random.fork(`passage ${this.accepted}`);
      const passage = new Passage(client, this.#target, random, (over) => this.#passages.delete(over));
      this.#passages.add(passage);
      passage.apply(this.#up, this.#down);
    });
  }

  get port() {
    return this.#server.address().port;
  }
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }
  /** Connections through it now. */
  get open() {
    return this.#passages.size;
  }

  /** The relay moved to another port. */
  set target(port) {
    this.#target = { ...this.#target, port };
  }

  /**
   * How both directions behave from now on; what isn't named is clear.
   * @param {Partial<Line>} up - from client to relay
   * @param {Partial<Line>} down - from relay to client
   */
  lines(up, down = up) {
    this.#up = { ...CLEAR, ...up };
    this.#down = { ...CLEAR, ...down };
    for (const passage of this.#passages) passage.apply(this.#up, this.#down);
  }

  /** Everything passes again; connections that were swallowed from stay broken, as they would. */
  clear() {
    this.#refusing = false;
    this.lines({});
  }

  /**
   * Silently passes nothing on, while TCP looks healthy from both ends.
   * @param {'both' | 'up' | 'down'} direction
   */
  halfOpen(direction = 'both') {
    this.lines({ swallow: direction !== 'down' }, { swallow: direction !== 'up' });
  }

  /** Ends all connections: 'rst' as by a crash or a NAT that forgot, 'fin' as by a polite peer. */
  cut(how = 'rst') {
    for (const passage of this.#passages) {
      this.cuts++;
      passage.cut(how);
    }
  }

  /** New connections are reset at once, until `clear()`. */
  refuse() {
    this.#refusing = true;
  }

  /** Cuts at random moments until `stopCutting()`. @param {{ everyMs: [number, number] }} range */
  cutAtRandom({ everyMs: [least, most] }) {
    const again = () => {
      this.#cutTimer = setTimeout(
        () => {
          this.cut(this.#random.pick(['rst', 'fin']));
          again();
        },
        this.#random.between(least, most),
      );
    };
    this.stopCutting();
    again();
  }

  stopCutting() {
    clearTimeout(this.#cutTimer);
  }

  async close() {
    this.stopCutting();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const passage of this.#passages) passage.cut('rst');
    await closed;
  }
}
