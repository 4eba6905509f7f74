// What must hold when it matters: leaving at once, no trace in the address, no foreign request, no code from text, and
// everything by the keyboard alone.
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import type { Page } from 'playwright-core';
import { answer, begin, EXIT, hasChromium, House, invite, tabTo } from './support/house.ts';

const test = hasChromium ? always : always.skip;
let house: House;
beforeAll(async () => {
  if (hasChromium) house = await House.open();
}, 180_000);
afterAll(async () => {
  if (hasChromium) await house.close();
});

/** Waits for the page to be gone, whether or not the network lets the next one come. */
async function whenLeft(page: Page): Promise<void> {
  await page.waitForFunction((origin) => location.origin !== origin, house.relay.url);
}

test.each(['the button', 'Shift three times'])(
  '%s covers at once and leaves with the network cut',
  async (how) => {
    const page = await house.person();
    await begin(page);
    await page.context().setOffline(true);
    // Dispatched by hand, so that what is on the screen when the handlers have returned can be seen in the same turn.
    const covered = await page.evaluate((isButton) => {
      if (isButton) document.querySelector<HTMLElement>('.leave-button')?.click();
      else {
        for (let i = 0; i < 3; i++) {
          for (const type of ['keydown', 'keyup']) dispatchEvent(new KeyboardEvent(type, { key: 'Shift' }));
        }
      }
      const sheet = document.querySelector('.leaving');
      if (sheet === null) return 'nothing';
      const { width, height } = sheet.getBoundingClientRect();
      const style = getComputedStyle(sheet);
      const isWhole = width === innerWidth && height === innerHeight;
      const isOpaque = style.backgroundColor === 'rgb(255, 255, 255)' && style.opacity === '1';
      return isWhole && isOpaque && document.body.children.length === 1 ? 'covered' : 'shows through';
    }, how === 'the button');
    expect(covered).toBe('covered');
    await whenLeft(page);
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await page.context().close();
  },
);

test('leaving with a network leads to the neutral page, and Back does not show what was there', async () => {
  const page = await house.person();
  await page.context().route(EXIT, (route) => route.fulfill({ contentType: 'text/html', body: 'weather' }));
  await begin(page);
  await page.locator('.leave-button').click();
  await page.waitForURL(EXIT);
  expect(await page.locator('body').innerText()).toBe('weather');
  await page.goBack().catch(() => null);
  expect(await page.locator('.shell').count()).toBe(0);
  await page.context().close();
});

test('typing capital letters never leaves', async () => {
  const page = await house.person();
  await begin(page);
  await page.locator('#link').focus();
  for (const letter of 'ABCDEF') await page.keyboard.press(`Shift+${letter}`);
  expect(await page.locator('#link').inputValue()).toBe('ABCDEF');
  await page.context().close();
});

test('an invite leaves the address at once, and the title says nothing', async () => {
  const inviter = await house.person();
  await begin(inviter);
  const link = await invite(inviter);
  const context = await house.context();
  const page = await context.newPage();
  await page.goto(link);
  await page.locator('.welcome-self').waitFor();
  expect(page.url()).toBe(`${house.relay.url}/`);
  expect(await page.title()).toBe('Notes');
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  await page.getByRole('button', { name: 'Answer the invite' }).click();
  await page.locator('textarea').waitFor();
  expect(page.url()).toBe(`${house.relay.url}/`);
  await context.close();
  await inviter.context().close();
});

test('what is written is text, whatever it looks like, and no script gets in', async () => {
  const one = await house.person();
  const other = await house.person();
  await begin(one);
  const link = await invite(one);
  await begin(other);
  const attack = '<img src=x onerror="globalThis.broken=1"><script>broken=1</script> javascript:alert(1)';
  await answer(other, link, attack);
  await one.locator('[role=status] .button.main').click();
  await one.getByText('<img src=x').last().waitFor();
  const outcome = await one.evaluate(() => {
    const attempt = (deed: () => unknown) => {
      try {
        deed();
        return 'allowed';
      } catch {
        return 'refused';
      }
    };
    return {
      broken: 'broken' in globalThis,
      images: document.querySelectorAll('img').length,
      html: attempt(() => (document.createElement('div').innerHTML = '<b>x</b>')),
      script: attempt(() => new Worker('data:text/javascript,0')),
    };
  });
  expect(outcome).toEqual({ broken: false, images: 0, html: 'refused', script: 'refused' });
  // The page's own world, where the policy holds, unlike in what a debugger evaluates.
  await one.addScriptTag({ content: 'globalThis.broken = 2' }).catch(() => undefined);
  expect(await one.evaluate(() => 'broken' in globalThis)).toBe(false);
  house.complaints.length = 0;
  await one.context().close();
  await other.context().close();
});

/** Moves by Tab until something with this name has the focus. */

test('first contact and a chat by the keyboard alone', async () => {
  const one = await house.person();
  const other = await house.person();
  await tabTo(one, /Talk to someone I know/);
  await one.keyboard.press('Enter');
  await one.locator('#link').waitFor();
  await tabTo(one, /Make an invite/);
  await one.keyboard.press('Enter');
  const link = await one.locator('.copyable').first().innerText();

  await tabTo(other, /Talk to someone I know/);
  await other.keyboard.press('Enter');
  await other.locator('#link').waitFor();
  await tabTo(other, /link field/);
  await other.keyboard.insertText(link);
  await other.keyboard.press('Enter');
  await other.locator('fieldset.card').waitFor();
  await tabTo(other, /^Answer the invite/);
  await other.keyboard.press('Enter');
  await other.locator('textarea').waitFor();
  await tabTo(other, /^Write to/);
  await other.keyboard.type('by keys');
  await other.keyboard.press('Enter');

  await one.getByRole('button', { name: 'Open the conversation' }).waitFor();
  await tabTo(one, /Open the conversation/);
  await one.keyboard.press('Enter');
  await one.getByText('by keys').last().waitFor();
  await tabTo(one, /^Write to/);
  await one.keyboard.type('by keys too');
  await one.keyboard.press('Enter');
  await other.getByText('by keys too').last().waitFor();
  // A menu closed leads back to where it was opened, and Escape closes that and nothing else.
  await tabTo(one, /^More for the message/);
  await one.keyboard.press('Enter');
  await one.locator('.menu').waitFor();
  await one.keyboard.press('Escape');
  await one.locator('.menu').waitFor({ state: 'detached' });
  expect(await one.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(/^More for/);
  expect(await one.locator('textarea').count()).toBe(1);
  // What fails in passing is said, and can be put away by the keyboard.
  const session = await one.context().newCDPSession(one);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.send('Browser.setPermission', {
    permission: { name: 'clipboard-write' },
    setting: 'denied',
    ...(targetInfo.browserContextId === undefined ? {} : { browserContextId: targetInfo.browserContextId }),
  });
  await one.keyboard.press('Enter');
  await tabTo(one, /^Copy$/);
  await one.keyboard.press('Enter');
  await one.locator('.notice').getByText('That did not work.').waitFor();
  await tabTo(one, /^Understood$/);
  await one.keyboard.press('Enter');
  await one.locator('.notice').waitFor({ state: 'detached' });
  // What takes the place of something that vanished has the focus: a question, then the list.
  await one.locator('.pane-main .header-button').focus();
  await one.keyboard.press('Enter');
  await tabTo(one, /^Leave$/);
  await one.keyboard.press('Enter');
  await one.waitForFunction(() => document.activeElement?.textContent === 'Cancel');
  await one.keyboard.press('Shift+Tab');
  await one.keyboard.press('Enter');
  await one.locator('.empty-list').waitFor();
  await one.waitForFunction(() => document.activeElement?.matches('h1') === true);
  // The screen reader hears what came.
  await expect(other.locator('[role=log]').innerText()).resolves.toContain('by keys too');
  await one.context().close();
  await other.context().close();
}, 180_000);

test('nothing broke a policy, and nobody else was asked for anything', () => {
  expect(house.complaints).toEqual([]);
  expect(house.strangers).toEqual([]);
});
