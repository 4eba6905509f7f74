// What a page that imports this package has to load: the whole of it, and the parts alone, as esbuild shakes them.

import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

async function gzippedBytes(names: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export ${names} from './index.ts'`,
      resolveDir: fileURLToPath(new URL('../src', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

test('all of it is under 30 KiB', async () => {
  expect(await gzippedBytes('*')).toBeLessThan(30 * 1024);
});

test('the breathing exercise comes without the helplines', async () => {
  expect(await gzippedBytes('{ breathing, phaseAt }')).toBeLessThan(1_500);
});
