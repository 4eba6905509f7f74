// A WebSocket client that costs as little as possible: frames straight on a TCP socket, masked with bufferutil, one
// write per event-loop turn. `ws` as a load generator would itself be the bottleneck. Loopback only.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import bufferutil from 'bufferutil';

const MASK = Buffer.from([0x5a, 0xc3, 0x1e, 0x97]); // not zeros: servers skip unmasking those

/**
 * Opens one WebSocket to a loopback port and resolves once the upgrade is done.
 * @param options port; path; protocol (subprotocol or undefined); onFrame(payload: Buffer); onClose(code).
 * @returns { send(payload), close(), socket }
 */
export function openRawSocket({ port, path = '/', protocol, onFrame, onClose }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let pending = null;
    let upgraded = false;
    let corked = false;

    const send = (payload) => {
      const header = frameHeader(payload.length, 2);
      const body = Buffer.allocUnsafe(payload.length);
      bufferutil.mask(payload, MASK, body, 0, payload.length);
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(() => {
          corked = false;
          socket.uncork();
        });
      }
      socket.write(header);
      socket.write(body);
    };

    socket.once('error', (error) => (upgraded ? onClose?.(1006) : reject(error)));
    socket.once('close', () => onClose?.(1006));
    socket.on('data', (chunk) => {
      pending = pending ? Buffer.concat([pending, chunk]) : chunk;
      if (!upgraded) {
        const end = pending.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = pending.subarray(0, end).toString('latin1');
        if (!head.startsWith('HTTP/1.1 101')) {
          reject(new Error(`upgrade refused: ${head.split('\r\n')[0]}`));
          socket.destroy();
          return;
        }
        upgraded = true;
        pending = pending.subarray(end + 4);
        resolve({ send, socket, close: () => socket.destroy() });
      }
      pending = readFrames(pending, onFrame, socket);
    });

    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        (protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : '') +
        '\r\n',
    );
  });
}

function frameHeader(length, opcode) {
  if (length < 126) return Buffer.from([0x80 | opcode, 0x80 | length, ...MASK]);
  const header = Buffer.from([0x80 | opcode, 0x80 | 126, 0, 0, ...MASK]);
  header.writeUInt16BE(length, 2);
  return header;
}

/** Calls onFrame for each whole binary frame; answers pings; returns what is left over. */
function readFrames(buffer, onFrame, socket) {
  let at = 0;
  while (buffer.length - at >= 2) {
    const opcode = buffer[at] & 0x0f;
    let length = buffer[at + 1] & 0x7f;
    let header = 2;
    if (length === 126) {
      if (buffer.length - at < 4) break;
      length = buffer.readUInt16BE(at + 2);
      header = 4;
    }
    if (buffer.length - at < header + length) break;
    const payload = buffer.subarray(at + header, at + header + length);
    at += header + length;
    if (opcode === 2) onFrame(payload);
    else if (opcode === 9) {
      const body = Buffer.allocUnsafe(length);
      bufferutil.mask(payload, MASK, body, 0, length);
      socket.write(Buffer.concat([frameHeader(length, 10), body]));
    } else if (opcode === 8) socket.destroy();
  }
  return at === buffer.length ? null : buffer.subarray(at);
}
