// What a person does in passing, a kind word or a setting: done behind their back, and what fails is said in the notice.
// A button that waits for its end is components/action.tsx.

import { signal } from '@preact/signals';
import { wordsFor } from './errors.ts';

/** What the last such deed failed of, in words; undefined once that was understood or the next one began. */
export const failure = signal<string | undefined>(undefined);

/** Does it now, in the turn of the click; nothing that fails is passed over. */
export function attempt(deed: () => unknown): void {
  failure.value = undefined;
  new Promise((resolve) => {
    resolve(deed());
  }).catch((error: unknown) => {
    failure.value = wordsFor(error);
  });
}
