// Many people in one room over the real relay, on Node and in Chromium, in by three doors, talking all the while: some
// offline for most of the commits, some removed in the midst of it, one who floods. `npm run test:rooms` has thirty-two of
// them, two of whom miss more than twenty commits; `npm test` sixteen, or it would be a minute and more of every run. Everyone present sees every
// message once, in one order; who is removed reads and writes nothing more; and what the relay keeps of it all names
// nobody.
import { afterAll, beforeAll, expect, jest, test as always } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Room } from '../../src/index.ts';
import { DEFAULT_PACE } from '../../src/context.ts';
import { asKey, fromHex, toHex } from '../../src/crypto/index.ts';
import { openRelaySession, type ReceivedBlock } from '../../src/net/index.ts';
import { RelayProcess } from '../net/support/relay-process.ts';
import { hasChromium, Pages } from './support/chromium.ts';
import { BrowserPeer, NodePeer, type Peer } from './support/peer.ts';
import { type Device, person, ROOM_PACE, until } from './support/people.ts';

jest.setTimeout(480_000);
const PATIENCE_MS = 120_000;
/** As long as people's clients give a greeting before they come in again: a busy machine is slow in it, and loses nothing. */
const PACE = { ...ROOM_PACE, pace: { ...ROOM_PACE.pace, rejoinMs: DEFAULT_PACE.rejoinMs } };
const MEMBERS = Number(process.env['SOTTO_ROOM_MEMBERS'] ?? 16);
const KNOCKING = Math.floor(MEMBERS * 0.32);
const INVITED = KNOCKING;
const OPEN = MEMBERS - KNOCKING - INVITED;
const nameOf = (index: number): string => `Person ${String(index).padStart(2, '0')}`;
/** One by each door; one of them is removed. */
const IN_CHROMIUM = hasChromium ? [nameOf(2), nameOf(OPEN + 2), nameOf(OPEN + KNOCKING + 2)] : [];
/** More than a member says before its removal lands, however slow the machine. */
const FLOOD = 5_000;

let relay: RelayProcess;
let pages: Pages | undefined;
const devices = new Map<string, Device>();
const peers = new Map<string, Peer>();
const peerOf = (name: string): Peer => peers.get(name) as Peer;
const roomOf = (name: string): Room => (peers.get(name) as NodePeer).room;
const memberIds = new Map<string, string>();

beforeAll(async () => {
  relay = await RelayProcess.start();
  if (hasChromium) pages = await Pages.open();
});
afterAll(async () => {
  await Promise.all([...devices.values()].map((device) => device.end()));
  await pages?.close();
  await relay.stop();
});

async function device(name: string): Promise<Device> {
  const made = await person(relay.url, name, PACE);
  devices.set(name, made);
  return made;
}

async function comeIn(name: string, link: string): Promise<Peer> {
  if (pages === undefined || !IN_CHROMIUM.includes(name)) {
    const room = await (await device(name)).persona.joinRoom(link);
    memberIds.set(name, room.me);
    return new NodePeer(room);
  }
  const member = await pages.person(relay.url, name, PACE);
  await member.ask('join', link);
  memberIds.set(name, (await member.ask('facts')).me);
  return new BrowserPeer(member, name);
}

async function entered(index: number, link: string, host: Room): Promise<Peer> {
  const name = nameOf(index);
  const peer = await comeIn(name, link);
  peers.set(name, peer);
  if (host.state.door === 'knock') {
    const [knock] = await until('a knock', async () => {
      const waiting = await host.knocks();
      return waiting.length > 0 && waiting;
    });
    await host.admit(knock?.id ?? '');
  }
  await until(`${name} is in`, async () => (await peer.phase()) === 'in', PATIENCE_MS);
  return peer;
}

/** Somebody says something, and everyone has it before the test goes on. */
async function mark(speaker: Peer, text: string): Promise<void> {
  await speaker.send(text);
  for (const peer of peers.values()) {
    await until(
      `${text} at ${peer.name}`,
      async () => (await peer.said(60)).some((line) => line.endsWith(`: ${text}`)),
      PATIENCE_MS,
    );
  }
}

/** What was said from a mark on. */
async function since(peer: Peer, text: string): Promise<string[]> {
  const all = await peer.said();
  return all.slice(all.findIndex((line) => line.endsWith(`: ${text}`)));
}

// Where there is no Chromium all are on Node, and that is seen in the list of tests.
(hasChromium ? always : always.skip)('three of them are in Chromium', () => {
  expect(pages).toBeDefined();
});

always(`${String(MEMBERS)} members, three doors, one order`, async () => {
  const owner = await device(nameOf(0));
  const host = await owner.persona.createRoom({
    title: 'All of us',
    newcomerMinutes: 0,
    unhostedAfterMinutes: 0,
    places: 40,
  });
  peers.set(nameOf(0), new NodePeer(host));
  const open = await host.link();
  for (let index = 1; index < OPEN; index++) await entered(index, open, host);
  await mark(peerOf(nameOf(0)), 'first');

  // Two go, and miss everything from here to the end of the second door and into the third.
  const away = [nameOf(3), nameOf(OPEN - 1)];
  for (const name of away) {
    await devices.get(name)?.close();
    peers.delete(name);
  }
  const leftAt = host.runner.record().ordered;
  await host.setDoor('knock');
  const door = await host.link();
  await expect(owner.persona.lookAtRoom(open)).rejects.toMatchObject({ code: 'ROOM_GONE' });
  let commits = 1;
  for (let index = OPEN; index < OPEN + KNOCKING; index++, commits++) {
    const peer = await entered(index, door, host);
    await peer.send(`hello from ${nameOf(index)}`);
    await peerOf(nameOf((index * 5) % 3)).send(`welcome ${nameOf(index)}`);
  }
  await host.setDoor('invite');
  for (let index = OPEN + KNOCKING; index < OPEN + KNOCKING + INVITED; index++, commits++) {
    const peer = await entered(index, (await host.invite()).link, host);
    await peer.send(`hello from ${nameOf(index)}`);
  }
  await mark(peerOf(nameOf(0)), 'second');
  expect(commits).toBeGreaterThan(KNOCKING + INVITED);
  expect(host.runner.record().ordered).toBeGreaterThan(leftAt + commits);
  for (const name of away) {
    const back = devices.get(name) as Device;
    await back.open();
    const [room] = await back.persona.rooms();
    peers.set(name, new NodePeer(room as Room));
  }
  await mark(peerOf(nameOf(3)), 'third');
  expect(host.state.memberCount).toBe(MEMBERS);

  // Everyone talks; four are taken out in the midst of it, one of whom floods until it can't.
  const removed = [nameOf(4), nameOf(OPEN + 2), nameOf(OPEN + KNOCKING + 1), nameOf(MEMBERS - 1)];
  const [loud = ''] = removed;
  const keysBefore = { ...roomOf(loud).runner.record() };
  const flood = (async () => {
    for (let stored = 0; stored < FLOOD; stored++) {
      const code = await roomOf(loud)
        .send(`flood ${String(stored)}`)
        .then(() => undefined)
        .catch((error: unknown) => (error as { code: string }).code);
      if (code !== undefined) return { stored, code };
    }
    return { stored: FLOOD, code: 'nobody stopped it' };
  })();
  const flooder = peerOf(loud);
  const talk = [...peers.values()]
    .filter((peer) => peer !== flooder)
    .map(async (peer) => {
      for (let i = 0; i < 3; i++) await peer.send(`${peer.name} says ${String(i)}`).catch(() => undefined);
    });
  const gone: Peer[] = [];
  for (const name of removed) {
    await host.remove(memberIds.get(name) as Room['me']);
    gone.push(peerOf(name));
  }
  await Promise.all(talk);
  for (const peer of gone) {
    await until(`${peer.name} sees its removal`, async () => (await peer.phase()) === 'removed', PATIENCE_MS);
    await expect(peer.send('but')).rejects.toThrow(/no longer|ROOM_CLOSED|over/i);
    peers.delete(peer.name);
  }
  // It said things to the last, and that did not keep it in.
  const { stored, code } = await flood;
  expect(code).toBe('ROOM_CLOSED');
  await mark(peerOf(nameOf(0)), 'last');

  // One order, everything once, for all who were there.
  const whole = await since(peerOf(nameOf(0)), 'third');
  expect(new Set(whole).size).toBe(whole.length);
  for (const [name, peer] of peers) expect([name, await since(peer, 'third')]).toEqual([name, whole]);
  const early = await since(peerOf(nameOf(0)), 'first');
  for (const name of [...away, nameOf(2)])
    expect([name, await since(peerOf(name), 'first')]).toEqual([name, early]);
  // Whoever was removed has the beginning of it and nothing of the rest; what it said itself may be more than came.
  for (const peer of gone) {
    const others = (line: string): boolean => !line.startsWith(`${peer.name}: `);
    const theirs = (await since(peer, 'third')).filter(others);
    expect(theirs).not.toContain(`${nameOf(0)}: last`);
    expect(whole.filter(others).slice(0, theirs.length)).toEqual(theirs);
  }
  expect(whole.filter((line) => line.includes(': flood ')).length).toBeLessThanOrEqual(stored);
  for (const peer of peers.values()) {
    expect(await peer.phase()).toBe('in');
    // Nobody lost anything, and nobody had to come back for it.
    const lost = (await peer.notices()).filter((one) => one === 'rejoined' || one === 'gap');
    expect([peer.name, lost]).toEqual([peer.name, []]);
    if (peer instanceof BrowserPeer) expect((await peer.person.ask('facts')).troubles).toEqual([]);
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
  for (const member of memberIds.values()) secrets.push(fromHex(member));
  const { runner } = roomOf(nameOf(0));
  secrets.push(fromHex(runner.id), runner.roomId);
  for (const secret of secrets)
    expect([toHex(secret), bytes.includes(Buffer.from(secret))]).toEqual([toHex(secret), false]);
  // Long enough not to stand in some megabytes of random bytes by chance.
  for (const word of ['All of us', 'hello from', 'flood 1', `${nameOf(13)} says`, nameOf(0)])
    expect([word, bytes.includes(word)]).toEqual([word, false]);
}
