// A slow mobile line as a TCP proxy in front of the site: each way takes its time, and all connections share one narrow
// road. (The browser's own throttle leaves out what a worker fetches, and here the worker fetches most.)
import { connect, createServer } from 'node:net';

/** Lighthouse's "slow 4G". */
export const SLOW_4G = { roundTripMs: 150, downBytesPerSecond: 200_000, upBytesPerSecond: 93_750 };

/** Two packets: what is sent together arrives bit by bit. */
const PIECE = 2_920;
/** What a road keeps waiting in front of it before the sender has to wait. */
const BACKLOG_MS = 100;

/** One direction of the road: pieces wait for each other's length, then travel half a round trip. In order. */
function road(bytesPerSecond, delayMs) {
  let freeAt = 0;
  let last = Promise.resolve();
  const until = async (at) => {
    const left = at - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  };
  /** @returns how long the sender should wait before it sends more. */
  return (chunk, deliver) => {
    for (let from = 0; from < chunk.length; from += PIECE) {
      const piece = chunk.subarray(from, from + PIECE);
      freeAt = Math.max(performance.now(), freeAt) + (piece.length / bytesPerSecond) * 1_000;
      const at = freeAt + delayMs;
      last = last.then(() => until(at)).then(() => deliver(piece));
    }
    return freeAt - performance.now() - BACKLOG_MS;
  };
}

/** @returns the port to use instead of `target`, how many bytes came down, and how to switch it off and to end it. */
export async function slowLine(target, line = SLOW_4G) {
  const half = line.roundTripMs / 2;
  const down = road(line.downBytesPerSecond, half);
  const up = road(line.upBytesPerSecond, half);
  const state = { isSlow: true, bytesDown: 0, trips: [] };
  let connections = 0;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const connection = ++connections;
    const note = (what) => state.trips.push({ at: performance.now(), connection, what });
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    // TCP's handshake is a round trip before the first byte; TLS's, another, travels on this road itself.
    const ready = new Promise((resolve) => setTimeout(resolve, line.roundTripMs));
    near.on('data', (chunk) => {
      note(`up ${chunk.length}`);
      if (!state.isSlow) return far.write(chunk);
      ready.then(() => up(chunk, (piece) => far.writable && far.write(piece)));
    });
    far.on('data', (chunk) => {
      state.bytesDown += chunk.length;
      if (!state.isSlow) return near.write(chunk);
      note(`down ${chunk.length}`);
      const waitMs = down(chunk, (piece) => near.writable && near.write(piece));
      if (waitMs <= 0) return;
      far.pause();
      setTimeout(() => far.resume(), waitMs);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return { port, state, close: () => server.close() };
}
