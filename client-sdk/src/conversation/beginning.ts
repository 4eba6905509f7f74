// What every record of a conversation begins with, whoever made its first step: nothing sent, read, missed or wanted yet.
// Not its concern: who the two are and by which keys they meet (invite/).
import { randomBytes } from '../crypto/index.ts';
import { FRESH_ORDER } from './order.ts';
import type { ConversationRecord } from './record.ts';

/** @returns a fresh id and stream, and every count at its start. */
export function beginning() {
  return {
    version: 1,
    id: randomBytes(16),
    closedBy: 0,
    newcomerBlocks: 0,
    answered: false,
    outStream: randomBytes(8),
    outSequence: 0,
    order: FRESH_ORDER,
    unreadable: 0,
    shownHoles: 0,
    restartWanted: 0,
    restartSaid: 0,
    restartAt: 0,
    timerSeconds: 0,
    nextQueued: 0,
    nextSealed: 0,
    nextPosition: 0,
  } satisfies Partial<ConversationRecord>;
}
