// The commands of the README do what they say of themselves: they exist, count honestly, and CI runs the same ones.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { repoRoot } from '../lib/repo.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (path) => readFileSync(join(repoRoot, path), 'utf8');
const plant = (name, text) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const env = { ...process.env, NODE_OPTIONS: '' };
const node = (...args) => spawnSync(process.execPath, args, { cwd: repoRoot, encoding: 'utf8', env });
const lastLine = (text) => text.trimEnd().split('\n').at(-1);

test('README, .ci/run and the workflow run the same two commands', () => {
  expect(read('README.md')).toContain('npm ci && npm start');
  expect(read('README.md')).toContain('npm ci && npm test');
  expect(read('.ci/run')).toMatch(/^npm ci .*\nnpm test /m);
  expect(read('.github/workflows/ci.yml')).toContain('run: .ci/run');
});

test('every npm script that names a file names one that exists', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const files = Object.values(scripts).flatMap((script) => script.match(/\S*scripts\/\S+\.mjs/g) ?? []);
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !existsSync(join(repoRoot, file)))).toEqual([]);
});

const steps = (list) =>
  plant(
    'run.mjs',
    `import { runSteps } from ${JSON.stringify(join(repoRoot, 'scripts/lib/steps.mjs'))};
     const run = (code) => [process.execPath, '-e', code];
     process.exitCode = await runSteps(${list});`,
  );

test('a failing step is counted, the next one still runs, and the exit code says so', () => {
  const script = steps(`[
    { name: 'a', about: '', command: run('process.exit(3)') },
    { name: 'b', about: '', command: run('console.log("b ran")') },
    { name: 'c', about: '', command: run(''), count: () => ({ passed: 40, failed: 0 }) },
    { name: 'd', about: '', command: run('console.log("d ran")'), unless: () => 'something' },
  ]`);
  const { stdout, status } = node(script);
  expect(lastLine(stdout)).toBe('41 passed, 2 failed');
  expect(stdout).toContain('b ran');
  expect(stdout).not.toContain('d ran');
  expect(status).toBe(1);
});

test('all steps passing ends in 0 failed and exit code 0', () => {
  const { stdout, status } = node(steps(`[{ name: 'a', about: '', command: run('') }]`));
  expect([lastLine(stdout), status]).toEqual(['1 passed, 0 failed', 0]);
});

test('no step at all is not a success', () => {
  expect(node(steps('[]')).status).toBe(1);
});

const counted = (results, status) => {
  const path = plant('jest.json', JSON.stringify(results));
  const module = JSON.stringify(join(repoRoot, 'scripts/lib/jest-results.mjs'));
  const code = `import { countJest } from ${module}; console.log(JSON.stringify(countJest(${JSON.stringify(path)}, ${status})))`;
  return JSON.parse(node('--input-type=module', '-e', code).stdout);
};
const all = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

test.each([
  ['all pass', all, 0, 0],
  ['a test fails', { ...all, numFailedTests: 2 }, 1, 2],
  ['a suite does not load', { ...all, numRuntimeErrorTestSuites: 1 }, 1, 1],
  ['jest itself fails', all, 1, 1],
])('jest results: %s', (_, results, status, failed) => {
  expect(counted(results, status)).toMatchObject({ passed: 5, failed });
});

test('what was not run is named at the end, with its reason, and is no success', () => {
  const name = join(repoRoot, 'relay/test/x.test.ts');
  const assertionResults = [
    { status: 'pending', fullName: 'kill -9 for long [a long run]' },
    { status: 'passed', fullName: 'kill -9' },
  ];
  const results = { ...all, numPendingTests: 1, testResults: [{ name, assertionResults }] };
  const count = counted(results, 0);
  expect(count).toMatchObject({ passed: 5, failed: 0, note: '1 skipped' });
  const { stdout } = node(
    steps(`[{ name: 'a', about: '', command: run(''), count: () => (${JSON.stringify(count)}) }]`),
  );
  expect(stdout).toContain('not run here:\n  relay/test/x.test.ts: kill -9 for long [a long run]\n');
  expect(lastLine(stdout)).toBe('5 passed, 0 failed');
});

test('npm test explains itself and refuses an unknown step', () => {
  expect(node('scripts/test.mjs', '--help').stdout).toContain('imports');
  expect(node('scripts/test.mjs', '--only', 'nothing').status).toBe(2);
});

test.each(['test', 'faults/main', 'stores', 'engines', 'bench/rooms/main'])(
  'an option that scripts/%s.mjs does not know is one line and exit code 2',
  (name) => {
    const { status, stderr } = node(`scripts/${name}.mjs`, '--nope');
    expect([status, stderr]).toEqual([2, "Unknown option '--nope': see --help\n"]);
  },
);

test('a command of several parts runs each, merges their figures and passes on a failure', () => {
  const part = (value, code) =>
    `import { writeFileSync } from 'node:fs';
     const at = process.argv.indexOf('--json');
     if (at > 0) writeFileSync(process.argv[at + 1], '${value}');
     process.exitCode = ${code};`;
  plant('one.mjs', part(1, 0));
  plant('two.mjs', part(2, 1));
  const script = plant(
    'parts.mjs',
    `import { runParts } from ${JSON.stringify(join(repoRoot, 'scripts/lib/parts.mjs'))};
     const parts = Object.fromEntries(['one', 'two'].map((n) => [n, { script: ${JSON.stringify(folder)} + '/' + n + '.mjs', about: n }]));
     process.exitCode = runParts({ command: 'x', about: '', parts, args: process.argv.slice(2) });`,
  );
  const json = join(folder, 'out.json');
  expect(node(script, '--json', json).status).toBe(1);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({ one: 1, two: 2 });
  expect(node(script, 'one').status).toBe(0);
  expect(node(script, 'three').status).toBe(2);
  expect(node(script, '--help').stdout).toContain('two');
});

test('every registered benchmark is there', () => {
  const registered = read('scripts/bench/main.mjs').match(/script: '[^']+'/g) ?? [];
  const paths = registered.map((entry) => entry.slice("script: '".length, -1));
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(repoRoot, path)))).toEqual([]);
});
