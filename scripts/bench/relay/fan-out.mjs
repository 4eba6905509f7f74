// One writer, many readers: deliveries per CPU second of the server, of a log at the relay and of bare ws sending the
// same frames. A message is settled when every reader has it, and as many are in flight as `window` says; a reader
// acks every sixteenth (its acks are cumulative), in both.
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BLOCK_BYTES, CONTROL_FRAME_BYTES, DATA_FRAME_BYTES } from '@sotto/wire';
import { openBenchPeer, planChannel } from './bench-peer.mjs';
import { openRawSocket } from './raw-socket.mjs';

const WINDOW = 4;
const ACK_EVERY = 16;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps the window full; `send` sends one, `room.delivered` counts what readers got. */
async function drive({ room, readers, send, seconds, server }) {
  let sent = 0;
  const latencies = [];
  const sentAt = [];
  let settled = 0;
  let stopped = false;
  const pump = () => {
    const now = performance.now();
    for (; settled < Math.floor(room.delivered / readers); settled++) latencies.push(now - sentAt[settled]);
    while (!stopped && sent - settled < WINDOW) {
      sentAt.push(performance.now());
      sent++;
      send();
    }
  };
  room.onDelivered = pump;
  pump();
  await sleep((seconds * 1000) / 5);
  const before = { cpu: server.cpuSeconds(), delivered: room.delivered, at: performance.now() };
  latencies.length = 0;
  await sleep(seconds * 1000);
  const delivered = room.delivered - before.delivered;
  const cpu = server.cpuSeconds() - before.cpu;
  const elapsed = (performance.now() - before.at) / 1000;
  stopped = true;
  await sleep(200);
  latencies.sort((a, b) => a - b);
  return {
    perCpuSecond: delivered / cpu,
    rate: delivered / elapsed,
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

/** A log with `readers` subscriptions, each on a connection of its own. */
export async function logFanOut({ port, readers, seconds, server }) {
  const room = { delivered: 0, onDelivered: () => {} };
  const plan = planChannel();
  const writer = await openBenchPeer({ port });
  await writer.createChannel(1, plan, 'log');
  await writer.prove(2, 'writer', plan.writeId, plan.writer);
  const peers = [writer];
  for (let i = 0; i < readers; i++) {
    let got = 0;
    const reader = await openBenchPeer({
      port,
      onDeliver: (frame) => {
        room.delivered++;
        if (++got % ACK_EVERY === 0) reader.ack(1, frame);
        room.onDelivered();
      },
    });
    await reader.prove(1, 'reader', plan.readId, plan.reader);
    await reader.call({ type: 'subscribe', handle: 1, credit: 64, after: 0, leaseSeconds: 0 });
    peers.push(reader);
  }
  const block = randomBytes(BLOCK_BYTES);
  const commitment = randomBytes(32);
  const send = () =>
    writer.ask({ type: 'append', handle: 2, appendId: randomBytes(16), block, commitment }, (answer) => {
      if (answer.type === 'refused') throw new Error(`the relay refused a bench append: ${answer.code}`);
    });
  const result = await drive({ room, readers, send, seconds, server });
  for (const peer of peers) peer.close();
  return result;
}

/** The same frames from a bare ws server. */
export async function bareFanOut({ port, readers, seconds, server }) {
  const room = { delivered: 0, onDelivered: () => {} };
  const control = randomBytes(CONTROL_FRAME_BYTES);
  const sockets = [];
  for (let i = 0; i < readers; i++) {
    let got = 0;
    const socket = await openRawSocket({
      port,
      path: '/room/1/r',
      onFrame: () => {
        room.delivered++;
        if (++got % ACK_EVERY === 0) socket.send(control);
        room.onDelivered();
      },
    });
    sockets.push(socket);
  }
  const writer = await openRawSocket({ port, path: '/room/1/w', onFrame: () => {} });
  const data = randomBytes(DATA_FRAME_BYTES);
  const result = await drive({ room, readers, send: () => writer.send(data), seconds, server });
  for (const socket of [...sockets, writer]) socket.close();
  return result;
}
