// The real relay as a process of its own, so that it can be killed with -9, restarted on the same port, and given an
// empty or an older store. It is bundled from its sources, so that these tests need no build before them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const START_MS = 60_000;
const redis = process.env['SOTTO_TEST_REDIS'];
const COPY_PREFIX = `for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  redis.call('COPY', key, ARGV[2] .. string.sub(key, #ARGV[1] + 1))
end`;

let bundle: Promise<string> | undefined;
/** The last to stop takes the bundle away. */
const running = new Set<RelayProcess>();

/** Below the repository, where the relay's dependencies resolve. */
async function bundleRelay(): Promise<string> {
  const outfile = join(root, '.cache', `relay-for-tests-${String(process.pid)}.mjs`);
  await build({
    stdin: {
      contents: `import { startRelay } from './src/index.ts';
        const relay = await startRelay(JSON.parse(process.argv[2]));
        process.on('SIGTERM', async () => { await relay.close(); process.exit(0); });
        console.log('ready');`,
      resolveDir: join(root, 'relay'),
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['sotto-source'],
    external: ['lmdb', 'redis', 'prom-client', 'express', 'ws', 'pino', 'zod', 'bufferutil', 'protobufjs'],
    logLevel: 'silent',
  });
  return outfile;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

export class RelayProcess {
  readonly port: number;
  readonly data: string;
  readonly #settings: Record<string, unknown>;
  /** Over Redis (`npm run test:stores`) a store is what stands behind a prefix. */
  #prefix = `${randomBytes(6).toString('hex')}:`;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  kills = 0;
  /** From the next start on, the process believes in a time so much later, and doesn't wait with its sweeps. */
  clockAheadSeconds = 0;

  private constructor(port: number, settings: Record<string, unknown>) {
    this.port = port;
    this.#settings = settings;
    this.#folder = mkdtempSync(join(tmpdir(), 'sotto-net-'));
    this.data = join(this.#folder, 'data');
    mkdirSync(this.data);
    running.add(this);
  }

  static async start(settings: Record<string, unknown> = {}): Promise<RelayProcess> {
    const relay = new RelayProcess(await freePort(), settings);
    await relay.start();
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  async start(): Promise<void> {
    bundle ??= bundleRelay();
    const settings = {
      port: this.port,
      data: this.data,
      logLevel: 'silent',
      ...(redis === undefined ? {} : { redis, redisPrefix: this.#prefix }),
      ...this.#settings,
    };
    const later = `{
      const [now, every] = [Date.now, setInterval];
      Date.now = () => now() + ${String(this.clockAheadSeconds * 1_000)};
      globalThis.setInterval = (act, ms, ...rest) => every(act, Math.min(ms, 500), ...rest);
    }`;
    const clock =
      this.clockAheadSeconds === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(later)}`];
    const child = spawn(process.execPath, [...clock, await bundle, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const ready = once(child.stdout, 'data');
    const failed = once(child, 'exit').then(() => {
      throw new Error(`the relay did not start: ${said}`);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('the relay is late'));
      }, START_MS);
    });
    await Promise.race([ready, failed, late]).finally(() => {
      clearTimeout(timer);
    });
    // From here on its end is what a test does to it.
    failed.catch(() => undefined);
  }

  /** kill -9 */
  async kill(): Promise<void> {
    this.kills++;
    await this.#end('SIGKILL');
  }

  /** SIGTERM: drains. */
  async drain(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Freezes it: sockets stay open and nobody answers. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Forgets every channel; the relay keeps its key. Only while it is down. */
  emptyStore(): void {
    this.#prefix = `${randomBytes(6).toString('hex')}:`;
    this.#eachStoreFile((path) => {
      rmSync(path, { recursive: true, force: true });
    });
  }

  /** A copy of the store as it is. Only while it is down. @returns puts it back. */
  saveStore(): () => void {
    if (redis !== undefined) {
      const copy = `${randomBytes(6).toString('hex')}:`;
      execFileSync('redis-cli', ['-u', redis, 'EVAL', COPY_PREFIX, '0', this.#prefix, copy]);
      return () => {
        this.#prefix = copy;
      };
    }
    const copy = join(this.#folder, `copy-${String(Date.now())}`);
    cpSync(this.data, copy, { recursive: true });
    return () => {
      rmSync(this.data, { recursive: true });
      cpSync(copy, this.data, { recursive: true });
    };
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.#end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
    running.delete(this);
    if (running.size > 0 || bundle === undefined) return;
    rmSync(await bundle, { force: true });
    bundle = undefined;
  }

  #eachStoreFile(act: (path: string) => void): void {
    for (const name of readdirSync(this.data)) {
      if (!/relay.*key/i.test(name)) act(join(this.data, name));
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
