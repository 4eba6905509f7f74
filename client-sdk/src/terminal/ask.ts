// One question on the terminal before the screen is there. Hidden answers show nothing while they are typed.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const INTERRUPTED = 130; // what shells say of a program that Ctrl-C ended

/** Ctrl-C or the end of input ends the process: nothing was opened yet. */
export async function ask(question: string, options: { hidden?: boolean } = {}): Promise<string> {
  let silent = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!silent) process.stdout.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  const given = new AbortController();
  reader.once('close', () => {
    if (given.signal.aborted) return;
    process.stdout.write('\n');
    process.exit(INTERRUPTED);
  });
  const answer = reader.question(question);
  silent = options.hidden === true;
  const text = await answer;
  given.abort();
  reader.close();
  if (silent) process.stdout.write('\n');
  return text;
}
