// Relays for tests, in temporary folders, closed and removed when the test file ends.

import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { startRelay, type Relay, type RelayOptions } from '../../src/index.ts';
import { RawClient } from './client.ts';

const cleanUp: (() => unknown)[] = [];

afterAll(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

export function onEnd(task: () => unknown): void {
  cleanUp.push(task);
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-relay-'));
  onEnd(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** `npm run test:stores` runs these tests over Redis: a data folder stands for its own channels there too. */
function sharedStore(data: string): RelayOptions {
  const redis = process.env['SOTTO_TEST_REDIS'];
  if (redis === undefined) return {};
  return { redis, redisPrefix: `${createHash('sha256').update(data).digest('hex').slice(0, 12)}:` };
}

/** A relay in this process. */
export async function testRelay(options: RelayOptions = {}): Promise<Relay & { data: string }> {
  const data = options.data ?? tempFolder();
  const relay = await startRelay({ port: 0, logLevel: 'silent', ...sharedStore(data), ...options, data });
  onEnd(() => relay.close());
  return { ...relay, data };
}

/** A client that is closed when the test file ends. */
export async function client(url: string, options?: { hello?: boolean }): Promise<RawClient> {
  const raw = await RawClient.open(url, options);
  onEnd(() => {
    raw.ws.terminate();
  });
  return raw;
}

const bin = fileURLToPath(new URL('../../bin/sotto-relay.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command as a process of its own. */
export class CommandProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly finished: Promise<Finished>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [bin, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.finished = new Promise((resolve) => {
      this.child.on('close', (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
    onEnd(async () => {
      if (this.child.exitCode === null) this.child.kill('SIGKILL');
      await this.finished;
    });
  }

  /** The address, once the relay has printed it. */
  async url(): Promise<string> {
    for (let waited = 0; waited < 60_000; waited += 10) {
      const [, url] = /answers at (\S+)/.exec(this.stdout) ?? [];
      if (url !== undefined) return url;
      if (this.child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the relay did not start: ${this.stderr}`);
  }
}

/** Runs a command to its end. */
export function command(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return new CommandProcess(args, env).finished;
}
