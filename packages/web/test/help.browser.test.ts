// Help, when it matters: on every screen in one tap and one key, with every network and server gone, in the right
// country's words, and with the operator's own lines only where they are signed.
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import { coveredCountries, helpFor } from '@sotto/care';
import type { Page } from 'playwright-core';
import { answer, begin, hasChromium, House, invite } from './support/house.ts';

const test = hasChromium ? always : always.skip;
let house: House;

/** What an operator publishes for a country that has no line here, and the key it signs with. */
const operator = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const helplines = (version: number, dial: string) =>
  JSON.stringify({
    format: 'sotto-helplines/1',
    version,
    issuedOn: '2026-11-20',
    rows: [
      {
        id: 'is-our-line',
        country: 'IS',
        name: 'Our line',
        localName: 'Línan okkar',
        audience: 'everyone',
        topics: ['any'],
        contacts: [{ method: 'call', dial, tel: `tel:${dial.replaceAll(' ', '')}`, languages: ['is'] }],
        ifNobodyAnswers: ['again', 'emergency'],
        source: 'our own line',
        checkedOn: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
        grade: 'A',
      },
    ],
    emergencies: [
      {
        country: 'IS',
        numbers: [{ service: 'any', dial: '112', tel: 'tel:112' }],
        source: 'our own page',
        checkedOn: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
        grade: 'A',
      },
    ],
  });
const signed = (text: string) =>
  sign('sha256', Buffer.from(text), { key: operator.privateKey, dsaEncoding: 'ieee-p1363' }).toString(
    'base64',
  );
const published = helplines(2, '552 2345');

beforeAll(async () => {
  if (!hasChromium) return;
  const helplinesKey = operator.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  house = await House.open(undefined, {
    site: { helplinesKey },
    files: { 'helplines.json': published, 'helplines.json.sig': signed(published) },
  });
}, 180_000);
afterAll(async () => {
  if (hasChromium) await house.close();
});

async function whenPrecached(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
}

test('Help is there in one tap with the network cut, also from a cold start', async () => {
  const page = await house.person();
  await whenPrecached(page);
  await page.context().setOffline(true);
  await page.reload();
  await page.locator('.help-button').click();
  expect(await page.locator('.emergency .dial').first().innerText()).toBe('999');
  expect(await page.locator('.emergency a').first().getAttribute('href')).toBe('tel:999');
  expect(await page.locator('.pane-main h3').first().innerText()).toContain('Samaritans');
  await page.context().close();
});

test.each([
  ['en-US', '911', '988'],
  ['pt-BR', '192', '188'],
  ['en-IN', '112', '14416'],
])('a device set to %s shows %s, then a line that begins %s', async (locale, emergency, line) => {
  const page = await house.person({ locale });
  await page.locator('.help-button').click();
  await page.locator('.emergency').waitFor();
  expect(await page.locator('.emergency .dial').allInnerTexts()).toContain(emergency);
  expect(await page.locator('.pane-main .contact .dial').first().innerText()).toMatch(new RegExp(`^${line}`));
  await page.context().close();
});

// Which line is the right one is written down by hand in care's own table (packages/care/test/select.test.ts).
test('whichever country is chosen, its own number and line come first, and nobody else’s', async () => {
  const page = await house.person({ locale: 'en' });
  await page.locator('.help-button').click();
  const choice = page.locator('.pane-main select');
  await choice.waitFor();
  const countries = coveredCountries();
  const shown: unknown[] = [];
  for (const country of countries) {
    await choice.selectOption(country);
    shown.push(
      await page.evaluate(() => {
        const text = (selector: string) =>
          [...document.querySelectorAll(`.pane-main ${selector}`)].map(({ textContent }) => textContent);
        const links = [...document.querySelectorAll('.pane-main a.button')];
        return {
          emergency: text('.emergency .dial'),
          line: text('section.stack h3')[0],
          links: [...new Set(links.map((link) => link.getAttribute('href')))].sort(),
        };
      }),
    );
  }
  const expected = countries.map((country) => {
    const { emergency, first, others } = helpFor({ country, languages: ['en'], at: new Date() });
    const lines = [...(first === undefined ? [] : [first]), ...others];
    const region = first?.row.region === undefined ? '' : ` · ${first.row.region}`;
    const links = lines.flatMap(({ row }) =>
      row.contacts.map((contact) => ('tel' in contact ? contact.tel : 'url' in contact ? contact.url : '')),
    );
    return {
      emergency: emergency?.numbers.map(({ dial }) => dial),
      line: `${first?.row.localName ?? ''}${region}`,
      links: [...new Set([...links, ...(emergency?.numbers ?? []).map(({ tel }) => tel)])].sort(),
    };
  });
  expect(shown).toEqual(expected);
  await page.context().close();
});

test('where no line is known Help says so first, then asks for the country, then leads elsewhere', async () => {
  const page = await house.person({ locale: 'ar-EG' });
  await page.locator('.help-button').click();
  await page.locator('.pane-main select').waitFor();
  const order = await page.evaluate(() => {
    const column = document.querySelector('.pane-main .column');
    const said = [...(column?.children ?? [])].map((one) =>
      one.querySelector('a') !== null
        ? 'link'
        : one.querySelector('select') !== null
          ? 'country'
          : one.tagName,
    );
    return said.slice(0, 3);
  });
  expect(order).toEqual(['P', 'country', 'link']);
  await page.context().close();
});

/** A room of `host`'s own, with `guest` in it. */
async function openRoom(host: Page, guest: Page): Promise<void> {
  await host.getByRole('button', { name: 'A new conversation' }).click();
  await host.getByRole('button', { name: 'Find a room' }).click();
  await host.getByRole('button', { name: 'Open a room of my own' }).click();
  await host.getByLabel('Name of the room').fill('Mondays');
  await host.getByRole('button', { name: 'Open it' }).click();
  await host.locator('.composer textarea').waitFor();
  await host.locator('.pane-main .header-button').click();
  await host.getByRole('button', { name: 'Make a link' }).first().click();
  const door = await host.locator('.copyable').innerText();
  await guest.reload();
  await guest.locator('.pane-list .item').first().waitFor();
  await guest.getByRole('button', { name: 'A new conversation' }).click();
  await guest.locator('#link').fill(door);
  await guest.locator('form .button').first().click();
  await guest.locator('input[type=checkbox]').check();
  await guest.getByRole('button', { name: 'Knock' }).click();
  await host.getByRole('button', { name: 'Let in' }).click();
  await guest.locator('.composer textarea').waitFor({ timeout: 45_000 });
  await host.locator('.pane-main .items .item:not([disabled])').first().waitFor({ timeout: 45_000 });
}

test('Help is one tap and one key away on every screen, with the network cut and the relay dead', async () => {
  const [page, other, fresh] = [await house.person(), await house.person(), await house.person()];
  await begin(page);
  const link = await invite(page);
  await begin(other);
  await answer(other, link, 'hello');
  await page.locator('[role=status] .button.main').click({ timeout: 30_000 });
  await page.locator('.said:not(.mine) .bubble').waitFor();
  await openRoom(page, other);
  await whenPrecached(page);
  await whenPrecached(fresh);
  await house.relay.kill();
  for (const cut of [page, fresh]) await cut.context().setOffline(true);

  const main = page.locator('.pane-main');
  const talks = page.locator('.pane-list .item');
  const talk = async () => talks.filter({ hasNotText: 'Mondays' }).first().click();
  const details = async () => {
    await talk();
    await main.locator('.header-button').click();
  };
  const connect = async () => page.getByRole('button', { name: 'A new conversation' }).click();
  const topics = async () => {
    await connect();
    await page.getByRole('button', { name: 'Find a room' }).click();
    // Wherever nobody can be asked it says so, and still offers what can be done.
    await page.getByRole('button', { name: 'Open a room of my own' }).waitFor();
  };
  const paste = async (what: string) => {
    await connect();
    await page.locator('#link').fill(what);
    await page.locator('form .button').first().click();
  };
  const room = async () => talks.filter({ hasText: 'Mondays' }).click();
  const aboutRoom = async () => {
    await room();
    await main.locator('.header-button').click();
    await main.locator('#host-tools').waitFor();
  };
  // The second byte of a link says that it leads to a room.
  const roomLink = `${house.relay.url}/#AQM${'A'.repeat(60)}`;
  const screens: Record<string, () => Promise<void>> = {
    talks: async () => undefined,
    conversation: talk,
    details,
    compare: async () => {
      await details();
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.locator('.digits').waitFor();
    },
    connect,
    invite: async () => {
      await connect();
      await page.getByRole('button', { name: 'Make an invite' }).click();
    },
    accept: async () => paste(link),
    topics,
    'a new room': async () => {
      await topics();
      await page.getByRole('button', { name: 'Open a room of my own' }).click();
      await page.getByLabel('Name of the room').waitFor();
    },
    'before a room': async () => {
      await paste(roomLink);
      await main.getByRole('heading', { name: 'Before you go in' }).waitFor();
    },
    'a room': room,
    'about a room, with the host’s tools': aboutRoom,
    'a person of a room': async () => {
      await aboutRoom();
      await main.locator('.items .item:not([disabled])').first().click();
      await main.locator('#for-hosts').waitFor();
    },
    help: async () => page.locator('.help-button').click(),
    breathe: async () => {
      await page.locator('.help-button').click();
      await page.getByRole('button', { name: 'Breathe with me' }).click();
    },
    settings: async () => page.getByRole('button', { name: 'Settings' }).click(),
  };
  for (const line of ['Your names', 'Lock', 'Language', 'Leave quickly', 'sealed copy', 'relay', 'Erase']) {
    screens[line] = async () => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await main.locator('.item', { hasText: line }).first().click();
    };
  }
  const missing: string[] = [];
  const called = async (where: Page, name: string) => {
    const first = where.locator('.pane-main .emergency a[href^="tel:"]').first();
    await first.waitFor().catch(() => missing.push(name));
  };
  const goThere = async (open: () => Promise<void>) => {
    await page.reload();
    await talks.first().waitFor();
    await open();
  };
  for (const [name, open] of Object.entries(screens)) {
    await goThere(open);
    const heading = main.locator('h1');
    // Parts of the page come when they are first asked for; the list has no heading.
    if (name !== 'talks') await heading.first().waitFor();
    const before = (await heading.count()) === 0 ? '' : await heading.first().innerText();
    await page.locator('.help-button').click();
    await called(page, `${name} by tap`);
    if (before === '') await goThere(open);
    else if (before !== 'Help') {
      await main.getByRole('button', { name: 'Back' }).click();
      await main.getByRole('heading', { name: before, exact: true }).waitFor();
    }
    await page.keyboard.press('F1');
    await called(page, `${name} by key`);
  }
  await fresh.reload();
  await fresh.getByRole('button', { name: 'I have a sealed copy' }).click();
  await fresh.getByRole('heading', { name: 'Move in from a copy' }).waitFor();
  await fresh.locator('.help-button').click();
  await called(fresh, 'moving in');
  expect(missing).toEqual([]);
  await house.relay.start();
  for (const done of [page, other, fresh]) await done.context().close();
}, 180_000);

test('an operator’s signed lines are shown, also without a network; unsigned and older ones change nothing', async () => {
  const dialled = async (page: Page) => {
    await page.locator('.help-button').click();
    await page.locator('.pane-main select').waitFor();
    return page.locator('.pane-main .contact .dial').allInnerTexts();
  };
  const page = await house.person({ locale: 'is-IS' });
  await page.locator('.help-button').click();
  await page.locator('.pane-main .contact .dial', { hasText: '552 2345' }).waitFor();
  await whenPrecached(page);
  await page.context().setOffline(true);
  await page.reload();
  await page.locator('.help-button').click();
  await page.locator('.pane-main .contact .dial', { hasText: '552 2345' }).waitFor();
  await page.context().setOffline(false);

  // Such a number may be passed on to someone unknown, also by who comes back and hasn't opened Help; another may not.
  const friend = await house.person();
  await friend.getByRole('button', { name: 'Talk to someone I know' }).click();
  const link = await invite(friend);
  await page.reload();
  await begin(page);
  await answer(page, link, 'try 552 2345');
  await page.locator('.said.mine', { hasText: 'try 552 2345' }).waitFor();
  await page.locator('textarea').fill('or call me on 552 2346');
  await page.locator('.composer button[type=submit]').click();
  await page.locator('.composer [role=alert]').waitFor();
  await friend.context().close();

  const offer = async (to: Page, text: string, signature: string) => {
    await to.context().unrouteAll();
    await to.context().route('**/helplines.json', (route) => route.fulfill({ body: text }));
    await to.context().route('**/helplines.json.sig', (route) => route.fulfill({ body: signature }));
    const asked = to.waitForResponse('**/helplines.json.sig');
    await to.reload();
    await to.locator('.help-button').click();
    await asked;
  };
  const older = helplines(1, '552 0000');
  await offer(page, older, signed(older));
  await page.locator('.pane-main .contact .dial', { hasText: '552 2345' }).waitFor();
  const newer = helplines(3, '552 9999');
  await offer(page, newer, signed(newer));
  await page.locator('.pane-main .contact .dial', { hasText: '552 9999' }).waitFor();

  const other = await (await house.context({ locale: 'is-IS', serviceWorkers: 'block' })).newPage();
  await other.goto(house.relay.url);
  await offer(other, newer.replace('552 9999', '552 6666'), signed(newer));
  expect(await dialled(other)).toEqual([]);
  await page.context().close();
  await other.context().close();
});

test('no country is guessed from a language; a chosen one is kept on this device', async () => {
  const page = await house.person({ locale: 'en' });
  await page.locator('.help-button').click();
  const country = page.locator('.pane-main select');
  await country.waitFor();
  expect(await page.locator('.emergency').count()).toBe(0);
  await country.selectOption('NL');
  expect(await page.locator('.pane-main .contact .dial').first().innerText()).toBe('113');
  await page.reload();
  await page.locator('.welcome-self').waitFor();
  await page.keyboard.press('F1');
  expect(await page.locator('.pane-main .contact .dial').first().innerText()).toBe('113');
  await page.context().close();
});

test('nothing broke a policy, and nobody else was asked for anything', () => {
  expect(house.complaints).toEqual([]);
  expect(house.strangers).toEqual([]);
});
