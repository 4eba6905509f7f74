// The interactive terminal client as a person uses it, through pipes: lines typed, what it prints read.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Waiting } from './waiting.ts';

const BIN = fileURLToPath(new URL('../../../bin/sotto-chat.js', import.meta.url));

export class TerminalBin {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #printed = '';
  #read = 0;
  readonly #waiting = new Waiting();

  constructor(options: { relay: string; profile: string; name: string }) {
    const { relay, profile, name } = options;
    const child = spawn(process.execPath, [BIN, '--relay', relay, '--profile', profile, '--name', name], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', SOTTO_PASSPHRASE: 'a quiet voice' },
    });
    this.#child = child;
    this.#exit = once(child, 'close').then(([code]) => {
      this.#waiting.end();
      return code as number | null;
    });
    child.stdin.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#printed += chunk.toString();
        this.#waiting.stir();
      });
    }
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The next text, behind what was taken before, that fits. @throws after `ms`, with the last that was printed. */
  sees(what: RegExp | string, ms = 20_000): Promise<RegExpMatchArray> {
    const pattern = typeof what === 'string' ? new RegExp(what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : what;
    const find = (): RegExpMatchArray | undefined => {
      const found = pattern.exec(this.#printed.slice(this.#read));
      if (found === null) return undefined;
      this.#read += found.index + found[0].length;
      return found;
    };
    const missing = (): string => `not seen: ${pattern.source}\n…${this.#printed.slice(-1_500)}`;
    return this.#waiting.for(find, missing, ms);
  }

  /** Types a line and waits for what it brings. */
  ask(line: string, answer: RegExp | string): Promise<RegExpMatchArray> {
    this.type(line);
    return this.sees(answer);
  }

  /** @returns the exit code. */
  quit(): Promise<number | null> {
    this.type('/quit');
    return this.#exit;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
