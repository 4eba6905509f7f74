// What an opened packet does to a conversation, inside the transaction of its block: learn where the peer is (hello),
// notice a new session (restart), put contents into the peer's order, and let each act on the history. The caller
// writes the returned record and emits the effects once the transaction is durable.
import { eraseFile } from '../attachment/record.ts';
import { verifyContent } from '../content/author.ts';
import { type Content, contentCodec, decodeBody, type ReadBody } from '../content/content.ts';
import type { Hello, Packet, Restart } from '../content/packet.ts';
import { joinParts } from '../content/parts.ts';
import { equalBytes, randomBytes, toHex } from '../crypto/index.ts';
import { hasCode } from '../errors.ts';
import { DELIVERY, type Line, LINE_KINDS, type LineKind } from '../history/record.ts';
import { addLine, blankLine, findLine, type HistoryOwner, overwriteLine, putLine } from '../history/write.ts';
import type { Transaction } from '../store/index.ts';
import { giveUpWaiting } from './give-up.ts';
import { peerMailboxAt } from './mailbox.ts';
import { giveUpBefore, place } from './order.ts';
import {
  CLOSED_BY,
  type ConversationRecord,
  conversationPath,
  heldContents,
  KINDS,
  partialContents,
  PHASES,
  ROLES,
} from './record.ts';

/** What the world hears of once the transaction is durable. */
export type Effect =
  | { readonly type: 'line'; readonly position: number }
  | { readonly type: 'changed'; readonly position: number }
  | { readonly type: 'holding' }
  | { readonly type: 'restarted'; readonly seen: Uint8Array | undefined }
  | { readonly type: 'moved' }
  | { readonly type: 'answered' }
  | { readonly type: 'secured' }
  | { readonly type: 'closed' }
  | { readonly type: 'leaving' }
  | { readonly type: 'republish' }
  | { readonly type: 'peer' };

/** One event's working state: the record as changed so far, and what to tell. */
export interface Step {
  readonly tx: Transaction;
  readonly owner: HistoryOwner;
  readonly nowMs: number;
  record: ConversationRecord;
  readonly effects: Effect[];
}

/** Applies one packet. `kind` tells whether the sender knew that we have its session. */
export async function receivePacket(step: Step, packet: Packet, kind: 'whisper' | 'preKey'): Promise<void> {
  step.record = { ...step.record, unreadable: 0 };
  if (packet.hello !== undefined) hearHello(step, packet.hello);
  noteAnswer(step, kind);
  if (packet.restart !== undefined && packet.content.stream.length > 0) {
    await hearRestart(step, packet.content.stream, packet.restart);
  }
  if (!isAttributed(step.record, packet.content)) {
    await showUnreadable(step);
    return;
  }
  await order(step, packet.content);
}

/** A block that nothing opens: one gap, and on the third in a row a new session. @returns whether one is wanted. */
export async function showUnreadable(step: Step): Promise<void> {
  const unreadable = step.record.unreadable + 1;
  step.record = { ...step.record, unreadable, shownHoles: step.record.shownHoles + 1 };
  await notice(step, 'gap', 1);
}

/** A line about the conversation itself. */
export async function notice(step: Step, kind: LineKind, number: number): Promise<void> {
  const line: Line = { ...blankLine(kind, randomBytes(16), step.nowMs), number };
  await show(step, line);
}

async function show(step: Step, line: Line): Promise<void> {
  const added = await addLine(step.tx, step.owner, step.record, line);
  step.record = added.record;
  step.effects.push({ type: 'line', position: added.position });
}

function hearHello(step: Step, hello: Hello): void {
  const { record } = step;
  let next = record;
  if (hello.name !== '' && record.peerName !== hello.name && record.order.expected === 1) {
    next = { ...next, peerName: hello.name };
    step.effects.push({ type: 'peer' });
  }
  if (hello.writerKey !== undefined) next = { ...next, own: { ...next.own, writerKey: hello.writerKey } };
  if (hello.address !== undefined && record.role === ROLES.accepter && record.peer.shared) {
    // A standing address answers from a private mailbox: the conversation moves there.
    const peer = peerMailboxAt(hello.address, record.peer);
    next = { ...next, peer, former: record.peer };
    step.effects.push({ type: 'moved' });
  }
  step.record = next;
}

/** The peer has read my hello: any message tells the accepter, a message in the answered session the inviter. */
function noteAnswer(step: Step, kind: 'whisper' | 'preKey'): void {
  const { record } = step;
  if (record.answered || (record.role === ROLES.inviter && kind === 'preKey')) return;
  // From here on the link's secret protects nothing.
  const { linkKey: _l, boxKey: _b, threadTag: _t, ...kept } = record;
  step.record = { ...kept, answered: true };
  step.effects.push({ type: 'answered' });
}

async function hearRestart(step: Step, stream: Uint8Array, restart: Restart): Promise<void> {
  if (equalBytes(stream, step.record.order.stream)) return;
  await notice(step, 'restart', restart.cause);
  step.effects.push({ type: 'restarted', seen: restart.seen });
}

function isAttributed(record: ConversationRecord, content: Content): boolean {
  const { attribution } = record;
  if (attribution === undefined) return true;
  try {
    verifyContent(content, { conversation: attribution.conversation, publicKey: attribution.peerKey });
    return true;
  } catch (error) {
    if (hasCode(error, 'CONTENT_UNSIGNED')) return false;
    throw error;
  }
}

async function order(step: Step, content: Content): Promise<void> {
  const { tx, owner } = step;
  const placed = place(step.record.order, content);
  if (placed.restarted) await releaseAll(step);
  step.record = { ...step.record, order: placed.next };
  switch (placed.verdict) {
    case 'repeat':
      return;
    case 'show':
      step.record = { ...step.record, shownHoles: 0 };
      await perform(step, content);
      await releaseReady(step);
      return;
    case 'hold': {
      const under = conversationPath(owner.personaId, owner.conversationId);
      const value = { content, at: step.nowMs };
      await heldContents.put(
        tx,
        { partition: owner.conversationId, key: content.sequence, value },
        { under },
      );
      if (mayComeElsewhere(step.record)) step.effects.push({ type: 'holding' });
      else await releaseHeld(step);
    }
  }
}

/** One mailbox keeps its order, so a hole there stays one; a newcomer's blocks come by two mailboxes for a while. */
function mayComeElsewhere(record: ConversationRecord): boolean {
  return record.role === ROLES.inviter && record.kind === KINDS.standing;
}

async function releaseReady(step: Step): Promise<void> {
  const partition = step.owner.conversationId;
  for (;;) {
    const sequence = step.record.order.expected;
    const held = await heldContents.get(step.tx, partition, sequence);
    if (held === undefined) return;
    heldContents.del(step.tx, partition, sequence);
    step.record = { ...step.record, order: { ...step.record.order, expected: sequence + 1 } };
    await perform(step, held.content);
  }
}

/** Gives the first hole up and goes on: shows the gap, then what was held behind it. */
export async function releaseHeld(step: Step): Promise<void> {
  const first = await firstHeld(step);
  if (first === undefined) return;
  const { missing, next } = giveUpBefore(step.record.order, first);
  const unseen = missing - Math.min(missing, step.record.shownHoles);
  step.record = { ...step.record, order: next, shownHoles: 0 };
  if (unseen > 0) await notice(step, 'gap', unseen);
  await releaseReady(step);
}

async function firstHeld(step: Step): Promise<number | undefined> {
  let first: number | undefined;
  for await (const { key } of heldContents.scan(step.tx, step.owner.conversationId, { limit: 1 }))
    first = key;
  return first;
}

/** A new stream begins: nothing more will fill the old one's holes. */
async function releaseAll(step: Step): Promise<void> {
  while ((await firstHeld(step)) !== undefined) await releaseHeld(step);
}

async function perform(step: Step, content: Content): Promise<void> {
  const body = await gather(step, content);
  if (body === undefined) return;
  let read: ReadBody;
  try {
    read = decodeBody(content.version, content.type, body);
  } catch {
    read = { type: 'unsupported', number: content.type };
  }
  await act(step, content, read, body);
}

/** Joins the parts of a long content; undefined while one is missing. */
async function gather(step: Step, content: Content): Promise<Uint8Array | undefined> {
  if (content.parts === 1) return content.body;
  const { tx, owner } = step;
  const partition = owner.conversationId;
  const key = (part: number): string => `${toHex(content.id)}/${String(part)}`;
  const parts = new Map([[content.part, content.body]]);
  for (let part = 0; part < content.parts; part++) {
    const stored = await partialContents.get(tx, partition, key(part));
    if (stored?.count === content.parts) parts.set(part, stored.body);
  }
  const whole = joinParts(parts, content.parts);
  if (whole === undefined) {
    const under = conversationPath(owner.personaId, partition);
    const value = { part: content.part, body: content.body, count: content.parts };
    await partialContents.put(tx, { partition, key: key(content.part), value }, { under });
    return undefined;
  }
  for (let part = 0; part < content.parts; part++) partialContents.del(tx, partition, key(part));
  return whole;
}

async function act(step: Step, content: Content, body: ReadBody, raw: Uint8Array): Promise<void> {
  const { record } = step;
  switch (body.type) {
    case 'text':
    case 'attachment':
    case 'unsupported':
      await showContent(step, content, body, raw);
      return;
    case 'reaction':
      await change(step, body.target, (line) => ({
        ...line,
        reactions: [
          ...line.reactions.filter((r) => r.mine || r.reaction !== body.reaction),
          ...(body.removed ? [] : [{ mine: false, reaction: body.reaction }]),
        ].slice(-16),
      }));
      return;
    case 'edit':
      await change(step, body.target, (line) =>
        line.mine || line.retracted || line.kind !== LINE_KINDS.indexOf('text')
          ? undefined
          : { ...line, text: body.text, edited: true },
      );
      return;
    case 'retract':
      await change(step, body.target, (line) => (line.mine ? undefined : takenBack(line)));
      return;
    case 'timer':
      step.record = { ...record, timerSeconds: body.seconds };
      await notice(step, 'timer', body.seconds);
      return;
    case 'control':
      await obey(step, body);
  }
}

async function showContent(
  step: Step,
  content: Content,
  body: Extract<ReadBody, { type: 'text' | 'attachment' | 'unsupported' }>,
  raw: Uint8Array,
): Promise<void> {
  const seen = await findLine(step.tx, step.owner.conversationId, content.id);
  if (seen !== undefined) return;
  const seconds = content.timerSeconds;
  const line: Line = {
    ...blankLine(body.type, content.id, step.nowMs),
    at: content.at,
    timerSeconds: seconds,
    expiresAt: seconds === 0 ? 0 : step.nowMs + seconds * 1_000,
    delivery: DELIVERY.none,
    number: body.type === 'attachment' ? 0 : content.type,
    ...(body.type === 'text' ? { text: body.text, warning: body.warning } : { raw }),
    ...(body.type === 'text' && body.replyTo !== undefined ? { replyTo: body.replyTo } : {}),
    ...(content.author === undefined ? {} : { proof: contentCodec.encode(content) }),
  };
  await show(step, line);
}

/** Changes the peer's or my line; nothing where it is gone or the change isn't the peer's to make. */
async function change(step: Step, target: Uint8Array, edit: (line: Line) => Line | undefined): Promise<void> {
  const { tx, owner } = step;
  const found = await findLine(tx, owner.conversationId, target);
  const next = found === undefined ? undefined : edit(found.line);
  if (found === undefined || next === undefined) return;
  if (next.retracted && !found.line.retracted) await eraseFile(tx, owner, toHex(target));
  const same = next.text === found.line.text && next.raw === found.line.raw;
  if (same) await putLine(tx, owner, found.position, next);
  else await overwriteLine(tx, owner, found.position, next);
  step.effects.push({ type: 'changed', position: found.position });
}

/** A line whose words, or whose file, were taken back. */
export function takenBack({ raw: _, ...line }: Line): Line {
  return { ...line, text: '', warning: '', number: 0, retracted: true };
}

async function obey(step: Step, body: Extract<ReadBody, { type: 'control' }>): Promise<void> {
  if (body.renewedKey !== undefined) {
    const { current, first } = step.record.receiveKeys;
    step.record = { ...step.record, receiveKeys: { first, current: body.renewedKey, previous: current } };
  }
  if (body.name !== '') {
    step.record = { ...step.record, peerName: body.name };
    step.effects.push({ type: 'peer' });
  }
  if (body.left || body.retired) {
    const closedBy = body.left ? CLOSED_BY.peerLeft : CLOSED_BY.peerRetired;
    step.record = { ...step.record, phase: PHASES.closed, closedBy };
    await giveUpWaiting(step);
    await notice(step, body.left ? 'left' : 'retired', 0);
    step.effects.push({ type: 'closed' });
  }
}
