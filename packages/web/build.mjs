// Builds the site that browsers load: hashed files, index.html with integrity and a strict policy, the service worker
// with its precache, and headers.json for servers. `node build.mjs [--out DIR]`; tests call `buildSite` with other
// settings. Not its concern: type checks (tsc -b), serving.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { catalogues } from './build/catalogues.mjs';
import { codesOnly } from './build/codes-only.mjs';
import { ownSuites } from './build/own-suites.mjs';
import { pageHtml, manifest, icon } from './build/page.mjs';
import { serverHeaders } from './build/policy.mjs';
import { sodium } from './build/sodium.mjs';
import { together } from './build/together.mjs';

const root = import.meta.dirname;
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  conditions: ['sotto-source', 'browser', 'import'],
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  charset: 'utf8',
};

/**
 * @param {{ outDir?: string, site?: object, release?: object, compress?: boolean, plugins?: import('esbuild').Plugin[] }} options - `site` overrides site.json;
 *   without `compress` the same files, and no Brotli form beside them, which takes most of the time.
 * @returns {Promise<{ outDir: string, version: string, start: string[], all: string[] }>} files by when they're loaded.
 */
export async function buildSite(options = {}) {
  const outDir = options.outDir ?? join(root, 'dist/site');
  const fromFile = process.env.SOTTO_SITE ? readJson(process.env.SOTTO_SITE) : {};
  const settings = { ...readJson(join(root, 'site.json')), ...fromFile, ...options.site };
  // A path of the machine that builds is nothing for the site.
  const { icon: iconFile, ...site } = settings;
  const release = options.release ?? readJson(join(root, 'release-notes.json'));
  const assets = join(outDir, 'assets');
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });

  const define = { SOTTO_SITE: JSON.stringify({ ...site, version: release.version }) };
  const worker = await build({
    ...common,
    define,
    entryPoints: { main: 'src/worker/main.ts' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    splitting: true,
    plugins: [
      sodium(),
      codesOnly(),
      ownSuites(),
      ...(options.plugins ?? []),
      together(join(root, 'src/worker/main.ts')).plugin,
    ],
  });
  const workerMain = entryOf(worker, 'src/worker/main.ts', outDir);
  const workerParts = staticImports(worker, workerMain, outDir);
  const integrity = (file) =>
    `sha384-${createHash('sha384')
      .update(readFileSync(join(outDir, file)))
      .digest('base64')}`;
  const [wasm] = listFiles(outDir).filter((file) => file.endsWith('.wasm'));
  // By itself: sharing files with the rest it would have to wait for them.
  const workerFirst = await build({
    ...common,
    define: {
      SOTTO_WORKER_MAIN: JSON.stringify(`/${workerMain}`),
      SOTTO_WORKER_PARTS: JSON.stringify(workerParts.map((file) => `/${file}`)),
      SOTTO_WORKER_WASM: JSON.stringify({ path: `/${wasm}`, integrity: integrity(wasm) }),
    },
    entryPoints: { worker: 'src/worker/start.ts' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    plugins: [codesOnly(), ...(options.plugins ?? [])],
  });
  const workerFile = entryOf(workerFirst, 'src/worker/start.ts', outDir);
  const withWorker = { ...define, SOTTO_WORKER_URL: JSON.stringify(`/${workerFile}`) };
  const first = await build({
    ...common,
    define: withWorker,
    entryPoints: { first: 'src/first.ts' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    plugins: options.plugins ?? [],
  });
  const firstFile = entryOf(first, 'src/first.ts', outDir);
  const parts = together(join(root, 'src/main.tsx'));
  const page = await build({
    ...common,
    define: withWorker,
    entryPoints: { page: 'src/main.tsx', style: 'src/styles/all.css' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [
      startedBy(firstFile),
      codesOnly(),
      catalogues(parts.line),
      ...(options.plugins ?? []),
      parts.plugin,
    ],
  });
  const entry = entryOf(page, 'src/main.tsx', outDir);
  const style = entryOf(page, 'src/styles/all.css', outDir);
  // The words of every language stand on the same few lines of code.
  const english = entryOf(page, 'src/i18n/catalogues/en.ts', outDir);
  const preloads = [
    ...new Set([...staticImports(page, entry, outDir), ...staticImports(page, english, outDir)]),
  ];
  const workerStart = [workerFile, workerMain, ...workerParts];
  writeFileSync(join(outDir, 'icon.svg'), iconFile === '' ? icon : readFileSync(iconFile));
  writeFileSync(join(outDir, 'manifest.webmanifest'), manifest(site));
  writeFileSync(
    join(outDir, 'index.html'),
    pageHtml({
      site,
      first: firstFile,
      worker: workerFile,
      words: catalogueFiles(page, outDir),
      entry,
      style,
      preloads,
      integrity,
    }),
  );
  const headers = serverHeaders();
  writeFileSync(join(outDir, 'headers.json'), `${JSON.stringify(headers, undefined, 2)}\n`);

  if (options.compress !== false) compress(outDir);

  const precached = listFiles(outDir).filter((file) => file !== 'headers.json' && !file.endsWith('.br'));
  const precache = precached.map((file) => ({
    url: file === 'index.html' ? '/' : `/${file}`,
    integrity: integrity(file),
  }));
  // What the build is, byte for byte: two builds of the same sources carry the same mark.
  const mark = createHash('sha256').update(JSON.stringify(precache)).digest('hex').slice(0, 16);
  await build({
    ...common,
    define: {
      SOTTO_PRECACHE: JSON.stringify(precache),
      SOTTO_MARK: JSON.stringify(mark),
      SOTTO_RELEASE: JSON.stringify(release),
    },
    entryPoints: { sw: 'src/sw/sw.ts' },
    outdir: outDir,
    format: 'iife',
  });
  const start = [firstFile, entry, ...preloads];
  const summary = { version: release.version, mark, start, workerStart, all: precached };
  writeFileSync(join(outDir, '..', 'site-files.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
  return { outDir, ...summary };
}

function entryOf({ metafile }, source, outDir) {
  const [path] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
  if (path === undefined) throw new Error(`no output for ${source}`);
  return relative(outDir, join(root, path));
}

/** esbuild plugin: the page's very first script is a file by itself, which runs once and which the rest asks for things. */
function startedBy(file) {
  return {
    name: 'started-by',
    setup(setup) {
      setup.onResolve({ filter: /\/first\.ts$/ }, () => ({ path: `/${file}`, external: true }));
    },
  };
}

/** Language → path. */
function catalogueFiles({ metafile }, outDir) {
  const found = Object.entries(metafile.outputs).flatMap(([path, { entryPoint = '' }]) => {
    const [, locale] = /^src\/i18n\/catalogues\/([\w-]+)\.ts$/.exec(entryPoint) ?? [];
    return locale === undefined ? [] : [[locale, `/${relative(outDir, join(root, path))}`]];
  });
  return Object.fromEntries(found);
}

/** Everything that `entry` needs before its first line runs. */
function staticImports({ metafile }, entry, outDir) {
  const byFile = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [relative(outDir, join(root, path)), output]),
  );
  const found = new Set();
  const visit = (file) => {
    for (const { path, kind, external } of byFile.get(file)?.imports ?? []) {
      const next = relative(outDir, join(root, path));
      if (kind !== 'import-statement' || external === true || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(entry);
  return [...found];
}

/** Beside each asset its Brotli form, for servers that hand it out. */
function compress(outDir) {
  for (const file of listFiles(join(outDir, 'assets'))) {
    if (!/\.(js|css|wasm)$/.test(file)) continue;
    const path = join(outDir, 'assets', file);
    writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
  }
}

function listFiles(folder, base = folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listFiles(path, base) : [relative(base, path)];
    })
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--out');
  const { outDir, start } = await buildSite(at === -1 ? {} : { outDir: process.argv[at + 1] });
  console.error(`built ${relative(process.cwd(), outDir)} (${start.length} files at start)`);
}
