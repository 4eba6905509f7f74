// What a block of a room's log holds once opened: a member's message, or an ordered packet that decides the group's
// state: a commit with the state it leads to, or the right state put back. What doesn't fit into the block lies in a
// spill that the packet names. Which packet is valid is the group's and the runner's concern.
import { bytes, message, optional, optionalBytes, type TypeOf, uint } from '../content/wire-codec.ts';
import { type SpillRef, spillRefCodec } from '../spill/index.ts';
import { MAX_SIGNED_CARD_BYTES } from './card.ts';
import { MAX_WAYS_BYTES } from './ways.ts';
import { wordCodec } from './word.ts';

/** What a packet is. A number that is none of these means nothing to anyone. */
export const PACKET_KINDS = { message: 1, commit: 2, state: 3 } as const;

/** 200 members of the largest suite fit; whoever writes more writes for nobody. */
export const MAX_COMMIT_BYTES = 524_288;
export const MAX_STATE_BYTES = 1_048_576;

/** How to read the log: for those who come in by an open door. */
export const accessCodec = message({ readId: bytes(1, 24), readerSeed: bytes(2, 32) });
export type Access = TypeOf<typeof accessCodec>;

export const packetCodec = message({
  kind: uint(1, 0xff),
  /** message: an MLS PrivateMessage. */
  message: optionalBytes(2, 1, 4_096),
  /** commit: an MLS PublicMessage. */
  commit: optionalBytes(3, 1, MAX_COMMIT_BYTES),
  /** commit, state: GroupInfo with tree, after this packet. */
  state: optionalBytes(4, 1, MAX_STATE_BYTES),
  card: optionalBytes(5, 1, MAX_SIGNED_CARD_BYTES),
  access: optional(6, accessCodec),
  /** Fields that are not here stand in a packet of the same kind in this spill. */
  rest: optional(7, spillRefCodec),
  /** state: by a host who has it. */
  word: optional(8, wordCodec),
  /** commit: where it changes the keys to read and to join by. */
  ways: optionalBytes(9, 1, MAX_WAYS_BYTES),
});
export type Packet = TypeOf<typeof packetCodec>;

/** @returns undefined for what is no packet; whoever holds the room's secret can write anything. */
export function decodePacket(encoded: Uint8Array): Packet | undefined {
  try {
    return packetCodec.decode(encoded);
  } catch {
    return undefined;
  }
}

/** Fields of an ordered packet that may lie in a spill, those that members need most first. */
const MOVABLE = ['commit', 'card', 'ways', 'state'] as const;

/**
 * Divides an ordered packet so that the block's part, with a reference to the rest, has at most `room` bytes.
 * @returns `rest` undefined where all of it fits.
 */
export function divide(packet: Packet, room: number): { head: Packet; rest: Packet | undefined } {
  if (packetCodec.encode(packet).length <= room) return { head: packet, rest: undefined };
  const head: Packet = { kind: packet.kind };
  if (packet.access !== undefined) head.access = packet.access;
  if (packet.word !== undefined) head.word = packet.word;
  const rest: Packet = { kind: packet.kind };
  let left = room - packetCodec.encode({ ...head, rest: WIDEST_REF }).length;
  for (const name of MOVABLE) {
    const value = packet[name];
    if (value === undefined) continue;
    const cost = value.length + 6;
    if (cost <= left) {
      head[name] = value;
      left -= cost;
    } else rest[name] = value;
  }
  return { head, rest };
}

const WIDEST_REF: SpillRef = {
  relay: '',
  readId: new Uint8Array(24),
  readerSeed: new Uint8Array(32),
  key: new Uint8Array(32),
  length: MAX_COMMIT_BYTES + MAX_WAYS_BYTES + MAX_STATE_BYTES,
  sha256: new Uint8Array(32),
  keptUntil: 0xffff_ffff,
};

/** Puts a packet together with its rest. @returns undefined where they don't belong together. */
export function unite(head: Packet, rest: Packet | undefined): Packet | undefined {
  if (rest === undefined) return head.rest === undefined ? head : undefined;
  const doubled = MOVABLE.some((name) => head[name] !== undefined && rest[name] !== undefined);
  const isMore = rest.rest !== undefined || rest.access !== undefined || rest.word !== undefined;
  if (rest.kind !== head.kind || isMore || doubled) return undefined;
  const { rest: _, ...own } = head;
  return { ...rest, ...own };
}

export type { SpillRef };
