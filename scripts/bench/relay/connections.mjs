// What connections cost: memory of idle ones, CPU to accept (and, at the relay, to prove) one.
import { performance } from 'node:perf_hooks';
import { openBenchPeer, planChannel } from './bench-peer.mjs';
import { openRawSocket } from './raw-socket.mjs';

const BATCH = 100;

/**
 * Opens `count` connections in batches, does with each what comes `after`, then lets the server rest.
 * @returns { kibPerConnection, cpuMicrosPerConnection, microsAfter, seconds, held }
 */
async function openMany({ count, server, open, after = () => {} }) {
  const rss0 = server.rssKiB();
  const cpu0 = server.cpuSeconds();
  const t0 = performance.now();
  const held = [];
  while (held.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - held.length) }, (_, i) =>
      open(held.length + i),
    );
    held.push(...(await Promise.all(batch)));
  }
  const seconds = (performance.now() - t0) / 1000;
  const cpu = server.cpuSeconds() - cpu0;
  for (let from = 0; from < count; from += BATCH)
    await Promise.all(held.slice(from, from + BATCH).map(after));
  const cpuAfter = server.cpuSeconds() - cpu0 - cpu;
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const kib = (server.rssKiB() - rss0) / count;
  const closed = held.filter((peer) => peer.closed).length;
  for (const peer of held) peer.close();
  return {
    kibPerConnection: kib,
    cpuMicrosPerConnection: (cpu / count) * 1e6,
    microsAfter: (cpuAfter / count) * 1e6,
    seconds,
    held: count - closed,
  };
}

/** Connections that only upgraded. */
export function bareConnections({ port, count, server }) {
  return openMany({ count, server, open: () => openRawSocket({ port, path: '/idle', onFrame: () => {} }) });
}

/** Makes mailboxes over one connection, so that the measured part has only proofs in it. */
export async function makeMailboxes({ port, count }) {
  // One set of keys serves all: what is measured is the relay, and it can't tell.
  const keys = planChannel();
  const plans = Array.from({ length: count }, () => planChannel(keys));
  for (let from = 0; from < count; from += 200) {
    const maker = await openBenchPeer({ port });
    await Promise.all(plans.slice(from, from + 200).map((plan, at) => maker.createChannel(at + 1, plan)));
    maker.close();
  }
  return plans;
}

/** Connections that each proved a mailbox of their own, and then subscribed to it. */
export function provedConnections({ port, plans, server }) {
  return openMany({
    count: plans.length,
    server,
    open: async (i) => {
      const peer = await openBenchPeer({ port });
      await peer.prove(1, 'reader', plans[i].readId, plans[i].reader);
      return peer;
    },
    after: (peer) => peer.call({ type: 'subscribe', handle: 1, credit: 64, after: 0, leaseSeconds: 0 }),
  });
}
