// The real terminal client in --json mode as a process: commands in, events out, killed with -9 and started again.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../client-sdk/bin/sotto-chat.js', import.meta.url));

export class ChatProcess {
  #child;
  #listeners = new Set();
  #said = '';
  #queries = Promise.resolve();
  kills = 0;
  /** Every event of every life, in order. */
  events = [];

  /** @param options name; relay: URL; profile: folder; env; nodeOptions. */
  constructor({ name, relay, profile, env = {}, nodeOptions }) {
    this.name = name;
    this.relay = relay;
    this.profile = profile;
    this.env = nodeOptions ? { ...env, NODE_OPTIONS: nodeOptions } : env;
  }

  /** Starts and waits for `ready`. */
  async start() {
    const child = spawn(process.execPath, [BIN, '--relay', this.relay, '--profile', this.profile, '--json'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, SOTTO_PASSPHRASE: 'a passphrase for the fault harness', ...this.env },
    });
    this.#child = child;
    child.stdin.on('error', () => {}); // a killed process: what was sent is accounted for by history
    child.stderr.on('data', (chunk) => (this.#said = (this.#said + chunk).slice(-4000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      let event;
      try {
        event = JSON.parse(line);
      } catch {
        return; // a line cut by the kill
      }
      this.events.push(event);
      for (const listener of [...this.#listeners]) listener(event);
    });
    await this.when((event) => event.event === 'ready', 20_000, 'ready');
  }

  get alive() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Writes one command; nothing is awaited. */
  tell(command) {
    if (this.alive) this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** The next event that fits; rejects on time-out or when the process ends. */
  when(fits, timeoutMs = 15_000, what = 'an event') {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const done = (act, value) => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        child.off('exit', onExit);
        act(value);
      };
      const listener = (event) => fits(event) && done(resolve, event);
      const onExit = () =>
        done(reject, new Error(`${this.name} ended while ${what} was awaited: ${this.#said}`));
      const timer = setTimeout(
        () =>
          done(
            reject,
            new Error(
              `${this.name}: no ${what} in ${timeoutMs} ms; last: ${JSON.stringify(this.events.slice(-5))} ${this.#said}`,
            ),
          ),
        timeoutMs,
      );
      this.#listeners.add(listener);
      child.once('exit', onExit);
    });
  }

  /** One command whose answer is one event; queries wait for each other. */
  ask(command, answer, timeoutMs) {
    const turn = this.#queries.then(() => {
      const answered = this.when(
        (event) => event.event === answer || (event.event === 'error' && event.cmd === command.cmd),
        timeoutMs,
        answer,
      );
      this.tell(command);
      return answered.then((event) => {
        if (event.event === 'error')
          throw Object.assign(new Error(`${this.name}: ${event.code}`), { code: event.code });
        return event;
      });
    });
    this.#queries = turn.catch(() => {});
    return turn;
  }

  async invite(kind = 'once') {
    return (await this.ask({ cmd: 'invite', kind }, 'invite')).link;
  }

  async accept(link) {
    return (await this.ask({ cmd: 'accept', link }, 'conversation', 20_000)).conversation;
  }

  async history(conversation) {
    return (await this.ask({ cmd: 'history', conversation, limit: 100_000 }, 'history', 30_000)).messages;
  }

  async conversations() {
    return (await this.ask({ cmd: 'conversations' }, 'conversations')).conversations;
  }

  onEvent(listener) {
    this.#listeners.add(listener);
  }

  async kill() {
    if (!this.alive) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve)); // its last lines have been read too
    this.#child.kill('SIGKILL');
    await gone;
    await new Promise((resolve) => setImmediate(resolve));
    this.kills++;
    this.#queries = Promise.resolve();
  }

  async quit() {
    if (!this.alive) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.tell({ cmd: 'quit' });
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(late);
  }
}
