// Memory for outgoing frames: frames of one turn are encoded, with their WebSocket headers, one after the other into
// slabs, so that what a connection gets in a turn is mostly one write of one piece of memory. (ws would take two
// buffers and two writes a frame; a relay is made of writes.) Called by connection.ts. Not its concern: sockets.

import { encodeRelayFrameInto, relayFrameBytes, type RelayFrame } from '@sotto/wire';

const slabBytes = 64 * 1024;
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

  /** Encodes a frame behind the last one. @returns `last`, made longer, when the frame follows it directly. */
  put(frame: RelayFrame, last: Stretch | undefined): Stretch {
    const payloadBytes = relayFrameBytes(frame);
    if (this.#at + headerBytes + payloadBytes > slabBytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#at = 0;
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
}
