// `npm run screenshots [-- --out DIR] [--look NAME]`: every screen of the real client on the real relay, on a phone and on
// a desktop, in light and in dark; on a phone also in Arabic, in German, with more contrast, in forced colours, with text
// of twice the size and magnified. PNG files, to look at with a critical eye.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { photographRooms } from './photograph-rooms.mjs';
import { photographStates } from './photograph-states.mjs';
import { answerInvite, makeInvite, newPage, newPerson, openStage, say } from './stage.mjs';

const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'en-GB' };
const desktop = { viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB' };
const looks = {
  'phone-light': phone,
  'phone-dark': { ...phone, colorScheme: 'dark' },
  'desktop-light': desktop,
  'desktop-dark': { ...desktop, colorScheme: 'dark' },
  'phone-arabic': { ...phone, locale: 'ar-EG' },
  'phone-german': { ...phone, locale: 'de-DE' },
  'phone-contrast': { ...phone, contrast: 'more' },
  'phone-forced': { ...phone, forcedColors: 'active', colorScheme: 'dark' },
  'phone-large': { ...phone, textScale: 2 },
  // 200 % in the browser's menu: half as much room.
  'phone-zoomed': { ...phone, viewport: { width: 180, height: 370 }, deviceScaleFactor: 2 },
};
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

const { values } = parseArgs({
  options: { out: { type: 'string' }, look: { type: 'string', multiple: true } },
});
const out = resolve(values.out ?? join(import.meta.dirname, '../dist/screenshots'));
const chosen = values.look ?? Object.keys(looks);
mkdirSync(out, { recursive: true });

const stage = await openStage();
try {
  for (const look of chosen) await photograph(look, looks[look]);
  console.log(out);
} finally {
  await stage.close();
}

async function photograph(look, appearance) {
  const options = { ...appearance, reducedMotion: 'reduce' };
  const take = async (page, name) => {
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(out, `${name}-${look}.png`) });
  };
  const back = async (page) => {
    await page.reload();
    await page.locator('.item').first().waitFor();
  };
  const fresh = await newPage(stage, options);
  await fresh.goto(stage.url);
  await fresh.locator('.welcome-self').waitFor();
  await take(fresh, '01-welcome');
  await fresh.locator('.column > .row').last().locator('.button').first().click();
  await fresh.locator('.pane-main h1').waitFor();
  await take(fresh, '18-move-in');
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
  // Where no line is known there is nothing behind it.
  const more = await one.locator('.pane-main summary').all();
  for (const closed of more) await closed.click();
  await more[0]?.scrollIntoViewIfNeeded();
  await take(one, '09-help-more');
  await one.locator('.pane-main .column > .stack > .button').last().click();
  await one.locator('.pane-main .button.main').click();
  await take(one, '19-breathe');
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
  await photographStates(stage, options, take);
}
