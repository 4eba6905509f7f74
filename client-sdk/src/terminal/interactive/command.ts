// What a command of the interactive terminal is, and how its words are taken apart.
import { SottoError } from '../../errors.ts';
import type { Session } from './session.ts';

export interface Command {
  readonly usage: string;
  readonly about: string;
  /** @param rest - what stands after the command's name, trimmed. */
  readonly act: (session: Session, rest: string) => Promise<'quit' | undefined>;
}

/** "3 some words" → ["3", "some words"]. */
export function firstWord(rest: string): [string, string] {
  const [first = '', ...others] = rest.split(/\s+/);
  return [first, rest.slice(rest.indexOf(first) + first.length).trim() || others.join(' ')];
}

/** @throws SottoError TERMINAL_COMMAND where nothing stands there. */
export function needed(text: string): string {
  if (text === '') throw new SottoError('TERMINAL_COMMAND');
  return text;
}
