// Keeps what every part of the page (or of the worker) stands on in one file. esbuild splits code by who needs it, and
// parts that are fetched when first needed, each with needs of its own, would cut what is needed from the start into a
// dozen files: as many requests, and as much less to compress. Part of build.mjs.
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

/**
 * Makes sources that are imported when needed import all of `first` too, which is there by then anyway.
 * @param {string} first - Absolute path of the module that all others are fetched by.
 * @returns {{ plugin: import('esbuild').Plugin, line: (path: string) => string }}
 */
export function together(first) {
  const parts = new Set();
  const isOurs = (path) => /\.tsx?$/.test(path) && !/[\\/]node_modules[\\/]/.test(path);
  /** What a part's source ends with; for plugins that load parts their own way. */
  const line = (path) => (parts.has(path) ? `\nimport ${JSON.stringify(first)};\n` : '');
  const plugin = {
    name: 'together',
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}\// }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === parts) return undefined;
        const options = { kind: 'import-statement', importer, resolveDir, pluginData: parts };
        const found = await build.resolve(path, options);
        if (found.errors.length > 0 || !isOurs(found.path)) return undefined;
        parts.add(found.path);
        return found;
      });
      build.onLoad({ filter: /\.tsx?$/ }, ({ path }) =>
        parts.has(path)
          ? { contents: `${readFileSync(path, 'utf8')}${line(path)}`, loader: extname(path).slice(1) }
          : undefined,
      );
    },
  };
  return { plugin, line };
}
