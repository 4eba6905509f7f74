// What members' clients tell each other inside the encryption, beside what people say: the writer key for newcomers,
// hosts' beacons and actions, and boxes that only one member can open. One content type, exactly one thing each.
import { CONTENT_ID_BYTES } from '../content/content.ts';
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
import { SottoError } from '../errors.ts';
import { HOST_ACTIONS } from './types.ts';

/** Beside the types of content.ts: a 1:1 conversation shows it as made by a newer version. */
export const ROOM_CONTROL_TYPE = 16;

/** The plaintext of one MLS message: what is said, and what its author goes by. */
export const plainCodec = message({
  name: text(1, MAX_NAME_BYTES),
  content: required(2, contentCodec),
  /** It was said before, in an epoch that perhaps nobody shared: it stands where it is said last. */
  again: flag(3),
});
export type Plain = TypeOf<typeof plainCodec>;

const welcomeCodec = message({ writerSeed: bytes(1, 32) });

const beaconCodec = message({
  epoch: uint(1),
  /** Sequence of the ordered packet that led to this epoch, as this host applied it. */
  ordered: uint(2),
  authenticator: bytes(3, 32),
  /** Head of this host's chain of actions, and how many there are. */
  head: bytes(4, 32),
  actions: uint(5, 0xffff_ffff),
});
export type Beacon = TypeOf<typeof beaconCodec>;

const actionCodec = message({
  kind: uint(1, HOST_ACTIONS.length - 1),
  /** Counts this host's actions from 1. */
  index: uint(2, 0xffff_ffff),
  /** Hash of this host's action before; zeros at the first. */
  previous: bytes(3, 32),
  member: optionalBytes(4, 32),
  target: optionalBytes(5, CONTENT_ID_BYTES),
  number: uint(6, 0xffff_ffff),
  at: uint(7),
  signature: bytes(8, 64),
});
export type Action = TypeOf<typeof actionCodec>;

const controlCodec = message({
  welcome: optional(1, welcomeCodec),
  beacon: optional(2, beaconCodec),
  action: optional(3, actionCodec),
  /** A sealed box to one member's key; who it is for, the others can't tell. */
  box: optionalBytes(4, 49, 3_000),
  /** Says the author's name, and asks a host who is there for a beacon. */
  hail: flag(5),
  /** The author goes; a host may take the leaf out. */
  left: flag(6),
});
export type Control = TypeOf<typeof controlCodec>;

/** @throws SottoError CONTENT_MALFORMED unless it is exactly one thing. */
export function decodeControl(encoded: Uint8Array): Control {
  const control = controlCodec.decode(encoded);
  const things = Object.values(control).filter((value) => value !== false);
  if (things.length !== 1) throw new SottoError('CONTENT_MALFORMED');
  return control;
}

export function encodeControl(control: Partial<Control>): Uint8Array {
  return controlCodec.encode({ hail: false, left: false, ...control });
}

const ownerCodec = message({
  /** Of the log: the key from which its ids follow, the present one, the salt. */
  originSeed: bytes(1, 32),
  ownerSeed: bytes(2, 32),
  salt: bytes(3, 32),
  joinerSeed: bytes(4, 32),
});

const doorKeysCodec = message({
  originSeed: bytes(1, 32),
  ownerSeed: bytes(2, 32),
  readerSeed: bytes(3, 32),
  writerSeed: bytes(4, 32),
  salt: bytes(5, 32),
  secret: bytes(6, 32),
  boxSecret: bytes(7, 32),
});

export const knockCodec = message({
  pseudonym: bytes(1, 32),
  name: text(2, MAX_NAME_BYTES),
  words: text(3, 600),
  /** Where and to whom to answer. */
  relay: text(4, 200),
  relayKey: bytes(5, 32),
  writeId: bytes(6, 24),
  writerSeed: bytes(7, 32),
  boxKey: bytes(8, 32),
  /** By the pseudonym, over the room and all of the above. */
  signature: bytes(9, 64),
});
export type KnockPaper = TypeOf<typeof knockCodec>;

/** What a box holds: exactly one thing. */
const privateCodec = message({
  /** A host to a host: the rights on the log. */
  owner: optional(1, ownerCodec),
  request: optional(2, message({ id: bytes(1, 16), words: text(2, 300) })),
  /** '' declines. `seed`: both derive the conversation's thread from it. */
  answer: optional(3, message({ id: bytes(1, 16), link: text(2, 1_000) })),
  /** The host at the door to the others. */
  knock: optional(4, knockCodec),
  /** The room itself: whoever has it is its owner. */
  handOver: optional(5, message({ roomSeed: bytes(1, 32), door: optional(2, doorKeysCodec) })),
});
export type Private = TypeOf<typeof privateCodec>;

/** @throws SottoError CONTENT_MALFORMED unless it is exactly one thing. */
export function decodePrivate(encoded: Uint8Array): Private {
  const value = privateCodec.decode(encoded);
  if (Object.keys(value).length !== 1) throw new SottoError('CONTENT_MALFORMED');
  return value;
}

export const encodePrivate = (value: Private): Uint8Array => privateCodec.encode(value);
