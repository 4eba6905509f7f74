// The relay as an operator runs it: the bin, its folder, everything that it says kept.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../../relay/bin/sotto-relay.js', import.meta.url));

export class RelayBin {
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-acceptance-'));
  readonly data = join(this.folder, 'data');
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #prefix = `${randomBytes(6).toString('hex')}:`;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(port: number, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.port = port;
    this.#args = args;
    this.#env = env;
  }

  static async start(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RelayBin> {
    const relay = new RelayBin(await freePort(), args, env);
    await relay.start();
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }
  get pid(): number {
    return this.#child?.pid ?? 0;
  }
  /** Its stdout and stderr, of all its lives. */
  get said(): string {
    return this.#said;
  }

  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [BIN, '--port', String(this.port), '--data', this.data, ...this.#args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', ...overRedis(this.#prefix), ...this.#env },
      },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    }
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      if (child.exitCode !== null) break;
      const healthy = await fetch(`${this.url}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (healthy) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the relay did not start: ${this.#said.slice(-2000)}`);
  }

  /** Every file of its data folder, and of Redis where the store is there. */
  files(): { path: string; bytes: Buffer }[] {
    return [this.data, process.env['SOTTO_TEST_REDIS_DIR']]
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => readdirSync(folder, { recursive: true }).map((path) => join(folder, String(path))))
      .filter((path) => statSync(path).isFile())
      .map((path) => ({ path, bytes: readFileSync(path) }));
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `npm run test:stores` runs these tests over Redis. */
function overRedis(prefix: string): Record<string, string> {
  const redis = process.env['SOTTO_TEST_REDIS'];
  return redis === undefined ? {} : { SOTTO_REDIS: redis, SOTTO_REDIS_PREFIX: prefix };
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
