// The newest state of a room that passes every check, taken from the slot of its log or from what lay there before:
// whoever may append may also have put nonsense there. Read by newcomers and by whoever comes back.
import { SottoError } from '../errors.ts';
import type { SlotBlock } from '../net/index.ts';
import type { SealKey } from '../crypto/index.ts';
import { openBlock } from './block.ts';
import { claimedRoomKey, openCard, type SignedCard } from './card.ts';
import { type PublicState, readPublicState } from './group/index.ts';
import { checkRoomKey } from './link.ts';
import { type Access, decodePacket, type Packet, PACKET_KINDS, type SpillRef, unite } from './packet.ts';

/** The slot and the 16 before it: what the relay keeps. */
export const MAX_BACK = 16;

export interface GoodState {
  /** What the next ordered append must name: the slot's sequence, whatever lies there. */
  readonly expect: number;
  readonly state: PublicState;
  readonly card: SignedCard;
  readonly access: Access | undefined;
}

export interface SlotSource {
  readSlot(back: number): Promise<SlotBlock | undefined>;
  /** The rest of a packet. @throws where it can't be had or isn't what the reference says. */
  readRest(ref: SpillRef): Promise<Uint8Array>;
}

/**
 * Looks for the state to begin from.
 * @param key - of the log's blocks; `identityHash`: of the room's key.
 * @throws SottoError ROOM_GONE where no packet of the slot's history holds a good one.
 */
export async function findState(
  source: SlotSource,
  key: SealKey,
  identityHash: Uint8Array,
): Promise<GoodState> {
  let expect: number | undefined;
  for (let back = 0; back <= MAX_BACK; back++) {
    const slot = await source.readSlot(back);
    if (slot === undefined) break;
    expect ??= slot.sequence;
    const found = await readState(source, key, identityHash, slot.block);
    if (found !== undefined) return { ...found, expect };
  }
  throw new SottoError('ROOM_GONE');
}

async function readState(
  source: SlotSource,
  key: SealKey,
  identityHash: Uint8Array,
  block: Uint8Array,
): Promise<Omit<GoodState, 'expect'> | undefined> {
  const encoded = openBlock(key, block);
  const head = encoded === undefined ? undefined : decodePacket(encoded);
  if (head === undefined || head.kind === PACKET_KINDS.message) return undefined;
  const packet = await whole(source, head);
  if (packet?.state === undefined || packet.card === undefined) return undefined;
  try {
    const roomKey = claimedRoomKey(packet.card);
    checkRoomKey({ identityHash }, roomKey);
    const state = await readPublicState(packet.state, { roomKey });
    const card = openCard(packet.card, { roomKey, hash: state.roles.cardHash });
    return { state, card, access: packet.access };
  } catch {
    return undefined;
  }
}

/** A packet with what lies in its spill. @returns undefined where that isn't what it should be. */
export async function whole(source: Pick<SlotSource, 'readRest'>, head: Packet): Promise<Packet | undefined> {
  if (head.rest === undefined) return head;
  try {
    const rest = decodePacket(await source.readRest(head.rest));
    return rest === undefined ? undefined : unite(head, rest);
  } catch (error) {
    if (error instanceof SottoError && error.code === 'NET_CLOSED') throw error;
    return undefined;
  }
}
