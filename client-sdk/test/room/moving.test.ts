// An export is a move, for whoever hosts a room too: the new device comes back before it says anything, and the copy that
// stays behind loses its rights on log and doors. And a log that the relay lost, which its owner makes anew.
import { expect, jest, test } from '@jest/globals';
import { asKey, equalBytes } from '../../src/crypto/index.ts';
import type { Room } from '../../src/index.ts';
import { openRelaySession } from '../../src/net/index.ts';
import { doorRows } from '../../src/room/record.ts';
import {
  Device,
  hears,
  inside,
  memberNamed,
  notices,
  ROOM_PACE,
  roomHouse,
  until,
} from './support/people.ts';

jest.setTimeout(120_000);
const { relay, devices, person: someone } = await roomHouse({ stay: true });

const ownerSeedOf = ({ runner }: Room) => runner.record().ownership?.ownerSeed;

/** Whether the relay lets the holder of this seed act as the owner of a channel. */
async function owns(room: Room, readId: Uint8Array, seed: Uint8Array): Promise<boolean> {
  const session = openRelaySession({
    url: relay.url,
    relayKey: asKey('verify', room.runner.record().relayKey),
  });
  const keySeed = asKey('signing-seed', seed);
  try {
    await session.owner({ readId, keySeed }).changeKeys({ ownerSeed: keySeed });
    return true;
  } catch (error) {
    expect((error as { code: string }).code).toBe('NET_LINK_DEAD');
    return false;
  } finally {
    await session.close();
  }
}

async function admitted(room: Room, name: string): Promise<void> {
  const knock = await until(`${name} knocks`, async () =>
    (await room.knocks()).find((one) => one.name === name),
  );
  await room.admit(knock.id);
}

async function doorsOf({ runner }: Room) {
  return runner.host.context.vault.read(async (view) => {
    const all = [];
    for await (const { value } of doorRows.scan(view, runner.id)) all.push(value.own);
    return all;
  });
}

test('a host who moves comes back before it speaks; the copy that stays behind has no right on log or doors', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const old = await ada.persona.createRoom({ title: 'Moving', door: 'knock', newcomerMinutes: 0 });
  const link = await old.link();
  const bens = await ben.persona.joinRoom(link);
  await admitted(old, 'Ben');
  await inside(bens);
  await old.addHost(bens.me);
  await until('Ben has the rights', () => ownerSeedOf(bens) !== undefined);
  await old.send('from the old device');
  await hears(bens, 'from the old device');
  const rights = old.runner.record();
  const doors = await doorsOf(old);
  expect(doors).toHaveLength(1);

  const bytes: Uint8Array[] = [];
  for await (const chunk of ada.client.export('a quiet voice')) bytes.push(Uint8Array.from(chunk));
  async function* exported(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield* bytes;
  }
  const device = await Device.fromExport(exported(), relay.url, 'Ada', ROOM_PACE);
  devices.push(device);
  const [moved] = (await device.persona.rooms()) as [Room];
  await until('the old copy notices', () => ada.persona.state === 'moved');
  await inside(moved);
  expect((await notices(moved)).filter((one) => one === 'rejoined')).toHaveLength(1);
  await moved.send('from the new device');
  await hears(bens, 'from the new device');
  expect((await notices(bens)).filter((one) => one === 'gap')).toEqual([]);

  const { readId, ownership } = rights;
  if (readId === undefined || ownership === undefined) throw new Error('no rights');
  await until('a new owner key', () => moved.runner.record().ownership?.nextOwnerSeed === undefined);
  expect(await owns(old, readId, ownership.ownerSeed)).toBe(false);
  for (const door of doors) {
    await until('new keys at the door', async () =>
      (await doorsOf(moved)).every((own) => own.nextOwnerSeed === undefined),
    );
    expect(await owns(old, door.readId, door.ownerSeed)).toBe(false);
    const [now] = await doorsOf(moved);
    expect(now?.readId).toEqual(door.readId);
    expect(now?.readerSeed).not.toEqual(door.readerSeed);
  }

  // The door is where it was, and the other host acts with the key that took the old one's place.
  const cleos = await cleo.persona.joinRoom(link);
  await admitted(moved, 'Cleo');
  await inside(cleos);
  await until('Ben is told', () =>
    equalBytes(ownerSeedOf(bens) ?? new Uint8Array(), ownerSeedOf(moved) ?? new Uint8Array(1)),
  );
  await bens.remove((await memberNamed(bens, 'Cleo')).id);
  await until('Cleo is out', () => cleos.state.phase === 'removed');
  await moved.send('two of us');
  await hears(bens, 'two of us');
});

test('a log that the relay lost is made anew by its owner under the same ids, and not for who was a co-host', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const room = await ada.persona.createRoom({ title: 'Lost', newcomerMinutes: 0 });
  const bens = await inside(await ben.persona.joinRoom(await room.link()));
  await room.addHost(bens.me);
  await until('Ben has the rights', () => ownerSeedOf(bens) !== undefined);
  const { readId, ownership } = room.runner.record();
  if (readId === undefined || ownership === undefined) throw new Error('no rights');
  await room.removeHost(bens.me);
  const current = ownerSeedOf(room);
  expect(current).not.toEqual(ownership.originSeed);
  await until('he is none any more', () => !bens.state.isHost);
  await relay.kill();
  relay.emptyStore();
  await relay.start();
  for (const one of [room, bens])
    await until('it is there again', async () => (await notices(one)).includes('relay'), 60_000);
  await room.send('as if nothing had been');
  await hears(bens, 'as if nothing had been');
  await bens.send('indeed');
  await hears(room, 'indeed');
  expect(await owns(room, readId, ownership.originSeed)).toBe(false);
  expect(ownerSeedOf(room)).toEqual(current);
});
