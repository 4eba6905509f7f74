// A member who is in an epoch that nobody else has, whatever led it there: it opens nothing that is said inside the
// group, so a host's word beside the state brings it back, and no one else moves. Over the real relay.
import { beforeAll, expect, jest, test } from '@jest/globals';
import type { Room } from '../../src/index.ts';
import {
  decodeGroup,
  encodeGroup,
  epoch,
  epochAuthenticator,
  type GroupState,
  proposeUpdate,
} from '../../src/room/group/index.ts';
import { saveGroup } from '../../src/room/group-store.ts';
import { type Packet, PACKET_KINDS } from '../../src/room/packet.ts';
import { giveWord } from '../../src/room/word.ts';
import { groupOf, update } from './support/mishaps.ts';
import { hears, notices, ROOM_PACE, said, until } from './support/people.ts';
import { three } from './support/three.ts';

jest.setTimeout(240_000);
/** Each return doubles the pause before the next, and there are four. */
const here = three({ title: 'Astray' }, { pace: { ...ROOM_PACE.pace, rejoinMs: 1_000 } });
let host: Room;
let ben: Room;
let cleo: Room;
beforeAll(() => {
  [host, ben, cleo] = here.rooms as [Room, Room, Room];
});

const returns = async (room: Room): Promise<number> =>
  (await notices(room)).filter((one) => one === 'rejoined').length;

/** She has made and applied a commit on this state that nobody else has ever seen. */
async function leadAstray(room: Room, from: GroupState): Promise<void> {
  const { runner } = room;
  const { next } = await proposeUpdate(from);
  await runner.exclusively(async () => {
    await runner.step((step) => {
      // What was known of the others' epochs was known of those before.
      step.record = { ...step.record, agreed: Math.min(step.record.agreed, epoch(from)) };
      return saveGroup(step, next);
    });
    runner.setGroup(next);
  });
}

/** A busy machine may see her come back once more than is needed: nothing is lost by it. */
async function back(count: number, word: string): Promise<void> {
  await until(
    'she is back',
    async () => (await returns(cleo)) >= count && cleo.state.phase === 'in',
    120_000,
  );
  await cleo.send(word);
  for (const room of [host, ben]) {
    await hears(room, word);
    expect(await returns(room)).toBe(0);
    expect(epochAuthenticator(groupOf(room))).toEqual(epochAuthenticator(groupOf(cleo)));
  }
}

test('the next commit of anybody brings back who is astray', async () => {
  await leadAstray(cleo, groupOf(cleo));
  await update(ben);
  // As far as numbers go she is where all are.
  expect(epoch(groupOf(cleo))).toBe(epoch(groupOf(ben)));
  await back(1, 'found by a commit');
});

test('so does what she says, and so do messages that she can’t open', async () => {
  const same = async (): Promise<void> => {
    const before = encodeGroup(groupOf(cleo));
    const was = epoch(groupOf(cleo));
    await update(ben);
    await until('she has it', () => epoch(groupOf(cleo)) === was + 1);
    await leadAstray(cleo, await decodeGroup(before));
  };
  await same();
  await cleo.send('who hears me?');
  await back(2, 'found by my own words');
  // Said where nobody could read it, and again where all can: once, and in one order.
  for (const room of [host, ben]) await hears(room, 'who hears me?');
  const last = ['Cleo: who hears me?', 'Cleo: found by my own words'];
  const heard = async (room: Room) => (await said(room)).filter((line) => last.includes(line));
  for (const room of [host, ben]) expect(await heard(room)).toEqual(last);
  // Her own words stand where the log has them once it has brought them back to her.
  await until('she has read her own words', async () => (await heard(cleo)).join() === last.join());
  await same();
  for (let n = 0; n < 5; n++) await ben.send(`not for her ${String(n)}`);
  await back(3, 'found by others’ words');
});

test('a host’s word is good for one place in the log, and only a host’s is', async () => {
  const evil = here.attacker(ben);
  const words = async (): Promise<Packet | undefined> => {
    for (let at = 0; at < 12; at++) {
      const packet = await evil.slot(at).catch(() => undefined);
      if (packet?.word !== undefined) return packet;
    }
    return undefined;
  };
  const old = await until('a word in the log', words);
  await update(ben);
  await evil.order(evil.packet(old));
  const { next } = await proposeUpdate(groupOf(ben));
  const place = await evil.ordered();
  const word = giveWord(next, { roomId: ben.runner.roomId, place }, ben.runner.me);
  await evil.order(evil.packet({ kind: PACKET_KINDS.state, word }));
  await ben.send('nobody moved');
  for (const room of [host, cleo]) await hears(room, 'nobody moved');
  for (const [i, room] of [host, ben, cleo].entries()) {
    expect(room.state.phase).toBe('in');
    expect(await returns(room)).toBe(i === 2 ? 3 : 0);
  }
});

test('who is astray when a commit changes the keys to read and to join by finds its way back in beside it', async () => {
  const old = cleo.runner.record();
  await leadAstray(cleo, groupOf(cleo));
  await host.setDoor('knock');
  await back(4, 'found behind the door');
  const { readerSeed, joinerSeed } = host.runner.record();
  expect(readerSeed).not.toEqual(old.readerSeed);
  expect(cleo.runner.record()).toMatchObject({ readerSeed, joinerSeed });
});
