// Who one is in a room: a key pair that follows from the persona's room seed and the room's id, so that it is the same
// after leaving and coming back (a ban holds) and tells nothing in any other room. Burning the persona destroys it.
import {
  asKey,
  concatBytes,
  keyedHash,
  sha256,
  signingKeyPair,
  type SigningKeyPair,
  toHex,
  utf8,
} from '../crypto/index.ts';
import type { MemberId } from './types.ts';

const ROOM_ID = utf8('sotto.v1.room\0');
const PSEUDONYM = utf8('sotto.v1.room.pseudonym\0');
const PICTURE = utf8('sotto picture v1');

/** The room's name everywhere: MLS group id, thread of authors' signatures. @returns 32 bytes. */
export function roomIdOf(roomKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(ROOM_ID, roomKey));
}

/**
 * @param roomSeed - 32 bytes of the persona that nothing else knows.
 * @returns the pair that this persona always has in this room.
 */
export function pseudonymOf(roomSeed: Uint8Array, roomId: Uint8Array): SigningKeyPair {
  const seed = keyedHash(asKey('hash', roomSeed), concatBytes(PSEUDONYM, roomId));
  return signingKeyPair(asKey('signing-seed', seed));
}

/** How a pseudonym's key is written outside. */
export function memberIdOf(pseudonym: Uint8Array): MemberId {
  return toHex(pseudonym) as MemberId;
}

/** 32 bytes that a member's picture may be drawn from. */
export function pictureSeedOf(pseudonym: Uint8Array): Uint8Array {
  return sha256(concatBytes(PICTURE, pseudonym));
}
