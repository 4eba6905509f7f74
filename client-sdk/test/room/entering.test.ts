// Whoever has come in waits to be greeted by a member, who may take long, or die before saying so. Over the real relay.
import { expect, jest, test } from '@jest/globals';
import type { Room } from '../../src/index.ts';
import { untilReturn } from '../../src/room/returning.ts';
import { type Device, hears, inside, ROOM_PACE, roomHouse, said, until } from './support/people.ts';

jest.setTimeout(120_000);
const NEVER = 3_600_000;
const CARD = { title: 'Come in', newcomerMinutes: 0, unhostedAfterMinutes: 0, places: 8 };

const { person } = await roomHouse();

const withPace = (name: string, pace: Partial<typeof ROOM_PACE.pace>): Promise<Device> =>
  person(name, { ...ROOM_PACE, pace: { ...ROOM_PACE.pace, ...pace } });

async function openedAgain(device: Device, pace: Partial<typeof ROOM_PACE.pace>): Promise<Room> {
  await device.close();
  Object.assign(device.options, { pace: { ...ROOM_PACE.pace, ...pace } });
  await device.open();
  return (await device.persona.rooms())[0] as Room;
}

test('a greeting that takes longer than the first pauses before a return is heard', async () => {
  const host = await withPace('Ada', { greetMs: 1_200 });
  const room = await host.persona.createRoom(CARD);
  const ben = await withPace('Ben', { rejoinMs: 50 });
  const inBen = await inside(await ben.persona.joinRoom(await room.link()), 60_000);
  await inBen.send('I am in');
  await hears(room, 'I am in', 60_000);
});

test('whom nobody greeted before all of them were closed is let in once they are opened again', async () => {
  const host = await withPace('Ada', { greetMs: NEVER });
  const room = await host.persona.createRoom(CARD);
  const ben = await withPace('Ben', { rejoinMs: NEVER });
  const entering = await ben.persona.joinRoom(await room.link());
  await until('the host has read it', () => room.state.memberCount === 2);
  expect(entering.state.phase).toBe('entering');
  await openedAgain(host, {});
  await inside(await openedAgain(ben, { rejoinMs: 100 }), 60_000);
});

test.each(['read-only', 'slow'] as const)(
  'who comes into a room (%s without a host) when its host has just gone hears what the others say there',
  async (unhosted) => {
    const host = await person('Ada', ROOM_PACE);
    const link = await (
      await host.persona.createRoom({ ...CARD, unhosted, unhostedAfterMinutes: 120 })
    ).link();
    const ben = await person('Ben', ROOM_PACE);
    const inBen = await inside(await ben.persona.joinRoom(link));
    await until('Ben has seen the host', () => inBen.state.hosted);
    await host.close();
    const cleo = await person('Cleo', ROOM_PACE);
    const inCleo = await inside(await cleo.persona.joinRoom(link));
    for (const words of ['you came', 'the host has just gone']) await inBen.send(words);
    await hears(inCleo, 'the host has just gone');
    expect(await said(inCleo)).toEqual(['Ben: you came', 'Ben: the host has just gone']);
    // She has seen no sign of a host herself: for what she says the card holds.
    expect(inCleo.state.hosted).toBe(false);
    await host.open();
  },
);

test('the pause before a return doubles, is bounded, and ends where the clock was set back', () => {
  const pace = { rejoinMs: 1_000 };
  const left = (rejoins: number, now: number) => untilReturn({ rejoins }, pace, { since: 5_000, now });
  expect([left(0, 5_000), left(0, 5_999), left(0, 6_000)]).toEqual([1_000, 1, 0]);
  expect([left(1, 5_000), left(6, 5_000), left(60, 5_000)]).toEqual([2_000, 64_000, 64_000]);
  expect(left(3, 4_999)).toBe(0);
});
