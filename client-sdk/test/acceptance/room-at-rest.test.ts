// What rests at the relay of a room in which people came in by every door, talked, knocked in vain and were removed: one
// log with its blocks and times, the doors' mailboxes, spills. The store is decoded whole by its own code; nothing in it
// links an append to a member, or a member's channel to another. Planted links are found. The embedded store, always.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Room } from '../../src/index.ts';
import { toHex } from '../../src/crypto/index.ts';
import { ownMailboxCodec } from '../../src/conversation/mailbox.ts';
import { filesBelow } from '../e2e/support/files-below.ts';
import { RelayProcess } from '../net/support/relay-process.ts';
import { type Device, hears, inside, memberNamed, person, until } from '../room/support/people.ts';
import { type Find, Needles } from './support/needles.ts';
import { addSecretsOf, tablesOf } from './support/secrets.ts';
import { readStore, type StoredChannel, type StoredEntry } from './support/store-reader.ts';

jest.setTimeout(180_000);
const needles = new Needles();
const devices: Device[] = [];
/** Append id → who sent it: what the relay must not be able to tell. */
const authors = new Map<string, string>();
const own = new Map<string, Uint8Array>();
let relay: RelayProcess;
let store: Awaited<ReturnType<typeof readStore>>;
let log: StoredChannel;

async function someone(name: string): Promise<Device> {
  const device = await person(relay.url, `${name} ${randomBytes(6).toString('hex')}`);
  devices.push(device);
  return device;
}

/** Notes every append of this device to the room's log. */
function watch(room: Room, name: string): Room {
  const { outbox } = room.runner;
  const right = outbox.right.bind(outbox);
  const watched = new WeakSet<object>();
  outbox.right = () => {
    const handle = right();
    if (handle === undefined || watched.has(handle)) return handle;
    watched.add(handle);
    const append = handle.append.bind(handle);
    handle.append = (input) => {
      authors.set(toHex(input.appendId), name);
      return append(input);
    };
    return handle;
  };
  return room;
}

async function secrets(): Promise<void> {
  for (const [i, { client }] of devices.entries()) await addSecretsOf(client, `device ${String(i)}`, needles);
}

/** Ids of the mailboxes that doors and answers use now: they come and go. */
async function noteMailboxes(): Promise<void> {
  for (const { client } of devices) {
    for (const [kind, value] of await tablesOf(client, ['room-door', 'room-answer'])) {
      const { readId } = ownMailboxCodec.decode(value);
      own.set(`${kind} ${toHex(readId)}`, readId);
    }
  }
}

beforeAll(async () => {
  relay = await RelayProcess.start({ redis: undefined });
  const [ada, ben, cleo, dan, eve] = [
    await someone('Ada'),
    await someone('Ben'),
    await someone('Cleo'),
    await someone('Dan'),
    await someone('Eve'),
  ];
  const title = `A title ${randomBytes(6).toString('hex')}`;
  needles.add('title', title);
  const room = watch(await ada.persona.createRoom({ title, door: 'open', newcomerMinutes: 0 }), 'Ada');
  const rooms = [room];
  const enter = async (device: Device, link: string, name: string): Promise<Room> => {
    const joined = watch(await inside(await device.persona.joinRoom(link)), name);
    rooms.push(joined);
    return joined;
  };
  await enter(ben, await room.link(), 'Ben');
  const { link: invite } = await room.invite();
  await noteMailboxes();
  await enter(cleo, invite, 'Cleo');
  await room.setDoor('knock');
  const door = await room.link();
  const knocking = await dan.persona.joinRoom(door, { words: 'Please, may I come in?' });
  await noteMailboxes();
  const [knock] = await until('a knock', async () => {
    const all = await room.knocks();
    return all.length > 0 && all;
  });
  await secrets();
  await room.admit(knock?.id ?? '');
  rooms.push(watch(await inside(knocking), 'Dan'));
  // Waits before the door for ever.
  await eve.persona.joinRoom(door, { words: 'Is anybody there?' });
  await noteMailboxes();
  await secrets();
  for (let round = 0; round < 10; round++) {
    for (const one of rooms) {
      const text = `${randomBytes(9).toString('base64')} said ärgerlich`;
      needles.add('a text', text);
      await (
        await one.send(text)
      ).delivered;
    }
  }
  const last = rooms.at(-1) as Room;
  await room.remove((await memberNamed(room, rooms[1]?.name ?? '')).id);
  await until('Ben is out', () => rooms[1]?.state.phase === 'removed');
  await last.send('after the removal');
  await hears(room, 'after the removal');
  const file = randomBytes(9_000);
  needles.add('a file', file.subarray(0, 400));
  await (
    await room.sendFile(file, { mediaType: 'application/octet-stream' })
  ).delivered;
  await room.setCard({
    focus: 'What it is about. '.repeat(30),
    rules: Array.from({ length: 10 }, () => 'A rule that is long. '.repeat(7)),
  });
  await secrets();
  await noteMailboxes();
  const { readId, writeId } = room.runner.record();
  own.set('log', readId ?? new Uint8Array(24));
  needles.add('pseudonym seed', room.runner.record().pseudonymSeed);
  for (const [i, one] of rooms.entries()) {
    needles.add(`pseudonym ${String(i)}`, Buffer.from(one.me, 'hex'));
    needles.add(`persona ${String(i)}`, devices[i]?.persona.id ?? '');
  }
  for (const device of devices) await device.close();
  await relay.drain();
  store = await readStore(join(relay.data, 'store'), [...own.values(), writeId]);
  log = store.channels.find(({ readHash }) => readHash === store.hashOf(own.get('log') ?? writeId)) as never;
});
afterAll(async () => {
  await Promise.all(devices.map((device) => device.end()));
  await relay.stop();
});

const messages = (): StoredEntry[] => log.entries.filter(({ entry }) => entry['ordered'] === false);

const STRETCH = 8;

/** Stretches of eight bytes that two of these have in common, but for zeros. Each is one text or several. */
function shared(values: readonly (Buffer | readonly Buffer[])[]): number {
  const at = new Map<number, { of: number; stretch: Buffer }>();
  let found = 0;
  const texts = values.flatMap((value, of) => [value].flat().map((text) => ({ of, text })));
  for (const { of, text } of texts) {
    for (let from = 0; from + STRETCH <= text.length; from++) {
      const piece = text.readUIntBE(from, 6);
      if (piece === 0) continue;
      const stretch = text.subarray(from, from + STRETCH);
      const before = at.get(piece);
      at.set(piece, { of, stretch });
      if (before !== undefined && before.of !== of && before.stretch.equals(stretch)) found++;
    }
  }
  return found;
}

/** Bits of a byte string that are the same in all appends of each author, and not the same in all. */
function tellingBits(list: readonly { by: string; bytes: Uint8Array }[]): number {
  let telling = 0;
  const length = Math.min(...list.map(({ bytes }) => bytes.length));
  for (let bit = 0; bit < length * 8; bit++) {
    const of = new Map<string, Set<number>>();
    for (const { by, bytes } of list) {
      const value = ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1;
      of.set(by, (of.get(by) ?? new Set()).add(value));
    }
    const sets = [...of.values()];
    const values = new Set(sets.flatMap((set) => [...set]));
    if (values.size === 2 && sets.every((set) => set.size === 1)) telling++;
  }
  return telling;
}

function attributed(): { by: string; stored: StoredEntry }[] {
  return messages().flatMap((stored) => {
    const by = authors.get(String(stored.entry['appendId']));
    return by === undefined ? [] : [{ by, stored }];
  });
}

/** All bytes of an append as they rest, its row opened. */
function bytesOf({ row }: StoredEntry): Buffer {
  return Buffer.from(`${row?.appendId ?? ''}${row?.commitment ?? ''}${row?.block ?? ''}`, 'hex');
}

test('of a room the relay has one log, the doors’ and the answers’ mailboxes, and spills: nothing else', () => {
  const known = new Map([...own].map(([kind, id]) => [store.hashOf(id), kind.split(' ')[0]]));
  const kinds = store.channels.map(({ readHash, policy, maxBlocks }) => {
    const kind = known.get(readHash);
    return kind ?? (policy === 'log' && maxBlocks > 0 ? 'spill' : `unknown ${policy}`);
  });
  expect(kinds.filter((kind) => kind === 'log')).toHaveLength(1);
  expect(new Set(kinds)).toEqual(new Set(['log', 'room-door', 'room-answer', 'spill']));
  // The standing door; the invite's is gone with its use. Eve's answer; the others have theirs and took them away.
  expect(kinds.filter((kind) => kind === 'room-door')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'room-answer')).toHaveLength(1);
  expect(store.sizes['channels']).toBe(store.channels.length);
  expect(store.sizes['ids']).toBe(store.channels.length * 2);
  expect(store.sizes['meta']).toBe(1);
  const rows = store.channels.reduce(
    (sum, { entries, slots }) => sum + entries.filter(({ row }) => row !== undefined).length + slots.length,
    0,
  );
  expect(store.sizes['rows']).toBe(rows);
});

test('an append rests with an id, its hour, its expiry and its place, and no field besides', () => {
  expect(messages().length).toBeGreaterThan(40);
  for (const { entry, row } of log.entries) {
    expect(Object.keys(entry).sort()).toEqual(['appendId', 'expiryMinute', 'hour', 'ordered', 'rowKey']);
    expect(Object.keys(row ?? {}).sort()).toEqual(['appendId', 'block', 'commitment']);
    // Its row's name: when it expires, and the how many-th row of the whole store it is.
    expect(String(entry['rowKey'])).toHaveLength(20);
  }
  // Of the channel: ids' hashes, keys with how often each was replaced, times in days, counts, the slot.
  expect(Object.keys(log.record).sort()).toEqual(
    [
      ...['tag', 'readHash', 'writeHash', 'incarnation', 'lsn', 'head', 'orderedSequence', 'slots'],
      ...['policy', 'securing', 'secured', 'ttlSeconds', 'maxBlocks', 'proofDay'],
      ...['owner', 'reader', 'writer', 'joiner', 'previousWriter', 'earlierReaders'],
      // Of mailboxes and pools; of a moment.
      ...['leases', 'orderedIds', 'ackMs', 'deleted', 'removedChunks', 'removedRows'],
    ].sort(),
  );
});

test('two appends of one member look like two of two members', () => {
  const list = attributed();
  const by = new Map<string, number>();
  for (const one of list) by.set(one.by, (by.get(one.by) ?? 0) + 1);
  expect([...by.keys()].sort()).toEqual(['Ada', 'Ben', 'Cleo', 'Dan']);
  expect(Math.min(...by.values())).toBeGreaterThanOrEqual(10);
  expect(shared(list.map(({ stored }) => bytesOf(stored)))).toBe(0);
  const bytes = list.map((one) => ({ by: one.by, bytes: bytesOf(one.stored) }));
  expect(tellingBits(bytes)).toBe(0);
  // A mark of one bit for each author, or an id of the writer, would have been seen.
  const marked = bytes.map((one) => {
    const copy = Buffer.from(one.bytes);
    copy[7] = (copy[7]! & 0xfe) | (one.by === 'Dan' ? 1 : 0);
    return { by: one.by, bytes: copy };
  });
  expect(tellingBits(marked)).toBe(1);
  const writer = randomBytes(STRETCH);
  const named = bytes.map((one) => (one.by === 'Dan' ? [one.bytes, writer] : one.bytes));
  expect(shared(named)).toBe((by.get('Dan') ?? 0) - 1);
});

test('no channel’s record or blocks have bytes in common with another’s', () => {
  // But for the rows' names: a time in minutes and a count.
  const all = store.channels.map(({ record, entries, slots }) => {
    const texts = JSON.stringify([record, entries, slots], (key, value: unknown) =>
      key === 'rowKey' ? 0 : value,
    ).match(/"[0-9a-f]{12,}"/g);
    return (texts ?? []).map((text) => Buffer.from(text.replaceAll('"', ''), 'hex'));
  });
  expect(all.every((texts) => Buffer.concat(texts).length >= 150)).toBe(true);
  expect(shared(all)).toBe(0);
  expect(shared([...all, Buffer.concat(all[0] ?? []).subarray(0, 20)])).toBeGreaterThan(0);
});

test('no pseudonym, persona, name, word, key or id of a device is in the files or in the opened rows', () => {
  expect(needles.size).toBeGreaterThan(300);
  const opened = store.channels.flatMap(({ record, entries, slots }) => [
    Buffer.from(JSON.stringify(record)),
    ...entries.map(bytesOf),
    ...slots.map((row) => Buffer.from(row?.block ?? '', 'hex')),
  ]);
  const names = (finds: readonly Find[]) => [...new Set(finds.map(({ name }) => name))];
  expect(names(opened.flatMap((bytes) => needles.findIn(bytes)))).toEqual([]);
  expect(names(needles.findIn(filesBelow(relay.data)))).toEqual([]);
});
