// Real processes, really killed: what was acknowledged is there, what wasn't is there whole or not at all; a second
// process is refused; a full disk refuses one transaction and spoils none.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { linesIn, modelAfter, stepCount } from './crash-model.ts';
import { freshLocation, open, refusal } from './fixture.ts';

const here = new URL('.', import.meta.url).pathname;
// Inside node_modules, so that the bundle finds its packages.
const folder = join(here, '../../../node_modules/.cache/sotto-store-test');
const program = join(folder, `child-${String(process.pid)}.mjs`);
const children = new Set<ChildProcess>();

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(here, 'child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['sotto-source'],
    logLevel: 'error',
  });
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(program, { force: true });
});

function start(mode: string, location: string, fileSizeKib?: number) {
  const limit = fileSizeKib === undefined ? '' : `ulimit -S -f ${String(fileSizeKib)}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$@"`, process.execPath, program, mode, location], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.add(child);
  const lines: string[] = [];
  const waiting: { wanted: (line: string) => boolean; resolve: (line: string) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const each of waiting.splice(0)) {
      if (each.wanted(line)) each.resolve(line);
      else waiting.push(each);
    }
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    lines,
    ended,
    line: (wanted: (line: string) => boolean): Promise<string> => {
      const found = lines.find(wanted);
      return found === undefined
        ? new Promise((resolve) => waiting.push({ wanted, resolve }))
        : Promise.resolve(found);
    },
  };
}

test('kill -9 at random points: acknowledged transactions are there, each whole or not at all', async () => {
  const location = await freshLocation();
  let acknowledged = 0;
  for (let round = 0; round < 6; round++) {
    const { child, lines, ended, line } = start('write', location);
    await line((each) => each !== 'open');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
    child.kill('SIGKILL');
    await ended;
    expect(lines.filter((each) => each.startsWith('error'))).toEqual([]);
    acknowledged = Number(lines.findLast((each) => /^\d+$/.test(each)) ?? acknowledged);
    const vault = await open(location);
    const steps = await vault.read(stepCount);
    expect([acknowledged, acknowledged + 1]).toContain(steps);
    expect(await vault.read(linesIn)).toEqual(modelAfter(steps));
    expect(vault.rewound).toBe(false);
    await vault.close();
  }
  expect(acknowledged).toBeGreaterThan(20);
}, 120_000);

test('a second process is refused, the first goes on, and after its death the place is free', async () => {
  const location = await freshLocation();
  const first = start('hold', location);
  await first.line((each) => each === 'open');
  await expect(open(location)).rejects.toEqual(refusal('STORE_IN_USE'));
  first.child.stdin.write('go\n');
  await first.ended;
  expect(first.child.exitCode).toBe(0);
  const vault = await open(location);
  const second = start('hold', location);
  await second.ended;
  expect(second.lines).toEqual(['error STORE_IN_USE']);
  await expect(open(location)).rejects.toEqual(refusal('STORE_IN_USE'));
  await vault.close();
});

test('no space: the transaction is refused and not applied; with space back the store goes on', async () => {
  const location = await freshLocation();
  const { child, lines, ended, line } = start('fill', location, 256);
  expect(await line((each) => each.startsWith('failed'))).toBe('failed STORE_FULL');
  expect(await line((each) => each.startsWith('after failure'))).toBe('after failure true');
  execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
  child.stdin.write('go\n');
  await ended;
  const done = Number(lines.findLast((each) => each.startsWith('done'))?.split(' ')[1]);
  const vault = await open(location);
  expect(await vault.read(stepCount)).toBe(done);
  expect(await vault.read(linesIn)).toEqual(modelAfter(done));
  expect(vault.rewound).toBe(false);
  await vault.close();
}, 240_000);
