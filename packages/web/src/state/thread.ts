// The messages of the conversation that is open: pages from the worker, changes as they come, where the unread begin.
// Not its concern: which of them are drawn (components/thread.tsx), and words.

import { signal } from '@preact/signals';
import type { Backend, MessageView } from '../backend/backend.ts';

const PAGE = 50;

export interface Thread {
  readonly conversation: string;
  /** In order; the oldest page may not be here yet. */
  readonly messages: readonly MessageView[];
  readonly more: boolean;
  readonly loading: boolean;
  /** Id of the first message that was unread when the conversation was opened. */
  readonly unreadFrom?: string;
}

export const thread = signal<Thread | undefined>(undefined);

/** Opens a conversation at its newest page. */
export async function openThread(backend: Backend, conversation: string, unread: number): Promise<void> {
  if (thread.peek()?.conversation === conversation) return;
  thread.value = { conversation, messages: [], more: false, loading: true };
  const { messages, more } = await backend.history(conversation, { limit: Math.max(PAGE, unread + 10) });
  if (thread.peek()?.conversation !== conversation) return;
  const theirs = messages.filter(({ mine }) => !mine);
  const first = unread > 0 ? theirs.at(-Math.min(unread, theirs.length)) : undefined;
  const merged = merge(messages, thread.peek()?.messages ?? []);
  thread.value = {
    conversation,
    messages: merged,
    more,
    loading: false,
    ...(first === undefined ? {} : { unreadFrom: first.id }),
  };
}

export function closeThread(): void {
  thread.value = undefined;
}

/** Loads the page before the oldest message here. */
export async function loadEarlier(backend: Backend, limit = PAGE): Promise<void> {
  const open = thread.peek();
  const before = open?.messages[0]?.id;
  if (open === undefined || !open.more || open.loading || before === undefined) return;
  thread.value = { ...open, loading: true };
  try {
    const page = await backend.history(open.conversation, { before, limit });
    const now = thread.peek();
    if (now?.conversation !== open.conversation) return;
    thread.value = { ...now, messages: merge(page.messages, now.messages), more: page.more, loading: false };
  } catch {
    const now = thread.peek();
    if (now?.conversation === open.conversation) thread.value = { ...now, loading: false };
  }
}

/** Loads back until a message is here. @returns whether it was found. */
export async function loadUntil(backend: Backend, message: string): Promise<boolean> {
  for (;;) {
    const open = thread.peek();
    if (open === undefined) return false;
    if (open.messages.some(({ id }) => id === message)) return true;
    if (!open.more) return false;
    await loadEarlier(backend, 500);
  }
}

/** Takes in changes of the open conversation. @returns those that were not there before. */
export function messagesChanged(event: {
  readonly conversation: string;
  readonly changed: readonly MessageView[];
  readonly removed: readonly string[];
}): readonly MessageView[] {
  const open = thread.peek();
  if (open?.conversation !== event.conversation)
    return event.changed.filter(({ at }) => Date.now() - at < 60_000);
  const known = new Set(open.messages.map(({ id }) => id));
  const removed = new Set(event.removed);
  const kept = removed.size === 0 ? open.messages : open.messages.filter(({ id }) => !removed.has(id));
  const oldest = open.messages[0]?.order ?? 0;
  // A change to a message that isn't loaded yet comes with its page.
  const relevant = event.changed.filter(({ id, order }) => known.has(id) || order >= oldest || !open.more);
  thread.value = { ...open, messages: merge(kept, relevant) };
  return relevant.filter(({ id }) => !known.has(id));
}

/** Later entries win. */
function merge(a: readonly MessageView[], b: readonly MessageView[]): readonly MessageView[] {
  const newer = new Map(b.map((message) => [message.id, message]));
  const all = a.map((message) => {
    const change = newer.get(message.id);
    if (change === undefined) return message;
    newer.delete(message.id);
    return change;
  });
  if (newer.size === 0) return all;
  const added = [...newer.values()];
  const merged = [...all, ...added];
  const last = all.at(-1);
  const first = added[0];
  const inOrder = last === undefined || first === undefined || last.order <= first.order;
  return inOrder ? merged : merged.sort((x, y) => x.order - y.order);
}
