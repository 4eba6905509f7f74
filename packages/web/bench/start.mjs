// Goal 12: how long until the first message stands on the screen of a slow phone on a slow line, for someone who came
// by an invite, and how long when they come back. People's own pauses are left out: each step is done at once.
/* global navigator -- evaluated in the page */
import { inviteFor } from './people.mjs';
import { slowLine } from './slow-line.mjs';

const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  locale: 'en-GB',
  isMobile: true,
  hasTouch: true,
};

async function slowDown(page, rate) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}

/** @returns milliseconds from navigation to the first message, cold and on the next visit, and what came down. */
export async function measureStart(stage, { cpu = 4 } = {}) {
  const line = await slowLine(stage.port);
  const origin = `https://127.0.0.1:${line.port}`;
  line.state.isSlow = false;
  const { client, link } = await inviteFor(stage, origin, `host-${Math.random().toString(36).slice(2)}`);
  const context = await stage.browser.newContext(PHONE);
  try {
    const page = await context.newPage();
    await slowDown(page, cpu);
    line.state.isSlow = true;
    line.state.bytesDown = 0;
    line.state.trips.length = 0;
    const started = performance.now();
    const marks = [];
    const mark = (what) => marks.push({ at: performance.now(), what });
    await page.goto(link, { waitUntil: 'commit' });
    await page.locator('.card .button.main').first().click();
    mark('answered');
    const begunMs = performance.now() - started;
    await page.locator('textarea').waitFor();
    mark('conversation open');
    await page.locator('textarea').fill('the first words');
    mark('written');
    await page.locator('.composer button[type=submit]').click();
    await page.locator('.said.mine .bubble').first().waitFor();
    const coldMs = performance.now() - started;
    mark('said');
    const timeline = [...marks, ...line.state.trips]
      .sort((a, b) => a.at - b.at)
      .map(
        ({ at, connection, what }) =>
          `${(at - started).toFixed(0).padStart(6)} ms  ${connection ?? '-'}  ${what}`,
      );
    const bytesDown = line.state.bytesDown;
    // Everything for the next visit comes down in quiet.
    line.state.isSlow = false;
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.waitForTimeout(2_000);
    await page.close();
    line.state.isSlow = true;
    const again = await context.newPage();
    await slowDown(again, cpu);
    const returned = performance.now();
    await again.goto(origin, { waitUntil: 'commit' });
    await again.locator('.item .excerpt', { hasText: 'the first words' }).first().waitFor();
    const repeatMs = performance.now() - returned;
    return { coldMs, begunMs, repeatMs, bytesDown, timeline };
  } finally {
    await context.close();
    await client.close();
    line.close();
  }
}
