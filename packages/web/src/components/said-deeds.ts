// What a message and its menu share: the deeds that the thread does for them, the kind words, and where they are.
// Not its concern: how either looks (message.tsx, message-menu.tsx).

import type { MessageView, Reaction } from '../backend/backend.ts';
import { here } from '../state/place.ts';

export interface SaidDeeds {
  readonly onReply: (message: MessageView) => void;
  readonly onEdit: (message: MessageView) => void;
  readonly onGoTo: (message: string) => void;
}

/** The conversation that is on the screen. */
export function conversationHere(): string {
  const place = here.peek();
  return 'id' in place ? place.id : '';
}

export const REACTIONS: readonly Reaction[] = ['with-you', 'me-too', 'thank-you', 'take-your-time', 'a-hug'];
