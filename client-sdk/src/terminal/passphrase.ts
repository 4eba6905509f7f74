// Where the store's passphrase comes from: the environment, a key file, or a prompt that shows nothing of it.
import { existsSync, readFileSync } from 'node:fs';
import { SottoError } from '../errors.ts';
import type { TerminalOptions } from './arguments.ts';
import { ask } from './ask.ts';

/** Whether someone sits there who can be asked, and asked again. */
export function canAsk(options: TerminalOptions): boolean {
  return (
    options.passphrase === undefined && options.keyFile === undefined && !options.json && process.stdin.isTTY
  );
}

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
  if (!canAsk(options)) throw new SottoError('TERMINAL_PASSPHRASE');
  if (existsSync(options.profile)) return ask('Passphrase: ', { hidden: true });
  process.stdout.write(
    'This profile is new. Its passphrase protects what is kept here; nobody can recover it.\n',
  );
  for (;;) {
    const first = await ask('New passphrase: ', { hidden: true });
    if (first === '') continue;
    if ((await ask('Once more: ', { hidden: true })) === first) return first;
    process.stdout.write('They differ. Again, please.\n');
  }
}
