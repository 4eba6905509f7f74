// Queues what is to be said in a room, with its line where people see one, and applies my own reactions and changes
// here. Sealing and sending is outbox.ts; whether it may be said at all is asked before.
import { type Body, newContentId } from '../content/content.ts';
import { randomBytes, toHex } from '../crypto/index.ts';
import { DELIVERY, type Line, linePath, MAX_REACTIONS } from '../history/record.ts';
import { addLine, blankLine, findLine, overwriteLine, putLine } from '../history/write.ts';
import { type Queued, queuedContents } from '../outbox/record.ts';
import { roomPath, type RoomStep } from './step.ts';

/** A body's number and bytes. */
export interface Encoded {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Stores one content to be sent. @param shown - its line, for text and attachments. @returns its content id. */
export async function enqueue(
  step: RoomStep,
  encoded: Encoded,
  shown?: Pick<Line, 'author' | 'authorName'> & { body: Extract<Body, { type: 'text' | 'attachment' }> },
): Promise<Uint8Array> {
  const { personaId, conversationId } = step.owner;
  const contentId = shown === undefined ? randomBytes(16) : newContentId();
  const value: Queued = {
    contentId,
    type: encoded.type,
    body: encoded.bytes,
    at: step.nowMs,
    timerSeconds: 0,
    parts: 0,
    answered: 0,
    sealing: 0,
    shown: shown !== undefined,
    keptUntil: 0,
  };
  const key = step.record.nextQueued + 1;
  step.record = { ...step.record, nextQueued: key };
  let under = roomPath(step.owner);
  if (shown !== undefined) {
    const { body, ...by } = shown;
    const line: Line = {
      ...blankLine(body.type, contentId, step.nowMs),
      ...by,
      mine: true,
      delivery: DELIVERY.waiting,
      ...(body.type === 'text' ? { text: body.text, warning: body.warning } : { raw: encoded.bytes }),
      ...(body.type === 'text' && body.replyTo !== undefined ? { replyTo: body.replyTo } : {}),
    };
    const added = await addLine(step.tx, step.owner, step.record, line);
    step.record = added.record;
    under = linePath(personaId, conversationId, toHex(contentId), line);
  }
  await queuedContents.put(step.tx, { partition: conversationId, key, value }, { under });
  return contentId;
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
      await overwriteLine(step.tx, step.owner, position, { ...line, text: body.text, edited: true });
      return true;
    case 'retract':
      await overwriteLine(step.tx, step.owner, position, { ...line, text: '', warning: '', retracted: true });
      return true;
  }
}
