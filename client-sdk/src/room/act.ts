// What an opened message does to the room, inside the transaction of its block: it is checked against its author's
// signature and the house's rules, long contents are put together, and each acts on the history or on what is known of
// the members. Opening it was the group's work; what the runner does afterwards is told by effects.
import { eraseFile } from '../attachment/record.ts';
import { verifyContent } from '../content/author.ts';
import { type Content, contentCodec, decodeBody, MAX_PARTS, type ReadBody } from '../content/content.ts';
import {
  concatBytes,
  equalBytes,
  openBox,
  type SigningKeyPair,
  boxPairOfSigningPair,
  toHex,
} from '../crypto/index.ts';
import { type Line, LINE_KINDS, lines, MAX_REACTIONS, linePositions } from '../history/record.ts';
import { blankLine, findLine, overwriteLine, putLine } from '../history/write.ts';
import { hearAction, hearBeacon } from './actions.ts';
import { type House, objectionTo, roomTime, type Speaker } from './conduct.ts';
import { type Control, decodeControl, decodePrivate, type Plain, ROOM_CONTROL_TYPE } from './control.ts';
import { hearPrivate } from './private.ts';
import { type MemberRow, roomParts } from './record.ts';
import { takenBack } from './say.ts';
import { moveToEnd } from './own-words.ts';
import { memberOf, putMember, roomPath, type RoomStep, showGap, showLine } from './step.ts';

/** A message as the group opened it. */
export interface OpenedMessage {
  readonly plain: Plain;
  readonly pseudonym: Uint8Array;
  readonly isHost: boolean;
  readonly isMuted: boolean;
  readonly epoch: number;
  readonly keptUntil: number;
}

/** The room as it stood when the message came. */
export interface Scene {
  readonly roomId: Uint8Array;
  readonly house: House;
  readonly me: SigningKeyPair;
  /** Sequence of the packet that led to this epoch: beacons name it. */
  readonly ordered: number;
}

/** Slack between what a sender holds itself to and what receivers refuse. */
const TOLERANCE_SECONDS = 2;

/** Applies one message. */
export async function receiveMessage(step: RoomStep, scene: Scene, message: OpenedMessage): Promise<void> {
  const { plain, pseudonym } = message;
  if (!isSigned(scene, message)) {
    step.record = { ...step.record, unreadable: step.record.unreadable + 1 };
    await showGap(step, 1);
    return;
  }
  const known = await memberOf(step, pseudonym);
  const member: MemberRow = known.name === plain.name ? known : { ...known, name: plain.name };
  if (member !== known) await putMember(step, pseudonym, member);
  const whole = await gather(step, pseudonym, plain.content);
  if (whole === undefined) return;
  await perform(step, scene, { ...message, member, whole });
}

interface Whole extends OpenedMessage {
  readonly member: MemberRow;
  readonly whole: Uint8Array;
}

function isSigned(scene: Scene, { plain, pseudonym, epoch }: OpenedMessage): boolean {
  try {
    const { content } = verifyContent(plain.content, { conversation: scene.roomId, publicKey: pseudonym });
    return content.author.epoch === epoch;
  } catch {
    return false;
  }
}

/** Joins the parts of a long content. An author's parts follow each other in the log: one content waits, no more. */
async function gather(step: RoomStep, author: Uint8Array, content: Content): Promise<Uint8Array | undefined> {
  const partition = step.owner.conversationId;
  const key = toHex(author);
  if (content.parts === 1) return content.body;
  const waiting = await roomParts.get(step.tx, partition, key);
  const goesOn =
    waiting !== undefined &&
    equalBytes(waiting.id, content.id) &&
    waiting.count === content.parts &&
    waiting.next === content.part;
  if (content.part > 0 && !goesOn) return undefined;
  const body =
    content.part === 0 ? content.body : concatBytes(waiting?.body ?? new Uint8Array(0), content.body);
  if (content.part + 1 === content.parts) {
    roomParts.del(step.tx, partition, key);
    return body;
  }
  if (content.parts > MAX_PARTS) return undefined;
  const value = { id: content.id, count: content.parts, next: content.part + 1, body };
  await roomParts.put(step.tx, { partition, key, value }, { under: roomPath(step.owner) });
  return undefined;
}

async function perform(step: RoomStep, scene: Scene, message: Whole): Promise<void> {
  const { content } = message.plain;
  if (content.type === ROOM_CONTROL_TYPE) {
    await obey(step, scene, message);
    return;
  }
  let body: ReadBody;
  try {
    body = decodeBody(content.version, content.type, message.whole);
  } catch {
    body = { type: 'unsupported', number: content.type };
  }
  const at = roomTime(content.at, message.keptUntil, step.record.ttlSeconds);
  const isSaid = body.type === 'text' || body.type === 'attachment' || body.type === 'unsupported';
  const speaker: Speaker = {
    isHost: message.isHost,
    isMuted: message.isMuted,
    since: message.member.since,
    lastAt: message.member.at,
  };
  const utterance = {
    at,
    isSaid,
    isFile: body.type === 'attachment',
    text: body.type === 'text' || body.type === 'edit' ? body.text : '',
  };
  if (isSaid && (await isSaidAgain(step, scene, message, speaker))) return;
  if (objectionTo(scene.house, speaker, utterance, TOLERANCE_SECONDS) !== undefined) {
    step.record = { ...step.record, refused: step.record.refused + 1 };
    return;
  }
  if (isSaid) {
    await putMember(step, message.pseudonym, { ...message.member, at: Math.max(at, message.member.at) });
    step.record = { ...step.record, clock: Math.max(step.record.clock, at) };
  }
  step.effects.push({ type: 'flow', asked: false });
  await act(step, scene, message, body);
}

/** Said again by its author, since perhaps nobody had read it: for those who had, it stands where all have it. */
async function isSaidAgain(step: RoomStep, scene: Scene, message: Whole, speaker: Speaker): Promise<boolean> {
  const { content, again } = message.plain;
  if (!again) return false;
  const found = await findLine(step.tx, step.owner.conversationId, content.id);
  if (found === undefined || !isBy(found.line.author, message.pseudonym)) return false;
  const at = roomTime(content.at, message.keptUntil, step.record.ttlSeconds);
  // It counted when it was first said; a mute or a locked room holds all the same.
  const objection = objectionTo(scene.house, speaker, { at, isSaid: false, text: '' });
  if (objection === undefined) await moveToEnd(step, content.id);
  return true;
}

async function act(step: RoomStep, scene: Scene, message: Whole, body: ReadBody): Promise<void> {
  switch (body.type) {
    case 'text':
    case 'attachment':
    case 'unsupported':
      await showContent(step, scene, message, body);
      return;
    case 'reaction':
      await change(step, body.target, (line) => {
        const others = line.reactions.filter(
          (one) => one.reaction !== body.reaction || !isBy(one.author, message.pseudonym),
        );
        const own = { mine: false, reaction: body.reaction, author: message.pseudonym };
        return { ...line, reactions: [...others, ...(body.removed ? [] : [own])].slice(-MAX_REACTIONS) };
      });
      return;
    case 'edit':
      await change(step, body.target, (line) =>
        !isBy(line.author, message.pseudonym) || line.retracted || line.kind !== LINE_KINDS.indexOf('text')
          ? undefined
          : { ...line, text: body.text, edited: true },
      );
      return;
    case 'retract':
      await change(step, body.target, (line) =>
        isBy(line.author, message.pseudonym) ? takenBack(line) : undefined,
      );
      return;
    case 'timer':
    case 'control':
      // Of 1:1 conversations: they mean nothing here.
      return;
  }
}

function isBy(author: Uint8Array | undefined, pseudonym: Uint8Array): boolean {
  return author !== undefined && equalBytes(author, pseudonym);
}

async function showContent(
  step: RoomStep,
  scene: Scene,
  message: Whole,
  body: Extract<ReadBody, { type: 'text' | 'attachment' | 'unsupported' }>,
): Promise<void> {
  const { content, name } = message.plain;
  if ((await findLine(step.tx, step.owner.conversationId, content.id)) !== undefined) return;
  const mentioned =
    body.type === 'text' &&
    (body.mentions?.members.some(({ member }) => equalBytes(member, scene.me.publicKey)) ?? false);
  const line: Line = {
    ...blankLine(body.type, content.id, step.nowMs),
    at: content.at,
    number: content.type,
    author: message.pseudonym,
    authorName: name,
    mentioned,
    ...(body.type === 'text' ? { text: body.text, warning: body.warning } : { raw: message.whole }),
    ...(body.type === 'text' && body.replyTo !== undefined ? { replyTo: body.replyTo } : {}),
    ...(content.parts === 1 ? { proof: contentCodec.encode(content) } : {}),
  };
  const position = await showLine(step, line);
  if (mentioned) step.effects.push({ type: 'mention', position });
}

/** Changes a line; nothing where it is gone or the change isn't the author's to make. */
async function change(
  step: RoomStep,
  target: Uint8Array,
  edit: (line: Line) => Line | undefined,
): Promise<void> {
  const found = await findLine(step.tx, step.owner.conversationId, target);
  const next = found === undefined ? undefined : edit(found.line);
  if (found === undefined || next === undefined) return;
  if (next.retracted && !found.line.retracted) await eraseFile(step.tx, step.owner, toHex(target));
  const same = next.text === found.line.text && next.raw === found.line.raw;
  if (same) await putLine(step.tx, step.owner, found.position, next);
  else await overwriteLine(step.tx, step.owner, found.position, next);
  step.effects.push({ type: 'changed', position: found.position });
}

/** Takes every line of an author out of the history, also of one who is gone. */
export async function removeEverythingFrom(step: RoomStep, author: Uint8Array): Promise<void> {
  const { tx, owner } = step;
  const partition = owner.conversationId;
  const theirs: { position: number; line: Line }[] = [];
  for await (const { key, value } of lines.scan(tx, partition)) {
    if (isBy(value.author, author) && !isNotice(value)) theirs.push({ position: key, line: value });
  }
  for (const { position, line } of theirs) {
    const { proof: _, ...rest } = takenBack(line);
    await overwriteLine(tx, owner, position, { ...rest, reactions: [] });
    await eraseFile(tx, owner, toHex(line.id));
    lines.del(tx, partition, position);
    linePositions.del(tx, partition, toHex(line.id));
    step.effects.push({ type: 'gone', id: toHex(line.id) });
  }
}

function isNotice(line: Line): boolean {
  return line.kind === blankLine('room', line.id, 0).kind;
}

async function obey(step: RoomStep, scene: Scene, message: Whole): Promise<void> {
  let control: Control;
  try {
    control = decodeControl(message.whole);
  } catch {
    step.record = { ...step.record, unreadable: step.record.unreadable + 1 };
    return;
  }
  const { pseudonym, isHost } = message;
  const at = roomTime(message.plain.content.at, message.keptUntil, step.record.ttlSeconds);
  if (control.welcome !== undefined) {
    step.effects.push({ type: 'greeted', writerSeed: control.welcome.writerSeed, epoch: message.epoch });
    // Whoever can write already believes nobody who says that the key is another one.
    if (step.record.writerSeed === undefined) {
      step.record = { ...step.record, writerSeed: control.welcome.writerSeed };
      step.effects.push({ type: 'rekeyed' }, { type: 'state' });
    }
  }
  if (control.beacon !== undefined && isHost) {
    await hearBeacon(step, { host: pseudonym, at, epoch: message.epoch, beacon: control.beacon });
  }
  if (control.action !== undefined && isHost) {
    const heard = await hearAction(step, { roomId: scene.roomId, host: pseudonym, action: control.action });
    if (heard?.kind === 'remove-everything' && control.action.member !== undefined)
      await removeEverythingFrom(step, control.action.member);
    if (heard?.kind === 'pin' && control.action.target !== undefined)
      step.record = { ...step.record, pinned: control.action.target };
    if (heard?.kind === 'unpin') {
      const { pinned: _, ...rest } = step.record;
      step.record = rest;
    }
    if (heard?.kind === 'pin' || heard?.kind === 'unpin') step.effects.push({ type: 'state' });
  }
  if (control.box !== undefined) await openPrivate(step, scene, message, control.box);
  if (control.hail) step.effects.push({ type: 'flow', asked: true });
  if (control.left) {
    await putMember(step, pseudonym, { ...message.member, hasLeft: true });
    step.effects.push({ type: 'leaver' }, { type: 'state' });
  }
}

/** A box that isn't for me doesn't open, and that is all there is to it. */
async function openPrivate(step: RoomStep, scene: Scene, message: Whole, box: Uint8Array): Promise<void> {
  let paper;
  try {
    paper = decodePrivate(openBox(boxPairOfSigningPair(scene.me), box));
  } catch {
    return;
  }
  const { pseudonym, isHost, member } = message;
  await hearPrivate(step, scene, { from: pseudonym, isHost, name: member.name, paper });
}
