// The papers at a door: the sign in its slot (the card, and the key to knock with), a knock, and the hosts' answer. Each
// is one block: the sign under the link's secret, the others in boxes that only their reader opens.
import { bytes, flag, message, optional, type TypeOf } from '../content/wire-codec.ts';
import {
  asKey,
  type BoxKeyPair,
  concatBytes,
  equalBytes,
  seal,
  SEAL_OVERHEAD,
  SEALED_BOX_OVERHEAD,
  sealToBox,
  sha256,
  sign,
  type SigningKeyPair,
  tryOpen,
  tryOpenBox,
  utf8,
  verify,
} from '../crypto/index.ts';
import { BLOCK_BYTES } from '../envelope/envelope.ts';
import { SottoError } from '../errors.ts';
import { claimedRoomKey, MAX_SIGNED_CARD_BYTES, openCard, type SignedCard } from './card.ts';
import { knockCodec, type KnockPaper } from './control.ts';
import { checkRoomKey, doorKeyOf } from './link.ts';

const KNOCK = utf8('sotto.v1.room.knock\0');
const SIGN = utf8('sotto.v1.room.door\0');
const LENGTH_BYTES = 2;

const signCodec = message({
  card: bytes(1, 1, MAX_SIGNED_CARD_BYTES),
  boxKey: bytes(2, 32),
  /** For one person: not to be passed on. */
  once: flag(4),
  /** By the room's key, over the mailbox, the card and the box key: a sign can't be hung at another door. */
  signature: bytes(3, 64),
});

/** What admits: a host's ticket and the way to the log. */
export const admissionCodec = message({
  ticket: bytes(1, 1, 1_024),
  roomSecret: bytes(2, 32),
  writeId: bytes(3, 24),
  readId: bytes(4, 24),
  readerSeed: bytes(5, 32),
  joinerSeed: bytes(6, 32),
});
export type RoomAdmission = TypeOf<typeof admissionCodec>;
/** Nothing in it: refused. */
const answerCodec = message({ admitted: optional(1, admissionCodec) });
export type Answer = TypeOf<typeof answerCodec>;

function pad(content: Uint8Array, total: number): Uint8Array {
  if (content.length > total - LENGTH_BYTES) throw new SottoError('ENVELOPE_TOO_LONG');
  const padded = new Uint8Array(total);
  new DataView(padded.buffer).setUint16(0, content.length);
  padded.set(content, LENGTH_BYTES);
  return padded;
}

function unpad(padded: Uint8Array | undefined): Uint8Array | undefined {
  if (padded === undefined) return undefined;
  const end = LENGTH_BYTES + new DataView(padded.buffer, padded.byteOffset).getUint16(0);
  if (end > padded.length || padded.subarray(end).some((byte) => byte !== 0)) return undefined;
  return padded.slice(LENGTH_BYTES, end);
}

// ── the sign ──

function signPreimage(writeId: Uint8Array, boxKey: Uint8Array, card: Uint8Array, once: boolean): Uint8Array {
  return concatBytes(SIGN, writeId, boxKey, Uint8Array.of(once ? 1 : 0), sha256(card));
}

/** The block for a door's slot. */
export function makeDoorSign(
  door: { writeId: Uint8Array; secret: Uint8Array; boxKey: Uint8Array; once: boolean },
  card: SignedCard,
  roomKey: SigningKeyPair,
): Uint8Array {
  const { boxKey, once } = door;
  const signature = sign(roomKey, signPreimage(door.writeId, boxKey, card.bytes, once));
  const content = signCodec.encode({ card: card.bytes, boxKey, once, signature });
  return seal(doorKeyOf(door.secret), pad(content, BLOCK_BYTES - SEAL_OVERHEAD), SIGN);
}

/**
 * @param link - the one that led here: secret and hash of the room's key.
 * @throws SottoError ROOM_CARD_BAD for whatever isn't as the link says.
 */
export function openDoorSign(
  link: { writeId: Uint8Array; secret: Uint8Array; identityHash: Uint8Array },
  block: Uint8Array,
): { card: SignedCard; boxKey: Uint8Array; once: boolean } {
  const content = unpad(tryOpen(doorKeyOf(link.secret), block, SIGN));
  if (content === undefined) throw new SottoError('ROOM_CARD_BAD');
  try {
    const { card: encoded, boxKey, once, signature } = signCodec.decode(content);
    const roomKey = claimedRoomKey(encoded);
    checkRoomKey(link, roomKey);
    verify(asKey('verify', roomKey), signPreimage(link.writeId, boxKey, encoded, once), signature);
    return { card: openCard(encoded, { roomKey }), boxKey, once };
  } catch (cause) {
    throw new SottoError('ROOM_CARD_BAD', { cause });
  }
}

// ── the knock ──

function knockPreimage(paper: Omit<KnockPaper, 'signature'>, roomId: Uint8Array): Uint8Array {
  const unsigned = knockCodec.encode({ ...paper, signature: new Uint8Array(64).fill(1) });
  return concatBytes(KNOCK, roomId, sha256(unsigned.subarray(0, unsigned.length - 64)));
}

export function signKnock(
  paper: Omit<KnockPaper, 'signature' | 'pseudonym'>,
  roomId: Uint8Array,
  pair: SigningKeyPair,
): KnockPaper {
  const whole = { ...paper, pseudonym: pair.publicKey };
  return { ...whole, signature: sign(pair, knockPreimage(whole, roomId)) };
}

/** Whether the pseudonym in it has signed it, for this room. */
export function checkKnock(paper: KnockPaper, roomId: Uint8Array): boolean {
  try {
    verify(asKey('verify', paper.pseudonym), knockPreimage(paper, roomId), paper.signature);
    return true;
  } catch {
    return false;
  }
}

function box(boxKey: Uint8Array, content: Uint8Array): Uint8Array {
  return sealToBox(asKey('box-public', boxKey), pad(content, BLOCK_BYTES - SEALED_BOX_OVERHEAD));
}

function unbox(pair: BoxKeyPair, block: Uint8Array): Uint8Array | undefined {
  return block.length === BLOCK_BYTES ? unpad(tryOpenBox(pair, block)) : undefined;
}

/** The block that goes to a door. */
export function sealKnock(boxKey: Uint8Array, paper: KnockPaper): Uint8Array {
  return box(boxKey, knockCodec.encode(paper));
}

/** @returns undefined for what isn't a knock at this room's door, signed. */
export function openKnock(pair: BoxKeyPair, block: Uint8Array, roomId: Uint8Array): KnockPaper | undefined {
  const content = unbox(pair, block);
  if (content === undefined) return undefined;
  try {
    const paper = knockCodec.decode(content);
    return checkKnock(paper, roomId) ? paper : undefined;
  } catch {
    return undefined;
  }
}

// ── the answer ──

export function sealAnswer(boxKey: Uint8Array, answer: Answer): Uint8Array {
  return box(boxKey, answerCodec.encode(answer));
}

/** @returns undefined for what is no answer. */
export function openAnswer(pair: BoxKeyPair, block: Uint8Array): Answer | undefined {
  const content = unbox(pair, block);
  if (content === undefined) return undefined;
  try {
    const answer = answerCodec.decode(content);
    const { admitted } = answer;
    // An admission for a channel whose ids are one is a paper that nobody honest writes.
    return admitted !== undefined && equalBytes(admitted.readId, admitted.writeId) ? undefined : answer;
  } catch {
    return undefined;
  }
}
