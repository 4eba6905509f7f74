// Queues what is to be said in a room, with its line where people see one, and applies my own reactions and changes
// here. Sealing and sending is outbox.ts; whether it may be said at all is asked before.
import { eraseFile, fileSent } from '../attachment/record.ts';
import { type Body, newContentId } from '../content/content.ts';
import { randomBytes, toHex } from '../crypto/index.ts';
import { DELIVERY, type Line, LINE_KINDS, linePath, MAX_REACTIONS } from '../history/record.ts';
import { addLine, blankLine, findLine, overwriteLine, putLine } from '../history/write.ts';
import { type Queued, queuedContents } from '../outbox/record.ts';
import type { SpillPlan } from '../spill/plan.ts';
import type { KeyPath } from '../store/index.ts';
import { unsay } from './said.ts';
import { roomPath, type RoomStep } from './step.ts';

/** A body's number and bytes. */
export interface Encoded {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Stores one content to be sent. @param shown - its line, for text. @returns its content id. */
export async function enqueue(
  step: RoomStep,
  encoded: Encoded,
  shown?: Pick<Line, 'author' | 'authorName'> & { body: Extract<Body, { type: 'text' }> },
): Promise<Uint8Array> {
  const { personaId, conversationId } = step.owner;
  const contentId = shown === undefined ? randomBytes(16) : newContentId();
  let under = roomPath(step.owner);
  if (shown !== undefined) {
    const { body, ...by } = shown;
    const line: Line = {
      ...blankLine(body.type, contentId, step.nowMs),
      ...by,
      mine: true,
      delivery: DELIVERY.waiting,
      text: body.text,
      warning: body.warning,
      ...(body.replyTo === undefined ? {} : { replyTo: body.replyTo }),
    };
    const added = await addLine(step.tx, step.owner, step.record, line);
    step.record = added.record;
    under = linePath(personaId, conversationId, toHex(contentId), line);
  }
  await queue(step, { contentId, ...encoded, shown: shown !== undefined }, under);
  return contentId;
}

/**
 * My file lies whole at the relay: its line says where, and its content goes out under the line's own id.
 * @returns false where the line is gone.
 */
export async function enqueueFile(
  step: RoomStep,
  id: Uint8Array,
  encoded: Encoded,
  plan: SpillPlan,
): Promise<boolean> {
  const { personaId, conversationId } = step.owner;
  const found = await findLine(step.tx, conversationId, id);
  if (found === undefined || found.line.retracted) return false;
  const line = { ...found.line, at: step.nowMs, raw: encoded.bytes };
  await putLine(step.tx, step.owner, found.position, line);
  const under = linePath(personaId, conversationId, toHex(id), line);
  await queue(step, { contentId: id, ...encoded, shown: true }, under);
  await fileSent(step.tx, step.owner, toHex(id), plan);
  step.record = { ...step.record, saidAt: step.nowMs };
  return true;
}

async function queue(
  step: RoomStep,
  said: Encoded & Pick<Queued, 'contentId' | 'shown'>,
  under: KeyPath,
): Promise<void> {
  const value: Queued = {
    contentId: said.contentId,
    type: said.type,
    body: said.bytes,
    at: step.nowMs,
    timerSeconds: 0,
    parts: 0,
    answered: 0,
    sealing: 0,
    shown: said.shown,
    keptUntil: 0,
    again: 0,
  };
  const key = step.record.nextQueued + 1;
  step.record = { ...step.record, nextQueued: key };
  await queuedContents.put(step.tx, { partition: step.owner.conversationId, key, value }, { under });
}

/** A line whose words, or whose file, were taken back. */
export function takenBack({ raw: _, ...line }: Line): Line {
  return { ...line, text: '', warning: '', number: 0, retracted: true };
}

/** My own reaction, edit or retraction, here. @returns false where its target isn't there or isn't mine. */
export async function applyOwn(step: RoomStep, body: Body): Promise<boolean> {
  if (body.type !== 'reaction' && body.type !== 'edit' && body.type !== 'retract') return true;
  const found = await findLine(step.tx, step.owner.conversationId, body.target);
  if (found === undefined || (body.type !== 'reaction' && !found.line.mine)) return false;
  const { line, position } = found;
  step.effects.push({ type: 'changed', position });
  switch (body.type) {
    case 'reaction': {
      const others = line.reactions.filter((one) => !one.mine || one.reaction !== body.reaction);
      const own = body.removed ? [] : [{ mine: true, reaction: body.reaction }];
      const reactions = [...others, ...own].slice(-MAX_REACTIONS);
      await putLine(step.tx, step.owner, position, { ...line, reactions });
      return true;
    }
    case 'edit':
      if (line.kind !== LINE_KINDS.indexOf('text')) return false;
      await overwriteLine(step.tx, step.owner, position, { ...line, text: body.text, edited: true });
      return true;
    case 'retract':
      await eraseFile(step.tx, step.owner, toHex(body.target));
      await unsay(step, body.target);
      await overwriteLine(step.tx, step.owner, position, takenBack(line));
      return true;
  }
}
