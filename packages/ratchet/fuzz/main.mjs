// Coverage-guided fuzzing of every parser of the package. A crash is anything thrown that isn't a refusal; a hang is
// more than a second for one input, each time it is tried (ten where a forged counter makes chains step).
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { importTargets } from './instrument.mjs';

const HELP = `node packages/ratchet/fuzz/main.mjs [options]

Fuzzes the parsers, and the receiving half of a session behind them, guided by branch coverage.

  --minutes N    in all, shared out evenly (default 1)
  --target NAME  one target only; --list names them
  --seed N       of the mutations (default: the clock)
  --list
  --json FILE    writes the counts and finds there
  --help
`;

const MAX_INPUT_BYTES = 16_384;
const WATCH_MS = 1000;
/** Without one finished input for this much work of the processor, it hangs: a busy machine alone is no find. */
const HANG_CPU_MS = 20_000;

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs one target to its end, or until it hangs. */
function fuzz(target, seed, minutes) {
  const shared = new SharedArrayBuffer(8 + MAX_INPUT_BYTES);
  const status = new Int32Array(shared, 0, 2);
  const workerData = { target, seed, endMs: Date.now() + minutes * 60_000, shared };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData });
    let last = { executions: -1, cpuMs: cpuMs() };
    const watch = setInterval(() => {
      const executions = Atomics.load(status, 0);
      if (executions !== last.executions) last = { executions, cpuMs: cpuMs() };
      else if (cpuMs() - last.cpuMs > HANG_CPU_MS) {
        const input = Buffer.from(new Uint8Array(shared, 8, status[1])).toString('base64');
        void worker.terminate();
        finish({ target, executions, find: { kind: 'hang', error: 'did not return', input } });
      }
    }, WATCH_MS);
    const finish = (result) => {
      clearInterval(watch);
      resolve(result);
    };
    worker.on('message', finish);
    worker.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    target: { type: 'string' },
    seed: { type: 'string' },
    list: { type: 'boolean' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) console.log(HELP);
else {
  const known = Object.keys((await importTargets()).targets);
  if (values.list) console.log(known.join('\n'));
  else if (values.target !== undefined && !known.includes(values.target)) {
    console.error(`no target "${values.target}"; there are: ${known.join(', ')}`);
    process.exitCode = 2;
  } else {
    const names = values.target === undefined ? known : [values.target];
    const seed = Number(values.seed ?? Date.now() & 0x7fffffff);
    console.log(`seed ${seed}`);
    const results = [];
    for (const name of names) {
      const result = await fuzz(name, seed, Number(values.minutes) / names.length);
      results.push(result);
      const { executions, corpus, branchesReached, find } = result;
      console.log(`${name.padEnd(22)} ${executions} inputs, ${corpus} kept, ${branchesReached} branches`);
      if (find) console.error(`  ${find.kind}: ${find.error}\n  input (base64): ${find.input}`);
    }
    const failed = results.some(({ find }) => find);
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ seed, results }, null, 2)}\n`);
    process.exitCode = failed ? 1 : 0;
  }
}
