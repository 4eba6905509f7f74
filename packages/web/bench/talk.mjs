// The rest of the figures: long tasks while someone types on a slow phone; a conversation of 20,000 messages
// opened and scrolled, unthrottled.
/* global PerformanceObserver, document, requestAnimationFrame -- evaluated in the page */
import { longHistory } from './people.mjs';

const PASSPHRASE = 'a long history';

/** @returns milliseconds of the longest task of the page while a sentence is typed. */
async function typing(page, cpu) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  await page.locator('textarea').click();
  await page.evaluate(() => {
    globalThis.longest = 0;
    globalThis.watcher = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        globalThis.longest = Math.max(globalThis.longest, duration);
    });
    globalThis.watcher.observe({ type: 'longtask' });
  });
  await page.keyboard.type('I am not sure how to say this, but today was a little better than yesterday. ', {
    delay: 60,
  });
  await page.waitForTimeout(500);
  const longest = await page.evaluate(() => {
    globalThis.watcher.disconnect();
    return globalThis.longest;
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  return longest;
}

/** @returns milliseconds from the click until messages stand and two frames were drawn. */
function opening(page) {
  return page.evaluate(async () => {
    const started = performance.now();
    document.querySelector('.items .item').click();
    await new Promise((resolve) => {
      const look = () =>
        document.querySelectorAll('.said .bubble').length > 5 ? resolve() : requestAnimationFrame(look);
      look();
    });
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - started;
  });
}

/** Scrolls back through the history. @returns frames a second, and how many screens it went. */
function scrolling(page) {
  return page.evaluate(async () => {
    const box = document.querySelector('.thread');
    const started = performance.now();
    let frames = 0;
    let moved = 0;
    await new Promise((resolve) => {
      const step = () => {
        frames++;
        const before = box.scrollTop;
        box.scrollTop -= 60;
        moved += Math.abs(box.scrollTop - before);
        if (performance.now() - started > 5_000) resolve();
        else requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    return { fps: (frames * 1_000) / (performance.now() - started), screens: moved / box.clientHeight };
  });
}

export async function measureTalk(stage, { count = 20_000, cpu = 4 } = {}) {
  const file = await longHistory(stage, count, PASSPHRASE);
  const context = await stage.browser.newContext({ locale: 'en-GB', viewport: { width: 360, height: 740 } });
  try {
    const page = await context.newPage();
    await page.goto(`https://127.0.0.1:${stage.port}/`);
    await page.locator('.row .button.quiet').nth(1).click();
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('input[type=password], .field input:not([type=file])').first().fill(PASSPHRASE);
    const started = performance.now();
    await page.locator('.pane .button.main, .column .button.main').last().click();
    await page.locator('.items .item').first().waitFor({ timeout: 180_000 });
    const importMs = performance.now() - started;
    await page.waitForTimeout(1_000);
    const openMs = await opening(page);
    const { fps, screens } = await scrolling(page);
    const longestTaskMs = await typing(page, cpu);
    return { openMs, fps, screens, longestTaskMs, importMs };
  } finally {
    await context.close();
  }
}
