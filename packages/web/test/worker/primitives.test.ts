// The build leaves out of libsodium what nothing calls. What is left answers in Chromium exactly as the whole package
// does in Node, in every function that the packages call, and nothing that they call is missing from this test.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import { transcript } from './support/primitives-page.ts';
import { hasChromium, Site } from './support/site.ts';

// Where there is no Chromium these are listed as skipped, not as passed.
const test = hasChromium ? always : always.skip;

let site: Site;
beforeAll(async () => {
  if (hasChromium) site = await Site.open('http://127.0.0.1:9');
}, 30_000);
afterAll(() => site.close());

test('the trimmed libsodium answers as the whole one', async () => {
  const seat = await site.person();
  await seat.begin('Ada');
  const [worker] = seat.page.workers();
  const found = await worker?.evaluate(`import('/primitives.js').then(({ transcript }) => transcript())`);
  const expected = await transcript();
  expect(Object.keys(expected)).toHaveLength(21);
  expect(found).toEqual(expected);
  expect(expected).toMatchObject({
    verify: 'true',
    forged: 'false',
    spoiled: 'refused',
    boxSpoiled: 'refused',
  });
}, 20_000);

test('every libsodium function that the packages call is compared', async () => {
  const plugin = new URL('../../build/sodium.mjs', import.meta.url).href;
  const { calledFunctions, calledDirectly } = (await import(plugin)) as Record<string, () => Set<string>>;
  const compared = readFileSync(new URL('support/primitives-page.ts', import.meta.url), 'utf8');
  const called = [...calledFunctions!()].filter((name) => name.startsWith('crypto_'));
  expect(called.length).toBeGreaterThan(15);
  expect(called.filter((name) => !compared.includes(`sodium.${name}(`))).toEqual([]);
  expect(calledDirectly!().size).toBeGreaterThan(1);
  expect([...calledDirectly!()].filter((name) => !compared.includes(name))).toEqual([]);
});
