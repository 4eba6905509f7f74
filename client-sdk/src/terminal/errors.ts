// Errors as the terminal says them: the code, and the sentence of the registry. Never what was typed.
import { WireErrors } from '@sotto/wire';
import { ClientErrors } from '../errors.ts';

const meanings: Readonly<Record<string, unknown>> = { ...WireErrors, ...ClientErrors };

/** @returns code and a sentence; anything unknown says only its kind. */
export function sayError(error: unknown): { readonly code: string; readonly message: string } {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'INTERNAL';
  const entry = meanings[code];
  const meaning =
    typeof entry === 'string'
      ? entry
      : typeof entry === 'object' && entry !== null && 'meaning' in entry
        ? String(entry.meaning)
        : undefined;
  return { code, message: meaning ?? 'Something failed here.' };
}
