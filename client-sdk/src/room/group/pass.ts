// Two small signed papers that a commit may carry in its authenticated data: the ticket of somebody who comes in by
// another door than an open one, and the notes of members who leave, which let anyone take their leaves away.
import { bytes, message, optionalBytes, repeated, type TypeOf, uint } from '../../content/wire-codec.ts';
import {
  asKey,
  concatBytes,
  equalBytes,
  sign,
  type SigningKeyPair,
  utf8,
  verify,
} from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { isHost, MAX_MEMBERS, type Roles } from './roles.ts';

const TICKET_DOMAIN = utf8('sotto.v1.room.ticket\0');
const LEAVE_DOMAIN = utf8('sotto.v1.room.leave\0');

const ticketCodec = message({
  pseudonym: bytes(1, 32),
  serial: bytes(2, 16),
  /** Unix seconds by the relay's clock, which is the same for all readers; 0: never. */
  expiresAt: uint(3),
  signer: bytes(4, 32),
  signature: bytes(5, 64),
});

/** What a host grants. */
export interface TicketInput {
  readonly roomId: Uint8Array;
  readonly pseudonym: Uint8Array;
  /** 16 random bytes: names the ticket in the hosts' own books. */
  readonly serial: Uint8Array;
  readonly expiresAt: number;
}

/** @param signer - A host's pseudonym, the room's key or the order part's ticket key. */
export function signTicket(input: TicketInput, signer: SigningKeyPair): Uint8Array {
  const { pseudonym, serial, expiresAt } = input;
  const signature = sign(signer, ticketPreimage(input));
  return ticketCodec.encode({ pseudonym, serial, expiresAt, signer: signer.publicKey, signature });
}

function ticketPreimage({ roomId, pseudonym, serial, expiresAt }: TicketInput): Uint8Array {
  const expiry = new Uint8Array(8);
  new DataView(expiry.buffer).setBigUint64(0, BigInt(expiresAt));
  return concatBytes(TICKET_DOMAIN, roomId, pseudonym, serial, expiry);
}

/**
 * @param expected.at - Unix ms of the relay when it took the commit.
 * @throws SottoError ROOM_DOOR where it is malformed, forged, over, or for another room or pseudonym.
 */
export function verifyTicket(
  ticket: Uint8Array,
  expected: { roomId: Uint8Array; pseudonym: Uint8Array; roles: Roles; at: number },
): void {
  try {
    const read = ticketCodec.decode(ticket);
    const { roles } = expected;
    const maySign =
      isHost(roles, read.signer) ||
      equalBytes(roles.roomKey, read.signer) ||
      (roles.ticketKey !== undefined && equalBytes(roles.ticketKey, read.signer));
    const holds = read.expiresAt === 0 || expected.at < read.expiresAt * 1_000;
    if (!maySign || !holds || !equalBytes(read.pseudonym, expected.pseudonym)) {
      throw new SottoError('ROOM_DOOR');
    }
    const preimage = ticketPreimage({ ...read, roomId: expected.roomId });
    verify(asKey('verify', read.signer), preimage, read.signature);
  } catch (cause) {
    throw new SottoError('ROOM_DOOR', { cause });
  }
}

const leaveNote = message({ leaf: uint(1, 0xffff), signature: bytes(2, 64) });
const passCodec = message({
  ticket: optionalBytes(1, 1, 256),
  leaving: repeated(2, leaveNote, MAX_MEMBERS),
});
/** What a commit's authenticated data hold. */
export type Pass = TypeOf<typeof passCodec>;

/** Empty where there is nothing to show. */
export function encodePass(pass: Pass): Uint8Array {
  return passCodec.encode(pass);
}

/** @throws SottoError CONTENT_MALFORMED */
export function decodePass(encoded: Uint8Array): Pass {
  return passCodec.decode(encoded);
}

/**
 * A member's word that its leaf may go. It names the leaf by its encryption key, so it is worth nothing any more once
 * the member has come back or renewed its keys.
 */
export function signLeave(
  of: { roomId: Uint8Array; leaf: number; leafKey: Uint8Array },
  pair: SigningKeyPair,
): Uint8Array {
  return leaveNote.encode({ leaf: of.leaf, signature: sign(pair, leavePreimage(of.roomId, of.leafKey)) });
}

function leavePreimage(roomId: Uint8Array, leafKey: Uint8Array): Uint8Array {
  return concatBytes(LEAVE_DOMAIN, roomId, leafKey);
}

/** @throws SottoError CONTENT_MALFORMED */
export function decodeLeave(note: Uint8Array): TypeOf<typeof leaveNote> {
  return leaveNote.decode(note);
}

/** @throws SottoError CRYPTO_SIGNATURE */
export function verifyLeave(
  signature: Uint8Array,
  of: { roomId: Uint8Array; leafKey: Uint8Array; pseudonym: Uint8Array },
): void {
  verify(asKey('verify', of.pseudonym), leavePreimage(of.roomId, of.leafKey), signature);
}
