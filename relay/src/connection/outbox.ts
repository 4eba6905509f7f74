// Memory for outgoing frames: frames of one turn are encoded, with their WebSocket headers, one after the other into
// slabs, so that what a connection gets in a turn is mostly one write of one piece of memory. (ws would take two
// buffers and two writes a frame; a relay is made of writes.) Mostly the kernel takes all of it at once, and the next
// turn writes over it: fresh memory for each turn would be garbage. Called by connection.ts and turn.ts. Not its
// concern: sockets.

import { encodeRelayFrameInto, relayFrameBytes, type RelayFrame } from '@sotto/wire';

/** Some 57 blocks. A reader that doesn't take what it is sent keeps one from being used again: no more than that. */
const slabBytes = 256 * 1024;
/** Kept for the next turn; a busier one takes more and gives them back. */
const maxIdleSlabs = 8;
/** RFC 6455, section 5.2: final binary frame, unmasked, 16-bit length. Every frame of ours is longer than 125 bytes. */
const headerBytes = 4;
const finalBinary = 0x82;
const sixteenBitLength = 126;

/** A stretch of a slab. */
export interface Stretch {
  readonly slab: Buffer;
  readonly start: number;
  end: number;
}

export class Outbox {
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #at = 0;
  #idle: Buffer[] = [];
  /** Full ones that this turn's writes still name. */
  #full: Buffer[] = [];
  readonly #kept = new Set<Buffer>();

  /** Encodes a frame behind the last one. @returns `last`, made longer, when the frame follows it directly. */
  put(frame: RelayFrame, last: Stretch | undefined): Stretch {
    const payloadBytes = relayFrameBytes(frame);
    if (this.#at + headerBytes + payloadBytes > slabBytes) {
      this.#full.push(this.#slab);
      this.#next();
    }
    const slab = this.#slab;
    const start = this.#at;
    slab[start] = finalBinary;
    slab[start + 1] = sixteenBitLength;
    slab[start + 2] = payloadBytes >> 8;
    slab[start + 3] = payloadBytes & 0xff;
    const end = encodeRelayFrameInto(frame, slab, start + headerBytes);
    this.#at = end;
    if (last?.slab === slab && last.end === start) {
      last.end = end;
      return last;
    }
    return { slab, start, end };
  }

  /** A socket holds on to this slab: it belongs to that socket from now on. */
  keep(slab: Buffer): void {
    this.#kept.add(slab);
  }

  /** Nothing that was put waits for its write any more: what no socket holds on to is used again. */
  reuse(): void {
    for (const slab of this.#full)
      if (!this.#kept.has(slab) && this.#idle.length < maxIdleSlabs) this.#idle.push(slab);
    this.#full.length = 0;
    if (this.#kept.has(this.#slab)) this.#next();
    this.#at = 0;
    this.#kept.clear();
  }

  #next(): void {
    this.#slab = this.#idle.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
    this.#at = 0;
  }
}
