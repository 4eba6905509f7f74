// Thirty-two people in one room over the real relay, in by three doors, talking all the while: some offline for more than
// twenty commits, some removed in the midst of it, one who floods. Everyone present sees every message once, in one
// order; who is removed reads and writes nothing more; and what the relay keeps of it all names nobody.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Room } from '../../src/index.ts';
import { asKey, fromHex, toHex } from '../../src/crypto/index.ts';
import { openRelaySession, type ReceivedBlock } from '../../src/net/index.ts';
import { RelayProcess } from '../net/support/relay-process.ts';
import { type Device, inside, notices, person, said, until } from './support/people.ts';

jest.setTimeout(480_000);
const PATIENCE_MS = 120_000;
const OPEN = 12;
const KNOCKING = 10;
const INVITED = 10;

let relay: RelayProcess;
const devices = new Map<string, Device>();
const rooms = new Map<string, Room>();
const nameOf = (index: number): string => `P${String(index).padStart(2, '0')}`;
const roomOf = (name: string): Room => rooms.get(name) as Room;

beforeAll(async () => {
  relay = await RelayProcess.start();
});
afterAll(async () => {
  await Promise.all([...devices.values()].map((device) => device.end()));
  await relay.stop();
});

async function device(index: number): Promise<Device> {
  const made = await person(relay.url, nameOf(index));
  devices.set(nameOf(index), made);
  return made;
}

async function entered(index: number, link: string, host: Room): Promise<void> {
  const made = await device(index);
  const room = await made.persona.joinRoom(link);
  rooms.set(nameOf(index), room);
  if (room.state.phase === 'knocking' && host.state.door === 'knock') {
    const [knock] = await until('a knock', async () => {
      const waiting = await host.knocks();
      return waiting.length > 0 && waiting;
    });
    await host.admit(knock?.id ?? '');
  }
  await inside(room, PATIENCE_MS);
}

/** Somebody says something, and everyone listed has it before the test goes on. */
async function mark(speaker: Room, text: string, hearers: Iterable<Room>): Promise<void> {
  await speaker.send(text);
  for (const room of hearers) {
    await until(
      `${text} at ${room.name} (${room.state.phase})`,
      async () => (await said(room, 400)).some((line) => line.endsWith(`: ${text}`)),
      PATIENCE_MS,
    );
  }
}

/** What was said from a mark on. */
async function since(room: Room, text: string): Promise<string[]> {
  const all = await said(room);
  return all.slice(all.findIndex((line) => line.endsWith(`: ${text}`)));
}

test('thirty-two members, three doors, one order', async () => {
  const owner = await device(0);
  const host = await owner.persona.createRoom({
    title: 'All of us',
    newcomerMinutes: 0,
    unhostedAfterMinutes: 0,
    places: 40,
  });
  rooms.set(nameOf(0), host);
  const open = await host.link();
  for (let index = 1; index < OPEN; index++) await entered(index, open, host);
  await mark(host, 'first', rooms.values());

  // Two go, and miss everything from here to the end of the second door and into the third.
  const away = [nameOf(3), nameOf(7)];
  for (const name of away) {
    await devices.get(name)?.close();
    rooms.delete(name);
  }
  await host.setDoor('knock');
  const door = await host.link();
  await expect(owner.persona.lookAtRoom(open)).rejects.toMatchObject({ code: 'ROOM_GONE' });
  for (let index = OPEN; index < OPEN + KNOCKING; index++) {
    await entered(index, door, host);
    await roomOf(nameOf(index)).send(`hello from ${nameOf(index)}`);
    await roomOf(nameOf((index * 5) % 3)).send(`welcome ${nameOf(index)}`);
  }
  await host.setDoor('invite');
  for (let index = OPEN + KNOCKING; index < OPEN + KNOCKING + INVITED; index++) {
    await entered(index, (await host.invite()).link, host);
    await roomOf(nameOf(index)).send(`hello from ${nameOf(index)}`);
  }
  await mark(host, 'second', rooms.values());
  for (const name of away) {
    const back = devices.get(name) as Device;
    await back.open();
    const [room] = await back.persona.rooms();
    rooms.set(name, room as Room);
  }
  await mark(roomOf(nameOf(3)), 'third', rooms.values());
  expect(host.state.memberCount).toBe(OPEN + KNOCKING + INVITED);

  // Everyone talks; four are taken out in the midst of it, one of whom floods.
  const [loud, ...others] = [nameOf(5), nameOf(14), nameOf(23), nameOf(29)];
  const flooder = roomOf(loud);
  const keysBefore = { ...roomOf(nameOf(14)).runner.record() };
  const flood = (async () => {
    let stored = 0;
    for (; stored < 150; stored++) {
      try {
        await flooder.send(`flood ${String(stored)}`);
      } catch {
        break;
      }
    }
    return stored;
  })();
  const talk = [...rooms]
    .filter(([name]) => name !== loud)
    .map(async ([name, room]) => {
      for (let i = 0; i < 3; i++) await room.send(`${name} says ${String(i)}`).catch(() => undefined);
    });
  const removedRooms: Room[] = [];
  for (const name of [loud, ...others]) {
    await host.remove(roomOf(name).me);
    removedRooms.push(roomOf(name));
  }
  await Promise.all(talk);
  for (const room of removedRooms) {
    await until(`${room.name} sees its removal`, () => room.state.phase === 'removed', PATIENCE_MS);
    await expect(room.send('but')).rejects.toMatchObject({ code: 'ROOM_CLOSED' });
    rooms.delete(room.name);
  }
  const stored = await flood;
  await mark(host, 'last', rooms.values());

  // One order, everything once, for all who were there.
  const whole = await since(host, 'third');
  expect(new Set(whole).size).toBe(whole.length);
  for (const [name, room] of rooms) expect([name, await since(room, 'third')]).toEqual([name, whole]);
  for (const name of away)
    expect([name, await since(roomOf(name), 'first')]).toEqual([name, await since(host, 'first')]);
  for (const room of removedRooms) {
    const theirs = (await since(room, 'third')).filter((line) => !line.startsWith(`${room.name}: `));
    expect(theirs).not.toContain('P00: last');
    expect(whole.filter((line) => !line.startsWith(`${room.name}: `)).slice(0, theirs.length)).toEqual(
      theirs,
    );
  }
  // A flood doesn't keep a removal out: most of what was stored never came.
  const landed = whole.filter((line) => line.includes(': flood ')).length;
  expect(landed).toBeLessThan(stored);
  for (const room of rooms.values()) {
    expect(room.state.phase).toBe('in');
    expect((await notices(room)).filter((one) => one === 'gap' || one === 'rejoined')).toEqual([]);
  }
  for (const made of devices.values()) expect(made.troubles).toEqual([]);

  await oldKeysAreWorthNothing(keysBefore);
  const live = roomOf(nameOf(1)).runner.record();
  await relay.drain();
  whatTheRelayKeeps([keysBefore, live]);
});

/** With all that a removed member ever knew: reads up to the removal and no further, appends nothing. */
async function oldKeysAreWorthNothing(old: ReturnType<Room['runner']['record']>): Promise<void> {
  const session = openRelaySession({ url: relay.url, relayKey: asKey('verify', old.relayKey) });
  const seen: ReceivedBlock[] = [];
  const states: string[] = [];
  session.reader({
    readId: old.readId ?? new Uint8Array(24),
    keySeed: asKey('signing-seed', old.readerSeed ?? new Uint8Array(32)),
    policy: 'log',
    onBlock: (block) => Promise.resolve(seen.push(block)),
    onStatus: ({ state, error }) => states.push(`${state} ${error?.code ?? ''}`),
  });
  await until('the old reader is over', () => states.some((state) => state.startsWith('dead')), PATIENCE_MS);
  // The last thing that it was given is the packet by which it went.
  expect(seen.at(-1)?.ordered).toBe(true);
  expect(seen.at(-1)?.sequence).toBeLessThan(roomOf(nameOf(0)).runner.record().ordered + 1);
  for (const [seed, right] of [
    [old.writerSeed, 'writer'],
    [old.joinerSeed, 'joiner'],
  ] as const) {
    const handle = session.writer({
      writeId: old.writeId,
      keySeed: asKey('signing-seed', seed ?? new Uint8Array(32)),
      right,
    });
    const input = {
      appendId: fromHex('ab'.repeat(16)),
      block: new Uint8Array(3_968),
      commitment: new Uint8Array(32),
    };
    const append = handle.append(right === 'joiner' ? { ...input, ordered: { expect: 1 } } : input);
    const refused = await append.catch((error: unknown) => (error as { code: string }).code);
    expect(['NET_LINK_DEAD', 'NET_SUPERSEDED']).toContain(refused);
  }
  await session.close();
}

/** The store of the relay, byte by byte: no name, no word, no pseudonym, no card, nothing that is the same in two members' hands. */
function whatTheRelayKeeps(records: readonly ReturnType<Room['runner']['record']>[]): void {
  const bytes = Buffer.concat(
    readdirSync(relay.data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  );
  expect(bytes.length).toBeGreaterThan(100_000);
  const secrets: Uint8Array[] = [];
  for (const record of records) {
    const { writeId, readId, roomKey, roomSecret, pseudonymSeed, writerSeed, readerSeed, joinerSeed, card } =
      record;
    for (const secret of [
      writeId,
      readId,
      roomKey,
      roomSecret,
      pseudonymSeed,
      writerSeed,
      readerSeed,
      joinerSeed,
    ]) {
      if (secret !== undefined) secrets.push(secret);
    }
    secrets.push(card.subarray(0, 48));
  }
  for (const made of devices.values()) secrets.push(fromHex(made.persona.id));
  for (const room of [...rooms.values()])
    secrets.push(room.runner.me.publicKey, fromHex(room.id), room.runner.roomId);
  for (const secret of secrets)
    expect([toHex(secret), bytes.includes(Buffer.from(secret))]).toEqual([toHex(secret), false]);
  for (const word of ['All of us', 'hello from', 'flood 1', 'P14 says', 'P00'])
    expect([word, bytes.includes(word)]).toEqual([word, false]);
}
