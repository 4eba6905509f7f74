// Ada, who hosts, Ben and Cleo in one open room over the real relay: where most tests of what goes wrong begin.
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { ClientOptions, Room, RoomCardInput } from '../../../src/index.ts';
import { epoch, epochAuthenticator } from '../../../src/room/group/index.ts';
import { RelayProcess } from '../../net/support/relay-process.ts';
import { type Attacker, attacker } from './attacker.ts';
import { groupOf } from './mishaps.ts';
import { type Device, hears, inside, notices, person, until } from './people.ts';

const NAMES = ['Ada', 'Ben', 'Cleo'] as const;

export interface Three {
  readonly relay: RelayProcess;
  readonly devices: readonly Device[];
  /** The host's first; another object where a device was opened again. */
  readonly rooms: Room[];
  /** Somebody with this member's keys and no client that would hold back. */
  attacker(room: Room): Attacker;
}

/** Makes them before the tests of this file and ends them after. */
export function three(card: RoomCardInput, options: ClientOptions = {}): Three {
  const devices: Device[] = [];
  const rooms: Room[] = [];
  const attackers: Attacker[] = [];
  let relay: RelayProcess | undefined;
  const theRelay = (): RelayProcess => {
    if (relay === undefined) throw new Error('no relay yet');
    return relay;
  };
  beforeAll(async () => {
    relay = await RelayProcess.start();
    for (const name of NAMES) devices.push(await person(relay.url, name, options));
    const [ada, ...others] = devices as [Device, ...Device[]];
    const host = await ada.persona.createRoom({ newcomerMinutes: 0, unhostedAfterMinutes: 0, ...card });
    rooms.push(host);
    const link = await host.link();
    for (const device of others) rooms.push(await inside(await device.persona.joinRoom(link)));
    // Who came in just now takes a room for unhosted, as its card may say, until a host's first sign.
    await until('all have seen a host', () => rooms.every((room) => room.state.hosted));
    await together(rooms, 'begin');
  });
  afterAll(async () => {
    await Promise.all(attackers.map((one) => one.close()));
    await Promise.all(devices.map((device) => device.end()));
    await relay?.stop();
  });
  return {
    get relay() {
      return theRelay();
    },
    devices,
    rooms,
    attacker: (room) => {
      const one = attacker(theRelay().url, room);
      attackers.push(one);
      return one;
    },
  };
}

/** All hear each other in one epoch with one secret; nothing is on its way and nobody had to come back. */
export async function together(rooms: readonly Room[], word: string): Promise<void> {
  const mark = (room: Room): string => epochAuthenticator(groupOf(room)).join();
  // What is said before one has seen another come in isn't for that one.
  await until('one epoch to begin with', () => new Set(rooms.map(mark)).size === 1);
  for (const room of rooms) await room.send(`${word} ${room.name}`);
  for (const room of rooms) for (const other of rooms) await hears(room, `${word} ${other.name}`);
  const [first] = rooms as [Room];
  for (const room of rooms) {
    await until('one epoch', () => epoch(groupOf(room)) === epoch(groupOf(first)));
    expect(epochAuthenticator(groupOf(room))).toEqual(epochAuthenticator(groupOf(first)));
    // What was overtaken is dropped when its answer comes.
    await until('nothing is on its way', async () => (await room.runner.appends.pending()) === undefined);
    expect((await notices(room)).filter((one) => one === 'gap' || one === 'rejoined')).toEqual([]);
  }
}
