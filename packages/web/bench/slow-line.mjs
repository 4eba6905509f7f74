// A slow mobile line as a TCP proxy in front of the site: each way takes its time, and all connections share one narrow
// road. (The browser's own throttle leaves out what a worker fetches, and here the worker fetches most.)
import { connect, createServer } from 'node:net';

/** Lighthouse's "slow 4G". */
export const SLOW_4G = { roundTripMs: 150, downBytesPerSecond: 200_000, upBytesPerSecond: 93_750 };

/** One direction of the road: chunks wait for each other's length, then travel half a round trip. */
function road(bytesPerSecond, delayMs) {
  let freeAt = 0;
  return (chunk, deliver) => {
    const now = performance.now();
    freeAt = Math.max(now, freeAt) + (chunk.length / bytesPerSecond) * 1_000;
    setTimeout(deliver, freeAt - now + delayMs);
  };
}

/** @returns the port to use instead of `target`, how many bytes came down, and how to switch it off and to end it. */
export async function slowLine(target, line = SLOW_4G) {
  const half = line.roundTripMs / 2;
  const down = road(line.downBytesPerSecond, half);
  const up = road(line.upBytesPerSecond, half);
  const state = { isSlow: true, bytesDown: 0 };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    // A connection begins with a handshake of TCP and one of TLS: two round trips before the first byte.
    const readyAt = performance.now() + 2 * line.roundTripMs;
    near.on('data', (chunk) => {
      if (!state.isSlow) return far.write(chunk);
      const shake = Math.max(0, readyAt - performance.now());
      setTimeout(() => up(chunk, () => far.writable && far.write(chunk)), shake);
    });
    far.on('data', (chunk) => {
      state.bytesDown += chunk.length;
      if (!state.isSlow) return near.write(chunk);
      down(chunk, () => near.writable && near.write(chunk));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return { port, state, close: () => server.close() };
}
