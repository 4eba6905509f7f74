// Goal 12: how long until the first message stands on the screen of a slow phone on a slow line, for someone who came
// by an invite, and how long when they come back. People's own pauses are left out: each step is done at once.
/* global document, navigator, requestAnimationFrame -- evaluated in the page */
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

/**
 * Waits until something stands on the screen. The page looks at each frame: a tool that asks from outside asks twice a
 * second after a while, and that would be measured too.
 * @returns where its middle is.
 */
function seen(page, selector, words = '') {
  return page.evaluate(
    ([wanted, text]) =>
      new Promise((resolve) => {
        const find = () =>
          [...document.querySelectorAll(wanted)].find(
            (one) => one.checkVisibility() && one.textContent.includes(text),
          );
        const look = () => {
          const found = find();
          if (found === undefined) return requestAnimationFrame(look);
          // It was drawn in the frame that begins now, and is on the screen at the next.
          return requestAnimationFrame(() => {
            const { x, y, width, height } = found.getBoundingClientRect();
            resolve([x + width / 2, y + height / 2]);
          });
        };
        look();
      }),
    [selector, words],
  );
}

/** A finger where something stands. */
async function tap(page, selector) {
  await page.touchscreen.tap(...(await seen(page, selector)));
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
    await tap(page, '.card .button.main');
    mark('answered');
    const begunMs = performance.now() - started;
    await tap(page, 'textarea');
    mark('conversation open');
    await page.keyboard.insertText('the first words');
    mark('written');
    await tap(page, '.composer button[type=submit]:enabled');
    await seen(page, '.said.mine .bubble');
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
    await seen(again, '.item .excerpt', 'the first words');
    const repeatMs = performance.now() - returned;
    return { coldMs, begunMs, repeatMs, bytesDown, timeline };
  } finally {
    await context.close();
    await client.close();
    line.close();
  }
}
