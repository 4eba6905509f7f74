// The network layer is for browsers too: its browser build holds nothing of Node, and its Node build does find `ws`.
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../src/net/index.ts', import.meta.url));

async function bundled(platform: 'browser' | 'node') {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform,
    format: 'esm',
    conditions: platform === 'browser' ? ['browser', 'sotto-source'] : ['sotto-source'],
    // libsodium's own Node branch asks for these behind a check at run time; its browser field doesn't say so.
    external: platform === 'browser' ? [] : ['libsodium-wrappers'],
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { inputs: Object.keys(metafile.inputs), imports, text: outputFiles[0]?.text ?? '' };
}

test('the browser build uses the browser socket and nothing of Node', async () => {
  const { inputs, imports } = await bundled('browser');
  expect(inputs.some((path) => path.endsWith('net/websocket-browser.ts'))).toBe(true);
  expect(inputs.filter((path) => path.endsWith('-node.ts') || path.includes('node_modules/ws/'))).toEqual([]);
  expect(imports).toEqual([]);
});

test('the Node build uses ws', async () => {
  const { inputs, imports } = await bundled('node');
  expect(inputs.some((path) => path.endsWith('net/websocket-node.ts'))).toBe(true);
  expect(inputs.some((path) => path.includes('node_modules/ws/'))).toBe(true);
  expect(imports).toContain('node:https');
});
