// A message as people of this SDK see it, made from a stored line. The stored form stays inside.
import { type AttachmentBody, type AttachmentKind, decodeAttachment, detailsOf } from '../attachment/body.ts';
import { type ContentId, reactionName, type Reaction } from '../content/content.ts';
import { RESTART_CAUSES, type RestartCause } from '../content/packet.ts';
import { toHex } from '../crypto/index.ts';
import { DELIVERY, type Line, LINE_KINDS } from './record.ts';

declare const cursorBrand: unique symbol;
/** A place in a conversation's history; pass it back as `before`. */
export type Cursor = number & { readonly [cursorBrand]: true };
/** Names a message on both sides. */
export type MessageId = ContentId;

/** waiting: stored here · delivered: the relay has it · failed: it can't be sent any more. */
export type Delivery = 'waiting' | 'delivered' | 'failed';

interface Common {
  readonly id: MessageId;
  readonly conversation: string;
  readonly cursor: Cursor;
  /** Unix milliseconds, by the clock of whoever wrote it. */
  readonly at: number;
}

/** What somebody said. */
export interface TextMessage extends Common {
  readonly kind: 'text';
  readonly mine: boolean;
  readonly text: string;
  readonly replyTo?: MessageId;
  /** Show this first, the text behind it. */
  readonly warning?: string;
  readonly edited: boolean;
  readonly retracted: boolean;
  /** `by`: in rooms, who. */
  readonly reactions: readonly {
    readonly mine: boolean;
    readonly reaction: Reaction;
    readonly by?: string;
  }[];
  /** Rooms: who said it, and what they went by then. */
  readonly author?: { readonly id: string; readonly name: string };
  /** Rooms: it names me. */
  readonly mentionsMe?: boolean;
  /** Unix milliseconds at which it disappears. */
  readonly expiresAt?: number;
  /** Mine only. `keptUntil`: Unix milliseconds until which the relay keeps it for the peer. */
  readonly delivery?: Delivery;
  readonly keptUntil?: number;
}

/** A file, a picture or a voice note that somebody sent. Everything about it is its sender's word. */
export interface AttachmentMessage extends Omit<TextMessage, 'kind' | 'text' | 'edited'> {
  readonly kind: 'attachment';
  /** Absent where it was taken back. */
  readonly file?: {
    readonly kind: AttachmentKind;
    readonly mediaType: string;
    /** Safe to show and to write. */
    readonly name: string;
    readonly length: number;
    /** What can be seen or heard in it. */
    readonly description: string;
    readonly width: number;
    readonly height: number;
    readonly durationMs: number;
    readonly preview?: Uint8Array;
    /** Its bytes are on this device: `openFile` reads them; else `download` fetches them. */
    readonly isHere: boolean;
    /** Unix milliseconds until which the relay keeps it; 0: not there yet. */
    readonly keptUntil: number;
  };
}

/** Made by a newer version: kept, and shown as "needs a newer version". */
export interface UnsupportedMessage extends Common {
  readonly kind: 'unsupported';
  readonly mine: boolean;
}

/** What is told in a room's history beside what people say. Stored by place: add at the end. */
export const ROOM_NOTICES = [
  'joined',
  'returned',
  'left',
  'removed',
  'rejoined',
  'card',
  'door',
  'mode',
  'host',
  'pinned',
  'relay',
] as const;
export type RoomNotice = (typeof ROOM_NOTICES)[number];

/** Something about the conversation itself. */
export type Notice = Common &
  (
    | { readonly kind: 'gap'; readonly missing: number }
    | { readonly kind: 'restart'; readonly cause: RestartCause }
    /** The relay lost its store or went back: incoming or outgoing messages may be missing. */
    | { readonly kind: 'relay'; readonly direction: 'incoming' | 'outgoing' }
    | { readonly kind: 'timer'; readonly seconds: number }
    | { readonly kind: 'left' }
    | { readonly kind: 'retired' }
    /** Rooms: somebody came or went, or a host changed something. */
    | {
        readonly kind: 'room';
        readonly event: RoomNotice;
        readonly member?: { readonly id: string; readonly name: string };
      }
  );

/** One entry of a history. */
export type Message = TextMessage | AttachmentMessage | UnsupportedMessage | Notice;

/** The public view of a stored line. */
export function toMessage(conversation: string, position: number, line: Line): Message {
  const common = {
    id: toHex(line.id) as MessageId,
    conversation,
    cursor: position as Cursor,
    at: line.at,
  };
  switch (LINE_KINDS[line.kind]) {
    case 'text':
      return { ...common, kind: 'text', ...said(line) };
    case 'attachment':
      return attachment(common, line);
    case 'gap':
      return { ...common, kind: 'gap', missing: line.number };
    case 'restart':
      return { ...common, kind: 'restart', cause: RESTART_CAUSES[line.number - 1] ?? 'unreadable' };
    case 'relay':
      return { ...common, kind: 'relay', direction: line.number === 2 ? 'outgoing' : 'incoming' };
    case 'timer':
      return { ...common, kind: 'timer', seconds: line.number };
    case 'left':
      return { ...common, kind: 'left' };
    case 'retired':
      return { ...common, kind: 'retired' };
    case 'room': {
      const event = ROOM_NOTICES[line.number] ?? 'relay';
      return { ...common, kind: 'room', event, ...(line.author === undefined ? {} : { member: who(line) }) };
    }
    default:
      return { ...common, kind: 'unsupported', mine: line.mine };
  }
}

function attachment(common: Common, line: Line): AttachmentMessage | UnsupportedMessage {
  const { text: _t, edited: _e, ...rest } = said(line);
  if (line.raw === undefined) return { ...common, kind: 'attachment', ...rest };
  let body: AttachmentBody;
  try {
    body = decodeAttachment(line.raw);
  } catch {
    return { ...common, kind: 'unsupported', mine: line.mine };
  }
  const { warning, ...details } = detailsOf(body);
  const file = { ...details, isHere: line.number === 1, keptUntil: body.spill.keptUntil * 1_000 };
  return { ...common, kind: 'attachment', ...rest, file, ...(warning === '' ? {} : { warning }) };
}

function said(line: Line) {
  const reactions = line.reactions.flatMap(({ mine, reaction, author }) => {
    const name = reactionName(reaction);
    const by = author === undefined ? {} : { by: toHex(author) };
    return name === undefined ? [] : [{ mine, reaction: name, ...by }];
  });
  return {
    mine: line.mine,
    text: line.text,
    edited: line.edited,
    retracted: line.retracted,
    reactions,
    ...(line.author === undefined ? {} : { author: who(line) }),
    ...(line.mentioned ? { mentionsMe: true } : {}),
    ...(line.replyTo === undefined ? {} : { replyTo: toHex(line.replyTo) as MessageId }),
    ...(line.warning === '' ? {} : { warning: line.warning }),
    ...(line.expiresAt === 0 ? {} : { expiresAt: line.expiresAt }),
    ...(line.mine ? { delivery: deliveryOf(line) } : {}),
    ...(line.mine && line.keptUntil > 0 ? { keptUntil: line.keptUntil * 1_000 } : {}),
  };
}

function who(line: Line): { id: string; name: string } {
  return { id: toHex(line.author ?? new Uint8Array(0)), name: line.authorName };
}

function deliveryOf(line: Line): Delivery {
  if (line.delivery === DELIVERY.delivered) return 'delivered';
  return line.delivery === DELIVERY.failed ? 'failed' : 'waiting';
}
