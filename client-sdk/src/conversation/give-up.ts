// What still waits to go out when a conversation closes never will: its messages say so, and nothing of it is kept to be
// sent by mistake later. A file of which the relay has only a part, or nothing, stays here for who wanted to send it. Not its concern: why it closed (receive.ts, runner.ts).
import { FILE_PHASES, files, putFile } from '../attachment/record.ts';
import { fromHex } from '../crypto/index.ts';
import { DELIVERY } from '../history/record.ts';
import { findLine, putLine } from '../history/write.ts';
import { queuedContents, sealedBlocks } from '../outbox/record.ts';
import type { Step } from './receive.ts';

/** Marks every message that the relay has not confirmed as failed, and empties the outbox. */
export async function giveUpWaiting(step: Step): Promise<void> {
  const { tx, owner } = step;
  const partition = owner.conversationId;
  const waiting: Uint8Array[] = [];
  for await (const { value } of queuedContents.scan(tx, partition)) {
    if (value.shown) waiting.push(value.contentId);
  }
  const unsent: string[] = [];
  for await (const { key, value } of files.scan(tx, partition)) {
    if (value.phase === FILE_PHASES.sending) unsent.push(key);
  }
  for (const id of unsent) {
    const record = await files.get(tx, partition, id);
    if (record !== undefined) await putFile(tx, owner, id, { ...record, phase: FILE_PHASES.sent });
    waiting.push(fromHex(id));
  }
  for (const contentId of waiting) {
    const found = await findLine(tx, partition, contentId);
    // Said again to a peer that lost its place: the relay has had it before.
    if (found?.line.delivery !== DELIVERY.waiting) continue;
    await putLine(tx, owner, found.position, { ...found.line, delivery: DELIVERY.failed });
    step.effects.push({ type: 'changed', position: found.position });
  }
  for (const table of [queuedContents, sealedBlocks]) await tx.clear(table, partition);
}
