// The loads: pairs that keep a window of messages in flight for a while, over the relay, bare ws, MQTT and JetStream.
// Each returns { messages, seconds, rate, p50, p99, cpuPer100k, generatorBusy }; the first fifth is warm-up.
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BLOCK_BYTES, CONTROL_FRAME_BYTES, DATA_FRAME_BYTES } from '@sotto/wire';
import { openBenchPeer, planChannel } from './bench-peer.mjs';
import { openRawSocket } from './raw-socket.mjs';

const COMMITMENT = randomBytes(32);

/** Keeps `window` messages in flight per sender for `seconds`; sender(i)(done) sends one and calls done when it is settled. */
async function drive({ senders, window, seconds, server, perSecond }) {
  const latencies = [];
  let counting = false;
  let stopped = false;
  let counted = 0;
  let inFlight = 0;
  let drained;
  const whenDrained = new Promise((resolve) => (drained = resolve));

  const next = (send, began = performance.now(), settled = () => {}) => {
    if (stopped) return;
    inFlight++;
    send(() => {
      inFlight--;
      settled();
      if (counting && !stopped) {
        counted++;
        latencies.push(performance.now() - began);
      }
      if (stopped && inFlight === 0) drained();
      if (perSecond === undefined) next(send);
    });
  };
  let pacer;
  if (perSecond === undefined) for (const send of senders) for (let i = 0; i < window; i++) next(send);
  else {
    // What is due waits for a sender with room, as in a client, and its time runs from when it was due.
    const began = performance.now();
    const waiting = [];
    const free = senders.flatMap((send) => Array.from({ length: window }, () => send));
    let sent = 0;
    const go = () => {
      while (waiting.length > 0 && free.length > 0) {
        const send = free.shift();
        next(send, waiting.shift(), () => {
          free.push(send);
          go();
        });
      }
    };
    pacer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * perSecond;
      for (; sent < due; sent++) waiting.push(began + (sent * 1000) / perSecond);
      go();
    }, 1);
  }

  await sleep((seconds * 1000) / 5);
  const cpu0 = server.cpuSeconds();
  const own0 = process.cpuUsage();
  const t0 = performance.now();
  counting = true;
  await sleep(seconds * 1000);
  const elapsed = (performance.now() - t0) / 1000;
  const cpu = server.cpuSeconds() - cpu0;
  const own = process.cpuUsage(own0);
  stopped = true;
  clearInterval(pacer);
  await Promise.race([whenDrained, sleep(2000)]);
  latencies.sort((a, b) => a - b);
  return {
    messages: counted,
    seconds: elapsed,
    rate: counted / elapsed,
    p50: latencies[Math.floor(latencies.length * 0.5)],
    p99: latencies[Math.floor(latencies.length * 0.99)],
    cpuPer100k: (cpu / counted) * 100_000,
    generatorBusy: (own.user + own.system) / 1e6 / elapsed,
  };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Settles sends of one pair in their order, each once it is both answered and delivered. */
function whenBoth() {
  const waiting = [];
  const came = { answered: 0, delivered: 0 };
  let settled = 0;
  return {
    send: (done) => waiting.push(done),
    came(what) {
      came[what]++;
      for (; settled < Math.min(came.answered, came.delivered); settled++) waiting.shift()();
    },
  };
}

/**
 * Durable append → deliver → ack over the relay; a message is settled when `appended` has come.
 * @param options ports - of several relays over one store: reader and writer of a pair are never at the same one;
 *   untilDelivered - a message is settled when it was delivered, too: where the reader is the slower of the two;
 *   perSecond - sends so many in all, whatever comes back, instead of keeping a window full.
 */
export async function relayLoad(options) {
  const { port, ports = [port], pairs, window, seconds, server, perSecond, untilDelivered = false } = options;
  const block = randomBytes(BLOCK_BYTES);
  const peers = [];
  const senders = [];
  let delivered = 0;
  for (let i = 0; i < pairs; i++) {
    const plan = planChannel();
    const both = untilDelivered ? whenBoth() : undefined;
    // Over several processes: the two of a pair are never at the same one.
    const reader = await openBenchPeer({
      port: ports[i % ports.length],
      onDeliver: (frame) => {
        delivered++;
        reader.ack(2, frame);
        both?.came('delivered');
      },
    });
    await reader.createChannel(1, plan);
    await reader.prove(2, 'reader', plan.readId, plan.reader);
    await reader.call({ type: 'subscribe', handle: 2, credit: 64, after: 0, leaseSeconds: 0 });
    const writer = await openBenchPeer({ port: ports[(i + 1) % ports.length] });
    await writer.prove(1, 'writer', plan.writeId, plan.writer);
    peers.push(reader, writer);
    senders.push((done) => {
      both?.send(done);
      writer.ask(
        { type: 'append', handle: 1, appendId: randomBytes(16), block, commitment: COMMITMENT },
        (answer) => {
          if (answer.type === 'refused') throw new Error(`the relay refused a bench append: ${answer.code}`);
          if (both === undefined) done();
          else both.came('answered');
        },
      );
    });
  }
  const result = await drive({ senders, window, seconds, server, perSecond });
  for (const peer of peers) peer.close();
  if (delivered < result.messages) throw new Error('fewer blocks were delivered than appended');
  return result;
}

/** The same frames through the bare forwarder: 4,480 bytes there, 512 bytes of ack back. */
export async function forwardLoad({ port, pairs, window, seconds, server }) {
  const data = randomBytes(DATA_FRAME_BYTES);
  const control = randomBytes(CONTROL_FRAME_BYTES);
  const sockets = [];
  const senders = [];
  for (let i = 0; i < pairs; i++) {
    const waiting = [];
    const b = await openRawSocket({ port, path: `/b/${i}`, onFrame: () => b.send(control) });
    const a = await openRawSocket({ port, path: `/a/${i}`, onFrame: () => waiting.shift()() });
    sockets.push(a, b);
    senders.push((done) => {
      waiting.push(done);
      a.send(data);
    });
  }
  const result = await drive({ senders, window, seconds, server });
  for (const socket of sockets) socket.close();
  return result;
}

/** One 4,480-byte message up, 512 bytes back, one at a time: the bare round trip. */
export async function echoLoad({ port, seconds, server }) {
  const data = randomBytes(DATA_FRAME_BYTES);
  const waiting = [];
  const socket = await openRawSocket({ port, path: '/echo', onFrame: () => waiting.shift()() });
  const send = (done) => {
    waiting.push(done);
    socket.send(data);
  };
  const result = await drive({ senders: [send], window: 1, seconds, server });
  socket.close();
  return result;
}

/** MQTT 3.1.1, QoS 1 in both directions, 4 KiB payloads; settled at PUBACK. */
export async function mqttLoad({ port, pairs, window, seconds, server }) {
  const { default: mqtt } = await import('mqtt');
  const payload = randomBytes(BLOCK_BYTES);
  const clients = [];
  const senders = [];
  for (let i = 0; i < pairs; i++) {
    const connect = () =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    const reader = await connect();
    await reader.subscribeAsync(`pair/${i}`, { qos: 1 });
    const writer = await connect();
    clients.push(reader, writer);
    senders.push((done) => writer.publish(`pair/${i}`, payload, { qos: 1 }, done));
  }
  const result = await drive({ senders, window, seconds, server });
  await Promise.all(clients.map((client) => client.endAsync(true)));
  return result;
}

/** NATS JetStream on files, one stream, a durable consumer a pair with explicit acks; settled at the publish ack. */
export async function jetStreamLoad({ port, pairs, window, seconds, server }) {
  const { connect, AckPolicy, RetentionPolicy, StorageType } = await import('nats');
  const payload = randomBytes(BLOCK_BYTES);
  const admin = await connect({ servers: `127.0.0.1:${port}` });
  const manager = await admin.jetstreamManager();
  await manager.streams.add({
    name: 'pairs',
    subjects: ['pair.*'],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
  });
  const connections = [admin];
  const senders = [];
  for (let i = 0; i < pairs; i++) {
    await manager.consumers.add('pairs', {
      durable_name: `reader${i}`,
      filter_subject: `pair.${i}`,
      ack_policy: AckPolicy.Explicit,
    });
    const reader = await connect({ servers: `127.0.0.1:${port}` });
    const writer = await connect({ servers: `127.0.0.1:${port}` });
    connections.push(reader, writer);
    const messages = await (
      await reader.jetstream().consumers.get('pairs', `reader${i}`)
    ).consume({ max_messages: 64 });
    void (async () => {
      for await (const message of messages) message.ack();
    })();
    const stream = writer.jetstream();
    senders.push((done) => void stream.publish(`pair.${i}`, payload).then(done));
  }
  const result = await drive({ senders, window, seconds, server });
  await Promise.all(connections.map((connection) => connection.close()));
  return result;
}
