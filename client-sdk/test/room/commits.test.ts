// An own commit on its way, and what may go wrong there: other commits are first, messages come in between, an answer is
// lost or a right refused. And a bad slot, which is put right once. Over the real relay; only the moment is chosen.
import { beforeAll, expect, jest, test } from '@jest/globals';
import { randomBytes } from '../../src/crypto/index.ts';
import type { Room } from '../../src/index.ts';
import type { ChannelReset } from '../../src/net/index.ts';
import { NetRefusal } from '../../src/net/refusal.ts';
import { epoch } from '../../src/room/group/index.ts';
import { loadPending, saveGroup } from '../../src/room/group-store.ts';
import { prepareRepair } from '../../src/room/repair.ts';
import { groupOf, onNextAppend, update } from './support/mishaps.ts';
import { hears, notices, until } from './support/people.ts';
import { three, together } from './support/three.ts';

jest.setTimeout(120_000);
const here = three({ title: 'Ours' });
let host: Room;
let ben: Room;
let cleo: Room;
beforeAll(() => {
  [host, ben, cleo] = here.rooms as [Room, Room, Room];
});

test('a commit that waits is not lost when the state is written again', async () => {
  const { runner } = host;
  onNextAppend(host, async (append) => {
    // As after 64 messages that came in between.
    await runner.exclusively(() => runner.step((step) => saveGroup(step, groupOf(host))));
    expect((await runner.appends.pending())?.next?.length).toBeGreaterThan(0);
    return append();
  });
  await host.setMode('slow');
  await host.setMode('open');
  expect(await runner.host.context.vault.read((view) => loadPending(view, runner.id))).toBeUndefined();
  await together(here.rooms, 'written');
  expect(host.state.counts.voided).toBe(0);
});

test('a commit that another one overtook leaves the state whole, and is made anew', async () => {
  for (const door of ['knock', 'open'] as const) {
    onNextAppend(host, async (append) => {
      const before = epoch(groupOf(host));
      await update(ben);
      await until('the host sees it', () => epoch(groupOf(host)) > before);
      return append();
    });
    await host.setDoor(door);
    expect(host.state.door).toBe(door);
  }
  await together(here.rooms, 'overtaken');
  expect(host.state.counts.voided).toBe(0);
});

test('a refused right drops no commit that was taken, and a commit that was not is made anew', async () => {
  onNextAppend(host, async (append) => {
    await append();
    throw new NetRefusal('UNKNOWN');
  });
  await host.setMode('slow', { slowSeconds: 1 });
  expect(host.state.mode).toBe('slow');
  onNextAppend(host, () => Promise.reject(new NetRefusal('SUPERSEDED')));
  await host.setMode('open');
  for (const room of [ben, cleo]) await until('open again', () => room.state.mode === 'open');
  // So for a spill's right, before anything is appended.
  const { appends } = host.runner;
  const writeRest = appends.writeRest.bind(appends);
  let refused = 0;
  appends.writeRest = () => {
    appends.writeRest = writeRest;
    refused++;
    return Promise.reject(new NetRefusal('UNKNOWN'));
  };
  await host.setCard({ rules: Array.from({ length: 10 }, () => 'A rule that is long. '.repeat(7)) });
  expect(refused).toBe(1);
  await until('the card', () => ben.card.rules.length === 10);
  await together(here.rooms, 'refused');
  expect(host.state.counts.voided).toBe(0);
});

test('a void packet is covered once, however many would', async () => {
  const before = host.runner.record().ordered;
  const evil = here.attacker(ben);
  await evil.order(randomBytes(3_968));
  const rooms = [host, ben, cleo];
  for (const room of rooms) await until('it is seen', () => room.state.counts.voided === 1);
  const badAt = await evil.ordered(0);
  expect(badAt).toBeGreaterThan(before);
  await Promise.all(rooms.map(({ runner }) => runner.commits.run(() => prepareRepair(runner, badAt))));
  const repaired = await evil.ordered();
  // One of these, or the one whose turn it was.
  expect(await evil.ordered(1)).toBe(badAt);
  for (const room of rooms) {
    await until('the repair is seen', () => room.runner.record().ordered === repaired);
    expect(await room.runner.commits.run(() => prepareRepair(room.runner, badAt))).toBe(false);
  }
  await together(here.rooms, 'repaired');
  expect(await evil.ordered()).toBe(repaired);
});

test('whoever was away until ordered packets had expired unread comes back; whoever missed none does not', async () => {
  const evil = here.attacker(ben);
  const { runner } = cleo;
  const newest = await evil.ordered();
  const expired = { cause: 'expired', head: newest + 1, floor: newest + 1 } as const;
  const { incarnation = new Uint8Array(16) } = runner.record();
  const reading = runner.reading as unknown as { onReset(reset: ChannelReset): Promise<void> };
  await until('all is read', () => runner.record().ordered === newest);
  await reading.onReset({ ...expired, incarnation });
  expect([cleo.state.phase, runner.record().rejoinWanted]).toEqual(['in', false]);
  // As if the last packets had gone from the log before this device came for them.
  const older = await evil.ordered(2);
  await runner.step((step) => {
    step.record = { ...step.record, ordered: older };
    return Promise.resolve();
  });
  await reading.onReset({ ...expired, incarnation });
  await until(
    'she is back',
    async () => (await notices(cleo)).includes('rejoined') && cleo.state.phase === 'in',
  );
  await cleo.send('back again');
  for (const room of [host, ben]) await hears(room, 'back again');
});
