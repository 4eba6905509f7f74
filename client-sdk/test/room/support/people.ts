// People in rooms for end-to-end tests: devices as in test/e2e/support, with the short pauses that rooms need, and the
// waiting that tests of rooms have in common.
import type { ClientOptions, Message, Room } from '../../../src/index.ts';
import { house, type House } from '../../e2e/support/house.ts';
import { Device, FAST, until } from '../../e2e/support/people.ts';

export { Device, until };

export const ROOM_PACE: ClientOptions = {
  kdfCost: FAST.kdfCost ?? { passes: 1, memoryKib: 8 },
  pace: {
    ...FAST.pace,
    retryMs: 30,
    retryMaxMs: 500,
    patienceMs: 20_000,
    greetMs: 20,
    greetLateMs: 400,
    beaconMs: 2_000,
    rejoinMs: 2_500,
  },
};

export function person(relay: string, name: string, options: ClientOptions = {}): Promise<Device> {
  return Device.make(relay, name, { ...ROOM_PACE, ...options });
}

/** A relay and devices with the pauses of rooms. */
export function roomHouse(options: { stay?: boolean } = {}): Promise<House> {
  return house({ ...options, make: person });
}

/** In, and able to write. */
export async function inside(room: Room, ms = 20_000): Promise<Room> {
  await until(`in the room (${room.state.phase})`, () => room.state.phase === 'in', ms);
  return room;
}

/** What was said, by whom, in the order of the history; notices left out. */
export async function said(room: Room, limit = 10_000): Promise<string[]> {
  return saidIn(await room.history({ limit }));
}

export async function notices(room: Room): Promise<string[]> {
  return noticesIn(await room.history({ limit: 10_000 }));
}

export function saidIn(all: readonly Message[]): string[] {
  return all.flatMap((message) =>
    message.kind === 'text'
      ? [`${message.author?.name ?? ''}: ${message.retracted ? '(taken back)' : message.text}`]
      : [],
  );
}

export function noticesIn(all: readonly Message[]): string[] {
  return all.flatMap((message) =>
    message.kind === 'room'
      ? [`${message.event} ${message.member?.name ?? ''}`.trim()]
      : message.kind === 'gap'
        ? ['gap']
        : [],
  );
}

/** Waits until a room's history holds these texts, and answers with all of it. */
export function hears(room: Room, text: string, ms = 20_000): Promise<string[]> {
  return until(
    `hears ${text}`,
    async () => {
      const all = await said(room);
      return all.some((line) => line.endsWith(`: ${text}`)) ? all : undefined;
    },
    ms,
  );
}

/** One of the members by name. */
export async function memberNamed(room: Room, name: string) {
  return until(`a member ${name}`, async () => (await room.members()).find((member) => member.name === name));
}
