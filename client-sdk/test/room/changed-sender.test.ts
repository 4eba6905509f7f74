// A member whose client holds to no rule of the house and sends all the same: every honest receiver leaves it out alike,
// and counts it. Over the real relay; only what the sender's own client would have refused is skipped.
import { expect, jest, test } from '@jest/globals';
import { type Body, encodeBody } from '../../src/content/content.ts';
import { fromHex } from '../../src/crypto/index.ts';
import type { Room } from '../../src/index.ts';
import { enqueue } from '../../src/room/say.ts';
import { hears, inside, person, said, until } from './support/people.ts';
import { three } from './support/three.ts';

jest.setTimeout(120_000);
const HOUR_MS = 3_600_000;
const here = three({ title: 'Rules', unhosted: 'read-only', unhostedAfterMinutes: 60 });
const rooms = () => here.rooms as [Room, Room, Room];

const text = (words: string): Body => ({ type: 'text', text: words, warning: '' });

/** What no honest client sends. @param ahead - of the sender's clock, as it claims. */
async function sayAnyway({ runner }: Room, body: Body, ahead = 0): Promise<void> {
  await runner.step(async (step) => {
    const liar = { ...step, nowMs: step.nowMs + ahead };
    await enqueue(liar, encodeBody(body));
    step.record = liar.record;
  });
  runner.outbox.wake();
}

const refusedBy = (room: Room): number => room.state.counts.refused;

/** What these leave out of what is done meanwhile: all the same number, and nothing of it is in a history. */
async function refused(receivers: readonly Room[], count: number, does: () => Promise<void>): Promise<void> {
  const before = receivers.map(refusedBy);
  const histories = await Promise.all(receivers.map((room) => said(room)));
  await does();
  for (const [i, room] of receivers.entries())
    await until(`${String(count)} left out`, () => refusedBy(room) === (before[i] ?? 0) + count);
  expect(await Promise.all(receivers.map((room) => said(room)))).toEqual(histories);
}

test('slow, read-only, locked and muted hold for a sender who doesn’t, whatever its clock says', async () => {
  const [ada, ben, cleo] = rooms();
  const others = [ada, cleo];
  await ada.setMode('slow', { slowSeconds: 1_800 });
  for (const room of rooms()) await until('slow', () => room.state.mode === 'slow');
  await expect(ben.send('too soon')).rejects.toMatchObject({ code: 'ROOM_SLOW' });
  await refused(others, 3, async () => {
    await sayAnyway(ben, text('too soon'));
    await sayAnyway(ben, text('dated ahead'), 2 * HOUR_MS);
    await sayAnyway(ben, text('dated back'), -2 * HOUR_MS);
  });
  for (const mode of ['read-only', 'locked'] as const) {
    await ada.setMode(mode);
    for (const room of rooms()) await until(mode, () => room.state.mode === mode);
    const last = (await ada.history()).findLast((message) => message.kind === 'text');
    const target = fromHex(last?.id ?? '');
    await refused(others, 2, async () => {
      await sayAnyway(ben, text(`although ${mode}`));
      await sayAnyway(ben, { type: 'reaction', target, reaction: 1, removed: false });
    });
  }
  await ada.setMode('open');
  await ada.muteForAll(ben.me);
  for (const room of rooms()) await until('muted', () => room.state.mode === 'open');
  await until('Ben is muted', () => ben.state.why === 'muted');
  await refused(others, 1, () => sayAnyway(ben, text('although muted')));
  await ada.unmuteForAll(ben.me);
  await until('Ben may speak', () => ben.state.maySend);
  await ben.send('as one may');
  for (const room of others) await hears(room, 'as one may');
});

test('so do the limits of newcomers, for all who saw them come', async () => {
  const [ada, ben, cleo] = here.devices;
  const host = await ada?.persona.createRoom({ title: 'New here', newcomerMinutes: 30 });
  const link = (await host?.link()) ?? '';
  const bens = await inside((await ben?.persona.joinRoom(link)) as Room);
  const cleos = await inside((await cleo?.persona.joinRoom(link)) as Room);
  const others = [host as Room, bens];
  for (const room of others) await until('Cleo is seen', () => room.state.memberCount === 3);
  await cleos.send('hello');
  for (const room of others) await hears(room, 'hello');
  await refused(others, 2, async () => {
    await sayAnyway(cleos, text('again, at once'));
    await sayAnyway(cleos, text('buy at https://x.example'), 60_000);
  });
});

test('without a host’s sign a room is as its card says, for all alike, until a host is there again', async () => {
  const dan = await person(here.relay.url, 'Dan');
  try {
    const [ada, ben, cleo] = rooms();
    const dans = await inside(await dan.persona.joinRoom(await ada.link()));
    await dans.send('I am here');
    for (const room of rooms()) await hears(room, 'I am here');
    await here.devices[0]?.close();
    // Two hours went by since the last sign; nobody's clock can be turned here, so the sign is dated back.
    for (const { runner } of [ben, cleo, dans])
      await runner.step((step) => {
        step.record = { ...step.record, beaconAt: step.nowMs - 2 * HOUR_MS };
        return Promise.resolve();
      });
    expect([ben, cleo, dans].map((room) => room.state.why)).toEqual(['unhosted', 'unhosted', 'unhosted']);
    await refused([cleo, dans], 2, async () => {
      await sayAnyway(ben, text('with nobody there'));
      // As if it had been said while a host was there.
      await sayAnyway(ben, text('dated back'), -2 * HOUR_MS);
    });
    await here.devices[0]?.open();
    await until('hosted', async () => {
      await ben.runner.sayControl({ hail: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [ben, cleo, dans].every((room) => room.state.hosted);
    });
    await ben.send('with a host');
    for (const room of [cleo, dans]) await hears(room, 'with a host');
  } finally {
    await dan.end();
  }
});
