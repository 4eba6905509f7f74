// Removes all rows of a conversation or invite and erases the key above them: what copies of the ciphertext remain in
// the store's files can't be opened by anyone from then on.
import { eraseFiles } from '../attachment/record.ts';
import { linePositions, lines, timedLines } from '../history/record.ts';
import { firstUses, invites, threads } from '../invite/record.ts';
import { notes } from '../notes.ts';
import { queuedContents, sealedBlocks } from '../outbox/record.ts';
import type { Transaction } from '../store/index.ts';
import { slotBlocks } from './mailbox.ts';
import { seenAppends } from './seen.ts';
import {
  conversationPath,
  conversations,
  heldContents,
  partialContents,
  preKeys,
  sessions,
} from './record.ts';

/** Forgets one conversation. */
export async function forgetConversation(tx: Transaction, personaId: string, id: string): Promise<void> {
  const tables = [
    lines,
    linePositions,
    timedLines,
    queuedContents,
    sealedBlocks,
    slotBlocks,
    heldContents,
    partialContents,
    preKeys,
    sessions,
    seenAppends,
    notes,
  ];
  await eraseFiles(tx, { personaId, conversationId: id });
  for (const table of tables) await tx.clear(table, id);
  conversations.del(tx, personaId, id);
  tx.eraseKey(conversationPath(personaId, id));
}

/** Forgets one invite. */
export async function forgetInvite(tx: Transaction, personaId: string, id: string): Promise<void> {
  for (const table of [slotBlocks, preKeys, threads, firstUses, seenAppends]) await tx.clear(table, id);
  invites.del(tx, personaId, id);
  tx.eraseKey(conversationPath(personaId, id));
}
