// A device that dies between the relay's taking something and its knowing it, and an answer that is lost: what was said
// stands once and where all have it, and a commit that was taken is applied and forks nobody. Over the real relay.
import { expect, jest, test } from '@jest/globals';
import type { Room } from '../../src/index.ts';
import { epoch, members } from '../../src/room/group/index.ts';
import { loadPending } from '../../src/room/group-store.ts';
import { requeue } from '../../src/room/outbox.ts';
import { seedsOf } from '../../src/room/seeds.ts';
import {
  crash,
  goneAfterCommit,
  goneAfterMessage,
  groupOf,
  NEVER,
  onNextAppend,
  onNextMessage,
  stopTheClock,
  update,
} from './support/mishaps.ts';
import { hears, inside, memberNamed, person, said, until } from './support/people.ts';
import { three, together } from './support/three.ts';

jest.setTimeout(120_000);
const here = three({ title: 'Mishaps' });
const at = (who: number): Room => here.rooms[who] as Room;
const [ADA, BEN, CLEO] = [0, 1, 2];

async function again(who: number): Promise<Room> {
  const device = here.devices[who];
  if (device === undefined) throw new Error('nobody');
  const room = await crash(device, at(who));
  here.rooms[who] = room;
  return room;
}

const pendingOf = ({ runner }: Room) =>
  runner.host.context.vault.read((view) => loadPending(view, runner.id));

/** The last lines, the same for everyone who has read all of the log. */
async function order(count: number): Promise<string[]> {
  const lists = () => Promise.all(here.rooms.map(async (room) => (await said(room)).slice(-count)));
  // One's own words stand where the log has them once it has brought them back.
  await until('all is read, and stands in one order', async () => {
    const places = new Set(here.rooms.map(({ runner }) => runner.record().cursor));
    return places.size === 1 && new Set((await lists()).map((list) => list.join('\n'))).size === 1;
  });
  return (await lists())[0] ?? [];
}

test('a message that is sealed twice, since its answer was lost, stands where the log has it first, for its author too', async () => {
  const ben = at(BEN);
  const { runner } = ben;
  const taken = onNextMessage(ben, async (append) => {
    await append();
    return NEVER;
  });
  // Ben's device gets to hear of nothing meanwhile.
  const reading = runner.reading as unknown as { receive: (block: unknown) => Promise<void> };
  const receive = reading.receive.bind(reading);
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  reading.receive = (block) => gate.then(() => receive(block));
  await ben.send('said once');
  await taken;
  await hears(at(ADA), 'said once');
  await at(CLEO).send('in between');
  await hears(at(ADA), 'in between');
  // As when a right is replaced: what was not answered is sealed anew.
  const { unreadable } = at(ADA).runner.record();
  const before = runner.record().nextSealed;
  await runner.exclusively(() => runner.step((step) => requeue(step)));
  runner.outbox.wake();
  await until('it is sealed again', () => runner.record().nextSealed > before);
  await ben.send('and after');
  await hears(at(ADA), 'and after');
  go();
  for (const room of here.rooms) await hears(room, 'and after');
  await until('Ben has read it', () => runner.record().cursor === at(ADA).runner.record().cursor);
  expect(await order(3)).toEqual(['Ben: said once', 'Cleo: in between', 'Ben: and after']);
  expect(at(ADA).runner.record().unreadable).toBe(unreadable);
  reading.receive = receive;
});

test('a message that was taken before its author died is not sent again, even where a removal replaced the key since', async () => {
  const dora = await person(here.relay.url, 'Dora');
  try {
    await inside(await dora.persona.joinRoom(await at(ADA).link()));
    const { id } = await memberNamed(at(ADA), 'Dora');
    const taken = goneAfterMessage(at(BEN));
    await at(BEN).send('last words');
    await taken;
    await hears(at(ADA), 'last words');
    await at(CLEO).send('while he was away');
    await at(ADA).remove(id);
    await hears(at(ADA), 'while he was away');
    const ben = await again(BEN);
    await ben.send('back');
    for (const room of here.rooms) await hears(room, 'back');
    expect(await order(3)).toEqual(['Ben: last words', 'Cleo: while he was away', 'Ben: back']);
    await together(here.rooms, 'died');
  } finally {
    await dora.end();
  }
});

test('a message that was written down and not sent goes out with the next start, also where a commit goes first', async () => {
  const ben = at(BEN);
  onNextAppend(ben, () => NEVER);
  void update(ben).catch(() => undefined);
  await until('the commit waits', async () => (await pendingOf(ben)) !== undefined);
  const sealed = new Promise<void>((resolve) => {
    void onNextMessage(ben, () => {
      stopTheClock(ben);
      resolve();
      return NEVER;
    });
  });
  await ben.send('written down');
  await sealed;
  await again(BEN);
  for (const room of here.rooms) await hears(room, 'written down');
  await together(here.rooms, 'sent');
});

test('a commit that was taken before its author died is found pending, applied, and forks nobody', async () => {
  const before = epoch(groupOf(at(BEN)));
  const taken = goneAfterCommit(at(BEN));
  void update(at(BEN)).catch(() => undefined);
  await taken;
  await until('Ada has applied it', () => epoch(groupOf(at(ADA))) === before + 1);
  expect((await pendingOf(at(BEN)))?.next?.length).toBeGreaterThan(0);
  const ben = await again(BEN);
  await until('Ben has applied it', () => epoch(groupOf(ben)) === before + 1);
  await together(here.rooms, 'taken');
  expect(ben.runner.record().rejoins).toBe(0);
});

test('so is a removal, whose author then writes with the keys that it gave the log', async () => {
  const dora = await person(here.relay.url, 'Dora');
  try {
    const hers = await inside(await dora.persona.joinRoom(await at(ADA).link()));
    const { id } = await memberNamed(at(ADA), 'Dora');
    const old = at(ADA).runner.record().writerSeed;
    const taken = goneAfterCommit(at(ADA));
    void at(ADA)
      .remove(id)
      .catch(() => undefined);
    await taken;
    await until('Dora is out', () => hers.state.phase === 'removed');
    expect((await pendingOf(at(ADA)))?.writerSeed?.length).toBe(32);
    const ada = await again(ADA);
    await until('Ada has applied it', () => members(groupOf(ada)).length === 3);
    const { writerSeed } = ada.runner.record();
    expect(writerSeed).not.toEqual(old);
    expect(writerSeed).toEqual((await seedsOf(groupOf(ada))).writerSeed);
    await together(here.rooms, 'removed');
    for (const room of here.rooms) expect(room.runner.record().writerSeed).toEqual(writerSeed);
    expect(ada.runner.record().rejoins).toBe(0);
  } finally {
    await dora.end();
  }
});

test('a commit that the relay never saw, since its author died before, is made anew on the newer state', async () => {
  const lost = new Promise<void>((resolve) => {
    onNextAppend(at(BEN), () => {
      stopTheClock(at(BEN));
      resolve();
      return NEVER;
    });
  });
  void update(at(BEN)).catch(() => undefined);
  await lost;
  await update(at(CLEO));
  const before = epoch(groupOf(at(CLEO)));
  const ben = await again(BEN);
  await until('Ben has seen the other', () => epoch(groupOf(ben)) >= before);
  expect(await update(ben)).toBe(true);
  expect(await pendingOf(ben)).toBeUndefined();
  await together(here.rooms, 'anew');
});
