// Leaves the packages' tables of errors empty, and the errors' texts of the libraries for groups and their keys: the worker
// sends codes, and the page has words of its own for them, in eight languages. An error's message is empty in the browser.
// Part of build.mjs.
import { readFileSync } from 'node:fs';

const ENTRY = /^ {2}[A-Z][A-Z0-9_]+:\s*(?:'[^'\n]*'|"[^"\n]*"),$/gm;

/** An error's text that stands in a library's file as it is. */
const TEXT = /new (\w*Error)\("[^"\\\n]*"\)/g;

/** esbuild plugin. */
export function codesOnly() {
  return {
    name: 'codes-only',
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/]errors\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(ENTRY, ''),
        loader: 'ts',
      }));
      build.onLoad({ filter: /[\\/]node_modules[\\/](@hpke|mlkem|ts-mls)[\\/].*\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(TEXT, 'new $1("")'),
        loader: 'js',
      }));
    },
  };
}
