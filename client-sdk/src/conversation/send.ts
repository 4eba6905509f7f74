// Sending, inside transactions: put a content into the outbox with its message, seal what waits, note the relay's
// answers. Nothing here talks to the network: the runner does, after each transaction is durable.
import { eraseFile } from '../attachment/record.ts';
import { type Body, encodeBody, MAX_PARTS, newContentId } from '../content/content.ts';
import { equalBytes, randomBytes, randomKey, toHex } from '../crypto/index.ts';
import { DELIVERY, type Line, LINE_KINDS, linePath, lines } from '../history/record.ts';
import { addLine, blankLine, findLine, overwriteLine, putLine } from '../history/write.ts';
import type { AppendOutcome } from '../net/index.ts';
import { queuedContents, type Queued, type Sealed, sealedBlocks } from '../outbox/record.ts';
import { RESTART_CAUSES, type RestartCause } from '../content/packet.ts';
import type { SignalEngine } from '../signal/module.ts';
import { loadSession, saveSession } from './keys.ts';
import { type Step, takenBack } from './receive.ts';
import { type ConversationRecord, conversationPath } from './record.ts';
import { MAX_NEWCOMER_BLOCKS, partCapacity, sealContent } from './seal.ts';

/** Unanswered blocks on their way at once; the wire allows 64. */
const MAX_ON_THE_WAY = 32;
const ATTACHMENT_TYPE = 5;

/** Stores one content to be sent, and its message where people see one. @returns its content id. */
export async function enqueue(step: Step, body: Body): Promise<Uint8Array> {
  const contentId = newContentId();
  const shown = body.type === 'text' || body.type === 'attachment';
  const timerSeconds = shown ? step.record.timerSeconds : 0;
  const encoded = encodeBody(body);
  const number = step.record.nextQueued + 1;
  const queued: Queued = {
    contentId,
    type: encoded.type,
    body: encoded.bytes,
    at: step.nowMs,
    timerSeconds,
    parts: 0,
    answered: 0,
    sealing: 0,
    shown,
    keptUntil: 0,
    again: 0,
  };
  step.record = { ...step.record, nextQueued: number };
  let under = conversationPath(step.owner.personaId, step.owner.conversationId);
  if (shown) {
    const line = ownLine(step, contentId, body, encoded.bytes);
    const added = await addLine(step.tx, step.owner, step.record, line);
    step.record = added.record;
    under = linePath(step.owner.personaId, step.owner.conversationId, toHex(contentId), line);
  }
  await queuedContents.put(
    step.tx,
    { partition: step.owner.conversationId, key: number, value: queued },
    { under },
  );
  return contentId;
}

function ownLine(step: Step, id: Uint8Array, body: Body, raw: Uint8Array): Line {
  const seconds = step.record.timerSeconds;
  return {
    ...blankLine(body.type === 'attachment' ? 'attachment' : 'text', id, step.nowMs),
    mine: true,
    delivery: DELIVERY.waiting,
    timerSeconds: seconds,
    expiresAt: seconds === 0 ? 0 : step.nowMs + seconds * 1_000,
    ...(body.type === 'text' ? { text: body.text, warning: body.warning } : { raw }),
    ...(body.type === 'text' && body.replyTo !== undefined ? { replyTo: body.replyTo } : {}),
  };
}

/** Applies my own reaction, edit or retraction here, in the transaction that queues it for the peer. */
export async function applyOwn(step: Step, body: Body): Promise<boolean> {
  if (body.type !== 'reaction' && body.type !== 'edit' && body.type !== 'retract') return true;
  const found = await findLine(step.tx, step.owner.conversationId, body.target);
  if (found === undefined || (body.type !== 'reaction' && !found.line.mine)) return false;
  const { line, position } = found;
  if (body.type === 'edit' && line.kind !== LINE_KINDS.indexOf('text')) return false;
  step.effects.push({ type: 'changed', position });
  switch (body.type) {
    case 'reaction': {
      const others = line.reactions.filter((r) => !r.mine || r.reaction !== body.reaction);
      const mine = body.removed ? [] : [{ mine: true, reaction: body.reaction }];
      await putLine(step.tx, step.owner, position, { ...line, reactions: [...others, ...mine] });
      return true;
    }
    case 'edit':
      await overwriteLine(step.tx, step.owner, position, { ...line, text: body.text, edited: true });
      return true;
    case 'retract':
      await eraseFile(step.tx, step.owner, toHex(body.target));
      await overwriteLine(step.tx, step.owner, position, takenBack(line));
      return true;
  }
}

/** A sealed block and its number. */
export interface SealedRow {
  readonly key: number;
  readonly value: Sealed;
}

/**
 * Seals what waits, as far as the window allows.
 * @returns the new blocks in order; to be sent once the transaction is durable.
 * @throws SottoError SESSION_ENGINE, SESSION_STALE: a new session is needed.
 */
export async function sealWaiting(
  step: Step,
  engine: SignalEngine,
  renewAfterBlocks: number,
): Promise<readonly SealedRow[]> {
  const partition = step.owner.conversationId;
  let session = await loadSession(step.tx, partition);
  if (session === undefined || step.record.restartWanted !== 0) return [];
  await renewWhenDue(step, renewAfterBlocks);
  let room = MAX_ON_THE_WAY;
  for await (const _ of sealedBlocks.scan(step.tx, partition)) room--;
  const waiting: { key: number; value: Queued }[] = [];
  for await (const entry of queuedContents.scan(step.tx, partition)) {
    if (entry.value.parts === 0) waiting.push(entry);
    if (waiting.length >= room) break;
  }
  const rows: SealedRow[] = [];
  for (const { key, value } of waiting) {
    if (room <= 0 || !fitsNow(step.record, value)) break;
    const sealed = await sealContent(engine, step.record, session, {
      queueNumber: key,
      queued: value,
      nowMs: step.nowMs,
    });
    step.record = afterSealing(sealed.record, value);
    session = sealed.session;
    room -= sealed.blocks.length;
    const under = conversationPath(step.owner.personaId, partition);
    for (const block of sealed.blocks) {
      const number = step.record.nextSealed + 1;
      step.record = { ...step.record, nextSealed: number };
      await sealedBlocks.put(step.tx, { partition, key: number, value: block }, { under });
      rows.push({ key: number, value: block });
    }
    await putQueued(step, key, {
      ...value,
      parts: sealed.blocks.length,
      answered: 0,
      sealing: value.sealing + 1,
    });
  }
  if (rows.length > 0) {
    await saveSession(step.tx, { personaId: step.owner.personaId, ownerId: partition }, session);
  }
  return rows;
}

/** What has to wait for the peer's first answer: it brings room for longer contents, and for more of them. */
function fitsNow(record: ConversationRecord, queued: Queued): boolean {
  const parts = Math.max(1, Math.ceil(queued.body.length / partCapacity(record)));
  if (parts > MAX_PARTS) return false;
  return !record.peer.shared || record.newcomerBlocks + parts <= MAX_NEWCOMER_BLOCKS;
}

/** Queues the announcement of a fresh envelope key once the present one sealed many blocks. */
async function renewWhenDue(step: Step, afterBlocks: number): Promise<void> {
  const { record } = step;
  if (!record.answered || record.nextSendKey !== undefined || record.sendKeys.used < afterBlocks) return;
  const renewedKey = randomKey('seal');
  step.record = { ...record, nextSendKey: renewedKey };
  await enqueue(step, { type: 'control', renewedKey, retired: false, left: false, name: '' });
}

/** The block that announces a key is the last one under the old. */
function afterSealing(record: ConversationRecord, queued: Queued): ConversationRecord {
  const { nextSendKey, ...rest } = record;
  if (nextSendKey === undefined || !includes(queued.body, nextSendKey)) return record;
  return { ...rest, sendKeys: { ...record.sendKeys, current: nextSendKey, used: 0 } };
}

function includes(body: Uint8Array, key: Uint8Array): boolean {
  for (let at = 0; at + key.length <= body.length; at++) {
    if (equalBytes(body.subarray(at, at + key.length), key)) return true;
  }
  return false;
}

async function putQueued(step: Step, key: number, value: Queued): Promise<void> {
  const { personaId, conversationId } = step.owner;
  const found = value.shown ? await findLine(step.tx, conversationId, value.contentId) : undefined;
  const under =
    found === undefined
      ? conversationPath(personaId, conversationId)
      : linePath(personaId, conversationId, toHex(value.contentId), found.line);
  await queuedContents.put(step.tx, { partition: conversationId, key, value }, { under });
}

/** The relay has these blocks. @returns the contents that it now has whole. */
export async function noteAnswers(
  step: Step,
  answers: readonly { key: number; outcome: AppendOutcome }[],
): Promise<readonly { contentId: Uint8Array; keptUntil: number; type: number }[]> {
  const partition = step.owner.conversationId;
  const done: { contentId: Uint8Array; keptUntil: number; type: number }[] = [];
  for (const { key, outcome } of answers) {
    const row = await sealedBlocks.get(step.tx, partition, key);
    if (row === undefined) continue;
    sealedBlocks.del(step.tx, partition, key);
    noteSequence(step, row.writeId, outcome.sequence);
    const queued = await queuedContents.get(step.tx, partition, row.queued);
    if (queued?.sealing !== row.sealing) continue;
    const answered = queued.answered + 1;
    const keptUntil = Math.max(queued.keptUntil, outcome.keptUntil);
    if (answered < queued.parts) {
      await putQueued(step, row.queued, { ...queued, answered, keptUntil });
      continue;
    }
    queuedContents.del(step.tx, partition, row.queued);
    await markDelivered(step, queued, keptUntil);
    done.push({ contentId: queued.contentId, keptUntil, type: queued.type });
  }
  return done;
}

function noteSequence(step: Step, writeId: Uint8Array, sequence: number): void {
  const { peer } = step.record;
  if (peer.shared || !equalBytes(peer.writeId, writeId) || sequence <= peer.answered) return;
  step.record = { ...step.record, peer: { ...peer, answered: sequence } };
}

async function markDelivered(step: Step, queued: Queued, keptUntil: number): Promise<void> {
  if (!queued.shown) return;
  const found = await findLine(step.tx, step.owner.conversationId, queued.contentId);
  if (found === undefined) return;
  const line = { ...found.line, delivery: DELIVERY.delivered, keptUntil };
  await putLine(step.tx, step.owner, found.position, line);
  step.effects.push({ type: 'changed', position: found.position });
}

/** Asks for a new session: whatever the relay hasn't answered will be sealed anew under it. */
export function wantRestart(record: ConversationRecord, cause: RestartCause): ConversationRecord {
  if (record.restartWanted !== 0) return record;
  const restartWanted = RESTART_CAUSES.indexOf(cause) + 1;
  // A device that lost a state may have lost the keys of its bundle too: a fresh one is due.
  const own = cause === 'unreadable' ? record.own : { ...record.own, bundleAt: 0 };
  return { ...record, restartWanted, own };
}

/** A new session begins: unanswered contents keep their id and will be sealed again, with new append ids. */
export async function requeueUnanswered(step: Step): Promise<void> {
  const partition = step.owner.conversationId;
  const again: { key: number; value: Queued }[] = [];
  for await (const entry of queuedContents.scan(step.tx, partition)) {
    if (entry.value.parts > 0) again.push(entry);
  }
  for (const { key, value } of again) {
    await putQueued(step, key, { ...value, parts: 0, answered: 0, sealing: value.sealing + 1 });
  }
  step.record = { ...step.record, outStream: randomBytes(8), outSequence: 0 };
}

/** Messages that a peer who lost its place is told again, at most. */
const MAX_SAID_AGAIN = 100;

/** The peer's place in what I said is behind: what followed `seen` goes out again, under the same content ids. */
export async function sayAgain(step: Step, seen: Uint8Array | undefined): Promise<void> {
  const { tx, owner } = step;
  const partition = owner.conversationId;
  const last = seen === undefined ? undefined : await findLine(tx, partition, seen);
  if (seen !== undefined && last === undefined) return;
  const again: Line[] = [];
  const range = { reverse: true, ...(last === undefined ? {} : { after: last.position }) };
  for await (const { value } of lines.scan(tx, partition, range)) {
    const said = LINE_KINDS[value.kind] === 'text' || LINE_KINDS[value.kind] === 'attachment';
    if (value.mine && said && !value.retracted && value.delivery === DELIVERY.delivered) again.unshift(value);
    if (again.length >= MAX_SAID_AGAIN) break;
  }
  for (const line of again) await requeueLine(step, line);
}

/** Queues what stands in a line of mine, under its own content id. */
export async function requeueLine(step: Step, line: Line): Promise<void> {
  const { personaId, conversationId } = step.owner;
  const { text, warning, replyTo, raw } = line;
  const body: Body = { type: 'text', text, warning, ...(replyTo === undefined ? {} : { replyTo }) };
  const encoded = raw === undefined ? encodeBody(body) : { type: ATTACHMENT_TYPE, bytes: raw };
  const number = step.record.nextQueued + 1;
  step.record = { ...step.record, nextQueued: number };
  const value: Queued = {
    contentId: line.id,
    type: encoded.type,
    body: encoded.bytes,
    at: line.at,
    timerSeconds: line.timerSeconds,
    parts: 0,
    answered: 0,
    sealing: 0,
    shown: true,
    keptUntil: 0,
    again: 0,
  };
  const under = linePath(personaId, conversationId, toHex(line.id), line);
  await queuedContents.put(step.tx, { partition: conversationId, key: number, value }, { under });
}

/** Drops a sealed block that never left. */
export function dropSealed(step: Step, key: number): void {
  sealedBlocks.del(step.tx, step.owner.conversationId, key);
}
