// Runs the parts of a command such as `npm run bench`: a part is a script of its own, named in a registry.
// What a part measures or checks, and which options it takes, is the part's concern.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { repoRoot } from './repo.mjs';

/** @typedef {{ script: string, about: string }} Part - script: path relative to the repository. */

function helpText(command, about, parts) {
  const names = Object.keys(parts);
  const width = Math.max(...names.map((name) => name.length));
  return [
    `npm run ${command} [-- PART] [options]`,
    '',
    about,
    '',
    ...names.map((name) => `  ${name.padEnd(width)}  ${parts[name].about}`),
    '',
    'Without a part, all of them run one after the other in their short form.',
    '  --json FILE  write the results there (of several parts: one object, by part)',
    '  --help       this; after a part, its own options',
  ].join('\n');
}

function runPart(part, args) {
  const run = spawnSync(process.execPath, [resolve(repoRoot, part.script), ...args], {
    cwd: repoRoot,
    stdio: 'inherit',
  });
  return run.status ?? 1;
}

function runAll(command, parts, args) {
  const jsonAt = args.indexOf('--json');
  const folder = mkdtempSync(join(tmpdir(), `sotto-${command}-`));
  const results = {};
  let failed = 0;
  for (const [name, part] of Object.entries(parts)) {
    const json = join(folder, `${name}.json`);
    const own = jsonAt < 0 ? args : args.with(jsonAt + 1, json);
    console.log(`\n== ${command} ${name}`);
    if (runPart(part, own) !== 0) failed += 1;
    if (existsSync(json)) results[name] = JSON.parse(readFileSync(json, 'utf8'));
  }
  if (jsonAt >= 0) writeFileSync(args[jsonAt + 1], `${JSON.stringify(results, null, 2)}\n`);
  rmSync(folder, { recursive: true });
  return failed === 0 ? 0 : 1;
}

/**
 * @param {{ command: string, about: string, parts: Record<string, Part>, args: string[] }} call
 * @returns {number} the exit code.
 */
export function runParts({ command, about, parts, args }) {
  const [first, ...rest] = args;
  if (first !== undefined && Object.hasOwn(parts, first)) return runPart(parts[first], rest);
  if (first === '--help' || first === '-h') {
    console.log(helpText(command, about, parts));
    return 0;
  }
  const jsonAt = args.indexOf('--json');
  const misused = jsonAt >= 0 && args[jsonAt + 1] === undefined;
  if ((first !== undefined && !first.startsWith('-')) || misused) {
    console.error(misused ? '--json wants a file' : `${command}: there is no part "${first}"`);
    console.error(helpText(command, about, parts));
    return 2;
  }
  return runAll(command, parts, args);
}
