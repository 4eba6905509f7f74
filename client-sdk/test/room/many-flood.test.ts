// One member floods the log as fast as the relay takes it: what that costs the others, and that its own removal doesn't
// wait for it. Over the real relay, with the keys that a member has and no client that would hold back.
import { beforeAll, expect, jest, test } from '@jest/globals';
import { randomBytes } from '../../src/crypto/index.ts';
import type { Room } from '../../src/index.ts';
import { PACKET_KINDS } from '../../src/room/packet.ts';
import type { Attacker } from './support/attacker.ts';
import { hears, notices, until } from './support/people.ts';
import { three } from './support/three.ts';

jest.setTimeout(180_000);
const PATIENCE_MS = 60_000;
const BLOCK_BYTES = 3_968;
/** Well below a log's quota: a full one would keep the others from speaking, which is said in docs/rooms.md. */
const MOST = 1_000;

const here = three({ title: 'Loud' });
let evil: Attacker;
let host: Room;
let ben: Room;
let cleo: Room;
beforeAll(() => {
  [host, ben, cleo] = here.rooms as [Room, Room, Room];
  evil = here.attacker(ben);
});

test('a flood costs each member one failed opening a block and one line: no commit, no return, no repair', async () => {
  const packets = await evil.ordered();
  const before = [host, cleo].map((room) => room.runner.record());
  const blocks = 300;
  const noise = (i: number): Uint8Array =>
    i % 2 === 0
      ? randomBytes(BLOCK_BYTES)
      : evil.packet({ kind: PACKET_KINDS.message, message: randomBytes(300 + i) });
  await Promise.all(Array.from({ length: blocks }, (_, i) => evil.say(noise(i))));
  const read = (i: number, room: Room): number =>
    room.runner.record().unreadable - (before[i]?.unreadable ?? 0);
  for (const [i, room] of [host, cleo].entries())
    await until('all is read', () => read(i, room) >= blocks, PATIENCE_MS);
  await cleo.send('after the noise');
  for (const [i, room] of [host, cleo].entries()) {
    await hears(room, 'after the noise', PATIENCE_MS);
    expect(read(i, room)).toBe(blocks);
    const { nextPosition, rejoins, voided } = room.runner.record();
    // The gap, and what Cleo said, which for herself moved behind it.
    expect(nextPosition - (before[i]?.nextPosition ?? 0)).toBeLessThanOrEqual(3);
    expect([rejoins, voided, room.state.phase]).toEqual([0, 0, 'in']);
    expect((await notices(room)).filter((one) => one === 'gap')).toHaveLength(1);
  }
  expect(await evil.ordered()).toBe(packets);
});

test('who floods is removed in the midst of it, and nothing of the flood is taken after that', async () => {
  let taken = 0;
  let last = 0;
  const flood = async (): Promise<string> => {
    for (;;) {
      if (taken > MOST) await new Promise((resolve) => setTimeout(resolve, 20));
      try {
        const { sequence } = await evil.say(randomBytes(BLOCK_BYTES));
        taken++;
        last = Math.max(last, sequence);
      } catch (error) {
        return (error as { code: string }).code;
      }
    }
  };
  const floods = Array.from({ length: 32 }, flood);
  await until('it flows', () => taken > 100, PATIENCE_MS);
  await host.remove(ben.me);
  const removal = host.runner.record().ordered;
  // It never ends by itself: only the removal ends it.
  for (const code of await Promise.all(floods)) expect(['NET_LINK_DEAD', 'NET_SUPERSEDED']).toContain(code);
  expect(last).toBeLessThan(removal);
  await until('Ben sees it', () => ben.state.phase === 'removed', PATIENCE_MS);
  await cleo.send('quiet again');
  for (const room of [host, cleo]) {
    await hears(room, 'quiet again', PATIENCE_MS);
    expect([room.state.phase, room.state.memberCount]).toEqual(['in', 2]);
    expect((await notices(room)).filter((one) => one === 'rejoined')).toEqual([]);
  }
});
