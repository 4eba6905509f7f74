// A member, or anyone with an open room's link, who does what no honest client would: each is refused by every honest
// one, and the room goes on. Over the real relay, with the very keys that such a person has.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { randomBytes, randomKey, signingKeyPair } from '../../src/crypto/index.ts';
import type { Room } from '../../src/index.ts';
import { signCard } from '../../src/room/card.ts';
import { PACKET_KINDS } from '../../src/room/packet.ts';
import { RelayProcess } from '../net/support/relay-process.ts';
import { type Attacker, attacker as attackerOf } from './support/attacker.ts';
import { type Device, hears, inside, notices, person, said, until } from './support/people.ts';

jest.setTimeout(120_000);
let relay: RelayProcess;
const devices: Device[] = [];
const attackers: Attacker[] = [];

beforeAll(async () => {
  relay = await RelayProcess.start();
});
afterAll(async () => {
  await Promise.all(attackers.map((one) => one.close()));
  await Promise.all(devices.map((device) => device.end()));
  await relay.stop();
});

async function someone(name: string): Promise<Device> {
  const device = await person(relay.url, name);
  devices.push(device);
  return device;
}

function attacker(room: Room): Attacker {
  const one = attackerOf(relay.url, room);
  attackers.push(one);
  return one;
}

test('nonsense, old packets, another room’s state and forged cards in the slot are void, and newcomers still come in', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom({ title: 'Ours', newcomerMinutes: 0 });
  const link = await room.link();
  const bens = await inside(await ben.persona.joinRoom(link));
  const evil = attacker(bens);
  const first = await evil.slot();
  const other = await ben.persona.createRoom({ title: 'Another', newcomerMinutes: 0 });
  const foreign = await attacker(other).slot();
  const forged = signCard({ title: 'Forged' }, 9, signingKeyPair(randomKey('signing-seed'))).bytes;
  await evil.order(randomBytes(3_968));
  await evil.order(evil.packet({ ...first, card: forged }));
  await evil.order(evil.packet({ ...foreign, kind: PACKET_KINDS.state }));
  await evil.order(evil.packet({ kind: PACKET_KINDS.commit, commit: randomBytes(400) }));
  await evil.order(evil.packet({ kind: 200, commit: randomBytes(40) }));
  const cleos = await inside(await cleo.persona.joinRoom(link), 40_000);
  await cleos.send('In all the same');
  for (const one of [room, bens]) await hears(one, 'In all the same');
  expect(cleos.card.title).toBe('Ours');
  expect(room.state.counts.voided).toBeGreaterThanOrEqual(3);
  expect(bens.state.counts.voided).toBe(room.state.counts.voided);
  // An old packet as it was, again: whoever begins from it finds out, or the host has put it right by then.
  await evil.order(evil.packet(first));
  const dan = await someone('Dan');
  const dans = await inside(await dan.persona.joinRoom(link), 60_000);
  await dans.send('So am I');
  for (const one of [room, bens, cleos]) await hears(one, 'So am I');
  expect((await room.members()).length).toBe(4);
});

test('messages that do not open are one gap, a flood of them makes nobody leave, and what is said goes on', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const room = await ada.persona.createRoom({ title: 'Noise', newcomerMinutes: 0 });
  const bens = await inside(await ben.persona.joinRoom(await room.link()));
  const evil = attacker(bens);
  await until('a host is seen', () => bens.state.hosted);
  await bens.send('before');
  await hears(room, 'before');
  for (let i = 0; i < 4; i++) {
    await evil.say(randomBytes(3_968));
    await evil.say(evil.packet({ kind: PACKET_KINDS.message, message: randomBytes(300) }));
  }
  await bens.send('after');
  await hears(room, 'after');
  expect((await notices(room)).filter((one) => one === 'gap').length).toBeLessThanOrEqual(1);
  expect(await said(room)).toEqual(['Ben: before', 'Ben: after']);
  expect(room.state.phase).toBe('in');
});

test('a wrong writer key told to newcomers costs them a moment, and no member believes it', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom({ title: 'Keys', newcomerMinutes: 0 });
  const link = await room.link();
  const bens = await inside(await ben.persona.joinRoom(link));
  const right = bens.runner.record().writerSeed;
  // Ben's client greets before any other, with a key that opens nothing.
  let lies = 0;
  bens.on('state', () => {
    if (bens.state.memberCount < 3 || lies > 0) return;
    lies++;
    void bens.runner.sayControl({ welcome: { writerSeed: randomBytes(32) } });
  });
  const cleos = await cleo.persona.joinRoom(link);
  await until(
    'Cleo has the right one',
    () =>
      Buffer.from(cleos.runner.record().writerSeed ?? []).equals(Buffer.from(right ?? [])) &&
      cleos.state.phase === 'in',
    40_000,
  );
  await cleos.send('I can write');
  await hears(room, 'I can write');
  expect(lies).toBe(1);
  expect(room.runner.record().writerSeed).toEqual(right);
});
