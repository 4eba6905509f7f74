// A directory as bytes: topics and the rooms that live in them, signed by the directory's key, which its link names. Each
// room's card is checked against the room's own link, so that a keeper can list a room and not speak for it.
import { bytes, message, repeated, text, uint } from '../content/wire-codec.ts';
import { concatBytes, sha256, type SigningKeyPair, utf8 } from '../crypto/index.ts';
import { equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { claimedRoomKey, MAX_SIGNED_CARD_BYTES, openCard } from '../room/card.ts';
import { checkRoomKey, parseRoomLink } from '../room/link.ts';
import { DOORS } from '../room/types.ts';
import { type Directory, type DirectoryTopic, INTENTS, type ListedRoom, TOPICS } from './types.ts';
import { checkPaper, signPaper } from '../room/signed.ts';

const DOMAIN = utf8('sotto.v1.directory\0');
const IDENTITY = utf8('sotto.v1.identity\0');
const VERSION = 1;
const MAX_ROOMS = 200;
const MAX_TOPICS = 64;
/** A directory's bytes; beyond a block they lie in a spill. */
export const MAX_DIRECTORY_BYTES = 786_432;

const roomCodec = message({
  topic: text(1, 40),
  card: bytes(2, 1, MAX_SIGNED_CARD_BYTES),
  door: uint(3, DOORS.length - 1),
  link: text(4, 1_000),
  memberCount: uint(5, 200),
  seenAt: uint(6),
  /** 0: no circle; else 1 + index of INTENTS. */
  intent: uint(7, INTENTS.length),
});
const paperCodec = message({
  version: uint(1, 0xffff_ffff),
  key: bytes(2, 32),
  revision: uint(3),
  updatedAt: uint(4),
  name: text(5, 80),
  keeper: text(6, 80),
  topics: repeated(7, message({ id: text(1, 40), title: text(2, 80) }), MAX_TOPICS),
  rooms: repeated(8, roomCodec, MAX_ROOMS),
});
const signedCodec = message({ paper: bytes(1, 1, MAX_DIRECTORY_BYTES), signature: bytes(2, 64) });

/** What a link carries of a directory's key. */
export function directoryHash(key: Uint8Array): Uint8Array {
  return sha256(concatBytes(IDENTITY, key));
}

/** What a keeper lists. */
export interface Listing {
  readonly topic: string;
  readonly card: Uint8Array;
  readonly door: number;
  readonly link: string;
  readonly memberCount: number;
  readonly seenAt: number;
  readonly intent: number;
}

/** @throws SottoError DIRECTORY_BAD where it is too long. */
export function signDirectory(
  input: {
    revision: number;
    updatedAt: number;
    name: string;
    keeper: string;
    topics: readonly { id: string; title: string }[];
    rooms: readonly Listing[];
  },
  pair: SigningKeyPair,
): Uint8Array {
  try {
    const rooms = input.rooms.map((room) => ({ ...room }));
    const paper = paperCodec.encode({ ...input, rooms, version: VERSION, key: pair.publicKey });
    return signedCodec.encode({ paper, signature: signPaper(DOMAIN, pair, paper) });
  } catch (cause) {
    throw new SottoError('DIRECTORY_BAD', { cause });
  }
}

/** @throws SottoError DIRECTORY_BAD where it isn't signed by the key that the link names. */
export function openDirectoryPaper(encoded: Uint8Array, identityHash: Uint8Array): Directory {
  try {
    const { paper, signature } = signedCodec.decode(encoded);
    const { version, key, revision, updatedAt, name, keeper, topics, rooms } = paperCodec.decode(paper);
    if (version !== VERSION || !equalBytes(directoryHash(key), identityHash))
      throw new SottoError('DIRECTORY_BAD');
    checkPaper(DOMAIN, { key, signature }, paper);
    const listed = rooms.flatMap((room) => {
      const shown = listedRoom(room);
      return shown === undefined ? [] : [{ topic: room.topic, shown }];
    });
    const known = TOPICS.map((id) => ({ id: id, title: '' }));
    const own = topics.filter(({ id }) => !known.some((one) => one.id === id));
    return {
      name,
      keeper,
      revision,
      updatedAt,
      topics: [...known, ...own].map(({ id, title }) =>
        topicOf(
          id,
          title,
          listed.filter(({ topic }) => topic === id).map(({ shown }) => shown),
        ),
      ),
      hasCircles: listed.some(({ shown }) => shown.intent !== undefined),
    };
  } catch (cause) {
    throw new SottoError('DIRECTORY_BAD', { cause });
  }
}

/** A room whose card isn't its own is left out; the rest of the directory stands. */
function listedRoom(room: Listing): ListedRoom | undefined {
  try {
    const link = parseRoomLink(room.link);
    const roomKey = claimedRoomKey(room.card);
    checkRoomKey(link, roomKey);
    const { card } = openCard(room.card, { roomKey });
    const intent = INTENTS[room.intent - 1];
    return {
      card,
      door: DOORS[room.door] ?? 'closed',
      link: room.link,
      memberCount: room.memberCount,
      seenAt: room.seenAt,
      ...(intent === undefined ? {} : { intent }),
    };
  } catch {
    return undefined;
  }
}

/** Circles are asked for, not chosen: they don't stand among a topic's rooms. */
function topicOf(id: string, title: string, all: readonly ListedRoom[]): DirectoryTopic {
  const rooms = all.filter(({ intent }) => intent === undefined);
  const withPlaces = rooms.filter(
    ({ card, door, memberCount }) => memberCount < card.places && (door === 'open' || door === 'knock'),
  );
  const [suggested] = [...withPlaces].sort((a, b) => b.memberCount - a.memberCount);
  return {
    id,
    title,
    rooms,
    circles: all.filter(({ intent }) => intent !== undefined),
    ...(suggested && { suggested }),
  };
}
