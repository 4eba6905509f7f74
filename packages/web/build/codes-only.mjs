// Leaves the sentences out of the packages' error tables: the worker sends codes, and the page has words of its own for
// them, in eight languages. Part of build.mjs.
import { readFileSync } from 'node:fs';

const SENTENCE = /^( {2}[A-Z][A-Z0-9_]+:)\s*(?:'[^'\n]*'|"[^"\n]*"),$/gm;

/** esbuild plugin. */
export function codesOnly() {
  return {
    name: 'codes-only',
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/]errors\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(SENTENCE, "$1 '',"),
        loader: 'ts',
      }));
    },
  };
}
