// Unsent words, kept as they're typed: at once here, a moment later in the worker's encrypted store.

import type { Backend } from '../backend/backend.ts';

const SAVE_AFTER_MS = 600;
const words = new Map<string, string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** The draft as last typed in this session, else as stored. */
export function draftOf(conversation: string, stored: string): string {
  return words.get(conversation) ?? stored;
}

export function keepDraft(backend: Backend, conversation: string, text: string): void {
  words.set(conversation, text);
  // Whoever types without a pause is saved as often as others.
  if (timers.has(conversation)) return;
  timers.set(
    conversation,
    setTimeout(() => void save(backend, conversation), SAVE_AFTER_MS),
  );
}

async function save(backend: Backend, conversation: string): Promise<void> {
  clearTimeout(timers.get(conversation));
  timers.delete(conversation);
  // A draft that can't be stored is still here; sending says what is wrong.
  await backend.saveDraft(conversation, words.get(conversation) ?? '').catch(() => undefined);
}

/** Saves at once what still waits for its moment: the page is hidden, or locks. */
export async function saveDrafts(backend: Backend): Promise<void> {
  await Promise.all([...timers.keys()].map((conversation) => save(backend, conversation)));
}

/** Takes off the page what was typed: it locks. */
export function forgetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  words.clear();
}
