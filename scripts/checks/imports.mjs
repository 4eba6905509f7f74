// Runs dependency-cruiser with the rules of .dependency-cruiser.mjs over a source tree and returns what it found.
// The rules themselves are not here; `npm test -- --only imports` and scripts/test/imports.test.mjs call this.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, repoRoot } from '../lib/repo.mjs';

const roots = ['packages', 'relay', 'client-sdk', 'scripts'];
const bin = join(repoRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/**
 * Cruises one tree.
 * @param {string} root - a folder laid out like this repository, with its own node_modules.
 * @returns {{ modules: number, violations: { rule: string, from: string, to: string }[] }}
 */
export function findForbiddenImports(root) {
  const present = roots.filter((name) => existsSync(join(root, name)));
  const run = spawnSync(
    process.execPath,
    [bin, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...present],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (!run.stdout.startsWith('{')) throw new Error(`dependency-cruiser did not run: ${run.stderr}`);
  const { summary } = JSON.parse(run.stdout);
  const violations = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { modules: summary.totalCruised, violations };
}

if (isMain(import.meta.url)) {
  const { modules, violations } = findForbiddenImports(repoRoot);
  for (const { rule, from, to } of violations) console.error(`${from}: ${rule}: imports ${to}`);
  console.log(`imports: ${modules} modules, ${violations.length} forbidden`);
  process.exitCode = violations.length === 0 && modules > 0 ? 0 : 1;
}
