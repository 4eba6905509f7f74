// The lines above and the line being typed: whatever arrives is printed above the prompt, and what one was typing stays.
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';

export class Screen {
  private readonly reader: Interface;
  private closed = false;

  constructor(completions: (line: string) => readonly string[]) {
    this.reader = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: '> ',
      historySize: 0, // what was said isn't kept in another place
      completer: (line: string) => [completions(line), line],
    });
  }

  /** Prints above the prompt. */
  print(text: string): void {
    if (this.closed || !process.stdout.isTTY) {
      process.stdout.write(`${text}\n`);
      return;
    }
    clearLine(process.stdout, 0);
    cursorTo(process.stdout, 0);
    process.stdout.write(`${text}\n`);
    this.reader.prompt(true);
  }

  prompt(name: string): void {
    this.reader.setPrompt(`${name}> `);
    this.reader.prompt(true);
  }

  /** Each line typed, until the end of input, Ctrl-C or close(). */
  async *lines(): AsyncGenerator<string> {
    this.reader.on('SIGINT', () => {
      this.close();
    });
    for await (const line of this.reader) yield line;
  }

  close(): void {
    this.closed = true;
    this.reader.close();
  }
}
