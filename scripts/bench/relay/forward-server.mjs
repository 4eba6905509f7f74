// The baseline: a bare `ws` server that forwards each message to the other end of its pair, one write a message, and
// keeps nothing. /a/N and /b/N are a pair; /echo answers each message with 512 bytes; /idle only sits there.
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

sockets.on('connection', (socket, request) => {
  const [, side, pair] = request.url.split('/');
  if (side === 'idle') return;
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
