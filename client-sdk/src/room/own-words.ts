// What becomes of my own messages when the relay has them, or when the log brings them back: they count as delivered,
// nothing of them is sent again, and their line stands where the log has them first, as for everyone. Sealing and
// sending is outbox.ts.
import { equalBytes, toHex } from '../crypto/index.ts';
import { DELIVERY, LINE_TYPES, linePath, lines } from '../history/record.ts';
import { findLine, putLine } from '../history/write.ts';
import type { ReceivedBlock } from '../net/index.ts';
import { type Queued, queuedContents } from '../outbox/record.ts';
import { ownAppends } from './record.ts';
import { hold } from './said.ts';
import { roomPath, type RoomStep } from './step.ts';

/**
 * The log brings a block of mine. It may hold the same message twice: what the relay took while its answer was lost is
 * sealed again after a change of keys. The first one counts, as it does for whoever reads it.
 * @returns false where the block isn't mine.
 */
export async function hearOwn(step: RoomStep, block: ReceivedBlock): Promise<boolean> {
  const partition = step.owner.conversationId;
  const mine = await ownAppends.get(step.tx, partition, toHex(block.appendId));
  if (mine === undefined) return false;
  ownAppends.del(step.tx, partition, toHex(block.appendId));
  if (!mine.last) return true;
  if (mine.shown) {
    await moveToEnd(step, mine.contentId);
    // Said again, it moves for whoever reads it each time.
    if (!mine.again) await settleOthers(step, mine.contentId);
  }
  const waiting = await queuedContents.get(step.tx, partition, mine.queued);
  if (waiting !== undefined && equalBytes(waiting.contentId, mine.contentId))
    await finish(step, mine.queued, waiting, Math.max(waiting.keptUntil, block.keptUntil));
  return true;
}

/** The relay has all of a content: it leaves the queue. */
export async function finish(step: RoomStep, key: number, queued: Queued, keptUntil: number): Promise<void> {
  queuedContents.del(step.tx, step.owner.conversationId, key);
  await hold(step, key, { ...queued, keptUntil });
  if (queued.shown) await markDelivered(step, queued.contentId, keptUntil);
  const isLine = LINE_TYPES.includes(queued.type);
  step.effects.push({
    type: 'delivered',
    id: toHex(queued.contentId),
    keptUntil: isLine ? keptUntil : 0,
  });
}

/** A line stands where the log has it, so that all see one order. */
export async function moveToEnd(step: RoomStep, id: Uint8Array): Promise<void> {
  const found = await findLine(step.tx, step.owner.conversationId, id);
  if (found === undefined || found.position === step.record.nextPosition) return;
  const position = step.record.nextPosition + 1;
  lines.del(step.tx, step.owner.conversationId, found.position);
  await putLine(step.tx, step.owner, position, found.line);
  step.record = { ...step.record, nextPosition: position };
  step.effects.push({ type: 'changed', position });
}

/** Other sealings of the same content are still known as mine, but move nothing any more. */
async function settleOthers(step: RoomStep, contentId: Uint8Array): Promise<void> {
  const partition = step.owner.conversationId;
  const others = [];
  for await (const entry of ownAppends.scan(step.tx, partition)) {
    if (entry.value.shown && equalBytes(entry.value.contentId, contentId)) others.push(entry);
  }
  for (const { key, value } of others) {
    const settled = { partition, key, value: { ...value, shown: false } };
    await ownAppends.put(step.tx, settled, { under: roomPath(step.owner) });
  }
}

async function markDelivered(step: RoomStep, id: Uint8Array, keptUntil: number): Promise<void> {
  const { personaId, conversationId } = step.owner;
  const found = await findLine(step.tx, conversationId, id);
  if (found === undefined) return;
  const line = { ...found.line, delivery: DELIVERY.delivered, keptUntil };
  const under = linePath(personaId, conversationId, toHex(id), line);
  await lines.put(step.tx, { partition: conversationId, key: found.position, value: line }, { under });
  step.effects.push({ type: 'changed', position: found.position });
}
