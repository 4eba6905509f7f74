// Everything that the device keeps about one conversation except its history: who I am in it, how to reach the peer,
// envelope keys, counters. One record, rewritten in the transaction of each event; the session and its pre-keys lie
// beside it, so that they can be erased on their own.
import { namedTable, orderedTable, type KeyPath } from '../store/index.ts';
import {
  bytes,
  flag,
  message,
  optional,
  optionalBytes,
  required,
  text,
  type TypeOf,
  uint,
} from '../content/wire-codec.ts';
import { contentCodec, MAX_NAME_BYTES } from '../content/content.ts';
import { peerMailboxCodec, ownMailboxCodec } from './mailbox.ts';
import { orderCodec } from './order.ts';

const sendKeysCodec = message({
  /** The first agreed key of this direction: never dropped. */
  first: bytes(1, 32),
  current: bytes(2, 32),
  /** How many blocks were sealed under `current`. */
  used: uint(3),
});
const receiveKeysCodec = message({
  first: bytes(1, 32),
  current: bytes(2, 32),
  previous: optionalBytes(3, 32),
});

/** Who began it, and by which kind of link. */
export const ROLES = { inviter: 1, accepter: 2 } as const;
export const KINDS = { once: 1, standing: 2 } as const;

/**
 * securing: the link's mailbox isn't mine yet · open · leaving: the peer is being told · closed: nothing is sent or
 * read any more, the history stays.
 */
export const PHASES = { securing: 1, open: 2, leaving: 3, closed: 4 } as const;

/** Why a conversation is closed. */
export const CLOSED_BY = {
  nobody: 0,
  me: 1,
  block: 2,
  peerLeft: 3,
  peerRetired: 4,
  operator: 5,
  used: 6,
  retired: 7,
} as const;

export const attributionCodec = message({
  conversation: bytes(1, 32),
  ownSeed: bytes(2, 32),
  ownPrevious: bytes(3, 32),
  epoch: uint(4),
  peerKey: bytes(5, 32),
});
/** Whose signatures a conversation's contents carry and demand. */
export type Attribution = TypeOf<typeof attributionCodec>;

export const conversationCodec = message({
  version: uint(1),
  id: bytes(2, 16),
  role: uint(3),
  kind: uint(4),
  phase: uint(5),
  closedBy: uint(6),
  createdAt: uint(7),
  identitySecret: bytes(8, 32),
  registrationId: uint(9),
  peerName: text(10, MAX_NAME_BYTES),
  own: required(11, ownMailboxCodec),
  peer: required(12, peerMailboxCodec),
  /** The standing address, while blocks to it are still unanswered. */
  former: optional(13, peerMailboxCodec),
  sendKeys: required(14, sendKeysCodec),
  receiveKeys: required(15, receiveKeysCodec),
  /** Accepter of a one-time link, until the first answer: key from the link secret. */
  linkKey: optionalBytes(16, 32),
  /** Accepter of a standing link, until the first answer: X25519 key of its bundle, and my thread tag. */
  boxKey: optionalBytes(17, 32),
  threadTag: optionalBytes(18, 16),
  /** Blocks sent to a standing address so far. */
  newcomerBlocks: uint(19),
  /** The peer has read my hello. */
  answered: flag(20),
  /** The session may still send pre-key messages: less room. */
  preKeyPhase: flag(21),
  outStream: bytes(22, 8),
  outSequence: uint(23),
  order: required(24, orderCodec),
  unreadable: uint(25),
  /** Holes that were already shown as unreadable blocks. */
  shownHoles: uint(26),
  /** 0, or 1 + index of RESTART_CAUSES: nothing is sealed until a new session was begun. */
  restartWanted: uint(27),
  /** The same, while the new session's packets still announce it. */
  restartSaid: uint(28),
  restartAt: uint(29),
  timerSeconds: uint(30),
  /** Next free number in the outbox, among sealed blocks, in the history. */
  nextQueued: uint(31),
  nextSealed: uint(32),
  nextPosition: uint(33),
  /** Content of this conversation carries and demands authors' signatures (it began in a room or at the desk). */
  attribution: optional(34, attributionCodec),
  /** The invite from which it came (inviter, standing). */
  inviteId: optionalBytes(35, 16),
  /** Name that I show here. */
  ownName: text(36, MAX_NAME_BYTES),
  /** Write id in the link that was accepted: a link accepted twice leads to the same conversation. */
  linkId: optionalBytes(37, 24),
  /** A new envelope key that a queued control content will announce. */
  nextSendKey: optionalBytes(38, 32),
  /** With `restartSaid`: the peer's last message that I have. */
  restartSeen: optionalBytes(39, 16),
});
export type ConversationRecord = TypeOf<typeof conversationCodec>;

const sessionCodec = message({
  engine: text(1, 32),
  record: bytes(2, 1, 1_048_576),
  peerIdentity: bytes(3, 33),
});

const PRE_KEY_KINDS = ['signed', 'kyber', 'one-time', 'box'] as const;
export type PreKeyKind = (typeof PRE_KEY_KINDS)[number];
const preKeyCodec = message({
  kind: uint(1, 3),
  id: uint(2),
  record: bytes(3, 1, 65_536),
  engine: text(4, 32),
  /** Unix seconds of making. */
  at: uint(5),
});
export type PreKeyRow = TypeOf<typeof preKeyCodec>;
export const preKeyKindNumber = (kind: PreKeyKind): number => PRE_KEY_KINDS.indexOf(kind);
export const preKeyKindName = (number: number): PreKeyKind => PRE_KEY_KINDS[number] ?? 'box';

/** Partition: persona id; key: conversation id (hex). */
export const conversations = namedTable('conversation', conversationCodec);
/** Partition: conversation id; key: 'current'. */
export const sessions = namedTable('session', sessionCodec);
/** Partition: conversation or invite id; key: kind and id. */
export const preKeys = namedTable('prekey', preKeyCodec);
/** Partition: conversation id; key: sequence. Contents ahead of a hole. */
export const heldContents = orderedTable(
  'held',
  message({ content: required(1, contentCodec), at: uint(2) }),
);
/** Partition: conversation id; key: content id / part. Parts of long contents that wait for each other. */
export const partialContents = namedTable(
  'part',
  message({ part: uint(1), body: bytes(2, 0, 4_096), count: uint(3) }),
);

export const personaPath = (personaId: string): KeyPath => [`persona/${personaId}`];
/** Below it lies all that one conversation or invite keeps: erasing it forgets them at once. */
export const conversationPath = (personaId: string, id: string): KeyPath => [
  `persona/${personaId}`,
  `conversation/${id}`,
];
