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
  clearTimeout(timers.get(conversation));
  const save = () => {
    timers.delete(conversation);
    // A draft that can't be stored is still here; sending says what is wrong.
    backend.saveDraft(conversation, text).catch(() => undefined);
  };
  timers.set(conversation, setTimeout(save, SAVE_AFTER_MS));
}

/** Forgets what was typed, when locked or sent. */
export function forgetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  words.clear();
}
