// Invites as records: a mailbox, an identity of its own, the secret that stands in the link, and how far it has got.
import { namedTable } from '../store/index.ts';
import {
  bytes,
  message,
  optional,
  optionalBytes,
  required,
  text,
  type TypeOf,
  uint,
} from '../content/wire-codec.ts';
import { ownMailboxCodec } from '../conversation/mailbox.ts';
import { attributionCodec } from '../conversation/record.ts';

/** making: not yet at the relay · open · used: became a conversation · revoked. */
export const INVITE_STATES = { making: 1, open: 2, used: 3, revoked: 4 } as const;

export const inviteCodec = message({
  version: uint(1),
  id: bytes(2, 16),
  kind: uint(3),
  state: uint(4),
  /** Unix milliseconds. */
  createdAt: uint(5),
  /** Unix seconds; 0: renewed as long as it stands. */
  expires: uint(6),
  identitySecret: bytes(7, 32),
  registrationId: uint(8),
  own: required(9, ownMailboxCodec),
  secret: bytes(10, 32),
  link: text(11, 1_000),
  /** The conversation that a one-time invite became. */
  conversationId: optionalBytes(12, 16),
  /** Name shown to whoever accepts. */
  ownName: text(13, 64),
  /** The conversation that comes of it is signed: it begins in a room. */
  attribution: optional(14, attributionCodec),
});
export type InviteRecord = TypeOf<typeof inviteCodec>;

/** Partition: persona id; key: invite id (hex). */
export const invites = namedTable('invite', inviteCodec);
/** Partition: invite id; key: thread tag (hex). Which newcomer is which conversation. */
export const threads = namedTable('thread', message({ conversationId: bytes(1, 16) }));
/** Partition: invite id; key: `firstUseKey`. Pairs that began a conversation once and never again. */
export const firstUses = namedTable('first-use', message({ at: uint(1) }));
