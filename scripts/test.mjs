// `npm test`: everything that CI runs, one named step after the other. A step that fails doesn't stop the rest, so
// that one run tells all; only what needs compiled code is left out when nothing compiles.
// The last line counts every single test and every other step as one check: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repoRoot } from './lib/repo.mjs';

const tools = join(repoRoot, 'node_modules');
const node = (script, ...args) => [process.execPath, script, ...args];
const tool = (path, ...args) => node(join(tools, path), ...args);

/**
 * `count` reads how many checks passed and failed from what the command left behind; without it the step is one check.
 * @typedef {{ name: string, about: string, command: string[], env?: object, built?: boolean,
 *   count?: (status: number) => { passed: number, failed: number, note?: string } }} Step
 */

const scratch = mkdtempSync(join(tmpdir(), 'sotto-test-'));
const jestResults = join(scratch, 'jest.json');

/** @type {Step[]} */
const steps = [
  {
    name: 'system',
    about: 'redis-server and chromium are there (as root on Debian: installs them)',
    command: node('scripts/setup-system.mjs'),
  },
  { name: 'types', about: 'tsc -b', command: tool('@typescript/native/bin/tsc', '-b') },
  { name: 'lint', about: 'eslint', command: tool('eslint/bin/eslint.js', '.', '--max-warnings', '0') },
  {
    name: 'format',
    about: 'prettier',
    command: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  },
  { name: 'imports', about: 'who may import whom', command: node('scripts/checks/imports.mjs') },
  {
    name: 'unused',
    about: 'knip: files, exports and dependencies that nothing uses',
    command: tool('knip/bin/knip.js'),
  },
  {
    name: 'errors',
    about: 'docs/errors.md equals the registries',
    command: node('scripts/checks/errors-doc.mjs'),
  },
  {
    name: 'threats',
    about: 'every *cannot* names its test',
    command: node('scripts/checks/threat-model.mjs'),
  },
  { name: 'links', about: 'links and citations lead somewhere', command: node('scripts/checks/links.mjs') },
  {
    name: 'tests',
    about: 'jest, all projects, with coverage thresholds',
    command: tool('jest/bin/jest.js', '--coverage', '--json', `--outputFile=${jestResults}`),
    env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    count: countJest,
    built: true,
  },
  { name: 'size', about: 'bundle sizes', command: node('scripts/checks/size.mjs') },
  {
    name: 'packages',
    about: 'publint and attw on what would be published',
    command: node('scripts/checks/packages.mjs'),
    built: true,
  },
  {
    name: 'faults',
    about: 'the fault harness, short form',
    command: node('scripts/faults/main.mjs'),
    built: true,
  },
];

/** Jest's own exit code also covers what no test counts: a suite that can't load, coverage below its threshold. */
function countJest(status) {
  if (!existsSync(jestResults)) return { passed: 0, failed: 1, note: 'jest wrote no results' };
  const results = JSON.parse(readFileSync(jestResults, 'utf8'));
  const unloaded = results.numRuntimeErrorTestSuites;
  const failed = results.numFailedTests + unloaded;
  const belowThreshold = status !== 0 && failed === 0;
  const skipped = results.numPendingTests + results.numTodoTests;
  const notes = [
    unloaded > 0 && `${unloaded} suites did not load`,
    belowThreshold && 'coverage is below its threshold',
    skipped > 0 && `${skipped} skipped`,
  ].filter(Boolean);
  return {
    passed: results.numPassedTests,
    failed: failed + (belowThreshold ? 1 : 0),
    note: notes.join(', '),
  };
}

/** @param {Step} step */
function runStep(step) {
  console.log(`\n=== ${step.name}: ${step.about}`);
  const started = performance.now();
  const [program, ...args] = step.command;
  const run = spawnSync(program, args, {
    cwd: repoRoot,
    // No step may wait for a terminal.
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...step.env },
  });
  const status = run.status ?? 1;
  const one = status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const counted = step.count?.(status) ?? one;
  return { ...counted, seconds: (performance.now() - started) / 1000 };
}

function printRow(name, { passed, failed, seconds, note }) {
  const verdict = failed === 0 ? 'ok' : 'FAILED';
  const counts = `${passed} passed, ${failed} failed`;
  console.log(
    `  ${name.padEnd(10)} ${verdict.padEnd(7)} ${counts.padEnd(26)} ${seconds.toFixed(1).padStart(6)} s  ${note ?? ''}`,
  );
}

function runAll(chosen) {
  const rows = [];
  let compiles = true;
  for (const step of chosen) {
    const left = step.built && !compiles;
    const row = left
      ? { passed: 0, failed: 1, seconds: 0, note: 'not run: nothing compiles' }
      : runStep(step);
    if (step.name === 'types' && row.failed > 0)
      compiles = existsSync(join(repoRoot, 'packages/wire/dist/index.js'));
    rows.push([step.name, row]);
    console.log(`=== ${step.name}: ${row.failed === 0 ? 'ok' : 'FAILED'}, ${row.seconds.toFixed(1)} s`);
  }
  console.log('');
  for (const [name, row] of rows) printRow(name, row);
  const total = (field) => rows.reduce((sum, [, row]) => sum + row[field], 0);
  console.log(`  in ${(total('seconds') / 60).toFixed(1)} minutes\n`);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 ? 0 : 1;
}

const help = () =>
  [
    'npm test [-- --only STEP[,STEP]]',
    '',
    ...steps.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`),
  ].join('\n');

const { values } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const only = values.only?.split(',');
const unknown = only?.filter((name) => !steps.some((step) => step.name === name)) ?? [];
if (values.help) console.log(help());
else if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}\n\n${help()}`);
  process.exitCode = 2;
} else process.exitCode = runAll(only ? steps.filter(({ name }) => only.includes(name)) : steps);
rmSync(scratch, { recursive: true });
