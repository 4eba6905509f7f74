// Hostile connections beside an honest pair: rubbish frames, wrong sizes, floods, connections that never prove, readers
// that never read, 10,000 proofs that fail. The relay's memory stays bounded and the honest pair is served on.
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BLOCK_BYTES, CONTROL_FRAME_BYTES, DATA_FRAME_BYTES, encodeClientFrame } from '@sotto/wire';
import { openBenchPeer, planChannel } from '../../bench/relay/bench-peer.mjs';
import { openRawSocket } from '../../bench/relay/raw-socket.mjs';
import { RelayProcess, freePort } from '../relay-process.mjs';

export const title = 'hostile connections beside an honest pair';
/** It measures how the honest pair is served: nothing else may run beside it. */
export const alone = true;
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

const MAX_GROWTH_KIB = 192 * 1024;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run({ dir, random, failingProofs = 10_000, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const honest = await honestPair(relay.port);
  const sampler = setInterval(() => relay.sampleMemory(), 100);
  const hostile = [];
  const open = async (options = {}) => {
    const state = { closed: false };
    const socket = await openRawSocket({
      port: relay.port,
      path: '/v1',
      protocol: 'sotto.v1',
      onFrame: () => {},
      onClose: () => (state.closed = true),
      ...options,
    });
    hostile.push(socket);
    return { ...socket, state };
  };
  try {
    await honest.talk(2000);
    const calm = honest.p99();
    const before = relay.sampleMemory();

    const attacks = [
      [
        'rubbish frames of random sizes',
        async () => {
          for (let i = 0; i < 200; i++) {
            const one = await open();
            one.send(
              randomBytes(
                random.pick([0, 1, 17, 511, CONTROL_FRAME_BYTES, 513, DATA_FRAME_BYTES, 4481, 70_00]),
              ),
            );
          }
        },
      ],
      [
        'connections that never prove',
        async () => {
          for (let i = 0; i < 500; i++) await open();
        },
      ],
      [
        `${failingProofs} proofs that fail`,
        async () => {
          for (let sent = 0; sent < failingProofs; sent += 250) {
            const peer = await openBenchPeer({ port: relay.port }).catch(() => undefined);
            if (!peer) break; // refused by address: what should happen
            hostile.push(peer);
            for (let i = 1; i <= 250; i++)
              peer.ask(
                {
                  type: 'prove',
                  handle: i,
                  right: 'reader',
                  id: randomBytes(24),
                  publicKey: randomBytes(32),
                  signature: randomBytes(64),
                },
                () => {},
              );
            await sleep(1);
          }
        },
      ],
      [
        'floods of pings and of unasked acks',
        async () => {
          for (let i = 0; i < 10; i++) {
            const one = await open();
            one.send(
              encodeClientFrame({ request: 1, type: 'hello', version: 1, clientNonce: randomBytes(32) }),
            );
            for (let n = 2; n < 5000; n++) one.send(encodeClientFrame({ request: n, type: 'ping' }));
            await sleep(1);
          }
        },
      ],
      [
        'readers that never read',
        async () => {
          for (let i = 0; i < 20; i++) {
            const plan = planChannel();
            const reader = await openBenchPeer({ port: relay.port }).catch(() => undefined);
            const writer = await openBenchPeer({ port: relay.port }).catch(() => undefined);
            if (!reader || !writer) continue;
            hostile.push(reader, writer);
            try {
              await reader.createChannel(1, plan);
              await reader.prove(2, 'reader', plan.readId, plan.reader);
              await reader.call({ type: 'subscribe', handle: 2, credit: 64, after: 0, leaseSeconds: 0 });
              reader.socket?.pause();
              await writer.prove(1, 'writer', plan.writeId, plan.writer);
            } catch {
              continue; // refused: fine
            }
            for (let n = 0; n < 200; n++)
              writer.ask(
                {
                  type: 'append',
                  handle: 1,
                  appendId: randomBytes(16),
                  block: randomBytes(BLOCK_BYTES),
                  commitment: randomBytes(32),
                },
                () => {},
              );
            await sleep(1);
          }
        },
      ],
    ];
    for (const [name, attack] of attacks) {
      honest.reset();
      const talking = honest.talk(2500);
      await attack();
      await talking;
      log(
        `${name}: honest p99 ${honest.p99().toFixed(2)} ms (calm ${calm.toFixed(2)}), relay ${(relay.sampleMemory() / 1024).toFixed(0)} MiB`,
      );
    }
    for (const socket of hostile) socket.close();
    await sleep(1000);
    const healthy = await relay.healthy();
    const growth = relay.peakRssKiB - before;
    log(
      `peak memory of the relay ${(relay.peakRssKiB / 1024).toFixed(0)} MiB, ${(growth / 1024).toFixed(0)} above calm`,
    );
    const result = honest.tally();
    if (!healthy) throw new Error('the relay is not healthy after the attacks');
    if (growth > MAX_GROWTH_KIB) throw new Error(`memory grew by ${growth} KiB, more than ${MAX_GROWTH_KIB}`);
    return result;
  } finally {
    clearInterval(sampler);
    for (const socket of hostile) socket.close();
    honest.close();
    await relay.stop();
  }
}

/** A pair that exchanges one message at a time and knows each by its append id. */
async function honestPair(port) {
  const plan = planChannel();
  const arrived = [];
  const sent = [];
  let times = [];
  const reader = await openBenchPeer({
    port,
    onDeliver: (frame) => {
      arrived.push(Buffer.from(frame.appendId).toString('hex'));
      reader.ack(2, frame);
    },
  });
  await reader.createChannel(1, plan);
  await reader.prove(2, 'reader', plan.readId, plan.reader);
  await reader.call({ type: 'subscribe', handle: 2, credit: 64, after: 0, leaseSeconds: 0 });
  const writer = await openBenchPeer({ port });
  await writer.prove(1, 'writer', plan.writeId, plan.writer);
  return {
    async talk(ms) {
      for (const end = performance.now() + ms; performance.now() < end;) {
        const appendId = randomBytes(16);
        sent.push(appendId.toString('hex'));
        const began = performance.now();
        await writer.call({
          type: 'append',
          handle: 1,
          appendId,
          block: randomBytes(BLOCK_BYTES),
          commitment: randomBytes(32),
        });
        times.push(performance.now() - began);
        await sleep(5);
      }
    },
    reset: () => (times = []),
    p99: () => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0,
    tally() {
      const position = new Map(sent.map((id, i) => [id, i]));
      const seen = new Set(arrived);
      let last = -1;
      let outOfOrder = 0;
      for (const id of arrived) {
        if (position.get(id) < last) outOfOrder++;
        last = Math.max(last, position.get(id));
      }
      const missing = sent.filter((id) => !seen.has(id));
      return {
        sent: sent.length,
        delivered: seen.size,
        lost: missing.length,
        doubled: arrived.length - seen.size,
        outOfOrder,
        missing,
      };
    },
    close() {
      reader.close();
      writer.close();
    },
  };
}
