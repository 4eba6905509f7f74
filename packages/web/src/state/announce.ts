// What a screen reader says without being asked: a line in the live region. Not its concern: drawing the region
// (shell/live-region.tsx).

import { signal } from '@preact/signals';

export const spoken = signal('');

/** Takes back what was said last: someone else may look at the page now. */
export function hush(): void {
  spoken.value = '';
}

/** Says one sentence, politely: after whatever is being read. */
export function announce(sentence: string): void {
  // The same sentence twice would not be a change to the region, and so not be said.
  spoken.value = spoken.value === sentence ? `${sentence}\u00a0` : sentence;
}
