// Runs bot.ts as a child: started, killed with -9, started again on the same profile, read line by line.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BotSettings } from './bot.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
let bundle: Promise<string> | undefined;

async function bundleBot(): Promise<string> {
  // Inside the package, where all that it depends on resolves; some of it is installed for it alone.
  const outfile = join(root, 'client-sdk/dist', `bot-for-tests-${String(process.pid)}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL('bot.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['sotto-source'],
    packages: 'external',
    alias: {
      '@sotto/wire': join(root, 'packages/wire/src/index.ts'),
      '@sotto/ratchet': join(root, 'packages/ratchet/src/index.ts'),
    },
    logLevel: 'silent',
  });
  process.on('exit', () => {
    rmSync(outfile, { force: true });
  });
  return outfile;
}

interface Said {
  readonly link?: string;
  readonly heard?: string[];
}

export class BotProcess {
  settings: BotSettings;
  link: string | undefined;
  heard: string[] | undefined;
  errors = '';
  #child: ChildProcess | undefined;

  constructor(settings: BotSettings) {
    this.settings = settings;
  }

  async start(): Promise<void> {
    bundle ??= bundleBot();
    const child = spawn(process.execPath, [await bundle, JSON.stringify(this.settings)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (text: Buffer) => (this.errors += text.toString()));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Said;
      this.link ??= said.link;
      this.heard ??= said.heard;
    });
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
