// What the device keeps about directories: those that a persona keeps, and the newest revision that it saw of others',
// so that nobody shows it an older one.
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
import { MAX_SIGNED_CARD_BYTES } from '../room/card.ts';
import { namedTable } from '../store/index.ts';

const listingCodec = message({
  topic: text(1, 40),
  card: bytes(2, 1, MAX_SIGNED_CARD_BYTES),
  door: uint(3),
  link: text(4, 1_000),
  memberCount: uint(5),
  seenAt: uint(6),
  intent: uint(7),
});

export const directoryCodec = message({
  version: uint(1),
  relay: text(2, 200),
  relayKey: bytes(3, 32),
  /** Of the directory: signs it. */
  keySeed: bytes(4, 32),
  secret: bytes(5, 32),
  ownerSeed: bytes(6, 32),
  readerSeed: bytes(7, 32),
  writerSeed: bytes(8, 32),
  salt: bytes(9, 32),
  readId: bytes(10, 24),
  writeId: bytes(11, 24),
  made: flag(12),
  slotSequence: uint(13),
  revision: uint(14),
  name: text(15, 80),
  keeper: text(16, 80),
  topics: repeated(17, message({ id: text(1, 40), title: text(2, 80) }), 64),
  rooms: repeated(18, listingCodec, 200),
  link: text(19, 1_000),
  incarnation: optionalBytes(20, 16),
});
export type DirectoryRecord = TypeOf<typeof directoryCodec>;

/** Partition: persona id; key: directory id (hex). */
export const directories = namedTable('directory', directoryCodec);
/** Partition: persona id; key: hash of the directory's key (hex). */
export const seenDirectories = namedTable('directory-seen', message({ revision: uint(1) }));
