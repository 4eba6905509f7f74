// Which blocks of a mailbox of mine were processed already. Sequence numbers alone can't tell: a relay whose store went
// back gives them a second time. So the last append ids are kept beside the cursor.
import { bytes, message } from '../content/wire-codec.ts';
import { equalBytes } from '../crypto/index.ts';
import type { ReceivedBlock } from '../net/index.ts';
import { orderedTable, type Transaction } from '../store/index.ts';
import type { OwnMailbox } from './mailbox.ts';
import { conversationPath } from './record.ts';

/** As many as a mailbox holds: what an older store could deliver again. */
const KEPT = 128;

/** Partition: conversation or invite id; key: sequence modulo `KEPT`. */
export const seenAppends = orderedTable('seen', message({ appendId: bytes(1, 16) }));

/** `repeat`: processed before · else the mailbox with this block as its cursor; `wentBack`: the relay is older than we. */
export type Seen =
  | { readonly repeat: true }
  | { readonly repeat: false; readonly own: OwnMailbox; readonly wentBack: boolean };

/** Notes a block in the transaction that processes it. */
export async function noteBlock(
  tx: Transaction,
  at: { personaId: string; ownerId: string },
  own: OwnMailbox,
  block: ReceivedBlock,
): Promise<Seen> {
  const known = own.incarnation !== undefined && equalBytes(own.incarnation, block.incarnation);
  const wentBack = known && block.sequence <= own.cursor;
  if (wentBack && (await wasSeen(tx, at.ownerId, block.appendId))) return { repeat: true };
  const under = conversationPath(at.personaId, at.ownerId);
  const value = { appendId: block.appendId };
  await seenAppends.put(tx, { partition: at.ownerId, key: block.sequence % KEPT, value }, { under });
  return { repeat: false, wentBack, own: { ...own, incarnation: block.incarnation, cursor: block.sequence } };
}

/** A one-time invite's mailbox becomes a conversation's: what was processed there stays processed. */
export async function inheritSeen(
  tx: Transaction,
  from: string,
  to: { personaId: string; ownerId: string },
): Promise<void> {
  const under = conversationPath(to.personaId, to.ownerId);
  for await (const { key, value } of seenAppends.scan(tx, from)) {
    await seenAppends.put(tx, { partition: to.ownerId, key, value }, { under });
  }
}

async function wasSeen(tx: Transaction, ownerId: string, appendId: Uint8Array): Promise<boolean> {
  for await (const { value } of seenAppends.scan(tx, ownerId)) {
    if (equalBytes(value.appendId, appendId)) return true;
  }
  return false;
}
