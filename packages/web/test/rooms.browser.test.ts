// Rooms through the screens, on the real relay, with members on Node: a newcomer finds a topic, reads the card, accepts
// the rules, knocks, is let in, talks, doesn't want to see someone, leaves; a host opens a room, lets in, removes, keeps
// out. All of the newcomer's way by the keyboard alone, each screen judged by axe.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import { type Client, openClient, type Persona, type Room } from '@sotto/client';
import type { Page } from 'playwright-core';
import { axe, hasChromium, House, press, say, tabTo } from './support/house.ts';

const test = hasChromium ? always : always.skip;
const folder = mkdtempSync(join(tmpdir(), 'sotto-rooms-'));
const clients: Client[] = [];
let house: House;
let keeper: Persona;
let hosted: Room;

async function onNode(name: string, relay: string): Promise<Persona> {
  const client = await openClient({
    store: join(folder, name),
    passphrase: 'p',
    relay,
    kdfCost: { passes: 1, memoryKib: 8 },
    pace: { greetMs: 20, greetLateMs: 400, beaconMs: 2_000, retryMs: 50 },
  });
  clients.push(client);
  return client.createPersona({ name });
}

beforeAll(async () => {
  if (!hasChromium) return;
  house = await House.open(async (relay) => {
    keeper = await onNode('Keeper', relay.url);
    hosted = await keeper.createRoom({
      title: 'Night owls',
      topic: 'sleep',
      focus: 'For nights that are too long.',
      rules: ['What is said here stays here.', 'No advice unless someone asks.'],
      door: 'knock',
      newcomerMinutes: 0,
    });
    const directory = await (await keeper.topics()).create({ name: 'The quiet house' });
    await directory.listRoom(await hosted.link());
    return { directory: directory.link };
  });
}, 180_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  if (hasChromium) await house.close();
  rmSync(folder, { recursive: true, force: true });
});

async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As it stands, and in the other colours from right to left. */
async function look(page: Page, found: string[], where: string): Promise<void> {
  const judge = async (how: string) => {
    found.push(...(await axe(page)).map((line) => `${where}, ${how}: ${line}`));
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wider > 0) found.push(`${where}, ${how}: ${String(wider)} px wider than the window`);
  };
  await judge('as it stands');
  const turn = (dir: string) =>
    page.evaluate((to) => {
      const { dataset } = document.documentElement;
      document.documentElement.dir = to;
      dataset['theme'] = dataset['theme'] === 'dark' ? 'light' : 'dark';
    }, dir);
  await turn('rtl');
  await judge('turned round');
  await turn('ltr');
}

const heard = (page: Page, words: string) =>
  page.locator('.said:not(.mine) .bubble', { hasText: words }).last().waitFor();

test('a newcomer finds a room, knocks, talks, makes someone quiet, and leaves, by the keyboard alone', async () => {
  const found: string[] = [];
  const page = await house.person({ viewport: { width: 360, height: 740 } });
  await press(page, /^Find a room/);
  await page.getByRole('heading', { name: 'Find a room' }).waitFor();
  await page.locator('.pane-main .items .item').first().waitFor();
  await look(page, found, 'topics');
  await press(page, /^Sleep/);
  await page.getByText('Night owls').waitFor();
  await look(page, found, 'a topic');
  await press(page, /Night owls/);
  await page.getByText('No advice unless someone asks.').waitFor();
  await look(page, found, 'a card');
  await tabTo(page, /A few words for the host/);
  await page.keyboard.type('I can’t sleep either.');
  await press(page, /^I keep to this/, 'Space');
  await press(page, /^Knock/);
  const knock = await until('a knock', async () => (await hosted.knocks())[0]);
  expect(knock.words).toBe('I can’t sleep either.');
  await page.locator('.composer', { hasText: 'You knocked' }).waitFor({ timeout: 45_000 });
  await look(page, found, 'before the door');
  await hosted.admit(knock.id);
  await page.locator('textarea').waitFor({ timeout: 30_000 });
  await tabTo(page, /^Write to/);
  await page.keyboard.type('Good night all');
  await page.keyboard.press('Enter');
  await until('the newcomer’s words', async () =>
    (await hosted.history()).some((message) => message.kind === 'text' && message.text === 'Good night all'),
  );
  await hosted.send('Welcome. It is a long one tonight.');
  await heard(page, 'Welcome.');
  // The screen reader hears who said it.
  expect(await page.locator('[role=log]').innerText()).toContain('Keeper');
  await look(page, found, 'a room');

  await press(page, /^Night owls.*people/);
  await page.getByRole('heading', { name: 'About this room' }).waitFor();
  await page.locator('.pane-main .items .item', { hasText: 'Keeper' }).waitFor();
  await look(page, found, 'about the room');
  await press(page, /^Keeper/);
  await page.getByRole('heading', { name: 'About Keeper' }).waitFor();
  await look(page, found, 'a person');
  await press(page, /^Make quiet for me/);
  await page.getByRole('button', { name: 'Show again' }).waitFor();
  await press(page, /^Back/);
  await press(page, /^Leave$/);
  await press(page, /^Leave$/);
  await until('nobody but the host', async () => (await hosted.members()).length === 1);
  // Not on an empty page, and not nowhere for the keyboard.
  await page.locator('.empty-list').waitFor();
  await page.waitForFunction(() => document.activeElement?.matches('h1') === true);
  expect(found).toEqual([]);
  await page.context().close();
}, 180_000);

test('a host opens a room in the browser, lets in, keeps a message in view, removes and keeps out', async () => {
  const found: string[] = [];
  const page = await house.person({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Find a room' }).click();
  await page.getByRole('button', { name: 'Open a room of my own' }).click();
  await page.getByLabel('Name of the room').fill('Mondays');
  await look(page, found, 'a new room');
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.locator('.composer textarea').waitFor();
  await say(page, 'Come in, whoever you are.');
  await page.locator('.pane-main .header-button').click();
  await page.getByRole('heading', { name: 'About this room' }).waitFor();
  await page.getByRole('button', { name: 'Make a link' }).first().click();
  const link = await page.locator('.copyable').first().innerText();
  await look(page, found, 'about a room of one’s own');

  const [ben, cleo] = [await onNode('Ben', house.relay.url), await onNode('Cleo', house.relay.url)];
  const rooms: Room[] = [];
  for (const persona of [ben, cleo]) {
    const room = await persona.joinRoom(link, { words: `It’s ${persona.name}` });
    rooms.push(room);
    await page.getByText(`It’s ${persona.name}`).waitFor();
    await page.getByRole('button', { name: 'Let in' }).first().click();
    await until('let in', () => room.state.phase === 'in');
  }
  const [bens, cleos] = rooms as [Room, Room];
  await bens.send('Hello from Ben');
  await page.locator('.pane-beside .bubble', { hasText: 'Hello from Ben' }).waitFor();
  await cleos.send('Buy things here');
  await page.locator('.pane-beside .bubble', { hasText: 'Buy things here' }).waitFor();

  const deed = async (name: string, label: string) => {
    await page.locator('.pane-main .items .item', { hasText: name }).click();
    await page.getByRole('heading', { name: `About ${name}` }).waitFor();
    await look(page, found, `about ${name}`);
    await page.getByRole('button', { name: label, exact: true }).click();
    await page
      .locator('.pane-main .card[role=group]')
      .getByRole('button', { name: label, exact: true })
      .click();
  };
  await deed('Cleo', 'Remove everything they said');
  await until('all of it gone', async () =>
    (await bens.history()).every((message) => message.kind !== 'text' || message.text !== 'Buy things here'),
  );
  await page.locator('.pane-main .head .button.icon').click();
  await deed('Cleo', 'Remove and keep out');
  await until('out', () => cleos.state.phase === 'removed');
  // The same without a pointer.
  await press(page, /^Back/);
  await press(page, /^Ben/);
  await page.getByRole('heading', { name: 'About Ben' }).waitFor();
  await press(page, /^Remove$/);
  await page.locator('.pane-main .card[role=group]').waitFor();
  await press(page, /^Remove$/);
  await until('out too', () => bens.state.phase === 'removed');
  expect(found).toEqual([]);
  await page.context().close();
}, 180_000);

test('nothing broke a policy, and nobody else was asked for anything', () => {
  expect(house.complaints).toEqual([]);
  expect(house.strangers).toEqual([]);
});
