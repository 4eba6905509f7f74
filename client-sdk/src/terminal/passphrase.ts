// Where the store's passphrase comes from: the environment, a key file, or a prompt that shows nothing of it.
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { SottoError } from '../errors.ts';
import type { TerminalOptions } from './arguments.ts';

/**
 * @throws SottoError TERMINAL_PASSPHRASE when there is none and nobody to ask.
 */
export async function readPassphrase(options: TerminalOptions): Promise<string> {
  if (options.passphrase !== undefined) return options.passphrase;
  if (options.keyFile !== undefined) {
    if (!existsSync(options.keyFile)) throw new SottoError('TERMINAL_KEY_FILE');
    const text = readFileSync(options.keyFile, 'utf8').trim();
    if (text === '') throw new SottoError('TERMINAL_KEY_FILE');
    return text;
  }
  if (options.json || !process.stdin.isTTY) throw new SottoError('TERMINAL_PASSPHRASE');
  if (existsSync(options.profile)) return ask('Passphrase: ');
  process.stdout.write(
    'This profile is new. Its passphrase protects what is kept here; nobody can recover it.\n',
  );
  for (;;) {
    const first = await ask('New passphrase: ');
    if (first === '') continue;
    if ((await ask('Once more: ')) === first) return first;
    process.stdout.write('They differ. Again, please.\n');
  }
}

async function ask(question: string): Promise<string> {
  let silent = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!silent) process.stdout.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  const answer = reader.question(question);
  silent = true;
  try {
    return await answer;
  } finally {
    reader.close();
    process.stdout.write('\n');
  }
}
