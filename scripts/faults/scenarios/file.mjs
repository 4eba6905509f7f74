// A file of 25 MiB each way between two people: on its way out and on its way in the connection is cut five times each,
// and the relay is killed with -9 once each. Counted in the pieces that a block carries, compared byte by byte with
// what was sent. Not in the default run: it moves a hundred megabytes.
import { randomFillSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { FaultProxy } from '../proxy/fault-proxy.mjs';
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce } from '../talker.mjs';
import { addTallies } from '../tally.mjs';

export const title = 'a file of 25 MiB each way; connection cut 5x and relay killed, on the way out and in';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };
export const onRequest = true;

const LENGTH = 25 * 1_048_576;
/** Plaintext in one block of a spill. */
const PIECE = 3_928;
const CUTS = 5;
/** Without progress for so long it will not come. A busy machine is slow, and slow is not lost. */
const PATIENCE_MS = 60_000;

/** Breaks something each time that another share of the file has moved; remembers what it broke. */
class Breaker {
  broken = [];
  #next = 0;
  #moved = Date.now();
  #acts;

  constructor(person, direction, acts) {
    this.#acts = acts;
    person.chat.onEvent(({ event, direction: way, state, done }) => {
      if (event !== 'progress' || way !== direction) return;
      this.#moved = Date.now();
      const [name, act] = this.#acts[this.#next] ?? [];
      if (act === undefined || state !== 'running') return;
      if (done < ((this.#next + 1) * LENGTH) / (this.#acts.length + 2)) return;
      this.#next++;
      this.broken.push(name);
      void act();
    });
  }

  /** Resolves with `work`, or rejects once nothing has moved for long. */
  async whileItMoves(work) {
    let timer;
    const stuck = new Promise((_, reject) => {
      timer = setInterval(() => {
        if (Date.now() - this.#moved > PATIENCE_MS) reject(new Error('the file does not move any more'));
      }, 500);
    });
    try {
      return await Promise.race([work, stuck]);
    } finally {
      clearInterval(timer);
    }
  }
}

export async function run({ dir, random, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const proxies = [];
  const people = [];
  for (const name of ['ada', 'ben']) {
    const proxy = await FaultProxy.start({ port: relay.port, seed: random.between(1, 2 ** 30) });
    proxies.push(proxy);
    people.push(new Talker({ name, relay: proxy.url, profile: `${dir}/${name}` }));
  }
  const faults = () => {
    const cuts = Array.from({ length: CUTS }, () => {
      const how = random.pick(['rst', 'fin']);
      return [`cut by ${how}`, () => proxies.forEach((proxy) => proxy.cut(how))];
    });
    cuts.splice(random.between(1, CUTS - 1), 0, ['relay killed', () => relay.killAndRestart()]);
    return cuts;
  };
  const [ada, ben] = people;
  try {
    for (const person of people) await person.chat.start();
    await introduce(ada, ben);
    // Files wait until each side has heard of the other.
    for (const [from, to] of [
      [ben, ada],
      [ada, ben],
    ]) {
      const heard = to.chat.when(({ event }) => event === 'message', 30_000, 'a first word');
      from.chat.tell({ cmd: 'send', conversation: from.conversation, text: 'hello' });
      await heard;
    }
    const there = await cross(ada, ben, { dir, faults, log });
    return addTallies(there, await cross(ben, ada, { dir, faults, log }));
  } finally {
    for (const person of people) await person.chat.quit();
    for (const proxy of proxies) await proxy.close();
    await relay.stop();
  }
}

async function cross(from, to, { dir, faults, log }) {
  const content = randomFillSync(Buffer.alloc(LENGTH));
  const [source, target] = [`${dir}/of-${from.name}.bin`, `${dir}/at-${to.name}.bin`];
  writeFileSync(source, content);
  const out = new Breaker(from, 'out', faults());
  const told = to.chat.when(
    ({ event, kind }) => event === 'message' && kind === 'attachment',
    600_000,
    'the file',
  );
  from.chat.tell({ cmd: 'sendFile', conversation: from.conversation, path: source, ref: 'file' });
  const { id } = await out.whileItMoves(told);
  log(`${from.name} sent it: ${out.broken.join(', ')}`);
  const back = new Breaker(to, 'in', faults());
  const fetched = to.chat.ask(
    { cmd: 'download', conversation: to.conversation, id, path: target },
    'downloaded',
    600_000,
  );
  await back.whileItMoves(fetched);
  log(`${to.name} fetched it: ${back.broken.join(', ')}`);
  for (const { broken } of [out, back])
    if (broken.length !== CUTS + 1)
      throw new Error(`only ${broken.length} faults hit it: ${broken.join(', ')}`);
  return compare(content, readFileSync(target), await to.chat.history(to.conversation));
}

/** In pieces: `missing` names the first that differ. */
function compare(content, came, history) {
  const sent = Math.ceil(content.length / PIECE);
  const missing = [];
  for (let piece = 0; piece < sent; piece++) {
    const [from, to] = [piece * PIECE, Math.min((piece + 1) * PIECE, content.length)];
    if (Buffer.compare(content.subarray(from, to), came.subarray(from, to)) !== 0)
      missing.push(`piece ${piece}`);
  }
  if (came.length !== content.length) missing.push(`length ${came.length}`);
  const files = history.filter(({ kind, mine }) => kind === 'attachment' && !mine).length;
  return {
    sent,
    delivered: sent - missing.length,
    lost: missing.length,
    doubled: files - 1,
    outOfOrder: 0,
    missing,
  };
}
