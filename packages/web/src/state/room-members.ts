// Who is in the room that is open, for naming them while writing. Filled by rooms/mentions.tsx, read by the composer.

import { signal } from '@preact/signals';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export const roomMembers = signal<readonly Named[]>([]);

/** What stands behind the last @ before the end of the text, where somebody may be being named. */
export function beingNamed(text: string): string | undefined {
  return /(?:^|\s)@([^\s@]{0,40})$/u.exec(text)?.[1];
}

/** Members whose name stands in the text behind an @. */
export function namedIn(text: string): readonly string[] {
  return roomMembers.value
    .filter(({ name }) => name !== '' && text.includes(`@${name}`))
    .slice(0, 16)
    .map(({ id }) => id);
}
