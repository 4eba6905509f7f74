// Compiles ICU messages to functions while bundling, so that no parser and no eval reaches the browser. A catalogue is
// src/i18n/catalogues/[rooms/|files/]<locale>.ts, an object of ICU strings called `messages`. Part of build.mjs.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import MessageFormat from '@messageformat/core';
import compileModule from '@messageformat/core/compile-module.js';
import { transform } from 'esbuild';

/** @returns {Promise<Record<string, string>>} the ICU strings of one catalogue file. */
export async function readCatalogue(path) {
  const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm' });
  const { messages } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  return messages;
}

/**
 * esbuild plugin: a catalogue's strings become functions of their parameters.
 * @param {(path: string) => string} [line] - What the compiled module ends with (together.mjs).
 */
export function catalogues(line = () => '') {
  return {
    name: 'catalogues',
    setup(build) {
      build.onLoad(
        { filter: /[\\/]i18n[\\/]catalogues[\\/](?:(?:rooms|files)[\\/])?[\w-]+\.ts$/ },
        async ({ path }) => {
          const locale = basename(path, '.ts');
          const messages = await readCatalogue(path);
          const format = new MessageFormat(locale, { strict: true });
          const contents = compileModule(format, messages).replace(
            'export default',
            'export const messages =',
          );
          return { contents: `${contents}${line(path)}`, loader: 'js' };
        },
      );
    },
  };
}
