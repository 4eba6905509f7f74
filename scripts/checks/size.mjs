// Bundles what browsers load as they would load it, and lets size-limit judge the gzipped bytes (.size-limit.json).
// A new bundle is one line here and one there. Outputs go to .cache/size, which git ignores.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { buildSite } from '../../packages/web/build.mjs';
import { isOtherLanguage } from '../../packages/web/build/languages.mjs';
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
  await sortSite();
}

/** The web client's code by when it is loaded: before the first message (one language), and all that there is. */
async function sortSite() {
  const site = await buildSite({ outDir: join(output, 'web/site') });
  const isCode = (file) => /\.(js|wasm)$/.test(file) && file !== 'sw.js';
  const alsoFirst = (file) => /\/(en|conversation)-/.test(file) || file.endsWith('.wasm');
  const all = site.all.filter((file) => isCode(file) && !isOtherLanguage(file));
  const start = [...new Set([...site.start, ...site.workerStart, ...all.filter(alsoFirst)])];
  for (const [name, files] of Object.entries({ start, all })) {
    const folder = join(output, `web-${name}`);
    mkdirSync(folder, { recursive: true });
    for (const file of files) copyFileSync(join(site.outDir, file), join(folder, basename(file)));
  }
}

if (isMain(import.meta.url)) {
  await bundleAll();
  const limit = join(repoRoot, 'node_modules/size-limit/bin.js');
  process.exitCode = spawnSync(process.execPath, [limit], { cwd: repoRoot, stdio: 'inherit' }).status ?? 1;
}
