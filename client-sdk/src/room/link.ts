// Links that lead to a room: `room` to its log, for open doors; `door` to the hosts' mailbox, for the others. Both carry
// a hash of the room's key, against which all that lies behind them is checked.
import { decodeLink, encodeLink, type Link } from '@sotto/wire';
import type { RelayPin } from '../conversation/mailbox.ts';
import { asKey, concatBytes, deriveKey, equalBytes, type SealKey, sha256, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

const IDENTITY = utf8('sotto.v1.identity\0');

export type RoomLink = Link & { readonly kind: 'room' | 'door' };

/** What a link carries of the room's key. */
export function roomKeyHash(roomKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(IDENTITY, roomKey));
}

/** @throws SottoError ROOM_KIND for a link to something else; WireError WIRE_LINK_… */
export function parseRoomLink(text: string): RoomLink {
  const link = decodeLink(text, { sha256 });
  if (link.kind !== 'room' && link.kind !== 'door') throw new SottoError('ROOM_KIND');
  return link as RoomLink;
}

/** @throws SottoError ROOM_CARD_BAD where this key isn't the one that the link names. */
export function checkRoomKey(link: { identityHash: Uint8Array }, roomKey: Uint8Array): void {
  if (!equalBytes(roomKeyHash(roomKey), link.identityHash)) throw new SottoError('ROOM_CARD_BAD');
}

/** A link to an open room's log: its seed may append ordered packets, its secret opens blocks. */
export function openLink(room: {
  pin: RelayPin;
  writeId: Uint8Array;
  joinerSeed: Uint8Array;
  roomSecret: Uint8Array;
  roomKey: Uint8Array;
  origin: string;
}): string {
  return encodeLink(
    {
      kind: 'room',
      relay: room.pin.relay,
      relayKey: room.pin.relayKey,
      writeId: room.writeId,
      writerSeed: room.joinerSeed,
      secret: room.roomSecret,
      identityHash: roomKeyHash(room.roomKey),
    },
    { origin: room.origin, sha256 },
  );
}

/** A link to a door: its seed may write there, its secret opens the card behind it. */
export function doorLink(door: {
  pin: RelayPin;
  writeId: Uint8Array;
  writerSeed: Uint8Array;
  secret: Uint8Array;
  roomKey: Uint8Array;
  origin: string;
}): string {
  return encodeLink(
    {
      kind: 'door',
      relay: door.pin.relay,
      relayKey: door.pin.relayKey,
      writeId: door.writeId,
      writerSeed: door.writerSeed,
      secret: door.secret,
      identityHash: roomKeyHash(door.roomKey),
    },
    { origin: door.origin, sha256 },
  );
}

/** Hides what lies in a door's slot. */
export function doorKeyOf(secret: Uint8Array): SealKey {
  return deriveKey(asKey('hash', secret), 'seal', 'room.door');
}
