// The fuzzing loop of one target, in a thread of its own so that a hang can be seen from outside.
import { parentPort, workerData } from 'node:worker_threads';
import { importTargets } from './instrument.mjs';
import { generator, mutate } from './mutate.mjs';

const MAX_INPUT_BYTES = 16_384;
const DEFAULT_MAX_MS = 1000;
const SLOW_TRIES = 3;
const { target: name, seed, endMs, shared } = workerData;

/** What the watcher reads: [executions, input length], then the input. */
const status = new Int32Array(shared, 0, 2);
const current = new Uint8Array(shared, 8);

const { targets, isRefusal, coverage } = await importTargets();
const target = targets[name];
const maxMs = target.maxMs ?? DEFAULT_MAX_MS;
const pick = generator(seed);
const bucket = (hits) =>
  hits < 4 ? hits : hits < 8 ? 4 : hits < 16 ? 5 : hits < 32 ? 6 : hits < 128 ? 7 : 8;
const seen = new Uint16Array(coverage.length);
const corpus = [];

function publish(input) {
  current.set(input);
  status[1] = input.length;
  Atomics.add(status, 0, 1);
}

/** Whether the last run reached a counter bucket for the first time. */
function isNew() {
  let fresh = false;
  for (let i = 0; i < coverage.length; i++) {
    if (coverage[i] === 0) continue;
    const bit = 1 << bucket(coverage[i]);
    if ((seen[i] & bit) === 0) {
      seen[i] |= bit;
      fresh = true;
    }
  }
  return fresh;
}

/** A find, or undefined. What was slow is tried again: only the input's own fault repeats itself. */
async function run(input, tries = SLOW_TRIES) {
  publish(input);
  coverage.fill(0);
  const start = performance.now();
  try {
    const pending = target.run(input);
    if (pending) await pending;
  } catch (error) {
    if (!isRefusal(error))
      return { kind: 'crash', error: error instanceof Error ? error.stack : String(error) };
  }
  const ms = performance.now() - start;
  if (ms <= maxMs) return undefined;
  return tries > 1 ? run(input, tries - 1) : { kind: 'hang', error: `${ms.toFixed(0)} ms` };
}

async function fuzz() {
  for (const input of target.seeds) {
    const find = await run(input);
    if (find) return { ...find, input };
    isNew();
    corpus.push(input);
  }
  while (Date.now() < endMs) {
    const other = corpus[pick(corpus.length)];
    const input = mutate(corpus[pick(corpus.length)], pick, other).slice(0, MAX_INPUT_BYTES);
    const find = await run(input);
    if (find) return { ...find, input };
    if (isNew()) corpus.push(input);
  }
  return undefined;
}

const find = await fuzz();
const reached = seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
parentPort.postMessage({
  target: name,
  executions: status[0],
  corpus: corpus.length,
  branchesReached: reached,
  find: find && { ...find, input: Buffer.from(find.input).toString('base64') },
});
