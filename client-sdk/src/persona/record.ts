// A persona as a record: a name, the relay where it makes its mailboxes, and nothing that another persona shares.
import { bytes, flag, message, optionalBytes, text, type TypeOf, uint } from '../content/wire-codec.ts';
import { namedTable } from '../store/index.ts';

export const personaCodec = message({
  version: uint(1),
  id: bytes(2, 16),
  name: text(3, 64),
  /** Absent: mailboxes are made where the links of others point. */
  relay: text(4, 200),
  /** Pinned on first use: the operator can't be exchanged unnoticed later. */
  relayKey: optionalBytes(5, 32),
  /** Unix milliseconds. */
  createdAt: uint(6),
  retired: flag(7),
  /** When it last went online: it does so again at the next start. */
  onlineAt: uint(8),
  /** From which its pseudonyms in rooms follow; made when first needed. */
  roomSeed: optionalBytes(9, 32),
});
export type PersonaRecord = TypeOf<typeof personaCodec>;

/** Partition: ''; key: persona id (hex). */
export const personas = namedTable('persona', personaCodec);
