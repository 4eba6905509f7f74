// A cursor over untrusted bytes: every read is checked, and what is kept is copied out in order.
import { concatBytes } from '../../crypto/index.ts';

export interface Stripped {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** @throws RangeError where the bytes end before they should. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at = 0;
  private readonly view: DataView;
  private readonly kept: Uint8Array[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }

  u16(littleEndian = false): number {
    this.at += 2;
    return this.view.getUint16(this.at - 2, littleEndian);
  }

  u32(littleEndian = false): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, littleEndian);
  }

  take(length: number): Uint8Array {
    if (length < 0 || length > this.left) throw new RangeError('cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  ascii(length: number): string {
    return String.fromCharCode(...this.take(length));
  }

  keep(...parts: Uint8Array[]): void {
    this.kept.push(...parts);
  }

  /** From an earlier place to here. */
  keepFrom(start: number): void {
    this.kept.push(this.bytes.subarray(start, this.at));
  }

  result(): Uint8Array {
    return concatBytes(...this.kept);
  }
}

/** @throws RangeError */
export function must(sound: boolean): asserts sound {
  if (!sound) throw new RangeError('not well formed');
}
