// What the browser test loads, in a page and in a worker: the store under a global name, and an ear for code to run.
import { ready } from '../../src/crypto/index.ts';
import * as store from '../../src/store/index.ts';
import { BrowserRows } from '../../src/store/rows-browser.ts';

const text: store.Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};
const tools = {
  ...store,
  BrowserRows,
  ready,
  notes: store.namedTable('notes', text),
  options: { location: 'profile', kdfCost: { passes: 1, memoryKib: 8 } },
  codeOf: (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error: unknown) => (error as { code?: string }).code ?? 'no code',
    ),
};
export type Tools = typeof tools;
Object.assign(globalThis, { tools });

if (typeof document === 'undefined') {
  // The test's own source text, sent by the test.
  addEventListener('message', ({ data }: MessageEvent<string>) => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the test's own code, in a blank page
    const run = new Function('tools', `return (${data})(tools)`) as (given: Tools) => Promise<unknown>;
    run(tools).then(
      (result) => {
        postMessage({ result });
      },
      (error: unknown) => {
        postMessage({ error: String((error as { stack?: unknown }).stack) });
      },
    );
  });
}
