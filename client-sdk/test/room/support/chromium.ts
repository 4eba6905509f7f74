// Members of a room in a real Chromium: each in a context of its own, with the SDK bundled as for the web and
// @sotto/ratchet as its engine. The page is blank and asked from here.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { ClientOptions } from '../../../src/index.ts';
import type { BrowserMember } from './browser-member.ts';

const CHROMIUM = process.env['SOTTO_CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);

type Asked<M extends keyof BrowserMember> = Awaited<ReturnType<BrowserMember[M]>>;

export class Pages {
  private readonly server: Server;
  private readonly browser: Browser;

  private constructor(server: Server, browser: Browser) {
    this.server = server;
    this.browser = browser;
  }

  static async open(): Promise<Pages> {
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL('browser-member.ts', import.meta.url))],
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      conditions: ['sotto-source', 'browser', 'import'],
      logLevel: 'error',
    });
    const script = bundle.outputFiles[0]?.contents ?? new Uint8Array(0);
    const server = createServer((request, response) => {
      const isScript = request.url === '/member.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript
          ? script
          : '<!doctype html><title>member</title><script type="module" src="/member.js"></script>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    return new Pages(server, browser);
  }

  async person(relay: string, name: string, { pace = {} }: ClientOptions): Promise<BrowserPerson> {
    const page = await (await this.browser.newContext()).newPage();
    const { port } = this.server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${String(port)}`);
    await page.waitForFunction(() => 'member' in globalThis);
    const person = new BrowserPerson(page);
    await person.ask('open', { relay, name, pace });
    return person;
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }
}

export class BrowserPerson {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  ask<M extends keyof BrowserMember>(method: M, ...given: Parameters<BrowserMember[M]>): Promise<Asked<M>> {
    return this.page.evaluate(
      ([name, values]) => {
        const { member } = globalThis as unknown as { member: Record<string, (...v: unknown[]) => unknown> };
        return member[name as string]?.(...(values as unknown[]));
      },
      [method, given] as const,
    ) as Promise<Asked<M>>;
  }
}
