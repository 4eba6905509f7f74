// A small copy of the repository's shape in a temporary folder, for tests that plant something wrong in it.
// Sources are stood in for by one-line entrances: the configs and checkers under test are the real ones.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageFolders, repoRoot } from '../lib/repo.mjs';

const packageNames = { 'packages/wire': 'wire', 'packages/ratchet': 'ratchet', 'packages/care': 'care' };
const otherNames = { relay: 'relay', 'client-sdk': 'client', 'packages/web': 'web' };

/** Packages that later issues add stand here already, so that their import rules are tested from the start. */
const futurePackage = (name) => ({
  name: `@sotto/${name}`,
  version: '0.0.0',
  type: 'module',
  exports: { '.': { 'sotto-source': './src/index.ts', default: './dist/index.js' } },
});

/**
 * @returns {{ root: string, plant(path: string, text: string): void, remove(): void }}
 */
export function makeTemporaryCopy() {
  const root = mkdtempSync(join(tmpdir(), 'sotto-copy-'));
  for (const name of ['package.json', 'tsconfig.base.json', '.dependency-cruiser.mjs']) {
    cpSync(join(repoRoot, name), join(root, name));
  }
  const plant = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  const modules = join(repoRoot, 'node_modules');
  mkdirSync(join(root, 'node_modules/@sotto'), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (name !== '@sotto') symlinkSync(join(modules, name), join(root, 'node_modules', name));
  }
  const present = packageFolders();
  for (const [folder, name] of Object.entries({ ...packageNames, ...otherNames })) {
    plant(`${folder}/src/index.ts`, 'export const entrance = 1;\n');
    if (present.includes(folder)) {
      cpSync(join(repoRoot, folder, 'package.json'), join(root, folder, 'package.json'));
    } else {
      plant(`${folder}/package.json`, JSON.stringify(futurePackage(name)));
    }
    symlinkSync(join(root, folder), join(root, 'node_modules/@sotto', name));
  }
  return { root, plant, remove: () => rmSync(root, { recursive: true, force: true }) };
}
