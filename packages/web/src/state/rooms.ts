// How often each room's details changed: screens that show them ask the worker anew. Not its concern: what changed.

import { signal } from '@preact/signals';

export const roomChanges = signal<ReadonlyMap<string, number>>(new Map());

export function roomChanged(conversation: string): void {
  const next = new Map(roomChanges.peek());
  next.set(conversation, (next.get(conversation) ?? 0) + 1);
  roomChanges.value = next;
}
