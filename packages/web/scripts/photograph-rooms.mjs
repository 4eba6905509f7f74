// The screens of rooms, for `npm run screenshots`: a host opens a room and lets somebody in; both talk.
import { newPerson, say } from './stage.mjs';

const words = [
  'Good evening. I’m here until eleven.',
  'I wake at three and then it’s over. Is anyone else up at that hour?',
  'Most nights. I stopped looking at the clock, that helped a little.',
];

/** @param {(page: import('playwright-core').Page, name: string) => Promise<void>} take */
export async function photographRooms(stage, options, take) {
  const host = await newPerson(stage, options);
  await host.reload();
  await host.locator('.empty-list .button').last().click();
  await host.locator('.pane-main form.card').waitFor();
  await take(host, '20-topics');
  await host.locator('.pane-main .column > .button').last().click();
  await host.locator('.pane-main input.input').first().fill('Night owls');
  await take(host, '21-new-room');
  await host.locator('.pane-main .button.main').last().click();
  await host.locator('.composer textarea').waitFor();
  await say(host, words[0]);
  await host.locator('.pane-main .header-button').click();
  await host.locator('.pane-main #host-tools').waitFor();
  await host.locator('.pane-main section[aria-labelledby=host-tools] .button').first().click();
  const link = await host.locator('.copyable').first().innerText();

  const guest = await newPerson(stage, options);
  await guest.locator('#link').fill(link);
  await guest.locator('form .button').first().click();
  await guest.locator('.rules').waitFor();
  await take(guest, '22-card');
  await guest.locator('input[type=checkbox]').check();
  await guest.locator('.pane-main .button.main').click();
  await guest.locator('p.composer').waitFor();
  await take(guest, '23-knocked');
  await host.locator('section[aria-labelledby=knocks] .button.main').waitFor();
  await take(host, '24-about-as-host');
  await host.locator('section[aria-labelledby=knocks] .button.main').click();
  await guest.locator('.composer textarea').waitFor({ timeout: 60_000 });
  await say(guest, words[1]);
  await take(guest, '25-room');
  await guest.locator('.pane-main .header-button').click();
  await guest.locator('.pane-main .items .item').first().waitFor();
  await take(guest, '26-about');
  await host.locator('.pane-main .items .item:not([disabled])').first().click();
  await host.locator('#for-hosts').waitFor();
  await take(host, '27-person');
  await host.context().close();
  await guest.context().close();
}
