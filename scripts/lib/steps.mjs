// Runs named steps one after the other and counts what passed: the engine of `npm test`. Which steps there are is
// scripts/test.mjs. A step that fails doesn't stop the rest, so that one run tells all.
import { spawnSync } from 'node:child_process';
import { repoRoot } from './repo.mjs';

/**
 * `count` reads how many checks passed and failed from what the command left behind; without it the step is one check.
 * `unless` names what is missing for the step to make sense; it is then not run and counts as failed.
 * @typedef {{ passed: number, failed: number, note?: string }} Count
 * @typedef {{ name: string, about: string, command: string[], env?: Record<string, string>,
 *   count?: (status: number) => Count, unless?: () => string | undefined }} Step
 */

/**
 * @param {Step} step
 * @returns {Count}
 */
function runStep(step) {
  const missing = step.unless?.();
  if (missing !== undefined) return { passed: 0, failed: 1, note: `not run: ${missing}` };
  const [program, ...args] = step.command;
  const run = spawnSync(program, args, {
    cwd: repoRoot,
    // No step may wait for a terminal.
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...step.env },
  });
  const status = run.status ?? 1;
  return step.count?.(status) ?? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
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

/**
 * @param {Step[]} steps
 * @returns {number} the exit code. The last line printed is `N passed, N failed`, alone.
 */
export function runSteps(steps) {
  const results = [];
  for (const step of steps) {
    console.log(`\n=== ${step.name}: ${step.about}`);
    const started = performance.now();
    const count = runStep(step);
    const result = { ...count, seconds: (performance.now() - started) / 1000 };
    results.push([step.name, result]);
    console.log(`=== ${step.name}: ${result.failed === 0 ? 'ok' : 'FAILED'}, ${result.seconds.toFixed(1)} s`);
  }
  const total = (field) => results.reduce((sum, [, result]) => sum + result[field], 0);
  console.log(`\n${results.map(([name, result]) => row(name, result)).join('\n')}`);
  console.log(`  in ${(total('seconds') / 60).toFixed(1)} minutes\n`);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 && total('passed') > 0 ? 0 : 1;
}
