// Bundles what browsers load as they would load it, and lets size-limit judge the gzipped bytes (.size-limit.json).
// A new bundle is one line here and one there. Outputs go to .cache/size, which git ignores.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { isMain, repoRoot } from '../lib/repo.mjs';

const output = join(repoRoot, '.cache/size');

/** libsodium is a file of its own, loaded once and cached: it is counted in no package. */
const libsodium = ['libsodium', 'libsodium-wrappers'];
const bundles = { ratchet: { entry: 'packages/ratchet/src/index.ts', external: libsodium } };

export async function bundleAll() {
  rmSync(output, { recursive: true, force: true });
  for (const [name, { entry, external }] of Object.entries(bundles)) {
    await build({
      absWorkingDir: repoRoot,
      entryPoints: [entry],
      outfile: join(output, `${name}.js`),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: ['sotto-source', 'browser', 'import'],
      external,
      logLevel: 'warning',
    });
  }
}

if (isMain(import.meta.url)) {
  await bundleAll();
  const limit = join(repoRoot, 'node_modules/size-limit/bin.js');
  process.exitCode = spawnSync(process.execPath, [limit], { cwd: repoRoot, stdio: 'inherit' }).status ?? 1;
}
