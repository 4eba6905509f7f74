// The screens of rooms, for `npm run screenshots`: somebody finds a room by its topic, knocks, is let in and talks with
// those who are there; a host opens a room of their own and lets somebody in.
import { newPerson, say } from './stage.mjs';

/** @param {(page: import('playwright-core').Page, name: string) => Promise<void>} take */
export async function photographRooms(stage, options, take) {
  const guest = await newPerson(stage, options);
  await talkAtNight(stage, guest, take);
  await guest.context().close();
  await beHost(stage, options, take);
}

async function heard(page, words) {
  await page
    .locator('.said:not(.mine) .bubble', { hasText: words.slice(0, 24) })
    .last()
    .waitFor();
}

async function talkAtNight({ neighbours }, page, take) {
  await page.locator('section[aria-labelledby=rooms] .button').click();
  await page.locator('.pane-main .items .item').nth(3).waitFor();
  await take(page, '20-topics');
  await page.locator('.pane-main .items .item').nth(0).click();
  await page.locator('.room-listed').first().waitFor();
  await take(page, '21-topic');
  await page.locator('.pane-main .column > .button').first().click();
  // Topics with rooms stand first: anxiety, grief, work, sleep.
  await page.locator('.pane-main .items .item').nth(3).click();
  await page.locator('.room-listed').first().click();
  await page.locator('.rules').waitFor();
  await take(page, '22-card');
  await page.locator('input[type=checkbox]').check();
  await page.locator('.pane-main .button.main').click();
  await page.locator('.composer').waitFor();
  await take(page, '23-knocked');
  await page.locator('.composer textarea').waitFor({ timeout: 60_000 });

  const { host, others } = neighbours;
  const [moss, juniper] = others;
  await host.send('Good evening. The lamp is on until one. Come in, read along, say something or nothing.');
  await heard(page, 'Good evening.');
  await moss.send('I wake at three and then it’s over. Is anyone else up at that hour?');
  await heard(page, 'I wake at three');
  const since = Date.now();
  await say(page, 'Most nights. I turned the clock to the wall, that helped a little.');
  const mine = await until(async () =>
    (await juniper.history({ limit: 5 })).find(
      ({ kind, text, at }) => kind === 'text' && at >= since && text.startsWith('Most nights'),
    ),
  );
  await juniper.send({ type: 'reaction', target: mine.id, reaction: 'me-too' });
  await page.locator('.reaction').first().waitFor();
  await juniper.send({ type: 'text', text: 'I might try that with the clock. Thank you.', replyTo: mine.id });
  await heard(page, 'I might try that');
  await take(page, '25-room');
  await page.locator('.pane-main .header-button').click();
  await page.locator('.pane-main .items .item').first().waitFor();
  await take(page, '26-about');
  await page.locator('.pane-main .items .item:not([disabled])').first().click();
  await page.locator('.pane-main .welcome-self').waitFor();
  await take(page, '27-person');
}

async function beHost(stage, options, take) {
  const host = await newPerson(stage, options);
  await host.locator('section[aria-labelledby=rooms] .button').click();
  await host.locator('.pane-main form.card').waitFor();
  await host.locator('.pane-main .column > .button').last().click();
  // The screen before has a field too, and goes only once the next one is fetched.
  await host.locator('.pane-main .button.main').last().waitFor();
  await host.locator('.pane-main input.input').first().fill('Mondays');
  await take(host, '28-new-room');
  await host.locator('.pane-main .button.main').last().click();
  await host.locator('.composer textarea').waitFor();
  await say(host, 'I’m here until eleven.');
  await host.locator('.pane-main .header-button').click();
  await host.locator('.pane-main #host-tools').waitFor();
  await host.locator('section[aria-labelledby=host-tools] .button').first().click();
  const link = await host.locator('.copyable').first().innerText();
  const guest = await newPerson(stage, { locale: options.locale });
  await guest.locator('#link').fill(link);
  await guest.locator('form .button').first().click();
  await guest.locator('.rules').waitFor();
  await guest.locator('input[type=checkbox]').check();
  await guest.locator('.pane-main .button.main').click();
  await host.locator('section[aria-labelledby=knocks] .button.main').waitFor();
  await host.locator('#host-tools').scrollIntoViewIfNeeded();
  await take(host, '29-host-tools');
  await host.locator('section[aria-labelledby=knocks] .button.main').click();
  await guest.locator('.composer textarea').waitFor({ timeout: 60_000 });
  await host.locator('.pane-main .items .item:not([disabled])').first().click();
  await host.locator('#for-hosts').waitFor();
  await host.locator('#for-hosts').scrollIntoViewIfNeeded();
  await take(host, '30-person-for-hosts');
  await guest.context().close();
  await host.context().close();
}

async function until(ask) {
  for (let tries = 0; tries < 200; tries++) {
    const found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('not in time');
}
