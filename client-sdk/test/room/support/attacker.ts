// Someone with all the keys that a member has, and no honest client around them: a connection of its own to the room's
// log, on which anything can be appended.
import { asKey, randomBytes } from '../../../src/crypto/index.ts';
import type { Room } from '../../../src/index.ts';
import { openRelaySession } from '../../../src/net/index.ts';
import { blockKeyOf, openBlock, sealBlock } from '../../../src/room/block.ts';
import { decodePacket, type Packet, packetCodec } from '../../../src/room/packet.ts';

export type Attacker = ReturnType<typeof attacker>;

/** What a member knows of the log, and a connection of its own to use it wrongly. */
export function attacker(relay: string, room: Room) {
  const { relayKey, writeId, writerSeed, joinerSeed, roomSecret } = room.runner.record();
  const session = openRelaySession({ url: relay, relayKey: asKey('verify', relayKey) });
  const hold = (seed: Uint8Array | undefined, right: 'writer' | 'joiner') =>
    session.writer({ writeId, keySeed: asKey('signing-seed', seed ?? new Uint8Array(32)), right });
  const writer = hold(writerSeed, 'writer');
  const joiner = hold(joinerSeed, 'joiner');
  const key = blockKeyOf(roomSecret ?? new Uint8Array(32));
  const input = (block: Uint8Array) => ({ appendId: randomBytes(16), block, commitment: randomBytes(32) });
  return {
    key,
    /** Whether these are still the keys that this member's client has. */
    knows(now: Room): boolean {
      const record = now.runner.record();
      return record.writerSeed === writerSeed && record.joinerSeed === joinerSeed;
    },
    say: (block: Uint8Array) => writer.append(input(block)),
    /** By compare-and-set, whatever others do meanwhile. */
    async order(block: Uint8Array): Promise<void> {
      for (;;) {
        const expect = (await joiner.readSlot())?.sequence ?? 0;
        try {
          await joiner.append({ ...input(block), ordered: { expect } });
          return;
        } catch (error) {
          if ((error as { code: string }).code !== 'NET_STALE') throw error;
        }
      }
    },
    async slot(back = 0): Promise<Packet> {
      const slot = await joiner.readSlot(back);
      return (
        decodePacket(openBlock(key, slot?.block ?? new Uint8Array(0)) ?? new Uint8Array(0)) ?? { kind: 0 }
      );
    },
    /** Sequence of the last ordered packet, or of one before it. */
    async ordered(back = 0): Promise<number> {
      return (await joiner.readSlot(back))?.sequence ?? 0;
    },
    packet: (packet: Packet) => sealBlock(key, packetCodec.encode(packet)),
    close: () => session.close(),
  };
}
