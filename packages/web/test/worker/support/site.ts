// A site with nothing but the worker, built as the real one is built and served under its real policy, and a Chromium to
// open it in. Each person is a browser context of their own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Tools } from './page.ts';

export const CHROMIUM = process.env['SOTTO_CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const WAIT_MS = 15_000;
const RELAY = 'http://relay.invalid';
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Site {
  readonly origin: string;
  private readonly server: Server;
  private readonly browser: Browser;
  private readonly folder: string;
  private readonly contexts: BrowserContext[] = [];
  /** What pages complained about: uncaught errors, refused by policy. */
  readonly complaints: string[] = [];
  /** Addresses that were asked for beyond this site and its relay. */
  readonly strangers: string[] = [];

  private constructor(parts: { server: Server; browser: Browser; folder: string; origin: string }) {
    this.server = parts.server;
    this.browser = parts.browser;
    this.folder = parts.folder;
    this.origin = parts.origin;
  }

  /** @param relay - Address of the relay that new personas use. */
  static async open(relay: string): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-site-'));
    await buildInto(folder);
    const policies = (await import(join(root, 'build/policy.mjs'))) as {
      pagePolicy: string;
      serverHeaders: () => Record<string, Record<string, string>>;
    };
    const headers = { ...policies.serverHeaders()['/*'] };
    // A relay elsewhere is reached by https; this one, on another port of this machine, isn't.
    const policy = headers['Content-Security-Policy'] ?? '';
    headers['Content-Security-Policy'] = policy.replace('connect-src ', `connect-src ${relay} `);
    const html = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policies.pagePolicy}"><title>t</title><script type="module" src="/page.js"></script>`;
    const server = createServer((request, response) => {
      const name = (request.url ?? '/').split('?')[0] ?? '/';
      const path = join(folder, name);
      for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
      if (name === '/' || !existsSync(path)) {
        response.setHeader('content-type', 'text/html').end(html);
        return;
      }
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
      const bytes = readFileSync(path);
      response.end(extname(name) === '.js' ? bytes.toString().replaceAll(RELAY, relay) : bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    return new Site({ server, browser, folder, origin: `http://127.0.0.1:${String(port)}` });
  }

  /** Another person's browser. */
  async person(): Promise<Seat> {
    const context = await this.browser.newContext();
    this.contexts.push(context);
    context.on('request', (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== '127.0.0.1' && !request.url().startsWith('blob:')) this.strangers.push(request.url());
    });
    return new Seat(this, context, await this.page(context));
  }

  async page(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (/content security|trusted type/i.test(message.text())) this.complaints.push(message.text());
    });
    await page.goto(this.origin);
    return page;
  }

  /** Ends all browsers of people, as at the end of a test. */
  async clear(): Promise<void> {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.clear();
    await this.browser.close();
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One tab of one person. */
export class Seat {
  readonly site: Site;
  readonly context: BrowserContext;
  readonly page: Page;

  constructor(site: Site, context: BrowserContext, page: Page) {
    this.site = site;
    this.context = context;
    this.page = page;
  }

  /** Runs code in the page; `given` crosses as JSON. */
  run<R, A = undefined>(step: (tools: Tools, given: A) => Promise<R> | R, given?: A): Promise<R> {
    // As text: the page's policy knows no eval, which the debugger's own way doesn't need.
    const argument = given === undefined ? 'undefined' : JSON.stringify(given);
    return this.page.evaluate<R>(`(${step.toString()})(globalThis.tools, ${argument})`);
  }

  /** Waits until `probe` answers something. */
  async until<R, A = undefined>(
    what: string,
    probe: (tools: Tools, given: A) => Promise<R | undefined | false> | R | undefined | false,
    given?: A,
  ): Promise<R> {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const found = await this.run(probe, given);
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`did not happen in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Boots; a fresh device begins under this name. @returns where it stands. */
  async begin(name: string): Promise<string> {
    return this.run(async ({ backend }, given) => {
      const boot = await backend.boot();
      if (boot.state !== 'fresh') return boot.state;
      await backend.begin({ name: given });
      return 'begun';
    }, name);
  }

  /** Another tab of the same person. */
  async tab(): Promise<Seat> {
    return new Seat(this.site, this.context, await this.site.page(this.context));
  }
}

async function buildInto(folder: string): Promise<void> {
  const { sodium } = (await import(join(root, 'build/sodium.mjs'))) as { sodium: () => Plugin };
  const common: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111'],
    conditions: ['sotto-source', 'browser', 'import'],
    outdir: folder,
    logLevel: 'error',
    define: {
      SOTTO_SITE: JSON.stringify({ name: 'Test', exitUrl: '', relay: RELAY, version: '0' }),
      SOTTO_WORKER_URL: '"/worker.js"',
    },
  };
  await build({
    ...common,
    entryPoints: { main: 'src/worker/main.ts', primitives: 'test/worker/support/primitives-page.ts' },
    splitting: true,
    plugins: [sodium(), cheapKeys()],
  });
  const define = {
    SOTTO_WORKER_MAIN: '"/main.js"',
    SOTTO_WORKER_PARTS: '[]',
    SOTTO_WORKER_WASM: 'undefined',
  };
  await build({ ...common, define, entryPoints: { worker: 'src/worker/start.ts' } });
  await build({ ...common, entryPoints: { page: 'test/worker/support/page.ts' } });
}

/** Stretching a PIN costs a phone half a second by design, and these tests a minute. */
function cheapKeys(): Plugin {
  const dear = '{ passes: 3, memoryKib: 65_536 }';
  return {
    name: 'cheap-keys',
    setup(builder) {
      builder.onLoad({ filter: /crypto[\\/]argon2id\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!source.includes(dear)) throw new Error('the cost of keys is written otherwise now');
        return { contents: source.replace(dear, '{ passes: 1, memoryKib: 8 }'), loader: 'ts' };
      });
    },
  };
}
