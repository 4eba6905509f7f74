// Writing and reading the store's own binary records: a growing buffer and a cursor over one. Little endian.
// Not its concern: what the fields mean (channel-codec.ts, journal-records.ts); the wire (@sotto/wire).

/** Appends fields to a buffer that grows by doubling. `reset` keeps the memory for the next use. */
export class ByteWriter {
  buffer: Buffer;
  length = 0;

  constructor(capacity = 1024) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  reset(): void {
    this.length = 0;
  }

  private room(bytes: number): number {
    const at = this.length;
    const needed = at + bytes;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.room(1);
    this.buffer[at] = value;
  }

  u32(value: number): void {
    const at = this.room(4);
    this.buffer.writeUInt32LE(value, at);
  }

  u48(value: number): void {
    const at = this.room(6);
    this.buffer.writeUIntLE(value, at, 6);
  }

  bytes(value: Uint8Array): void {
    const at = this.room(value.length);
    this.buffer.set(value, at);
  }

  /** Text of one character a byte. */
  latin1(value: string): void {
    const at = this.room(value.length);
    this.buffer.write(value, at, 'latin1');
  }

  /** A copy of what was written. */
  done(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }
}

/** Reads fields back; throws RangeError beyond the end, which callers turn into "damaged". */
export class ByteReader {
  offset = 0;
  private readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get left(): number {
    return this.buffer.length - this.offset;
  }

  u8(): number {
    return this.buffer.readUInt8(this.step(1));
  }

  u32(): number {
    return this.buffer.readUInt32LE(this.step(4));
  }

  u48(): number {
    return this.buffer.readUIntLE(this.step(6), 6);
  }

  /** A view: copy what is to outlive the record. */
  bytes(length: number): Buffer {
    const at = this.step(length);
    if (at + length > this.buffer.length) throw new RangeError('record too short');
    return this.buffer.subarray(at, at + length);
  }

  /** The same as text of one character a byte, which is a copy. */
  latin1(length: number): string {
    return this.bytes(length).toString('latin1');
  }

  private step(bytes: number): number {
    const at = this.offset;
    this.offset += bytes;
    return at;
  }
}
