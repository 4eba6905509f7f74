// A life with the page, through its screens as a person taps them, on the real relay: first contact by a code that a
// camera sees, a peer on Node with libsignal, lock, erase, move, burn, another tab, a new version, a relay that dies, a
// network that is lost. Not its concern: how each screen looks (screens.browser.test.ts).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import { openClient } from '@sotto/client';
import type { Locator, Page } from 'playwright-core';
import { startFaultProxy } from '../../../client-sdk/test/net/support/fault-proxy.ts';
import { answer, axe, begin, EXIT, hasChromium, House, invite, say, turnRound } from './support/house.ts';

const test = hasChromium ? always : always.skip;
const PIN = '493817';
const PHRASE = 'four quiet words here';
let house: House;
beforeAll(async () => {
  if (hasChromium) house = await House.open();
}, 180_000);
afterAll(async () => {
  if (hasChromium) await house.close();
});

/** Two people in browsers who have talked; the first has the conversation open. */
async function pair(words = 'hello there', browser = house.browser): Promise<[Page, Page]> {
  const [one, other] = [await house.person({}, browser), await house.person()];
  // Made up at random, two names may be one.
  while ((await nameOf(one)) === (await nameOf(other)))
    await other.getByRole('button', { name: 'Another' }).click();
  await begin(one);
  const link = await invite(one);
  await begin(other);
  await answer(other, link, words);
  await one.locator('[role=status] .button.main').click();
  await heard(one, words);
  return [one, other];
}

const nameOf = (page: Page) => page.locator('.persona-name').innerText();

async function heard(page: Page, words: string): Promise<void> {
  await page.locator('.said:not(.mine) .bubble', { hasText: words }).last().waitFor();
}

const texts = (page: Page, whose = '') =>
  page.locator(`.said${whose} .bubble > span:not(.unseen)`).allInnerTexts();

async function settings(page: Page, line: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.locator('.pane-main .item', { hasText: line }).first().click();
}

const end = (...pages: Page[]) => Promise.all(pages.map((page) => page.context().close()));

/** The code on the screen as a camera sees it, in shades of grey. */
async function asFilm(page: Page): Promise<Uint8Array> {
  const png = (await page.locator('svg.qr').screenshot()).toString('base64');
  const grey = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.fillStyle = '#bbb';
    context.fillRect(0, 0, 640, 480);
    context.drawImage(picture, 85, 5, 470, 470);
    const { data } = context.getImageData(0, 0, 640, 480);
    return Array.from({ length: 640 * 480 }, (_, i) => data[4 * i] ?? 0);
  }, png);
  return Uint8Array.from(grey);
}

test('first contact by code: a camera sees it, or a picture of it is chosen', async () => {
  const one = await house.person({ viewport: { width: 1000, height: 900 } });
  await begin(one);
  await invite(one);
  house.holdUp(await asFilm(one));
  const other = await house.person({ permissions: ['camera'] });
  await begin(other);
  await other.getByRole('button', { name: 'Scan a code' }).click();
  await other.getByRole('button', { name: 'Use the camera' }).click();
  await other.locator('fieldset.card').waitFor();
  await other.locator('.pane-main .button.main').click();
  await say(other, 'I saw your code');
  await one.locator('[role=status] .button.main').click();
  await heard(one, 'I saw your code');

  // The safety number too is a code: the other reads it off a picture, and then both know.
  await one.locator('.pane-main .header-button').click();
  await one.locator('.pane-main section.card .button').click();
  const picture = await one.locator('svg.qr').screenshot();
  await other.locator('.pane-main .header-button').click();
  await other.locator('.pane-main section.card .button').click();
  await other.getByRole('button', { name: 'Scan their code' }).click();
  await other
    .locator('input[type=file].unseen')
    .setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: picture });
  await other.locator('input[type=checkbox]:checked').waitFor();
  await end(one, other);
}, 60_000);

test('a peer on Node with libsignal; locked, a wrong PIN opens nothing, and the right one all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-life-'));
  const peer = await openClient({
    store: join(folder, 'profile'),
    passphrase: 'p',
    relay: house.relay.url,
    kdfCost: { passes: 1, memoryKib: 8 },
  });
  const persona = await peer.createPersona({ name: 'Node' });
  const page = await house.person();
  await begin(page);
  const conversation = await persona.accept(await invite(page));
  await conversation.send('from libsignal');
  await page.locator('[role=status] .button.main').click();
  await heard(page, 'from libsignal');
  const room = await persona.createRoom({ title: 'Evenings', door: 'open', newcomerMinutes: 0 });
  await page.getByRole('button', { name: 'A new conversation' }).click();
  await page.locator('#link').fill(await room.link());
  await page.locator('form .button').first().click();
  await page.locator('input[type=checkbox]').check();
  await page.locator('.pane-main .button.main').click();
  await page.locator('.composer textarea').waitFor();

  // What isn't sent yet is kept, for each on its own: left for another, over a reload, and behind the lock.
  const talk = page.locator('.pane-list .item', { hasText: 'Node' }).filter({ hasNotText: 'Evenings' });
  const evenings = page.locator('.pane-list .item', { hasText: 'Evenings' });
  const words = page.locator('.composer textarea');
  const holds = async (what: Locator, draft: string) => {
    await what.click();
    const label = what === talk ? 'Write to Node' : 'Write to Evenings';
    await page.getByLabel(label).waitFor();
    expect(await words.inputValue()).toBe(draft);
  };
  await words.fill('half a thought for all');
  await talk.click();
  await page.getByLabel('Write to Node').fill('half a thought for one');
  await evenings.getByText('half a thought for all').waitFor();
  await holds(evenings, 'half a thought for all');
  await talk.getByText('half a thought for one').waitFor();
  await page.reload();
  await holds(evenings, 'half a thought for all');
  await holds(talk, 'half a thought for one');
  await words.fill('a whole thought for one');

  await settings(page, 'Lock');
  await page.locator('input[type=radio]').nth(1).check();
  await page.getByLabel('New PIN').fill(PIN);
  await page.getByLabel('Once more').fill(PIN);
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByText('The lock is set.').waitFor();
  await page.getByRole('button', { name: 'Lock now' }).first().click();
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  expect(await page.locator('body').innerText()).not.toContain('libsignal');
  await conversation.send('while it was locked');
  await conversation.send('and once more');
  await page.getByLabel('PIN').fill('000000');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('That is not it.').waitFor();
  await page.getByLabel('PIN').fill(PIN);
  await page.getByRole('button', { name: 'Open' }).click();
  await talk.locator('.new-mark').waitFor();
  await room.send('meanwhile in the room');
  await evenings.locator('.new-mark').waitFor();
  await holds(talk, 'a whole thought for one');
  await heard(page, 'and once more');
  // The line stands before the first that is new, and is gone for whoever comes back.
  const line = page.locator('div:has(> .unread-line)');
  expect(await line.first().innerText()).toContain('while it was locked');
  await holds(evenings, 'half a thought for all');
  await heard(page, 'meanwhile in the room');
  expect(await line.first().innerText()).toContain('meanwhile in the room');
  await evenings.locator('.new-mark').waitFor({ state: 'detached' });
  await holds(talk, 'a whole thought for one');
  await heard(page, 'and once more');
  expect(await page.locator('.unread-line').count()).toBe(0);
  await say(page, 'open again');
  await page.locator('.said.mine').last().getByText('sent, kept until').waitFor();
  // The relay has it; the peer hears of it a moment later.
  const texts = async () =>
    (await conversation.history({ limit: 10 })).flatMap((m) => (m.kind === 'text' ? [m.text] : []));
  while (!(await texts()).includes('open again')) await page.waitForTimeout(50);

  // Left alone it locks itself; Help is there, and leaving needs no PIN.
  await page.reload();
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  await page.keyboard.press('F1');
  await page.locator('.emergency').waitFor();
  await end(page);
  await peer.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** What this site keeps in the browser, by kind. */
function kept(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(async () => {
    const files: string[] = [];
    const root = (await navigator.storage.getDirectory()) as unknown as { keys(): AsyncIterable<string> };
    for await (const name of root.keys()) files.push(name);
    return {
      databases: (await indexedDB.databases()).map(({ name }) => name),
      files,
      caches: await caches.keys(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
    };
  });
}

test('erase leaves nothing: no database, file, cache, service worker or setting', async () => {
  const [one, other] = await pair();
  await one.evaluate(async () => navigator.serviceWorker.ready.then(() => undefined));
  const before = await kept(one);
  expect(before).toMatchObject({ workers: 1 });
  for (const kind of ['databases', 'files', 'caches', 'local']) expect(before[kind]).not.toEqual([]);
  await settings(one, 'Erase everything');
  // What is left is looked at before the page that comes next makes anything of its own.
  const home = `${house.relay.url}/`;
  const blank = { contentType: 'text/html', body: '<title>gone</title>' };
  await one.context().route(home, (route) => route.fulfill(blank));
  await one.getByRole('button', { name: 'Erase everything now' }).click();
  await one.waitForFunction(() => document.title === 'gone');
  const empty = { databases: [], files: [], caches: [], workers: 0, local: [], session: [] };
  expect(await kept(one)).toEqual(empty);
  await one.context().unroute(home);
  await one.goto(house.relay.url);
  await one.locator('.welcome-self').waitFor();
  await end(one, other);
}, 60_000);

test('a move: the copy opens elsewhere and talks on, and the page that it came from stops', async () => {
  const [one, other] = await pair('before the move');
  await settings(one, 'Keep a sealed copy');
  await one.getByLabel('Passphrase for the copy').fill(PHRASE);
  const download = one.waitForEvent('download');
  await one.getByRole('button', { name: 'Make the copy' }).click();
  const file = await (await download).path();
  const name = (await download).suggestedFilename();
  expect(name).toMatch(/^notes-[\d-]+\.bin$/);

  const moved = await house.person();
  await moved.getByRole('button', { name: 'I have a sealed copy' }).click();
  await moved.locator('input[type=file]').setInputFiles(file);
  await moved.getByLabel('Passphrase for the copy').fill('not the right words');
  await moved.getByRole('button', { name: 'Move in' }).click();
  await moved.locator('[role=alert]').waitFor();
  await moved.getByLabel('Passphrase for the copy').fill(PHRASE);
  await moved.getByRole('button', { name: 'Move in' }).click();
  await moved.locator('.pane-list .item').first().click();
  await heard(moved, 'before the move');
  await say(moved, 'I live here now');
  await heard(other, 'I live here now');
  await one.locator('.connection', { hasText: 'Not let in' }).waitFor();
  await end(one, other, moved);
}, 60_000);

test('burned: the name and all that was said are gone, the other name stays', async () => {
  const [one, other] = await pair('for the first name only');
  const first = await one.locator('.pane-list .name').first().innerText();
  await settings(one, 'Your names');
  await one.getByRole('button', { name: 'Use this name' }).click();
  await one.locator('.pane-list .name', { hasText: first }).waitFor({ state: 'detached' });
  await settings(one, 'Your names');
  const card = one.locator(`section[aria-label="${first}"]`);
  await card.getByText('More').click();
  await card.getByRole('button', { name: 'Destroy this name' }).click();
  await card.getByRole('button', { name: 'Destroy it' }).click();
  await card.waitFor({ state: 'detached' });
  await one.reload();
  await one.locator('.empty-list').waitFor();
  expect(await one.locator('body').innerText()).not.toMatch(new RegExp(`for the first name|${first}`));
  await end(one, other);
}, 60_000);

test('what waits when a conversation closes did not go out, for good; deleting it then tells nobody', async () => {
  const [one, other] = await pair();
  await house.relay.kill();
  await one.locator('.connection', { hasNotText: 'Connected' }).waitFor();
  await say(one, 'too late');
  await one.locator('.said.mine', { hasText: 'too late' }).waitFor();
  await one.locator('.pane-main .header-button').click();
  await one.getByRole('button', { name: 'Block', exact: true }).click();
  await one.getByRole('button', { name: 'Block', exact: true }).click();
  await one.locator('.composer', { hasText: 'You blocked this person' }).waitFor();
  const said = one.locator('.said.mine', { hasText: 'too late' });
  await said.getByText('This did not go out.').waitFor();
  expect(await said.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  await one.getByRole('button', { name: 'Delete', exact: true }).click();
  await one.getByRole('button', { name: 'Delete', exact: true }).click();
  await one.locator('.empty-list').waitFor();
  await house.relay.start();
  await other.locator('.connection', { hasText: 'Connected' }).waitFor();
  await one.locator('.connection', { hasText: 'Connected' }).waitFor();
  // Whether it still goes out depends on who was back first: the other's mailbox may be gone by then.
  await say(other, 'are you there?');
  await other
    .locator('.said.mine', { hasText: 'are you there?' })
    .getByText(/sent, kept until|waiting to go out/)
    .waitFor();
  expect(await other.locator('.said:not(.mine)').allInnerTexts()).toEqual([]);
  await end(one, other);
}, 60_000);

test('another tab waits, takes over when asked to, and the first says so', async () => {
  const [one, other] = await pair();
  const tab = await one.context().newPage();
  await tab.goto(house.relay.url);
  await tab.getByRole('heading', { name: 'Open in another tab' }).waitFor();
  await tab.getByRole('button', { name: 'Use it here' }).click();
  await tab.locator('.pane-list .item').first().click();
  await heard(tab, 'hello there');
  await one.getByRole('heading', { name: 'Open in another tab' }).waitFor();
  await say(tab, 'from the second tab');
  await heard(other, 'from the second tab');
  await end(one, other);
}, 60_000);

test('the relay is killed and comes back: the page says so, and what was written goes out once', async () => {
  const [one, other] = await pair();
  await house.relay.kill();
  await one.locator('.connection', { hasNotText: 'Connected' }).waitFor();
  await say(one, 'kept until you are back');
  await one.locator('.said.mine').last().getByText('kept until you are back').waitFor();
  // Whoever doesn't want to wait for the next try says so.
  await one.locator('.said.mine').last().getByRole('button', { name: 'Try again' }).click();
  await house.relay.start();
  await heard(other, 'kept until you are back');
  await one.locator('.connection', { hasText: 'Connected' }).waitFor();
  expect(await other.locator('.bubble', { hasText: 'kept until you are back' }).count()).toBe(1);
  await end(one, other);
}, 60_000);

test('one device loses its network in the middle of a chat: what both say meanwhile arrives once and in order, also after a reload', async () => {
  const line = await startFaultProxy({ port: Number(new URL(house.relay.url).port) });
  const browser = await house.behind(line.port);
  try {
    const [one, other] = await pair('before', browser);
    await one.evaluate(async () => navigator.serviceWorker.ready.then(() => undefined));
    line.refuse();
    line.cut();
    await one.locator('.connection', { hasNotText: 'Connected' }).waitFor();
    await say(one, 'said without a network');
    await say(other, 'are you there?');
    await one
      .locator('.said.mine', { hasText: 'said without a network' })
      .getByText('waiting to go out')
      .waitFor();
    await one.reload();
    await one.locator('.pane-list .item').first().click();
    await one.locator('.said.mine', { hasText: 'said without a network' }).waitFor();
    await say(one, 'and after a reload');
    await say(other, 'I wait for you');
    await other.locator('.said.mine', { hasText: 'I wait for you' }).getByText('sent, kept until').waitFor();
    expect(await texts(other)).toEqual(['before', 'are you there?', 'I wait for you']);
    line.clear();
    await heard(other, 'and after a reload');
    await heard(one, 'I wait for you');
    await one.locator('.connection', { hasText: 'Connected' }).waitFor();
    const [mine, theirs] = [
      ['said without a network', 'and after a reload'],
      ['before', 'are you there?', 'I wait for you'],
    ];
    expect([await texts(one, '.mine'), await texts(one, ':not(.mine)')]).toEqual([mine, theirs]);
    expect([await texts(other, ':not(.mine)'), await texts(other, '.mine')]).toEqual([mine, theirs]);
    await end(one, other);
  } finally {
    await browser.close();
    await line.close();
  }
}, 90_000);

/** Fills what this browser lets the site keep, beside what the site itself keeps, until it refuses a kilobyte. */
async function fillUp(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('ballast', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { autoIncrement: true });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(new Error('no database'));
    });
    let refusal = '';
    const isPut = (bytes: number) =>
      new Promise<boolean>((resolve) => {
        const writing = database.transaction('rows', 'readwrite');
        // What can be squeezed would leave room.
        const random = new Uint8Array(bytes);
        for (let at = 0; at < bytes; at += 65_536)
          crypto.getRandomValues(random.subarray(at, Math.min(bytes, at + 65_536)));
        writing.oncomplete = () => resolve(true);
        writing.onabort = () => {
          refusal = writing.error?.name ?? '';
          resolve(false);
        };
        writing.objectStore('rows').add(random);
      });
    for (let bytes = 1 << 20; bytes >= 1_024; bytes >>= 1) while (await isPut(bytes));
    database.close();
    return refusal;
  });
}

test('a full device: said in words, what was typed stays, what was sent arrives once there is room', async () => {
  const context = await house.context();
  const one = await context.newPage();
  const storage = await context.newCDPSession(one);
  const allow = (quotaSize: number) =>
    storage.send('Storage.overrideQuotaForOrigin', { origin: house.relay.url, quotaSize });
  // Before anything is kept: what Chromium once found free it holds to be free for half a minute.
  await allow(8 << 20);
  await one.goto(house.relay.url);
  await one.locator('.welcome-self').waitFor();
  const other = await house.person();
  await begin(one);
  const link = await invite(one);
  await begin(other);
  await answer(other, link, 'hello there');
  await one.locator('[role=status] .button.main').click();
  await heard(one, 'hello there');
  expect(await fillUp(one)).toBe('QuotaExceededError');
  await say(one, 'typed on a full device');
  await one.locator('.notice', { hasText: 'This device is full' }).waitFor();
  expect(await one.locator('textarea').inputValue()).toBe('typed on a full device');
  await say(other, 'sent to a full device');
  await other.locator('.said.mine').last().getByText('sent, kept until').waitFor();
  expect(await one.locator('.bubble', { hasText: /a full device/ }).count()).toBe(0);
  await allow(200 << 20);
  // As a person would: tried again until it goes.
  const sent = one.locator('.said.mine', { hasText: 'typed on a full device' });
  while ((await sent.count()) === 0) {
    await one
      .locator('.composer button[type=submit]:not([disabled])')
      .click({ timeout: 500 })
      .catch(() => undefined);
    await one.waitForTimeout(250);
  }
  await heard(other, 'typed on a full device');
  await one.reload();
  await one.locator('.pane-list .item').first().click();
  await heard(one, 'sent to a full device');
  for (const [page, words] of [
    [one, 'sent to a full device'],
    [other, 'typed on a full device'],
  ] as const)
    expect(await page.locator('.said:not(.mine) .bubble', { hasText: words }).count()).toBe(1);
  await end(one, other);
}, 90_000);

test('a new version says what changed, waits to be taken, and is there after that', async () => {
  const page = await house.person();
  await begin(page);
  await page.evaluate(async () => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await page.locator('.pane-list').waitFor();
  const build = fileURLToPath(new URL('../build.mjs', import.meta.url));
  const { buildSite } = (await import(build)) as { buildSite: (options: object) => Promise<unknown> };
  const release = { version: '0.9.9', notes: { en: 'Now with more quiet.' } };
  await buildSite({ outDir: join(house.folder, 'site'), site: { exitUrl: EXIT }, release, compress: false });
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update().then(() => undefined));
  // One notice at a time, the gravest first: a fresh profile may be evicted.
  await page.getByRole('button', { name: 'Understood' }).click();
  await page.getByText('Now with more quiet.').waitFor();
  expect(await axe(page)).toEqual([]);
  await turnRound(page);
  expect(await axe(page)).toEqual([]);
  await page.getByRole('button', { name: 'Settings' }).click();
  expect(await page.locator('.pane-main').innerText()).not.toContain('0.9.9');
  await page.getByRole('button', { name: 'Use it now' }).click();
  await page.locator('.pane-list').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('0.9.9').waitFor();
  await end(page);
}, 60_000);

test('nothing broke a policy, and nobody else was asked for anything', () => {
  expect(house.complaints).toEqual([]);
  expect(house.strangers).toEqual([]);
});
