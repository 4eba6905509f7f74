// The real site, built as it ships and served by the real relay, and a Chromium in which each person has a context of
// their own. Not its concern: the worker by itself (test/worker/).
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { RelayProcess } from '../../../../client-sdk/test/net/support/relay-process.ts';

const CHROMIUM = process.env['SOTTO_CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);
export const EXIT = 'https://neutral.invalid/';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
/** A camera that shows the film in the house's folder. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const FILM = 'camera.y4m';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export class House {
  readonly relay: RelayProcess;
  readonly browser: Browser;
  /** Errors on pages, and refusals by policy. */
  readonly complaints: string[] = [];
  /** Requests to anywhere but this site. */
  readonly strangers: string[] = [];
  /** Of the site's files: in `site`. */
  readonly folder: string;

  private constructor(relay: RelayProcess, browser: Browser, folder: string) {
    this.relay = relay;
    this.browser = browser;
    this.folder = folder;
  }

  /**
   * @param prepare - Asked, once the relay runs, for what the site is to be built with besides.
   * @param add - Settings and files beside those of the site.
   */
  static async open(
    prepare?: (relay: RelayProcess) => Promise<object>,
    add: { readonly site?: object; readonly files?: Readonly<Record<string, string>> } = {},
  ): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-house-'));
    const build = fileURLToPath(new URL('../../build.mjs', import.meta.url));
    const { buildSite } = (await import(build)) as { buildSite: (options: object) => Promise<unknown> };
    const outDir = join(folder, 'site');
    let relay: RelayProcess | undefined;
    if (prepare !== undefined) relay = await RelayProcess.start({ webDir: outDir });
    const site = relay === undefined ? {} : await prepare?.(relay);
    await buildSite({ outDir, site: { exitUrl: EXIT, ...add.site, ...site }, compress: false });
    for (const [name, text] of Object.entries(add.files ?? {})) writeFileSync(join(outDir, name), text);
    // The relay serves what it finds when it starts.
    await relay?.drain();
    await relay?.start();
    relay ??= await RelayProcess.start({ webDir: outDir });
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...FLAGS, ...CAMERA, `--use-file-for-fake-video-capture=${join(folder, FILM)}`],
    });
    return new House(relay, browser, folder);
  }

  /** Another browser, which reaches the relay at the same address, but through `port` (a line that can be cut). */
  behind(port: number): Promise<Browser> {
    const { host } = new URL(this.relay.url);
    const rule = `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}`;
    return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, rule] });
  }

  async context(options: BrowserContextOptions = {}, browser = this.browser): Promise<BrowserContext> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    // Only whatever fails waits so long, and a busy machine.
    context.setDefaultTimeout(30_000);
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.relay.url) && !url.startsWith('blob:') && url !== EXIT)
        this.strangers.push(url);
    });
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
    context.on('console', (message) => {
      if (/content security|trusted ?type|integrity/i.test(message.text()))
        this.complaints.push(message.text());
    });
    return context;
  }

  /** A new person at the first screen. */
  async person(options: BrowserContextOptions = {}, browser = this.browser): Promise<Page> {
    const page = await (await this.context(options, browser)).newPage();
    await page.goto(this.relay.url);
    await page.locator('.welcome-self').waitFor();
    return page;
  }

  /** Holds a picture in front of every camera of this browser. @param grey - 640 × 480, one byte a pixel. */
  holdUp(grey: Uint8Array): void {
    const colour = Buffer.alloc(2 * 320 * 240, 128);
    const frame = Buffer.concat([Buffer.from('FRAME\n'), grey, colour]);
    const head = Buffer.from('YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n');
    writeFileSync(join(this.folder, FILM), Buffer.concat([head, frame, frame]));
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.relay.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Begins on the first screen. @returns once the two ways to someone one knows are there. */
export async function begin(page: Page): Promise<void> {
  await page.locator('.welcome-self + * .button.main, .card .button.main').first().click();
  await page.locator('#link').waitFor();
}

/** From the screen after beginning: an invite's link. */
export async function invite(page: Page): Promise<string> {
  await page.locator('section.card .button.main').first().click();
  return page.locator('.copyable').first().innerText();
}

/** Answers an invite as a new person and says something. */
export async function answer(page: Page, link: string, words: string): Promise<void> {
  await page.locator('#link').fill(link);
  await page.locator('form .button').first().click();
  await page.locator('fieldset.card').waitFor();
  await page.locator('.pane-main .button.main').click();
  await say(page, words);
}

export async function say(page: Page, words: string): Promise<void> {
  await page.locator('textarea').fill(words);
  await page.locator('.composer button[type=submit]').click();
}

/** What axe finds on the page as it is now, one line each. */
export async function axe(page: Page): Promise<readonly string[]> {
  const isLoaded = await page.evaluate(() => 'axe' in globalThis);
  if (!isLoaded) await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as {
      axe: {
        run(
          options: object,
        ): Promise<{ violations: { id: string; nodes: { html: string; any: { message: string }[] }[] }[] }>;
      };
    };
    const { violations } = await tool.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`),
    );
  });
}

/** The same page in the dark and from right to left. */
export async function turnRound(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
}

/** Tabs until the focus is on what is called so. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      // The page itself is where Tab comes by between its last and its first place.
      const focused = document.activeElement === document.body ? null : document.activeElement;
      const label =
        focused === null || focused.id === ''
          ? undefined
          : document.querySelector(`label[for="${focused.id}"]`);
      return (
        focused?.getAttribute('aria-label') ??
        (focused?.id === 'link'
          ? 'link field'
          : (label ?? focused?.closest('label') ?? focused)?.textContent) ??
        ''
      );
    });
    if (name.test(here)) return;
    passed.push(here.slice(0, 40));
  }
  throw new Error(`never came to ${String(name)}: ${passed.join(' | ')}`);
}

export async function press(page: Page, name: RegExp, key = 'Enter'): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}
