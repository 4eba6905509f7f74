// The built site on the real relay, and a Chromium to look at it: what the screenshots and the bench stand on. Needs the
// compiled relay (`npm run build`). Not its concern: what is looked at.
/* global addEventListener, document */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { buildSite } from '../build.mjs';
import { openNeighbours } from './neighbours.mjs';

const relayBin = join(import.meta.dirname, '../../../relay/bin/sotto-relay.js');
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function startRelay(folder, port) {
  const relay = spawn(process.execPath, [relayBin, '--port', String(port), '--data', join(folder, 'data')], {
    env: { ...process.env, SOTTO_WEB_DIR: join(folder, 'web/site'), SOTTO_LOG_LEVEL: 'silent' },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => relay.once('exit', resolve));
  for (let tries = 0; ; tries++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/.well-known/sotto`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    if (tries > 100) throw new Error('the relay did not start; run `npm run build` first');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async stop() {
      relay.kill('SIGTERM');
      await ended;
    },
  };
}

/** @returns the site's address, a browser, who is there already, and how to end it all. */
export async function openStage() {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-stage-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  let relay = await startRelay(folder, port);
  const neighbours = await openNeighbours(folder, url.slice(0, -1));
  const site = await buildSite({
    outDir: join(folder, 'web/site'),
    site: { directory: neighbours.directory },
  });
  // A relay hands out the site that it finds when it starts.
  await relay.stop();
  relay = await startRelay(folder, port);
  const browser = await chromium.launch({
    executablePath: process.env.SOTTO_CHROMIUM ?? '/usr/bin/chromium',
    args: flags,
  });
  return {
    url,
    site,
    browser,
    neighbours,
    async close() {
      await browser.close();
      await neighbours.close();
      await relay.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `textScale`: what someone set the size of all text to. */
export async function newPage(stage, { textScale = 1, ...options } = {}) {
  const context = await stage.browser.newContext({ locale: 'en-GB', ...options });
  if (textScale !== 1) {
    await context.addInitScript((percent) => {
      addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = `${percent}%`));
    }, 106.25 * textScale);
  }
  return context.newPage();
}

/** A new person at the screen after beginning. */
export async function newPerson(stage, options = {}) {
  const page = await newPage(stage, options);
  await page.goto(stage.url);
  await page.locator('.card .button.main').first().click();
  await page.locator('#link').waitFor();
  return page;
}

export async function makeInvite(page) {
  await page.locator('section.card .button.main').first().click();
  return page.locator('.copyable').first().innerText();
}

export async function answerInvite(page, link) {
  await page.locator('#link').fill(link);
  await page.locator('form .button').first().click();
  await page.locator('fieldset.card').waitFor();
  await page.locator('.pane-main .button.main').click();
  await page.locator('textarea').waitFor();
}

export async function say(page, words) {
  await page.locator('textarea').fill(words);
  await page.locator('.composer button[type=submit]').click();
  await page
    .locator('.said.mine .bubble', { hasText: words.slice(0, 30) })
    .last()
    .waitFor();
}
