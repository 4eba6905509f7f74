// The baseline: a bare `ws` server that forwards each message to the other end of its pair, one write a message, and
// keeps nothing. /a/N and /b/N are a pair; in /room/N what `w` sends goes to all `r`; /echo answers each message with 512 bytes; /idle only sits there.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const CONTROL = Buffer.alloc(512);
const server = createServer();
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: false,
  clientTracking: false,
  skipUTF8Validation: true,
});
const ends = new Map();
const rooms = new Map();
const DATA_BYTES = 4480;

sockets.on('connection', (socket, request) => {
  const [, side, pair, role] = request.url.split('/');
  if (side === 'idle') return;
  if (side === 'room') {
    const readers = rooms.get(pair) ?? new Set();
    rooms.set(pair, readers);
    if (role === 'r') readers.add(socket);
    socket.on('message', (data) => {
      // Whatever is smaller is an ack, which a bare server has no use for.
      if (data.length === DATA_BYTES) for (const reader of readers) reader.send(data, { binary: true });
    });
    socket.on('close', () => readers.delete(socket));
    return;
  }
  if (side === 'echo') {
    socket.on('message', () => socket.send(CONTROL));
    return;
  }
  const other = `${side === 'a' ? 'b' : 'a'}/${pair}`;
  ends.set(`${side}/${pair}`, socket);
  let peer;
  socket.on('message', (data) => {
    peer ??= ends.get(other);
    peer.send(data, { binary: true });
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
