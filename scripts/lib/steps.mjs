// Runs named steps and counts what passed: the engine of `npm test`. Which steps there are is scripts/test.mjs. A step
// that fails doesn't stop the rest, so that one run tells all. Steps that bear company, next to one another in the list, run
// two at a time, their output kept until each is done; all others run alone and are seen while they run.
import { spawn } from 'node:child_process';
import { repoRoot } from './repo.mjs';

/**
 * `count` reads how many checks passed and failed from what the command left behind; without it the step is one check.
 * `inCompany` for what takes a core at most, writes nothing that another such step reads, and holds on a busy machine.
 * `unless` names what is missing for the step to make sense; it is then not run and counts as failed.
 * `notRun` names the checks that were left out, each with its reason where the check says one.
 * @typedef {{ passed: number, failed: number, note?: string, notRun?: string[] }} Count
 * @typedef {{ name: string, about: string, command: string[], env?: Record<string, string>, inCompany?: boolean,
 *   count?: (status: number) => Count, unless?: () => string | undefined }} Step
 */

const SIDE_BY_SIDE = 2;

/**
 * @param {Step} step
 * @returns {Promise<{ count: Count, said: string }>} `said`: what a step in company has printed.
 */
async function runStep(step) {
  const missing = step.unless?.();
  if (missing !== undefined)
    return { count: { passed: 0, failed: 1, note: `not run: ${missing}` }, said: '' };
  const [program, ...args] = step.command;
  const out = step.inCompany ? 'pipe' : 'inherit';
  const child = spawn(program, args, {
    cwd: repoRoot,
    // No step may wait for a terminal.
    stdio: ['ignore', out, out],
    env: { ...process.env, ...step.env },
  });
  const said = [];
  child.stdout?.on('data', (bytes) => said.push(bytes));
  child.stderr?.on('data', (bytes) => said.push(bytes));
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
  const count = step.count?.(status) ?? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  return { count, said: Buffer.concat(said).toString() };
}

function row(name, { passed, failed, seconds, note }) {
  const cells = [
    name.padEnd(10),
    (failed === 0 ? 'ok' : 'FAILED').padEnd(6),
    `${passed} passed, ${failed} failed`.padEnd(26),
    `${seconds.toFixed(1).padStart(6)} s`,
    note ?? '',
  ];
  return `  ${cells.join('  ')}`.trimEnd();
}

async function timed(step) {
  if (!step.inCompany) console.log(`\n=== ${step.name}: ${step.about}`);
  const started = performance.now();
  const { count, said } = await runStep(step);
  const result = { ...count, seconds: (performance.now() - started) / 1000 };
  if (step.inCompany) process.stdout.write(`\n=== ${step.name}: ${step.about}\n${said}`);
  console.log(`=== ${step.name}: ${result.failed === 0 ? 'ok' : 'FAILED'}, ${result.seconds.toFixed(1)} s`);
  return [step.name, result];
}

/** Runs all of them, so many at a time; answers in the order of the list. */
async function sideBySide(steps) {
  const results = new Map();
  const left = [...steps];
  const worker = async () => {
    for (let step = left.shift(); step !== undefined; step = left.shift())
      results.set(step, await timed(step));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return steps.map((step) => results.get(step));
}

/**
 * @param {Step[]} steps
 * @returns {Promise<number>} the exit code. The last line printed is `N passed, N failed`, alone.
 */
export async function runSteps(steps) {
  const results = [];
  const begun = performance.now();
  for (let at = 0; at < steps.length;) {
    let end = at;
    while (steps[end]?.inCompany) end++;
    if (end === at) results.push(await timed(steps[at++]));
    else {
      results.push(...(await sideBySide(steps.slice(at, end))));
      at = end;
    }
  }
  const notRun = results.flatMap(([, result]) => result.notRun ?? []);
  const total = (field) => results.reduce((sum, [, result]) => sum + result[field], 0);
  console.log(`\n${results.map(([name, result]) => row(name, result)).join('\n')}`);
  console.log(`  in ${((performance.now() - begun) / 60_000).toFixed(1)} minutes\n`);
  if (notRun.length > 0) console.log(`not run here:\n${notRun.map((check) => `  ${check}\n`).join('')}`);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 && total('passed') > 0 ? 0 : 1;
}
