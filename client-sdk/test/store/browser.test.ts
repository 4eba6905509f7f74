// The same store in a real Chromium, in a worker (files overwritten in place) and in a page (the fallback).
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test as always } from '@jest/globals';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Vault } from '../../src/store/index.ts';
import type { Tools } from './browser-page.ts';

const CHROMIUM = process.env['SOTTO_CHROMIUM'] ?? '/usr/bin/chromium';
// Where there is no Chromium these are listed as skipped, not as passed.
const test = existsSync(CHROMIUM) ? always : always.skip;
const here = new URL('.', import.meta.url).pathname;

let browser: Browser | undefined;
let server: Server | undefined;
let origin: string;
let context: BrowserContext | undefined;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) return;
  const bundle = await build({
    entryPoints: [join(here, 'browser-page.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    conditions: ['sotto-source'],
    logLevel: 'error',
  });
  const script = bundle.outputFiles[0]?.contents ?? new Uint8Array(0);
  const listening = createServer((request, response) => {
    const isScript = request.url === '/store.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><title>store</title>');
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((listening.address() as { port: number }).port)}`;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}, 120_000);

beforeEach(async () => {
  // A profile of its own for each test.
  await context?.close();
  if (browser) context = await browser.newContext();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function newPage(): Promise<Page> {
  if (context === undefined) throw new Error('no browser');
  const page = await context.newPage();
  await page.goto(origin);
  await page.addScriptTag({ url: '/store.js' });
  return page;
}

/** Runs a function in the page, or in a worker of it that lives as long as the page. */
async function run<R>(page: Page, where: 'page' | 'worker', step: (tools: Tools) => Promise<R>): Promise<R> {
  return page.evaluate(
    async ([source, place]) => {
      const scope = globalThis as unknown as { tools: Tools; worker?: Worker };
      if (place === 'page') {
        // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the test's own code, in a blank page
        const step = new Function('tools', `return (${source})(tools)`) as (tools: Tools) => Promise<R>;
        return step(scope.tools);
      }
      const worker = (scope.worker ??= new Worker('/store.js'));
      return new Promise<R>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<{ result: R; error?: string }>) => {
          if (data.error === undefined) resolve(data.result);
          else reject(new Error(data.error));
        };
        worker.postMessage(source);
      });
    },
    [step.toString(), where] as const,
  );
}

for (const where of ['worker', 'page'] as const) {
  test(`in a ${where}: transactions, erased keys, lock, export, import, wipe`, async () => {
    const page = await newPage();
    const written = await run(page, where, async ({ openVault, notes, options }) => {
      const vault = await openVault({ ...options, secret: { passphrase: 'pin' } });
      await vault.transact(async (tx) => {
        await notes.put(tx, { partition: '', key: 'kept', value: 'v1' }, { under: ['a', 'b'] });
        await notes.put(tx, { partition: '', key: 'timed', value: 'v2' }, { under: ['a', 't'] });
      });
      await vault.transact(async (tx) => {
        tx.eraseKey(['a', 't']);
        await notes.get(tx, '', 'kept');
      });
      const failed = await vault
        .transact(async (tx) => {
          await notes.put(tx, { partition: '', key: 'kept', value: 'never' });
          throw new Error('no');
        })
        .catch((error: unknown) => (error as Error).message);
      await vault.close();
      return failed;
    });
    expect(written).toBe('no');
    await page.reload();
    await page.addScriptTag({ url: '/store.js' });
    const read = await run(page, where, async ({ openVault, notes, options, codeOf }) => {
      const wrong = await codeOf(openVault({ ...options, secret: { passphrase: 'no' } }));
      const vault = await openVault({ ...options, secret: { passphrase: 'pin' } });
      await vault.lock();
      const locked = await codeOf(vault.read(() => Promise.resolve()));
      await vault.unlock({ passphrase: 'pin' });
      const values = await vault.read(async (view) => [
        await notes.get(view, '', 'kept'),
        await notes.get(view, '', 'timed'),
      ]);
      const parts: Uint8Array[] = [];
      for await (const part of vault.exportRecords('move', { kdfCost: options.kdfCost })) parts.push(part);
      await vault.wipe();
      const left = [
        (await indexedDB.databases()).length,
        await (async () => {
          let count = 0;
          const root = await navigator.storage.getDirectory();
          for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys())
            count += name.length;
          return count;
        })(),
      ];
      const fresh = await openVault({ ...options, secret: { passphrase: 'other' } });
      await fresh.importRecords(
        (async function* () {
          yield* parts;
        })(),
        'move',
      );
      const moved = await fresh.read((view) => notes.get(view, '', 'kept'));
      await fresh.close();
      return { wrong, locked, values, left, moved, imported: fresh.imported, rewound: vault.rewound };
    });
    expect(read).toEqual({
      wrong: 'STORE_PASSPHRASE',
      locked: 'STORE_LOCKED',
      values: ['v1', undefined],
      left: [0, 0],
      moved: 'v1',
      imported: true,
      rewound: false,
    });
  }, 240_000);
}

test('a second tab is refused, may take over, and the first then stops for good', async () => {
  const [first, second] = [await newPage(), await newPage()];
  await run(first, 'worker', async ({ openVault, notes, options }) => {
    const state = globalThis as unknown as { vault: Awaited<ReturnType<typeof openVault>>; lost: number };
    state.lost = 0;
    state.vault = await openVault({ ...options, onLost: () => state.lost++ });
    await state.vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'first' }));
  });
  const taken = await run(second, 'worker', async ({ openVault, notes, options, codeOf }) => {
    const refused = await codeOf(openVault(options));
    const vault = await openVault({ ...options, takeOver: true });
    const found = await vault.read((view) => notes.get(view, '', 'k'));
    await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'second' }));
    (globalThis as unknown as { vault: unknown }).vault = vault;
    return [refused, found];
  });
  expect(taken).toEqual(['STORE_IN_USE', 'first']);
  const stopped = await run(first, 'worker', async ({ notes, codeOf }) => {
    const { vault, lost } = globalThis as unknown as { vault: Vault; lost: number };
    const write = await codeOf(
      vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'late' })),
    );
    const read = await codeOf(vault.read(() => Promise.resolve()));
    await vault.close();
    return [write, read, lost];
  });
  expect(stopped).toEqual(['STORE_FENCED', 'STORE_FENCED', 1]);
  const after = await run(second, 'worker', async ({ notes }) => {
    const { vault } = globalThis as unknown as { vault: Vault };
    return vault.read((view) => notes.get(view, '', 'k'));
  });
  expect(after).toBe('second');
}, 240_000);

test('a batch that still finds an old fence writes nothing, even when the lock told nobody', async () => {
  const page = await newPage();
  const outcome = await run(page, 'page', async ({ BrowserRows, codeOf }) => {
    const bytes = (...values: number[]) => Uint8Array.from(values);
    const [one, two] = [await BrowserRows.open('rows'), await BrowserRows.open('rows')];
    const fence = (value: number) => ({ key: bytes(0), value: bytes(value) });
    await one.commit([{ type: 'put', ...fence(1) }], undefined);
    await two.commit([{ type: 'put', ...fence(2) }], fence(1));
    const late = await codeOf(one.commit([{ type: 'put', key: bytes(9), value: bytes(9) }], fence(1)));
    return [late, (await two.get(bytes(9))) === undefined, [...((await one.get(bytes(0))) ?? [])]];
  });
  expect(outcome).toEqual(['STORE_FENCED', true, [2]]);
});

test('a scan of many rows serves each once, in order, both ways, within its bounds', async () => {
  const page = await newPage();
  const outcome = await run(page, 'page', async ({ BrowserRows }) => {
    const rows = await BrowserRows.open('many');
    const keyOf = (i: number) => Uint8Array.of(i >> 8, i & 255);
    const all = Array.from({ length: 400 }, (_, i) => i);
    await rows.commit(
      all.map((i) => ({ type: 'put', key: keyOf(i), value: keyOf(i) }) as const),
      undefined,
    );
    const numbers = async (from: number, to: number, reverse: boolean) => {
      const found: number[] = [];
      for await (const lot of rows.scan({ from: keyOf(from), to: keyOf(to), reverse })) {
        for (const [, value] of lot) found.push(((value[0] ?? 0) << 8) | (value[1] ?? 0));
      }
      return found;
    };
    const wrong: string[] = [];
    for (const [from, to] of [
      [0, 400],
      [3, 131],
      [3, 132],
      [10, 266],
      [7, 7],
      [9, 8],
      [399, 1_000],
    ] as const) {
      for (const reverse of [false, true]) {
        const expected = all.filter((i) => i >= from && i < to);
        if (reverse) expected.reverse();
        const found = await numbers(from, to, reverse);
        if (found.join() !== expected.join())
          wrong.push(`${String(from)} to ${String(to)} ${String(reverse)}`);
      }
    }
    return wrong;
  });
  expect(outcome).toEqual([]);
});

test('an evicted store is lost, not new; after a wipe the place is free again', async () => {
  const page = await newPage();
  const outcome = await run(page, 'page', async ({ openVault, wipeVaultAt, options, codeOf }) => {
    const vault = await openVault(options);
    await vault.close();
    for (const { name = '' } of await indexedDB.databases()) {
      await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
    }
    const lost = await codeOf(openVault(options));
    await wipeVaultAt(options.location);
    const fresh = await openVault(options);
    await fresh.wipe();
    return [lost, fresh.state, localStorage.length];
  });
  expect(outcome).toEqual(['STORE_LOST', 'wiped', 0]);
});
