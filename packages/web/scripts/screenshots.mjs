// `npm run screenshots [-- --out DIR]`: every screen of the real client on the real relay, on a phone and on a desktop,
// in light and in dark, and some in Arabic and German, as PNG files to look at with a critical eye.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { photographRooms } from './photograph-rooms.mjs';
import { answerInvite, makeInvite, newPerson, openStage, say } from './stage.mjs';

const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
const looks = [
  ...['phone', 'desktop'].flatMap((size) =>
    ['light', 'dark'].map((colorScheme) => ({ size, colorScheme, locale: 'en-GB' })),
  ),
  { size: 'phone', colorScheme: 'light', locale: 'ar-EG' },
  { size: 'phone', colorScheme: 'light', locale: 'de-DE' },
];
const talk = [
  [0, 'Hey. Thank you for the invite.'],
  [1, 'I’m glad you came. It has been a heavy week.'],
  [1, 'I don’t really know where to start.'],
  [0, 'You don’t have to start anywhere. What is it like right now?'],
  [
    1,
    'I slept three hours. My sister keeps calling and I can’t pick up, and then I feel guilty about that too.',
  ],
  [0, 'That sounds exhausting. I can sit with you for a while.'],
];
const settings = ['names', 'lock', 'looks', 'leaving', 'copy', 'relay', 'erase'];

const at = process.argv.indexOf('--out');
const out = resolve(
  at === -1 ? join(import.meta.dirname, '../dist/screenshots') : (process.argv[at + 1] ?? ''),
);
mkdirSync(out, { recursive: true });

const stage = await openStage();
try {
  for (const look of looks) await photograph(look);
  console.log(out);
} finally {
  await stage.close();
}

async function photograph({ size, colorScheme, locale }) {
  const options = { viewport: sizes[size], colorScheme, locale, reducedMotion: 'reduce' };
  const take = async (page, name) => {
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}-${locale.slice(0, 2)}.png`) });
  };
  const back = async (page) => {
    await page.reload();
    await page.locator('.item').first().waitFor();
  };
  const fresh = await (await stage.browser.newContext(options)).newPage();
  await fresh.goto(stage.url);
  await fresh.locator('.welcome-self').waitFor();
  await take(fresh, '01-welcome');
  await fresh.context().close();

  const other = await newPerson(stage);
  const one = await newPerson(stage, options);
  await take(one, '02-connect');
  const link = await makeInvite(one);
  await take(one, '03-invite');
  await answerInvite(other, link);
  await one.locator('[role=status] .button.main').click();
  const people = [other, one];
  for (const [who, words] of talk) {
    await say(people[who], words);
    await people[1 - who].locator('.said:not(.mine) .bubble', { hasText: words.slice(0, 20) }).waitFor();
  }
  await other.locator('.said:not(.mine) .more-button').last().click();
  await other.locator('.menu .row .button').first().click();
  await one.locator('.reaction').waitFor();
  await take(one, '04-conversation');
  await one.locator('.more-button').last().click();
  await take(one, '05-message');
  await one.locator('.pane-main .header-button').click();
  await one.locator('.pane-main section.card .button').waitFor();
  await take(one, '06-details');
  await one.locator('.pane-main section.card .button').click();
  await one.locator('.digits').waitFor();
  await take(one, '07-safety-number');
  await back(one);
  await take(one, '08-conversations');
  await one.locator('.help-button').click();
  await one.locator('.pane-main select').waitFor();
  await take(one, '09-help');
  await back(one);
  for (const [i, name] of settings.entries()) {
    await one.locator('.pane-list .head .button.icon').nth(1).click();
    const lines = one.locator('.pane-main .card.items .item');
    await lines.first().waitFor();
    if (i === 0) await take(one, '10-settings');
    await lines.nth(i).click();
    await take(one, `${11 + i}-${name}`);
    await back(one);
  }
  await one.context().close();
  await other.context().close();
  await photographRooms(stage, options, take);
}
