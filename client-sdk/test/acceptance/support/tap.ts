// A tap on the line between clients and relay: keeps all bytes as the relay sees them, the masking of WebSocket undone.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Tap {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams: { up: Buffer[]; down: Buffer[] }[] = [];

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const relay = connect({ port, host: '127.0.0.1', noDelay: true });
      client.setNoDelay(true);
      const stream = { up: [] as Buffer[], down: [] as Buffer[] };
      this.#streams.push(stream);
      client.on('data', (bytes: Buffer) => stream.up.push(bytes)).pipe(relay);
      relay.on('data', (bytes: Buffer) => stream.down.push(bytes)).pipe(client);
      for (const socket of [client, relay]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          client.destroy();
          relay.destroy();
        });
      }
    });
  }

  static async start(port: number): Promise<Tap> {
    const tap = new Tap(port);
    await new Promise<void>((resolve) => tap.#server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** All that went by so far, one buffer for each direction of each connection. */
  taken(): Uint8Array[] {
    return this.#streams.flatMap(({ up, down }) => [unmasked(Buffer.concat(up)), Buffer.concat(down)]);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a client sent: its HTTP request as it is, then the payloads of its WebSocket frames (RFC 6455 section 5.2). */
function unmasked(bytes: Buffer): Buffer {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4;
  if (headEnd < 4 || !/upgrade: websocket/i.test(bytes.toString('latin1', 0, headEnd))) return bytes;
  const parts: Buffer[] = [bytes.subarray(0, headEnd)];
  for (let at = headEnd; at + 6 <= bytes.length;) {
    const short = bytes[at + 1]! & 0x7f;
    if (short === 127) throw new Error('a frame beyond 64 KiB: not of this protocol');
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    const mask = at + (short === 126 ? 4 : 2);
    const payload = Buffer.from(bytes.subarray(mask + 4, mask + 4 + length));
    for (let i = 0; i < payload.length; i++) payload[i]! ^= bytes[mask + (i & 3)]!;
    parts.push(payload);
    at = mask + 4 + length;
  }
  return Buffer.concat(parts);
}
