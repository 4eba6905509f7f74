// `npm test`: everything that CI runs. The last line counts every single test and every other step as one check:
// `N passed, N failed`. A new check is one line in `steps`.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countJest } from './lib/jest-results.mjs';
import { repoRoot } from './lib/repo.mjs';
import { runSteps } from './lib/steps.mjs';
import { readOptions } from './lib/options.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'sotto-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true }));
const jestResults = join(scratch, 'jest.json');

const node = (script, ...args) => [process.execPath, script, ...args];
const tool = (path, ...args) => node(join(repoRoot, 'node_modules', path), ...args);
const unlessBuilt = () =>
  existsSync(join(repoRoot, 'packages/wire/dist/index.js')) ? undefined : 'nothing is compiled';

/** @type {import('./lib/steps.mjs').Step[]} */
const steps = [
  {
    name: 'system',
    about: 'redis-server and chromium are there (as root on Debian: installs them)',
    command: node('scripts/setup-system.mjs'),
  },
  { name: 'types', about: 'tsc -b', command: tool('@typescript/native/bin/tsc', '-b') },
  {
    name: 'lint',
    about: 'eslint',
    command: tool('eslint/bin/eslint.js', '.', '--max-warnings', '0'),
    inCompany: true,
  },
  {
    name: 'format',
    about: 'prettier',
    inCompany: true,
    command: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  },
  {
    name: 'imports',
    about: 'who may import whom',
    command: node('scripts/checks/imports.mjs'),
    inCompany: true,
  },
  { name: 'unused', about: 'knip: what nothing uses', command: tool('knip/bin/knip.js'), inCompany: true },
  {
    name: 'errors',
    about: 'the error list is fresh',
    command: node('scripts/checks/errors-doc.mjs'),
    inCompany: true,
  },
  {
    name: 'threats',
    inCompany: true,
    about: 'every *cannot* names its test',
    command: node('scripts/checks/threat-model.mjs'),
  },
  {
    name: 'links',
    about: 'links and citations lead somewhere',
    command: node('scripts/checks/links.mjs'),
    inCompany: true,
  },
  {
    name: 'packages',
    about: 'publint and attw on what would be published',
    command: node('scripts/checks/packages.mjs'),
    inCompany: true,
    unless: unlessBuilt,
  },
  {
    name: 'faults-redis',
    about: 'two relays over Redis, short form: primaries killed and failed over, rolling restart',
    command: node('scripts/faults/main.mjs', '--store', 'redis', '--scenario', 'redis-failover'),
    inCompany: true,
    unless: unlessBuilt,
  },
  { name: 'size', about: 'bundle sizes', command: node('scripts/checks/size.mjs'), inCompany: true },
  {
    name: 'tests',
    about: 'jest, all projects',
    command: tool('jest/bin/jest.js', '--json', `--outputFile=${jestResults}`),
    env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    count: (status) => countJest(jestResults, status),
    unless: unlessBuilt,
  },
  {
    name: 'engines',
    about: "the SDK's sessions on the ratchet, and both engines facing each other",
    command: node('scripts/engines.mjs'),
    unless: unlessBuilt,
  },
  {
    name: 'stores',
    about: "the relay's rules and the SDK's conversations over Redis",
    command: node('scripts/stores.mjs'),
    unless: unlessBuilt,
  },
  {
    name: 'faults',
    about: 'the fault harness, short form',
    command: node('scripts/faults/main.mjs', '--short'),
    unless: unlessBuilt,
  },
];

const help = [
  'npm test [-- --only STEP[,STEP]]',
  '',
  ...steps.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`),
].join('\n');

const { values } = readOptions({
  options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const only = values.only?.split(',');
const unknown = only?.filter((name) => !steps.some((step) => step.name === name)) ?? [];
if (values.help) console.log(help);
else if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}\n\n${help}`);
  process.exitCode = 2;
} else process.exitCode = await runSteps(only ? steps.filter(({ name }) => only.includes(name)) : steps);
