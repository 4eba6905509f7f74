// One event of a room as a transaction: the record as changed so far, the history it belongs to, and what to tell once
// all of it is durable. The runner makes steps; acts, commits and the outbox work in them.
import { blankLine, addLine, type HistoryOwner, putLine } from '../history/write.ts';
import { type Line, LINE_KINDS, lines } from '../history/record.ts';
import { ROOM_NOTICES, type RoomNotice } from '../history/message.ts';
import { randomBytes, toHex } from '../crypto/index.ts';
import { conversationPath } from '../conversation/record.ts';
import type { KeyPath, Transaction } from '../store/index.ts';
import type { Packet } from './packet.ts';
import { type MemberRow, memberRows, type RoomRecord, UNKNOWN_MEMBER } from './record.ts';
import type { HostAction, Knock, MemberId, TalkRequest } from './types.ts';

/** What the world hears of once the transaction is durable. */
export type RoomEffect =
  | { readonly type: 'line'; readonly position: number }
  | { readonly type: 'changed'; readonly position: number }
  | { readonly type: 'gone'; readonly id: string }
  | { readonly type: 'state' }
  | { readonly type: 'mention'; readonly position: number }
  | { readonly type: 'knock'; readonly knock: Knock }
  | { readonly type: 'talkRequest'; readonly request: TalkRequest }
  | { readonly type: 'talkAnswer'; readonly member: MemberId; readonly link: string; readonly id: string }
  | { readonly type: 'hostAction'; readonly action: HostAction }
  | { readonly type: 'delivered'; readonly id: string; readonly keptUntil: number }
  /** Inside: rights changed · someone waits for the writer key · it was told · a message flowed · a host is asked for a sign. */
  | { readonly type: 'rekeyed' }
  | { readonly type: 'switched' }
  | { readonly type: 'greet' }
  | { readonly type: 'greeted'; readonly writerSeed: Uint8Array; readonly epoch: number }
  | { readonly type: 'flow'; readonly asked: boolean }
  | { readonly type: 'leaver' }
  | { readonly type: 'entered' }
  | {
      readonly type: 'packet';
      readonly head: Packet;
      readonly sequence: number;
      /** Not put there by a member in a host's stead: whoever is astray would learn nothing from that. */
      readonly vouched: boolean;
    }
  | { readonly type: 'voided'; readonly sequence: number }
  /** Messages of my own epoch that don't open: one at a host, several in a row elsewhere. */
  | { readonly type: 'astray' }
  | { readonly type: 'owner' }
  | { readonly type: 'moved' }
  | { readonly type: 'applied'; readonly appendId: Uint8Array };

export interface RoomStep {
  readonly tx: Transaction;
  readonly owner: HistoryOwner;
  readonly nowMs: number;
  record: RoomRecord;
  readonly effects: RoomEffect[];
}

/** What a room keeps lies below this key. */
export function roomPath(owner: HistoryOwner): KeyPath {
  return conversationPath(owner.personaId, owner.conversationId);
}

/** Adds a line to the history. */
export async function showLine(step: RoomStep, line: Line): Promise<number> {
  const added = await addLine(step.tx, step.owner, step.record, line);
  step.record = added.record;
  step.effects.push({ type: 'line', position: added.position });
  return added.position;
}

/** A line about the room itself. */
export async function roomNotice(
  step: RoomStep,
  event: RoomNotice,
  member?: { pseudonym: Uint8Array; name: string },
): Promise<void> {
  const about = member === undefined ? {} : { author: member.pseudonym, authorName: member.name };
  const line: Line = {
    ...blankLine('room', randomBytes(16), step.nowMs),
    number: ROOM_NOTICES.indexOf(event),
    ...about,
  };
  await showLine(step, line);
}

/** Shows that something is missing. Gaps in a row are one line, so that nobody fills a history with them. */
export async function showGap(step: RoomStep, missing: number): Promise<void> {
  const partition = step.owner.conversationId;
  const last = await lines.get(step.tx, partition, step.record.nextPosition);
  if (last !== undefined && LINE_KINDS[last.kind] === 'gap') {
    await putLine(step.tx, step.owner, step.record.nextPosition, { ...last, number: last.number + missing });
    step.effects.push({ type: 'changed', position: step.record.nextPosition });
    return;
  }
  await showLine(step, { ...blankLine('gap', randomBytes(16), step.nowMs), number: missing });
}

/** What is known of a member. */
export async function memberOf(step: RoomStep, pseudonym: Uint8Array): Promise<MemberRow> {
  return (await memberRows.get(step.tx, step.owner.conversationId, toHex(pseudonym))) ?? UNKNOWN_MEMBER;
}

export async function putMember(step: RoomStep, pseudonym: Uint8Array, value: MemberRow): Promise<void> {
  const entry = { partition: step.owner.conversationId, key: toHex(pseudonym), value };
  await memberRows.put(step.tx, entry, { under: roomPath(step.owner) });
}
