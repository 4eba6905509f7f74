// Goal 13: gzipped JavaScript and WebAssembly: what is loaded before the first message, and all that there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isOtherLanguage } from '../build/languages.mjs';

const isCode = (file) => /\.(js|wasm)$/.test(file);

/**
 * @param loaded - Paths that a browser asked for before the first message.
 * @returns KiB: before the first message, of the whole app as one person has it, and with the words of all languages.
 */
export function measureSizes({ outDir, all }, loaded) {
  const kib = (files) =>
    files
      .filter(isCode)
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(outDir, file)), { level: 9 }).length, 0) /
    1_024;
  return {
    startKib: kib(all.filter((file) => loaded.has(`/${file}`))),
    allKib: kib(all.filter((file) => !isOtherLanguage(file))),
    everyLanguageKib: kib(all),
  };
}

/** The code files that a newcomer's browser asks for until the first message stands. */
export async function filesBeforeFirstMessage(stage, inviteFor) {
  const origin = `https://127.0.0.1:${stage.port}`;
  const { client, link } = await inviteFor(stage, origin, 'sizes');
  const context = await stage.browser.newContext({ locale: 'en-GB', serviceWorkers: 'block' });
  const loaded = new Set();
  try {
    const page = await context.newPage();
    context.on('request', (request) => loaded.add(new URL(request.url()).pathname));
    await page.goto(link);
    await page.locator('.card .button.main').first().click();
    await page.locator('textarea').fill('x');
    await page.locator('.composer button[type=submit]').click();
    await page.locator('.said.mine .bubble').first().waitFor();
  } finally {
    await context.close();
    await client.close();
  }
  return loaded;
}
