// Every screen as a person sees it, judged by axe in light, in dark, and from right to left; and the states in which
// nothing can go on, each with its heading and its one thing to do.
import { afterAll, beforeAll, describe, expect, test as always } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Boot } from '../src/backend/backend.ts';
import { axe, begin, hasChromium, House, invite, say, turnRound } from './support/house.ts';

const test = hasChromium ? always : always.skip;
let house: House;
beforeAll(async () => {
  if (hasChromium) house = await House.open();
}, 180_000);
afterAll(async () => {
  if (hasChromium) await house.close();
});

const phone = { width: 360, height: 740 };
const looks: readonly [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light', viewport: phone }],
  ['dark, wide', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
  ['right to left', { colorScheme: 'light', locale: 'ar-EG', viewport: phone }],
];

/** Help, one tap from here, and back. */
async function helpAndBack(page: Page, found: string[], where: string): Promise<void> {
  await page.locator('.help-button').click();
  await page.locator('.pane-main select.select').waitFor();
  for (const closed of await page.locator('.pane-main summary').all()) await closed.click();
  found.push(...(await axe(page)).map((line) => `help from ${where}: ${line}`));
  await page.locator('.pane-main .column > .stack > .button').last().click();
  await page.locator('.pane-main .button.main').click();
  found.push(...(await axe(page)).map((line) => `breathing: ${line}`));
  await page.locator('.pane-main .head .button.icon').first().click();
  await page.locator('.pane-main select.select').waitFor();
  await page.locator('.pane-main .head .button.icon').first().click();
}

describe.each(looks)('%s', (_name, options) => {
  test('no screen has anything for axe to say', async () => {
    const found: string[] = [];
    const look = async (page: Page, where: string) => {
      found.push(...(await axe(page)).map((line) => `${where}: ${line}`));
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) found.push(`${where}: ${wider} px wider than the window`);
    };
    const one = await house.person(options);
    const other = await house.person(options);
    await look(one, 'welcome');
    await other.locator('.pane-main .row').last().locator('.button').first().click();
    await other.locator('input[type=file]').waitFor();
    await look(other, 'moving in');
    await other.locator('.pane-main .head .button.icon').first().click();
    await other.locator('.welcome-self').waitFor();
    // A wide window shows Back only where the list isn't beside it: Help from the first screen has a way back.
    await helpAndBack(one, found, 'welcome');
    await begin(one);
    await look(one, 'connect');
    const link = await invite(one);
    await look(one, 'invite');
    await begin(other);
    await other.locator('#link').fill(link);
    await other.locator('form .button').first().click();
    await other.locator('fieldset.card').waitFor();
    await look(other, 'an invite');
    await other.locator('.pane-main .button.main').click();
    await say(other, 'I can’t sleep. There is https://example.org/a/page too.');
    // A link could tell who one is: it goes only when said twice.
    await other.locator('.composer [role=alert] .button').nth(1).click();
    await one.locator('[role=status] .button.main').click();
    await one.locator('.bubble').first().waitFor();
    await say(one, 'I’m here.');
    await other.locator('.said:not(.mine) .bubble').waitFor();
    await look(one, 'conversation');
    await one.locator('.inert-link').click();
    await one.locator('.more-button').first().click();
    await look(one, 'conversation with a link and a menu open');
    await one.locator('.menu .row .button').first().click();
    await one.locator('.reaction').waitFor();
    await one.locator('textarea').fill('write to me at someone@example.com');
    await one.locator('.composer button[type=submit]').click();
    await one.locator('.composer [role=alert]').waitFor();
    await look(one, 'a warning about personal details');
    await one.locator('.pane-main .header-button').click();
    await one.locator('.pane-main section.card .button').waitFor();
    await look(one, 'details');
    await one.locator('.pane-main .button.danger').first().click();
    await look(one, 'details, asking');
    await one.locator('.pane-main section.card .button').first().click();
    await one.locator('.digits').waitFor();
    await look(one, 'compare');
    await one.reload();
    await one.locator('.item').first().waitFor();
    await look(one, 'conversations');
    // Chromium's fresh profiles don't promise to keep anything: the notice is there, and said once.
    await one.locator('.notice .button.quiet').click();
    for (let i = 1; i <= 7; i++) {
      await one.locator('.pane-list .head .button.icon').nth(1).click();
      const lines = one.locator('.pane-main .card.items .item');
      await lines.first().waitFor();
      if (i === 1) await look(one, 'settings');
      await lines.nth(i - 1).click();
      await one.waitForTimeout(50);
      await look(one, `setting ${i}`);
      if (i === 1) {
        await one.locator('.pane-main summary').first().click();
        await one.locator('.pane-main .button.danger').first().click();
        await one.locator('.pane-main .card[role=group]').waitFor();
        await look(one, 'a name to destroy, asking');
      }
      await one.reload();
      await one.locator('.item').first().waitFor();
    }
    expect(found).toEqual([]);
    await one.context().close();
    await other.context().close();
  }, 120_000);
});

/** A worker that answers one boot: the states that the real one reaches only on a broken device. */
const workerSaying = (boot: Boot) => `
  postMessage({ type: 'ready' });
  onmessage = ({ data }) => {
    if (data.type === 'call') postMessage({ type: 'result', id: data.id, value: data.method === 'boot' ? ${JSON.stringify(boot)} : undefined });
  };`;

const states: readonly [string, Boot][] = [
  ['locked with a PIN', { state: 'locked', method: 'pin' }],
  ['open in another tab', { state: 'elsewhere' }],
  ['evicted', { state: 'lost' }],
  ['corrupt', { state: 'damaged', kind: 'corrupt', code: 'STORE_CORRUPT' }],
  ['written by a newer version', { state: 'damaged', kind: 'newer-version', code: 'STORE_VERSION' }],
  ['foreign', { state: 'damaged', kind: 'foreign', code: 'STORE_FOREIGN' }],
  ['without storage', { state: 'unsupported', what: 'storage' }],
  ['without WebAssembly', { state: 'unsupported', what: 'wasm' }],
];

test.each(states)(
  '%s: a heading, something to do, Help and the way out, and nothing for axe to say',
  async (_name, boot) => {
    const context = await house.context({ viewport: phone, serviceWorkers: 'block' });
    await context.route('**/assets/worker-*.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: workerSaying(boot) }),
    );
    // Something was stored here once: else the first screen shows until the worker has looked.
    // The blank page before the first one has no storage, and its refusal isn't the site's.
    await context.addInitScript(() => {
      if (location.protocol === 'http:') localStorage.setItem('sotto-store', 'none');
    });
    const page = await context.newPage();
    await page.goto(house.relay.url);
    const main = page.locator('.pane-main');
    await main.locator('h1').waitFor();
    expect(await main.locator('.button').count()).toBeGreaterThan(0);
    expect(await axe(page)).toEqual([]);
    await turnRound(page);
    expect(await axe(page)).toEqual([]);
    await page.locator('.help-button').click();
    await main.locator('.emergency').waitFor();
    await context.close();
  },
  30_000,
);

const selves = {
  type: 'personas',
  personas: [{ id: 'p', name: 'River', pictureSeed: [], online: true, stays: false, retired: false }],
};
const troubles: readonly [string, object, RegExp][] = [
  ['a full device', { type: 'trouble', kind: 'disk-full', code: 'STORE_FULL' }, /This device is full/],
  [
    'a relay that lost its store',
    { type: 'trouble', kind: 'relay-store-lost', code: '' },
    /lost what it kept/,
  ],
  ['a wrong clock', { type: 'connection', state: 'online', clockSkewMs: 9e6 }, /clock of this device/],
  ['too old for the relay', { type: 'connection', state: 'refused', code: 'NET_VERSION' }, /too old/],
  ['offline', { type: 'connection', state: 'offline' }, /You’re offline/],
  [
    'a name that moved away',
    { type: 'connection', state: 'refused', code: 'PERSONA_MOVED' },
    /moved to another device/,
  ],
  [
    'a relay that breaks its promise',
    {
      type: 'promise',
      view: {
        ...{ relay: 'https://relay.example', checked: true, mismatches: ['ttl'], ttlDays: { mailbox: 14 } },
        ...{ durability: 'fsync', admission: 'open', operator: {}, software: 'sotto-relay' },
      },
    },
    /does not keep to what it promised/,
  ],
];

interface Told {
  readonly boot?: () => Boot;
  /** What is told as soon as the page has a network again. */
  readonly later?: readonly object[];
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A page whose worker stands as `boot` says when it starts, and then tells of `events`. */
async function pageHearing(events: readonly object[], told: Told = {}): Promise<Page> {
  const { boot = () => ({ state: 'open' }), later = [], viewport = phone } = told;
  const context = await house.context({ viewport, serviceWorkers: 'block' });
  await context.route('**/assets/worker-*.js', (route) => {
    const body = `
  postMessage({ type: 'ready' });
  onmessage = ({ data }) => {
    if (data.type === 'close') postMessage({ type: 'closed' });
    if (data.type !== 'call') return;
    const answers = { boot: ${JSON.stringify(boot())}, history: { messages: [], more: false } };
    postMessage({ type: 'result', id: data.id, value: answers[data.method] });
    if (data.method === 'boot') postMessage({ type: 'events', events: ${JSON.stringify([selves, ...events])} });
    if (data.method === 'poke') postMessage({ type: 'events', events: ${JSON.stringify(later)} });
  };`;
    return route.fulfill({ contentType: 'text/javascript', body });
  });
  return context.newPage();
}

test.each(troubles)(
  '%s: said in words, with Help and the way out where they always are',
  async (_name, event, words) => {
    const page = await pageHearing([event]);
    await page.goto(house.relay.url);
    await page.locator('.notice', { hasText: words }).waitFor();
    expect(await axe(page)).toEqual([]);
    await turnRound(page);
    expect(await axe(page)).toEqual([]);
    await page.locator('.help-button').click();
    await page.locator('.pane-main .emergency').waitFor();
    await page.context().close();
  },
  30_000,
);

const talk = {
  ...{ id: 'c', persona: 'p', name: 'Sky', pictureSeed: [], excerpt: 'hello', at: 1, unread: 0, draft: '' },
  ...{ timerSeconds: 0, state: 'open' },
};
/** Lets the page hear what is told later. @returns what moved until that stood on the screen (Layout Instability). */
async function movedUntilNoticed(): Promise<string[]> {
  const moved: string[] = [];
  new PerformanceObserver((seen) => {
    const shifts = seen.getEntries() as unknown as readonly { sources: readonly { node?: Node }[] }[];
    for (const { node } of shifts.flatMap(({ sources }) => sources))
      moved.push(node instanceof Element ? node.className : (node?.nodeName ?? ''));
  }).observe({ type: 'layout-shift' });
  dispatchEvent(new Event('online'));
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  while (document.querySelector('.notice') === null) await frame();
  // What moved in one frame is known in the next.
  for (let frames = 0; frames < 3; frames++) await frame();
  return moved;
}

test.each([
  ['a phone', phone],
  ['a wide screen', { width: 1280, height: 800 }],
])('on %s, what comes to be said later moves nothing, and takes no tap', async (_name, viewport) => {
  const list = { type: 'conversations', conversations: [talk] };
  const full = { type: 'trouble', kind: 'disk-full', code: 'STORE_FULL' };
  const page = await pageHearing([list], { later: [full], viewport });
  await page.goto(house.relay.url);
  await page.locator('.pane-list .item').waitFor();
  /** Presses, and lets go only when the notice has come in between. */
  const slowTap = async (what: string) => {
    const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator(what).boundingBox()) ?? {};
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    expect(await page.evaluate(movedUntilNoticed)).toEqual([]);
    await page.mouse.up();
  };
  const understood = async () => {
    await page.locator('.notice .button.quiet').click();
    await page.locator('.notice').waitFor({ state: 'detached' });
  };
  await slowTap('.pane-list [aria-label="Settings"]');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await understood();
  if (viewport === phone) await page.getByRole('button', { name: 'Back' }).click();
  await page.locator('.pane-list .item').click();
  await page.locator('.composer textarea').waitFor();
  await page.locator('.thread .empty').waitFor();
  await slowTap('.pane-main .header-button');
  await page.locator('.pane-main .head-column').waitFor();
  await understood();
  await page.context().close();
});

test('a notice of the device says the neutral name and nothing else', async () => {
  const message = {
    id: 'm',
    mine: false,
    at: Date.now(),
    order: 1,
    kind: 'text',
    text: 'a secret',
    reactions: [],
  };
  const page = await pageHearing([{ type: 'messages', conversation: 'c', changed: [message], removed: [] }]);
  await page.addInitScript(() => {
    const shown: unknown[] = [];
    Object.assign(globalThis, { shown });
    globalThis.Notification = function Notification(...said: unknown[]) {
      shown.push(said);
    } as unknown as typeof Notification;
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    if (location.protocol === 'http:') localStorage.setItem('settings', '{"notify":true,"begun":true}');
  });
  await page.goto(house.relay.url);
  await page.waitForFunction(() => (globalThis as unknown as { shown: unknown[] }).shown.length > 0);
  expect(await page.evaluate(() => (globalThis as unknown as { shown: unknown[] }).shown)).toEqual([
    ['Notes', { tag: 'new', silent: true }],
  ]);
  expect(await page.title()).toBe('Notes');
  await page.context().close();
});

test('left alone for the chosen time, it locks, and nothing of before stays on the page', async () => {
  let boot: Boot = { state: 'open' };
  const page = await pageHearing([], { boot: () => boot });
  await page.addInitScript(() => {
    const clock = { ahead: 0, now: Date.now };
    Object.assign(globalThis, { clock });
    Date.now = () => clock.now.call(Date) + clock.ahead;
    if (location.protocol !== 'http:') return;
    localStorage.setItem('locks', '1');
    localStorage.setItem('settings', '{"lockAfterMinutes":1,"begun":true}');
  });
  await page.goto(house.relay.url);
  await page.locator('.pane-list .name', { hasText: 'River' }).waitFor();
  /** The device's clock goes on, and the page is looked at again, as after a sleep. */
  const later = (seconds: number) =>
    page.evaluate((ms) => {
      (globalThis as unknown as { clock: { ahead: number } }).clock.ahead += ms;
      document.dispatchEvent(new Event('visibilitychange'));
    }, seconds * 1_000);
  await later(40);
  await page.keyboard.press('Tab');
  await later(40);
  expect(await page.locator('.pane-list .name', { hasText: 'River' }).count()).toBe(1);
  boot = { state: 'locked', method: 'pin' };
  await later(40);
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  expect(await page.locator('body').innerText()).not.toContain('River');
  await page.context().close();
});

test('without its worker the page says so, and Help still works', async () => {
  const context = await house.context({ serviceWorkers: 'block' });
  await context.route('**/assets/worker-*.js', (route) => route.fulfill({ status: 404, body: '' }));
  const page = await context.newPage();
  await page.goto(house.relay.url);
  await page.getByRole('heading', { name: 'This browser can’t do it' }).waitFor();
  await page.keyboard.press('F1');
  await page.locator('.emergency').waitFor();
  await context.close();
});

test('nothing broke a policy, and nobody else was asked for anything', () => {
  expect(house.complaints).toEqual([]);
  expect(house.strangers).toEqual([]);
});
