// The people whom the screenshots meet: a host who keeps rooms and a list of them, and two who talk there, on Node. Not
// its concern: what is looked at (photograph-rooms.mjs).
import { join } from 'node:path';
import { openClient } from '@sotto/client';

const rooms = [
  {
    title: 'Night owls',
    topic: 'sleep',
    focus: 'For nights that are too long. Say that you’re awake, or just read along.',
    hours: 'Most nights, 22 to 1',
    door: 'knock',
  },
  { title: 'The chair that is empty', topic: 'grief', focus: 'For whoever misses someone.', door: 'knock' },
  { title: 'One thing at a time', topic: 'anxiety', focus: 'Small steps, at your own pace.', door: 'open' },
  { title: 'Quiet corner', topic: 'anxiety', focus: 'For days when everything is loud.', door: 'knock' },
  {
    title: 'After the shift',
    topic: 'work-and-study',
    focus: 'For when work comes home with you.',
    door: 'open',
  },
];
const rules = ['What is said here stays here.', 'No advice unless someone asks.', 'No details of methods.'];

/** @returns the link of the list of rooms, the room where people talk, and how to end it all. */
export async function openNeighbours(folder, relay) {
  const clients = [];
  const person = async (name) => {
    const client = await openClient({
      store: join(folder, name),
      passphrase: 'p',
      relay,
      kdfCost: { passes: 1, memoryKib: 8 },
      pace: { greetMs: 20, greetLateMs: 400, beaconMs: 2_000, retryMs: 50 },
    });
    clients.push(client);
    return client.createPersona({ name });
  };
  const host = await person('Lantern');
  const directory = await (await host.topics()).create({ name: 'The quiet house' });
  const made = [];
  for (const card of rooms) {
    const room = await host.createRoom({ ...card, rules, newcomerMinutes: 0, language: 'en' });
    await directory.listRoom(await room.link());
    made.push(room);
  }
  const [talk] = made;
  /** Lets in whoever knocks, until the end. */
  const porter = setInterval(() => {
    talk
      .knocks()
      .then((knocks) => Promise.all(knocks.map(({ id }) => talk.admit(id))))
      .catch(() => undefined);
  }, 300);
  const link = await talk.link();
  const others = await Promise.all(
    ['Moss', 'Juniper'].map(async (name) => (await person(name)).joinRoom(link, { words: '' })),
  );
  return {
    directory: directory.link,
    host: talk,
    others,
    async close() {
      clearInterval(porter);
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
