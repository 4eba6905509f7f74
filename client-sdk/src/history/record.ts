// One line of a conversation's history: a message, or a notice about the conversation itself. Lines are stored by
// position under the key of their day, timed ones under a key of their own (design section 10).
import {
  bytes,
  flag,
  message,
  optionalBytes,
  repeated,
  text,
  type TypeOf,
  uint,
} from '../content/wire-codec.ts';
import { CONTENT_ID_BYTES, MAX_TEXT_BYTES } from '../content/content.ts';
import { conversationPath } from '../conversation/record.ts';
import { type KeyPath, namedTable, orderedTable } from '../store/index.ts';

/** What a line is. */
export const LINE_KINDS = [
  'text',
  'unsupported',
  'attachment',
  'gap',
  'restart',
  'relay',
  'left',
  'retired',
  'timer',
  'room',
] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** Numbers of the content types that become lines: text and attachment. */
export const LINE_TYPES: readonly number[] = [1, 5];

/** In a room many people react to one line. */
export const MAX_REACTIONS = 256;

/** Where an own message stands. */
export const DELIVERY = { none: 0, waiting: 1, delivered: 2, failed: 3 } as const;

export const lineCodec = message({
  kind: uint(1, LINE_KINDS.length - 1),
  id: bytes(2, CONTENT_ID_BYTES),
  mine: flag(3),
  /** Author's clock and ours, Unix milliseconds. */
  at: uint(4),
  storedAt: uint(5),
  text: text(6, MAX_TEXT_BYTES),
  replyTo: optionalBytes(7, CONTENT_ID_BYTES),
  warning: text(8, 200),
  /**
   * gap: how many contents are missing; restart: 1 + index of the cause; timer: seconds; unsupported: type number;
   * attachment: 1 once its bytes are here.
   */
  number: uint(9),
  edited: flag(10),
  retracted: flag(11),
  reactions: repeated(
    12,
    message({ mine: flag(1), reaction: uint(2), author: optionalBytes(3, 32) }),
    MAX_REACTIONS,
  ),
  timerSeconds: uint(13),
  /** Unix milliseconds; 0: stays. */
  expiresAt: uint(14),
  delivery: uint(15, 3),
  /** Unix seconds. */
  keptUntil: uint(16),
  /** unsupported, attachment: the body as it came. */
  raw: optionalBytes(17, 0, 65_536),
  /** The signed content as it came, where the author signed: evidence for a report. */
  proof: optionalBytes(18, 0, 8_192),
  /** Rooms: pseudonym of whoever said it, or whom a notice is about, and what they went by. */
  author: optionalBytes(19, 32),
  authorName: text(20, 64),
  /** Rooms: I am mentioned. */
  mentioned: flag(21),
});
export type Line = TypeOf<typeof lineCodec>;

/** Partition: conversation id; key: position. */
export const lines = orderedTable('line', lineCodec);
/** Partition: conversation id; key: content id (hex) → position. */
export const linePositions = namedTable('line-position', message({ position: uint(1) }));
/** Partition: conversation id; key: content id (hex). What must be deleted when. */
export const timedLines = namedTable('timed', message({ position: uint(1), expiresAt: uint(2) }));

const DAY_MS = 86_400_000;

/** The erasable key that seals a line. */
export function linePath(personaId: string, conversationId: string, idHex: string, line: Line): KeyPath {
  const base = conversationPath(personaId, conversationId);
  if (line.expiresAt > 0) return [...base, `timed/${idHex}`];
  return [...base, `day/${String(Math.floor(line.storedAt / DAY_MS))}`];
}
