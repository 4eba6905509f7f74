// What I said and nobody may have read: in an epoch that nobody else has, as a false state leads into one. My words stay
// here until somebody who counts has shown that they share the epoch: for members a host, by a message, a commit or its
// word; for a host anyone's message. Where I have to come back first, or one who counts does, they are said again under
// their own ids, and stand for everyone where the log has them then. Sealing is outbox.ts; what coming back is,
// returning.ts.
import { equalBytes, toHex } from '../crypto/index.ts';
import { DELIVERY, linePath, lines } from '../history/record.ts';
import { findLine } from '../history/write.ts';
import { type Queued, queuedContents, saidContents } from '../outbox/record.ts';
import { ROOM_CONTROL_TYPE } from './control.ts';
import { ownAppends } from './record.ts';
import { roomPath, type RoomStep } from './step.ts';

/** Contents that are kept at once; older ones are taken for read. */
const MAX_HELD = 64;
/** So often one content is said again: whoever comes back without end must not make others repeat themselves. */
const MAX_AGAIN = 3;
/** The relay keeps messages for a day, unless the card says otherwise: nobody is told yesterday's words anew. */
const MAX_AGE_MS = 86_400_000;

/** The relay has all of a content: it is kept while nobody has shown that they share its epoch. */
export async function hold(step: RoomStep, key: number, queued: Queued): Promise<void> {
  const { epoch, agreed } = step.record;
  if (epoch <= agreed || queued.type === ROOM_CONTROL_TYPE) return;
  const partition = step.owner.conversationId;
  const value = { ...queued, epoch };
  await saidContents.put(step.tx, { partition, key, value }, { under: await pathOf(step, queued) });
  const held: number[] = [];
  for await (const row of saidContents.scan(step.tx, partition)) held.push(row.key);
  for (const old of held.slice(0, -MAX_HELD)) saidContents.del(step.tx, partition, old);
}

/** Somebody who counts shares my state of this epoch: what I said up to it could be read. */
export async function agree(step: RoomStep, epoch: number): Promise<void> {
  if (epoch <= step.record.agreed) return;
  step.record = { ...step.record, agreed: epoch };
  const partition = step.owner.conversationId;
  const read: number[] = [];
  for await (const { key, value } of saidContents.scan(step.tx, partition)) {
    if (value.epoch <= epoch) read.push(key);
  }
  for (const key of read) saidContents.del(step.tx, partition, key);
}

/** Its author took it back: its words are not kept for saying them again. */
export async function unsay(step: RoomStep, contentId: Uint8Array): Promise<void> {
  const partition = step.owner.conversationId;
  const mine: number[] = [];
  for await (const { key, value } of saidContents.scan(step.tx, partition)) {
    if (equalBytes(value.contentId, contentId)) mine.push(key);
  }
  for (const key of mine) saidContents.del(step.tx, partition, key);
}

/** Whether something was said that nobody may have read. */
export async function isHolding(step: RoomStep): Promise<boolean> {
  for await (const _ of saidContents.scan(step.tx, step.owner.conversationId, { limit: 1 })) return true;
  return false;
}

/**
 * Puts all that nobody may have read into the queue again, before what waits there. What was sealed and not answered by
 * now is in the queue again by then (`requeue`): it may be in the log, and stands behind what was said before it.
 */
export async function sayAgain(step: RoomStep): Promise<void> {
  const partition = step.owner.conversationId;
  const held: { key: number; value: Queued }[] = [];
  for await (const { key, value } of saidContents.scan(step.tx, partition)) held.push({ key, value });
  const said: Uint8Array[] = [];
  for (const { key, value } of held) {
    saidContents.del(step.tx, partition, key);
    if (value.again >= MAX_AGAIN || step.nowMs - value.at > MAX_AGE_MS) continue;
    if (value.shown && !(await isWaitingAgain(step, value.contentId))) continue;
    await putAgain(step, key, { ...value, parts: 0, answered: 0, sealing: value.sealing + 1 });
    said.push(value.contentId);
  }
  const sealed: { key: number; value: Queued }[] = [];
  for await (const row of queuedContents.scan(step.tx, partition)) {
    if (row.value.sealing > 0 && row.value.type !== ROOM_CONTROL_TYPE) sealed.push(row);
  }
  for (const { key, value } of sealed) {
    if (value.again === 0) await putAgain(step, key, value);
    said.push(value.contentId);
  }
  await disown(step, said);
}

/** Blocks of mine that the log still brings say nothing of these any more: they are known as mine, and that is all. */
async function disown(step: RoomStep, contentIds: readonly Uint8Array[]): Promise<void> {
  const partition = step.owner.conversationId;
  const rows = [];
  for await (const row of ownAppends.scan(step.tx, partition)) {
    if (contentIds.some((id) => equalBytes(id, row.value.contentId))) rows.push(row);
  }
  for (const { key, value } of rows) {
    const entry = { partition, key, value: { ...value, shown: false, queued: 0 } };
    await ownAppends.put(step.tx, entry, { under: roomPath(step.owner) });
  }
}

/** Its line shows that it is on its way. @returns false where it is gone or taken back. */
async function isWaitingAgain(step: RoomStep, id: Uint8Array): Promise<boolean> {
  const { personaId, conversationId } = step.owner;
  const found = await findLine(step.tx, conversationId, id);
  if (found === undefined || found.line.retracted) return false;
  const line = { ...found.line, delivery: DELIVERY.waiting };
  const under = linePath(personaId, conversationId, toHex(id), line);
  await lines.put(step.tx, { partition: conversationId, key: found.position, value: line }, { under });
  step.effects.push({ type: 'changed', position: found.position });
  return true;
}

async function putAgain(step: RoomStep, key: number, value: Queued): Promise<void> {
  const entry = { partition: step.owner.conversationId, key, value: { ...value, again: value.again + 1 } };
  await queuedContents.put(step.tx, entry, { under: await pathOf(step, value) });
}

/** Where a content on its way lies: with its line, so that it goes when that does. */
export async function pathOf(step: RoomStep, queued: Pick<Queued, 'contentId' | 'shown'>) {
  const { personaId, conversationId } = step.owner;
  const found = queued.shown ? await findLine(step.tx, conversationId, queued.contentId) : undefined;
  return found === undefined
    ? roomPath(step.owner)
    : linePath(personaId, conversationId, toHex(queued.contentId), found.line);
}
