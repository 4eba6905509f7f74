// Compiles all packages by `tsc -b`: after installation, in the tests, and before a start from a checkout whose
// sources are newer than what was built, so that nobody runs yesterday's code and nobody waits for nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findFiles, packageFolders, repoRoot } from './repo.mjs';

const compiler = join(repoRoot, 'node_modules/@typescript/native/bin/tsc');

export function hasCompiler() {
  return existsSync(compiler);
}

/** @returns {number} the compiler's exit code; what it finds goes to stderr: stdout stays the program's. */
export function compile() {
  const run = spawnSync(process.execPath, [compiler, '-b'], { cwd: repoRoot, stdio: ['ignore', 2, 2] });
  return run.status ?? 1;
}

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether any package has a source newer than its build record, or no record at all. */
function isStale() {
  return packageFolders().some((folder) => {
    const builtMs = modifiedMs(join(repoRoot, folder, 'dist/.tsbuildinfo'));
    const src = join(repoRoot, folder, 'src');
    return findFiles(src, (name) => name.endsWith('.ts')).some(
      (name) => modifiedMs(join(src, name)) > builtMs,
    );
  });
}

/**
 * Runs a package's bin in this process, so that signals, exit code and terminal are its own; compiles first if need be.
 * @param {string} bin - path of the bin, relative to the repository.
 * @param {string} entry - the compiled file that it needs.
 */
export async function runBin(bin, entry) {
  const status = hasCompiler() && isStale() ? compile() : 0;
  if (!existsSync(join(repoRoot, entry))) {
    console.error(`${entry} is missing and could not be built. Run \`npm ci\` and look at its errors.`);
    process.exit(status || 1);
  }
  if (status !== 0) console.error('The sources have errors (above); running what was built last.');
  process.argv[1] = join(repoRoot, bin);
  await import(join(repoRoot, bin));
}
