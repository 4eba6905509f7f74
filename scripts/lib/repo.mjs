// Where the repository is and which packages it holds: what every script here needs and nothing else.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * @param {string} moduleUrl - the caller's import.meta.url.
 * @returns {boolean} whether that module is the one that node was started with.
 */
export function isMain(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(moduleUrl);
}

/** The folders of all workspace packages that exist, relative to `root`, in import order. */
export function packageFolders(root = repoRoot) {
  const order = ['packages/wire', 'packages/ratchet', 'packages/care', 'relay', 'client-sdk', 'packages/web'];
  const inPackages = existsSync(join(root, 'packages'))
    ? readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
    : [];
  const all = new Set([...order, ...inPackages]);
  return [...all].filter((folder) => existsSync(join(root, folder, 'package.json')));
}

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', 'data', '.cache', 'api']);

/** Every file below `root` whose path (relative, with forward slashes) satisfies `wanted`, sorted. */
export function findFiles(root, wanted) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && skipped.has(entry.name)) continue;
      const path = join(folder, entry.name);
      const name = relative(root, path).replaceAll('\\', '/');
      if (entry.isDirectory()) walk(path);
      else if (wanted(name)) found.push(name);
    }
  };
  if (existsSync(root)) walk(root);
  return found.sort();
}
