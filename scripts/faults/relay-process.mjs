// The real relay as a process: started, killed with -9, restarted on the same port and data.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../relay/bin/sotto-relay.js', import.meta.url));

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class RelayProcess {
  #child;
  #said = '';
  kills = 0;
  peakRssKiB = 0;

  /** @param options dir: data folder; port; env: more settings; nodeOptions: for preloads. */
  constructor({ dir, port, env = {}, nodeOptions }) {
    this.dir = dir;
    this.port = port;
    this.env = nodeOptions ? { ...env, NODE_OPTIONS: nodeOptions } : env;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All that the process wrote to stdout and stderr so far. */
  get said() {
    return this.#said;
  }

  async start() {
    mkdirSync(this.dir, { recursive: true });
    const child = spawn(process.execPath, [BIN, '--port', String(this.port), '--data', this.dir], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.#said += chunk));
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      if (child.exitCode !== null)
        throw new Error(`the relay ended with ${child.exitCode}: ${this.#said.slice(-2000)}`);
      if (await this.healthy()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the relay did not become healthy: ${this.#said.slice(-2000)}`);
  }

  async healthy() {
    try {
      return (await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(1000) })).ok;
    } catch {
      return false;
    }
  }

  /** Ends the process and waits until it is gone. */
  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.sampleMemory();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
    if (signal === 'SIGKILL') this.kills++;
  }

  async killAndRestart() {
    await this.stop('SIGKILL');
    await this.start();
  }

  /** Private memory now; the highest seen stays in peakRssKiB. */
  sampleMemory() {
    try {
      const now = Number(
        /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))[1],
      );
      this.peakRssKiB = Math.max(this.peakRssKiB, now);
      return now;
    } catch {
      return 0; // gone, or no /proc on this system
    }
  }

  /** Copies the data folder of a stopped relay. */
  saveData(to) {
    cpSync(this.dir, to, { recursive: true });
  }

  /** Replaces the data folder of a stopped relay by an earlier copy. */
  restoreData(from) {
    rmSync(this.dir, { recursive: true, force: true });
    cpSync(from, this.dir, { recursive: true });
  }

  /** Throws the store of a stopped relay away and keeps its identity (the files named in `keep`). */
  loseStore(keep) {
    for (const name of readdirSync(this.dir))
      if (!keep.includes(name)) rmSync(join(this.dir, name), { recursive: true, force: true });
    if (!keep.some((name) => existsSync(join(this.dir, name))))
      throw new Error('the relay lost its identity too');
  }
}
