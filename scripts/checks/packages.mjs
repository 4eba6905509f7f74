// What would be published is sound: each package is packed, then publint reads its manifest against its files and
// attw resolves its types as consumers do (ES modules only). Publishing itself happens elsewhere.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain, packageFolders, repoRoot } from '../lib/repo.mjs';

const tool = (path, args, cwd) =>
  spawnSync(process.execPath, [join(repoRoot, 'node_modules', path), ...args], { cwd, encoding: 'utf8' });

/** Packs without running scripts: what is in dist/ now is what is judged. */
function pack(folder, into) {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', into];
  const run = spawnSync('npm', args, {
    cwd: join(repoRoot, folder),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (run.status !== 0) throw new Error(`npm pack failed in ${folder}: ${run.stderr}`);
  const packed = JSON.parse(run.stdout);
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values(packed);
  return { tarball: join(into, filename), files: files.map(({ path }) => path) };
}

/** @returns {string[]} what is wrong with one package. */
export function checkPackage(folder) {
  const into = mkdtempSync(join(tmpdir(), 'sotto-pack-'));
  try {
    const { tarball, files } = pack(folder, into);
    const problems = [];
    if (!files.some((path) => path.startsWith('dist/'))) problems.push('holds no dist/');
    if (!files.includes('LICENSE')) problems.push('holds no LICENSE');
    const stray = files.filter((path) => /(^|\/)(test|bench|node_modules)\/|\.tsbuildinfo$/.test(path));
    if (stray.length > 0) problems.push(`holds ${stray.slice(0, 3).join(', ')}`);
    const lint = tool('publint/src/cli.js', ['--strict', tarball], into);
    if (lint.status !== 0) problems.push(`publint: ${(lint.stdout + lint.stderr).trim()}`);
    const types = tool(
      '@arethetypeswrong/cli/dist/index.js',
      ['--profile', 'esm-only', '--format', 'ascii', tarball],
      into,
    );
    if (types.status !== 0) problems.push(`attw: ${(types.stdout + types.stderr).trim()}`);
    return problems;
  } finally {
    rmSync(into, { recursive: true });
  }
}

const isPublic = (folder) =>
  JSON.parse(readFileSync(join(repoRoot, folder, 'package.json'), 'utf8')).private !== true;

if (isMain(import.meta.url)) {
  const folders = packageFolders().filter(isPublic);
  let wrong = 0;
  for (const folder of folders) {
    for (const problem of checkPackage(folder)) {
      wrong += 1;
      console.error(`${folder}: ${problem}`);
    }
  }
  console.log(`packages: ${folders.length} packed, ${wrong} problems`);
  process.exitCode = wrong === 0 ? 0 : 1;
}
