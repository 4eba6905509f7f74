// The lines above and the line being typed: whatever arrives is printed above the prompt, and what one was typing stays.
import {
  clearLine,
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from 'node:readline';
import { Writable } from 'node:stream';

/** The terminal, except while something hidden is typed. */
class Echo extends Writable {
  hidden = false;

  constructor() {
    super();
    process.stdout.on('resize', () => this.emit('resize'));
  }
  get columns(): number {
    return process.stdout.columns;
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.hidden) process.stdout.write(chunk);
    done();
  }
}

export class Screen {
  private readonly echo = new Echo();
  private readonly reader: Interface;
  private readonly typed: string[] = [];
  private wake: () => void = () => undefined;
  private answer: ((line: string) => void) | undefined;
  private promptText = '> ';
  /** The input ended; what was typed before is still answered. */
  private closed = false;
  private left = false;

  constructor(completions: (line: string) => readonly string[]) {
    this.reader = createInterface({
      input: process.stdin,
      output: this.echo,
      terminal: process.stdout.isTTY,
      prompt: this.promptText,
      historySize: 0, // what was said isn't kept in another place
      completer: (line: string) => [completions(line), line],
    });
    this.reader.on('line', (line) => {
      this.take(line);
    });
    this.reader.on('close', () => {
      this.closed = true;
      this.answer?.('');
      this.wake();
    });
    this.reader.on('SIGINT', () => {
      this.close();
    });
  }

  /** Prints above the prompt. */
  print(text: string): void {
    if (this.left) return;
    if (this.closed || !process.stdout.isTTY) {
      process.stdout.write(`${text}\n`);
      return;
    }
    // What is being typed may fill several rows; the cursor may stand in any of them.
    moveCursor(process.stdout, 0, -this.reader.getCursorPos().rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    process.stdout.write(`${text}\n`);
    this.reader.prompt(true);
  }

  prompt(name: string): void {
    this.promptText = `${name}> `;
    this.reader.setPrompt(this.promptText);
    this.reader.prompt(true);
  }

  /** Each line typed, until the end of input, Ctrl-C or close(). */
  async *lines(): AsyncGenerator<string> {
    for (;;) {
      const line = this.typed.shift();
      if (line !== undefined) yield line;
      else if (this.closed) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Asks for something that must not be seen. Empty when the input ended. */
  async askHidden(question: string): Promise<string> {
    if (this.closed) return '';
    this.reader.setPrompt(question);
    this.reader.prompt();
    this.echo.hidden = true;
    const line = await new Promise<string>((resolve) => (this.answer = resolve));
    this.answer = undefined;
    this.echo.hidden = false;
    process.stdout.write('\n');
    this.reader.setPrompt(this.promptText);
    return line;
  }

  close(): void {
    this.left = true;
    this.closed = true;
    this.reader.close();
  }

  private take(line: string): void {
    if (this.answer !== undefined) {
      this.answer(line);
      return;
    }
    if (!line.startsWith('/')) this.eraseTyped(line);
    this.typed.push(line);
    this.wake();
  }

  /** What was said comes back as a message with its number; the typed line would say it twice. */
  private eraseTyped(line: string): void {
    if (!process.stdout.isTTY) return;
    const rows =
      Math.floor(Array.from(this.promptText + line).length / Math.max(1, process.stdout.columns)) + 1;
    moveCursor(process.stdout, 0, -rows);
    cursorTo(process.stdout, 0);
    clearLine(process.stdout, 0);
    clearScreenDown(process.stdout);
  }
}
