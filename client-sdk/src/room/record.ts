// Everything that the device keeps about one room except its history: who I am in it, its rights and secrets, how far
// it was read, what waits to be sent. One record rewritten with each event; the group's state lies beside it under a
// key of its own, so that an old one can be erased. Nothing here is shared with another room or conversation.
import { MAX_NAME_BYTES, MAX_PARTS } from '../content/content.ts';
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
import { ownMailboxCodec } from '../conversation/mailbox.ts';
import { namedTable, orderedTable } from '../store/index.ts';
import { MAX_SIGNED_CARD_BYTES } from './card.ts';
import { knockCodec } from './control.ts';
import type { RoomPhase } from './types.ts';

/** Where one stands in a room, as stored. */
export const ROOM_PHASES = {
  knocking: 1,
  joining: 2,
  entering: 3,
  in: 4,
  rejoining: 5,
  left: 6,
  removed: 7,
  refused: 8,
  closed: 9,
} as const satisfies Record<RoomPhase, number>;

/** Where a room is read. */
export const ALIVE: readonly number[] = [ROOM_PHASES.entering, ROOM_PHASES.in, ROOM_PHASES.rejoining];

export const phaseName = (number: number): RoomPhase =>
  (Object.keys(ROOM_PHASES) as RoomPhase[]).find((name) => ROOM_PHASES[name] === number) ?? 'closed';

/** What a host holds: the rights on the log. */
export const ownershipCodec = message({
  /** The owner key at creation: the log's ids follow from it and the salt for ever. */
  originSeed: bytes(1, 32),
  ownerSeed: bytes(2, 32),
  salt: bytes(3, 32),
  /** An owner key that is about to replace the present one. */
  nextOwnerSeed: optionalBytes(4, 32),
});
export type Ownership = TypeOf<typeof ownershipCodec>;

export const roomCodec = message({
  version: uint(1),
  id: bytes(2, 16),
  phase: uint(3),
  createdAt: uint(4),
  relay: text(5, 200),
  relayKey: bytes(6, 32),
  /** Of the log; zeros while knocking. */
  writeId: bytes(7, 24),
  readId: optionalBytes(8, 24),
  roomKey: bytes(9, 32),
  roomSecret: optionalBytes(10, 32),
  pseudonymSeed: bytes(11, 32),
  name: text(12, MAX_NAME_BYTES),
  readerSeed: optionalBytes(13, 32),
  writerSeed: optionalBytes(14, 32),
  joinerSeed: optionalBytes(15, 32),
  incarnation: optionalBytes(16, 16),
  cursor: uint(17),
  /** Sequence of the last ordered packet seen, whether it meant something or not. */
  ordered: uint(18),
  /** How long the relay keeps a message of the log. */
  ttlSeconds: uint(19),
  card: bytes(20, 1, MAX_SIGNED_CARD_BYTES),
  ticket: optionalBytes(21, 1, 1_024),
  /** Seed of the room's key, at its owner. */
  roomSeed: optionalBytes(22, 32),
  ownership: optional(23, ownershipCodec),
  /** The relay has the log. */
  made: flag(24),
  stream: bytes(25, 8),
  outSequence: uint(26),
  /** This author's thread of signatures. */
  previous: bytes(27, 32),
  nextQueued: uint(28),
  nextSealed: uint(29),
  nextPosition: uint(30),
  /** The highest of my generations that may have left this device, and of which epoch. */
  epoch: uint(31),
  generation: uint(32),
  voided: uint(33),
  unreadable: uint(34),
  refused: uint(35),
  /** Room time (conduct.ts) of the last host's beacon, and of the newest message. */
  beaconAt: uint(36),
  clock: uint(37),
  /** When I came in, and when my own last message was said, by this device's clock. */
  joinedAt: uint(38),
  saidAt: uint(39),
  /** Own beacons and hails are spaced. */
  signedAt: uint(40),
  /** My chain of host actions. */
  actionIndex: uint(41),
  actionHead: bytes(42, 32),
  pinned: optionalBytes(43, 16),
  breakUntil: uint(44),
  /** When my own keys are to be updated next. */
  updateAt: uint(45),
  /** The group's state must not be used any more: come back first. */
  rejoinWanted: flag(46),
  rejoinAt: uint(47),
  /** Rejoins in a row that brought nothing. */
  rejoins: uint(48),
  /** The link by which I came, or that leads here. */
  link: text(50, 1_000),
  /** Words for the hosts, while knocking. */
  words: text(51, 600),
  /** Consecutive messages that did not open. */
  unopened: uint(52),
  /** The epoch by which I came in. */
  since: uint(53),
  /** By a packet that I couldn't follow: how to read and join where the present keys hold no more (ways.ts). */
  wayReaderSeed: optionalBytes(54, 32),
  wayJoinerSeed: optionalBytes(55, 32),
  /** Up to this epoch my state is known to be shared by others who count (said.ts). */
  agreed: uint(56),
});
export type RoomRecord = TypeOf<typeof roomCodec>;

/** One member, as far as this device knows. Rows outlive the membership: bans and personal lists are about pseudonyms. */
const memberCodec = message({
  name: text(1, MAX_NAME_BYTES),
  /** When they came in, by room time; 0: before me, or unknown. */
  since: uint(2),
  /** Room time of their newest message. */
  at: uint(3),
  /** Their host actions seen here: index and hash of the newest, and what their beacon claims. */
  actionIndex: uint(4),
  actionHead: optionalBytes(5, 32),
  claimedIndex: uint(6),
  claimedHead: optionalBytes(7, 32),
  isInconsistent: flag(8),
  /** By me: 0 no, 1 muted, 2 blocked. */
  hidden: uint(9, 2),
  /** They said goodbye: a host takes the leaf out. */
  hasLeft: flag(10),
});
export type MemberRow = TypeOf<typeof memberCodec>;
export const UNKNOWN_MEMBER: MemberRow = {
  name: '',
  since: 0,
  at: 0,
  actionIndex: 0,
  claimedIndex: 0,
  isInconsistent: false,
  hidden: 0,
  hasLeft: false,
};

/** What an own commit is for. */
export const COMMIT_KINDS = { join: 1, rejoin: 2, update: 3, host: 4, state: 5 } as const;

/** Partition: persona id; key: room's local id (hex). */
export const rooms = namedTable('room', roomCodec);
/** Partition: room; key: 'state'. The group, as the last commit or checkpoint left it. */
export const groupStates = namedTable('room-group', message({ state: bytes(1, 1, 8_388_608) }));
/** Partition: room; key: 'commit'. My own ordered packet that the log has not delivered yet. */
export const pendingCommits = namedTable(
  'room-pending',
  message({
    appendId: bytes(1, 16),
    block: bytes(2, 3_968),
    expect: uint(3),
    kind: uint(4),
    /** The group after it; absent where it changes nothing. */
    next: optionalBytes(5, 1, 8_388_608),
    /** Right to append with: 1 owner, 2 writer, 3 joiner. */
    right: uint(6, 3),
    /** Keys that change with it. */
    writerSeed: optionalBytes(7, 32),
    readerSeed: optionalBytes(8, 32),
    joinerSeed: optionalBytes(9, 32),
    ownerSeed: optionalBytes(10, 32),
    card: optionalBytes(11, 1, MAX_SIGNED_CARD_BYTES),
  }),
);
export type PendingCommit = Exclude<Awaited<ReturnType<typeof pendingCommits.get>>, undefined>;
/** Partition: room; key: append id (hex). My messages that the log has not delivered to me yet. */
export const ownAppends = namedTable(
  'room-own',
  message({
    contentId: bytes(1, 16),
    last: flag(2),
    /** Its line is still to be put where the log has it. */
    shown: flag(3),
    /** Number of the content in the queue. */
    queued: uint(4),
    /** Said again: it stands where the log has it last. */
    again: flag(5),
  }),
);
/** Partition: room; key: epoch/leaf/generation. What was opened since the stored state of the group. */
export const consumed = namedTable('room-consumed', message({ at: uint(1) }));
/** Partition: room; key: pseudonym (hex). */
export const memberRows = namedTable('room-member', memberCodec);
/** Partition: room; key: 'filters'. */
export const filterRows = namedTable('room-filter', message({ words: text(1, 4_096), hideLinks: flag(2) }));
/** Partition: room; key: position in this device's log of host actions. */
export const actionRows = orderedTable(
  'room-action',
  message({
    host: bytes(1, 32),
    kind: uint(2),
    member: optionalBytes(3, 32),
    target: optionalBytes(4, 16),
    number: uint(5),
    at: uint(6),
  }),
);
/** Partition: room; key: pseudonym (hex). Those before the door. */
export const knockRows = namedTable(
  'room-knock',
  message({ paper: required(1, knockCodec), at: uint(2), /** By a link for one person. */ invited: flag(3) }),
);
/** Partition: room; key: request id (hex). */
export const talkRows = namedTable(
  'room-talk',
  message({
    mine: flag(1),
    member: bytes(2, 32),
    words: text(3, 300),
    at: uint(4),
    /** 0 waiting, 1 accepted, 2 declined. */
    answer: uint(5, 2),
  }),
);
/** Partition: room; key: door id (hex). */
export const doorRows = namedTable(
  'room-door',
  message({
    own: required(1, ownMailboxCodec),
    secret: bytes(2, 32),
    boxSecret: bytes(3, 32),
    /** For one person, who is let in without asking. */
    once: flag(4),
    used: flag(5),
    link: text(6, 1_000),
    createdAt: uint(7),
  }),
);
export type DoorRow = Exclude<Awaited<ReturnType<typeof doorRows.get>>, undefined>;
/** Partition: room; key: 'mailbox'. Where the hosts answer my knock. */
export const answerRows = namedTable(
  'room-answer',
  message({ own: required(1, ownMailboxCodec), boxSecret: bytes(2, 32), door: required(3, doorAddress()) }),
);

function doorAddress() {
  return message({
    writeId: bytes(1, 24),
    writerSeed: bytes(2, 32),
    boxKey: bytes(3, 32),
    /** The knock is with the hosts. */
    sent: flag(4),
    appendId: bytes(5, 16),
    block: bytes(6, 3_968),
  });
}

/** Partition: room; key: pseudonym (hex). The long content that this author is in the midst of: one, never more. */
export const roomParts = namedTable(
  'room-part',
  message({
    id: bytes(1, 16),
    count: uint(2, MAX_PARTS),
    next: uint(3, MAX_PARTS),
    body: bytes(4, 0, 65_536),
  }),
);

/** All that lies in a room's own partition. */
export const ROOM_TABLES = [
  groupStates,
  pendingCommits,
  ownAppends,
  consumed,
  memberRows,
  filterRows,
  actionRows,
  knockRows,
  talkRows,
  doorRows,
  answerRows,
  roomParts,
] as const;
