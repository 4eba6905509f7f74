// The terminal client as a script runs it: the bin in --json mode, commands in, events out.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Waiting } from './waiting.ts';

const BIN = fileURLToPath(new URL('../../../bin/sotto-chat.js', import.meta.url));
const CLOCK = new URL('../../../../scripts/faults/clock-step.mjs', import.meta.url).href;

export type Event = Readonly<Record<string, unknown>> & { readonly event: string };
type Fits = Readonly<Record<string, unknown>>;

export interface ChatBinOptions {
  readonly relay: string;
  readonly profile: string;
  readonly args?: readonly string[];
  readonly passphrase?: string;
  /** A file that says by how many milliseconds its wall clock is off. */
  readonly clockFile?: string;
}

export class ChatBin {
  readonly events: Event[] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  readonly #waiting = new Waiting();
  #read = 0;
  said = '';

  constructor(options: ChatBinOptions) {
    const { relay, profile, args = [], passphrase = 'a quiet voice', clockFile } = options;
    const child = spawn(process.execPath, [BIN, '--json', '--relay', relay, '--profile', profile, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: clockFile === undefined ? '' : `--import=${CLOCK}`,
        SOTTO_FAULT_CLOCK: clockFile ?? '',
        SOTTO_PASSPHRASE: passphrase,
      },
    });
    this.#child = child;
    this.#exit = once(child, 'close').then(([code]) => {
      this.#waiting.end();
      return code as number | null;
    });
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as Event);
      this.#waiting.stir();
    });
  }

  /** Starts one and waits until it is ready. */
  static async open(options: ChatBinOptions): Promise<ChatBin> {
    const chat = new ChatBin(options);
    await chat.next({ event: 'ready' });
    return chat;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  tell(command: Readonly<Record<string, unknown>> | string): void {
    const line = typeof command === 'string' ? command : JSON.stringify(command);
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The next event, behind those taken before, that has these fields. */
  next(fits: Fits, ms = 15_000): Promise<Event> {
    const find = (): Event | undefined => {
      const at = this.events.findIndex((event, i) => i >= this.#read && matches(event, fits));
      if (at >= 0) this.#read = at + 1;
      return this.events[at];
    };
    const missing = (): string => {
      const last = JSON.stringify(this.events.slice(-6));
      return `no ${JSON.stringify(fits)}; last: ${last} ${this.said}`;
    };
    return this.#waiting.for(find, missing, ms);
  }

  async ask(command: Readonly<Record<string, unknown>>, fits: Fits): Promise<Event> {
    this.#read = this.events.length;
    this.tell(command);
    return this.next(fits);
  }

  /** @returns exit code, and how long it took. */
  async quit(): Promise<{ code: number | null; ms: number }> {
    const began = Date.now();
    this.tell({ cmd: 'quit' });
    return { code: await this.exit(), ms: Date.now() - began };
  }

  exit(): Promise<number | null> {
    return this.#exit;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

function matches(event: Event, fits: Fits): boolean {
  return Object.entries(fits).every(([field, value]) => event[field] === value);
}
