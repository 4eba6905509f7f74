// The room's card as bytes: what kind of room it is, signed by the room's key, so that whoever holds a link knows what
// lies behind it before entering. The hash of the signed card stands in the roles. Showing it is the app's concern.
import { message, bytes, flag, repeated, text, type TypeOf, uint } from '../content/wire-codec.ts';
import { concatBytes, equalBytes, sha256, type SigningKeyPair, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { DOORS, type RoomCard, type RoomCardInput, UNHOSTED } from './types.ts';
import { checkPaper, signPaper } from './signed.ts';

const DOMAIN = utf8('sotto.v1.room.card\0');
const HASH_DOMAIN = utf8('sotto.v1.room.card-hash\0');
const VERSION = 1;
/** A card's own bytes; with the signature it fits beside a commit in one block. */
const MAX_CARD_BYTES = 2_400;
export const MAX_SIGNED_CARD_BYTES = MAX_CARD_BYTES + 128;
const MAX_RULES = 12;
export const MAX_PLACES = 200;

const fields = message({
  version: uint(1, 0xffff_ffff),
  revision: uint(2, 0xffff_ffff),
  roomKey: bytes(3, 32),
  title: text(4, 80),
  topic: text(5, 40),
  focus: text(6, 600),
  rules: repeated(7, message({ rule: text(1, 160) }), MAX_RULES),
  host: text(8, 64),
  hours: text(9, 120),
  language: text(10, 35),
  retentionHours: uint(11, 24 * 31),
  door: uint(12, DOORS.length - 1),
  postQuantum: flag(13),
  places: uint(14, MAX_PLACES),
  unhostedAfterMinutes: uint(15, 60 * 24 * 7),
  unhosted: uint(16, UNHOSTED.length - 1),
  slowSeconds: uint(17, 3_600),
  newcomerMinutes: uint(18, 60 * 24),
  files: flag(19),
});
type Fields = TypeOf<typeof fields>;

const signedCodec = message({ card: bytes(1, 1, MAX_CARD_BYTES), signature: bytes(2, 64) });

/** What a card says where whoever makes the room doesn't say otherwise. */
export const DEFAULT_CARD: Omit<RoomCard, 'title'> = {
  revision: 1,
  topic: '',
  focus: '',
  rules: [],
  host: '',
  hours: '',
  language: 'en',
  retentionHours: 24,
  door: 'open',
  postQuantum: false,
  places: 32,
  unhostedAfterMinutes: 120,
  unhosted: 'slow',
  slowSeconds: 30,
  newcomerMinutes: 30,
  files: false,
};

declare const signed: unique symbol;
/** A card whose signature was checked, with the bytes that were signed: `openCard` and `signCard` alone make it. */
export interface SignedCard {
  readonly card: RoomCard;
  readonly roomKey: Uint8Array;
  /** As it travels. */
  readonly bytes: Uint8Array;
  /** 32 bytes; the roles name it. */
  readonly hash: Uint8Array;
  readonly [signed]: true;
}

type Made = Omit<SignedCard, typeof signed>;

/** The hash by which roles name a card. */
function hashOf(bytes: Uint8Array): Uint8Array {
  return sha256(concatBytes(HASH_DOMAIN, bytes));
}

/**
 * Fills in defaults and signs.
 * @throws SottoError ROOM_CARD_BAD where a field is empty, too long or out of bounds.
 */
export function signCard(input: RoomCardInput, revision: number, pair: SigningKeyPair): SignedCard {
  const files = (input.door ?? DEFAULT_CARD.door) !== 'open';
  const card: RoomCard = { ...DEFAULT_CARD, files, ...input, revision };
  if (!isSound(card)) throw new SottoError('ROOM_CARD_BAD');
  let encoded: Uint8Array;
  try {
    const { rules, door, unhosted, ...rest } = card;
    const value: Fields = {
      ...rest,
      version: VERSION,
      roomKey: pair.publicKey,
      rules: rules.map((rule) => ({ rule })),
      door: DOORS.indexOf(door),
      unhosted: UNHOSTED.indexOf(unhosted),
    };
    const body = fields.encode(value);
    encoded = signedCodec.encode({ card: body, signature: signPaper(DOMAIN, pair, body) });
  } catch (cause) {
    throw new SottoError('ROOM_CARD_BAD', { cause });
  }
  return { card, roomKey: pair.publicKey, bytes: encoded, hash: hashOf(encoded) } as Made as SignedCard;
}

/**
 * The climb from bytes to a card that may be believed.
 * @param expected - `roomKey`: from the link's hash or the group; `hash`: where the roles name one.
 * @throws SottoError ROOM_CARD_BAD
 */
export function openCard(
  encoded: Uint8Array,
  expected: { roomKey: Uint8Array; hash?: Uint8Array },
): SignedCard {
  try {
    const { card: body, signature } = signedCodec.decode(encoded);
    const { version, roomKey, rules, door, unhosted, ...rest } = fields.decode(body);
    if (version !== VERSION || !equalBytes(roomKey, expected.roomKey)) throw new SottoError('ROOM_CARD_BAD');
    checkPaper(DOMAIN, { key: roomKey, signature }, body);
    const card: RoomCard = {
      ...rest,
      rules: rules.map(({ rule }) => rule),
      door: DOORS[door] ?? 'closed',
      unhosted: UNHOSTED[unhosted] ?? 'closed',
    };
    const hash = hashOf(encoded);
    const asNamed = expected.hash === undefined || equalBytes(hash, expected.hash);
    if (!asNamed || !isSound(card)) throw new SottoError('ROOM_CARD_BAD');
    return { card, roomKey, bytes: encoded, hash } as Made as SignedCard;
  } catch (cause) {
    throw new SottoError('ROOM_CARD_BAD', { cause });
  }
}

/** The room key that a card claims, before anything is believed of it. @throws SottoError ROOM_CARD_BAD */
export function claimedRoomKey(encoded: Uint8Array): Uint8Array {
  try {
    return fields.decode(signedCodec.decode(encoded).card).roomKey;
  } catch (cause) {
    throw new SottoError('ROOM_CARD_BAD', { cause });
  }
}

function isSound(card: RoomCard): boolean {
  return (
    card.title.trim() !== '' &&
    card.revision >= 1 &&
    card.places >= 2 &&
    card.places <= MAX_PLACES &&
    card.retentionHours >= 1 &&
    card.slowSeconds >= 1 &&
    DOORS.includes(card.door) &&
    UNHOSTED.includes(card.unhosted) &&
    card.rules.every((rule) => rule.trim() !== '')
  );
}
