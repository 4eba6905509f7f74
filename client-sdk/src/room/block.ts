// A block of a room's log: a padded packet under a key that follows from the room's secret. It hides MLS' framing,
// epochs, sizes and the group's public state from the relay; secrecy among members is MLS' (docs/rooms.md, "Blocks").
import { asKey, deriveKey, seal, SEAL_OVERHEAD, type SealKey, tryOpen, utf8 } from '../crypto/index.ts';
import { BLOCK_BYTES } from '../envelope/envelope.ts';
import { SottoError } from '../errors.ts';

const DOMAIN = utf8('sotto.v1.room.block\0');
const LENGTH_BYTES = 2;
const PADDED_BYTES = BLOCK_BYTES - SEAL_OVERHEAD;
/** What fits into one block. */
export const MAX_PACKET_BYTES = PADDED_BYTES - LENGTH_BYTES;

/** @param roomSecret - 32 bytes that whoever may enter holds. */
export function blockKeyOf(roomSecret: Uint8Array): SealKey {
  return deriveKey(asKey('hash', roomSecret), 'seal', 'room.block');
}

/** u16 length ‖ packet ‖ zeros, sealed. @throws SottoError ENVELOPE_TOO_LONG beyond `MAX_PACKET_BYTES`. */
export function sealBlock(key: SealKey, packet: Uint8Array): Uint8Array {
  if (packet.length > MAX_PACKET_BYTES) throw new SottoError('ENVELOPE_TOO_LONG');
  const padded = new Uint8Array(PADDED_BYTES);
  new DataView(padded.buffer).setUint16(0, packet.length);
  padded.set(packet, LENGTH_BYTES);
  return seal(key, padded, DOMAIN);
}

/** @returns the packet, or undefined where it doesn't open or isn't padded as it must be: one answer for all. */
export function openBlock(key: SealKey, block: Uint8Array): Uint8Array | undefined {
  if (block.length !== BLOCK_BYTES) return undefined;
  const padded = tryOpen(key, block, DOMAIN);
  if (padded === undefined) return undefined;
  const end = LENGTH_BYTES + new DataView(padded.buffer, padded.byteOffset).getUint16(0);
  if (end > padded.length || padded.subarray(end).some((byte) => byte !== 0)) return undefined;
  return padded.slice(LENGTH_BYTES, end);
}
