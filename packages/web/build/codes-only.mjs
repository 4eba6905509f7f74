// Leaves the packages' tables of errors empty: the worker sends codes, and the page has words of its own for them, in eight
// languages. An error's message is empty in the browser. Part of build.mjs.
import { readFileSync } from 'node:fs';

const ENTRY = /^ {2}[A-Z][A-Z0-9_]+:\s*(?:'[^'\n]*'|"[^"\n]*"),$/gm;

/** esbuild plugin. */
export function codesOnly() {
  return {
    name: 'codes-only',
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/]errors\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(ENTRY, ''),
        loader: 'ts',
      }));
    },
  };
}
