// Turns a TypeScript entry into one file that Node or Chromium runs, straight from the sources.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Imports a TypeScript module in Node; packages stay where they are. */
export async function importTypeScript(url) {
  // Inside the package, so that bare imports are found from there
  const dist = fileURLToPath(new URL('../dist/', import.meta.url));
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(join(dist, '.bundle-'));
  try {
    const outfile = join(folder, 'entry.mjs');
    await build({
      entryPoints: [fileURLToPath(url)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['sotto-source'],
      packages: 'external',
      sourcemap: 'inline',
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bundles a TypeScript module for a page, everything inside. */
export async function bundleForBrowser(url) {
  const result = await build({
    entryPoints: [fileURLToPath(url)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'chrome120',
    conditions: ['sotto-source'],
    minify: true,
    logLevel: 'error',
  });
  return result.outputFiles[0].text;
}
