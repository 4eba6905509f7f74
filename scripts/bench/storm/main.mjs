// `npm run bench -- storm`: a relay is killed with everyone connected and comes back; all clients return within a
// second, prove and subscribe to their channels, and take the block that waited. Beside it, bare ws accepting as many.
// An error is whatever a client would have to tell its person: a right refused, a block lost or twice, a time without end.
import { randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { BLOCK_BYTES } from '@sotto/wire';
import { openBenchPeer, planChannel } from '../relay/bench-peer.mjs';
import { freePort, startServer } from '../relay/processes.mjs';
import { openRawSocket } from '../relay/raw-socket.mjs';
import { readOptions } from '../../lib/options.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const RELAY = join(HERE, '../../../relay/bin/sotto-relay.js');
const BARE = join(HERE, '../relay/forward-server.mjs');
const HELP = `npm run bench -- storm [options]

  --clients N    who come back (default 2000; the goal of the design is 10000)
  --channels N   of each (default 5)
  --seconds N    within which they come back at first (default 1)
  --json FILE    writes the figures there
  --help
`;
const HANDLES = 200;
const GIVE_UP_MS = 180_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const { values } = readOptions({
  options: {
    clients: { type: 'string', default: '2000' },
    channels: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const clients = Number(values.clients);
const channels = Number(values.channels);
const spreadMs = Number(values.seconds) * 1000;

/** As the SDK does: a random part of a time that doubles. */
const backOffMs = (tries) => Math.random() * Math.min(30_000, 500 * 2 ** tries);

/** Runs `come` for everyone, again where the connection fails. @returns when all are there. */
async function everyone(come) {
  const began = performance.now();
  const own0 = process.cpuUsage();
  const took = [];
  let retries = 0;
  const reasons = {};
  await Promise.all(
    Array.from({ length: clients }, async (_, who) => {
      await sleep(Math.random() * spreadMs);
      for (let tries = 0; ; tries++) {
        try {
          await come(who);
          break;
        } catch (error) {
          if (error.isFinal || performance.now() - began > GIVE_UP_MS) throw error;
          retries++;
          reasons[error.message] = (reasons[error.message] ?? 0) + 1;
          await sleep(backOffMs(tries));
        }
      }
      took.push(performance.now() - began);
    }),
  );
  took.sort((a, b) => a - b);
  const own = process.cpuUsage(own0);
  const generatorMicrosEach = (own.user + own.system) / clients;
  return {
    seconds: took.at(-1) / 1000,
    p50: took[took.length >> 1] / 1000,
    retries,
    reasons,
    generatorMicrosEach,
  };
}

function startRelay(port, dir) {
  const args = [RELAY, '--port', String(port), '--data', dir, '--log-level', 'silent'];
  return startServer(process.execPath, args, port);
}

/** Makes all channels, and one block in the first of each client. */
async function furnish(port) {
  const keys = planChannel();
  const plans = [];
  for (let who = 0; who < clients; who += HANDLES / channels) {
    const peer = await openBenchPeer({ port });
    const made = [];
    for (let at = 0; at < HANDLES / channels && who + at < clients; at++) {
      const own = Array.from({ length: channels }, () => planChannel(keys));
      for (const plan of own) made.push(peer.createChannel(made.length + 1, plan));
      plans.push(own);
    }
    await Promise.all(made);
    peer.close();
  }
  for (let who = 0; who < clients; who += HANDLES) {
    const peer = await openBenchPeer({ port });
    const block = randomBytes(BLOCK_BYTES);
    await Promise.all(
      plans.slice(who, who + HANDLES).map(async ([first], at) => {
        await peer.prove(at + 1, 'writer', first.writeId, first.writer);
        const commitment = randomBytes(32);
        await peer.call({ type: 'append', handle: at + 1, appendId: randomBytes(16), block, commitment });
      }),
    );
    peer.close();
  }
  return plans;
}

class Final extends Error {
  isFinal = true;
}

/** One client: connects, proves and subscribes to all its channels. @returns its connection. */
async function comeBack(port, plans, onDeliver) {
  let peer;
  const gone = new Promise((_, reject) => {
    const onClose = () => reject(new Error('the connection was closed'));
    openBenchPeer({ port, onDeliver: (frame) => onDeliver(peer, frame), onClose }).then(async (opened) => {
      peer = opened;
      ready();
    }, reject);
  });
  let ready;
  const opened = new Promise((resolve) => (ready = resolve));
  gone.catch(() => {});
  await Promise.race([opened, gone]);
  try {
    await Promise.race([gone, Promise.all(plans.map((plan, at) => subscribe(peer, at + 1, plan)))]);
  } catch (error) {
    peer.close();
    throw error;
  }
  return peer;
}

async function subscribe(peer, handle, plan) {
  try {
    await peer.prove(handle, 'reader', plan.readId, plan.reader);
    await peer.call({ type: 'subscribe', handle, credit: 64, after: 0, leaseSeconds: 0 });
  } catch (error) {
    // LATER is "come again"; anything else would reach the person.
    throw /LATER|RATE/.test(error.message) ? error : new Final(error.message);
  }
}

async function relayStorm() {
  const dir = mkdtempSync(join(tmpdir(), 'sotto-storm-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const port = await freePort();
  let server = await startRelay(port, dir);
  const plans = await furnish(port);
  const before = await everyone(async (who) => {
    held[who] = await comeBack(port, plans[who], () => {});
  });
  await server.stop('SIGKILL');
  for (const peer of held) peer.close();
  const down = performance.now();
  server = await startRelay(port, dir);
  const restart = (performance.now() - down) / 1000;
  const got = new Uint8Array(clients);
  const cpu0 = server.cpuSeconds();
  let late = 0;
  const after = await everyone(async (who) => {
    held[who] = await comeBack(port, plans[who], (peer, frame) => {
      got[who]++;
      peer.ack(1, frame);
    });
  });
  for (; got.some((count) => count === 0) && late < 100; late++) await sleep(100);
  const result = {
    ...after,
    restart,
    firstTime: before.seconds,
    cpuMicrosEach: ((server.cpuSeconds() - cpu0) / clients) * 1e6,
    lost: got.filter((count) => count === 0).length,
    doubled: got.filter((count) => count > 1).length,
    mib: server.rssKiB() / 1024,
  };
  for (const peer of held) peer.close();
  await server.stop();
  return result;
}

async function bareStorm() {
  const port = await freePort();
  const server = await startServer(process.execPath, [BARE, String(port)], port);
  const cpu0 = server.cpuSeconds();
  const result = await everyone(async (who) => {
    held[who] = await openRawSocket({ port, path: '/idle', onFrame: () => {} });
  });
  const cpuMicrosEach = ((server.cpuSeconds() - cpu0) / clients) * 1e6;
  for (const peer of held) peer.close();
  await server.stop();
  return { ...result, cpuMicrosEach };
}

/** What one thread here needs to sign for all of them: the storm can't be faster than its own weather. */
function signingSeconds() {
  const { reader } = planChannel();
  const began = performance.now();
  for (let n = 0; n < 1000; n++) sign(null, randomBytes(160), reader.privateKey);
  return ((performance.now() - began) / 1e6) * clients * channels;
}

const held = [];
const relay = await relayStorm();
const bare = await bareStorm();
const signing = signingSeconds();
const line = (name, r) =>
  `  ${name.padEnd(8)} all back after ${r.seconds.toFixed(1)} s (half after ${r.p50.toFixed(1)} s), ` +
  `${r.retries} tries failed ${r.retries ? JSON.stringify(r.reasons) : ''}, ${r.cpuMicrosEach.toFixed(0)} µs of server CPU each, ${r.generatorMicrosEach.toFixed(0)} of the generator`;
console.log(`\n${clients} clients with ${channels} channels each come back within ${spreadMs / 1000} s`);
console.log(line('relay', relay));
console.log(line('bare ws', bare));
console.log(
  `  relay up again ${relay.restart.toFixed(2)} s after kill -9, ${relay.mib.toFixed(0)} MiB with all of them; ` +
    `of ${clients} waiting blocks ${relay.lost} lost, ${relay.doubled} doubled; ` +
    `time to bare ws ${(relay.seconds / bare.seconds).toFixed(1)} (the generator alone signs for ${signing.toFixed(1)} s)`,
);
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ clients, channels, relay, bare }, null, 2)}\n`);
process.exit(relay.lost + relay.doubled === 0 ? 0 : 1);
