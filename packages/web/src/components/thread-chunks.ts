// Cuts a growing list of messages into chunks whose borders stay put when pages are added before and messages after, so
// that a chunk far from view can be replaced by an empty box of its own height. Pure but for its memory of numbers.

import type { MessageView } from '../backend/backend.ts';

export const CHUNK = 30;

export interface Chunk {
  readonly key: number;
  readonly messages: readonly MessageView[];
}

/** One per open conversation: it remembers which chunk a message was in. */
export function makeChunker(): (messages: readonly MessageView[]) => readonly Chunk[] {
  const numbers = new Map<string, number>();
  let lowest = 0;
  let next = 0;
  return (messages) => {
    const firstKnown = messages.findIndex(({ id }) => numbers.has(id));
    const lastKnown = messages.findLastIndex(({ id }) => numbers.has(id));
    // What comes before everything known counts downwards, what comes after counts upwards.
    for (let i = firstKnown - 1; i >= 0; i--) numbers.set(messages[i]!.id, --lowest);
    for (let i = Math.max(0, firstKnown); i < lastKnown; i++) {
      const { id } = messages[i]!;
      // One that comes in between shares its neighbour's place.
      if (!numbers.has(id)) numbers.set(id, numbers.get(messages[i - 1]!.id) ?? lowest);
    }
    for (const { id } of messages.slice(lastKnown + 1)) numbers.set(id, next++);
    const chunks: { key: number; messages: MessageView[] }[] = [];
    for (const message of messages) {
      const key = Math.floor((numbers.get(message.id) ?? 0) / CHUNK);
      const current = chunks.at(-1);
      if (current?.key === key) current.messages.push(message);
      else chunks.push({ key, messages: [message] });
    }
    return chunks;
  };
}
