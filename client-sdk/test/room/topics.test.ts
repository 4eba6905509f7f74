// A directory over the real relay: kept by one, read by another, rooms found by topic, circles filled first come first
// served; forged and older ones refused, and a card that isn't its room's left out.
import { expect, jest, test } from '@jest/globals';
import { randomKey, signingKeyPair } from '../../src/crypto/index.ts';
import { signCard } from '../../src/room/card.ts';
import { directoryHash, openDirectoryPaper, signDirectory } from '../../src/topics/paper.ts';
import { inside, roomHouse } from './support/people.ts';

jest.setTimeout(60_000);
const { person: someone } = await roomHouse({ stay: true });

test('a newcomer finds topics, the rooms that live in them, and the one with places', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const kept = await (
    await ada.persona.topics()
  ).create({
    name: 'The quiet house',
    topics: [{ id: 'knitting', title: 'Knitting' }],
  });
  const full = await ada.persona.createRoom({ title: 'Nearly full', topic: 'grief', places: 2 });
  const wide = await ada.persona.createRoom({ title: 'With places', topic: 'grief', rules: ['Be kind.'] });
  const knocking = await ada.persona.createRoom({ title: 'Knock first', topic: 'knitting', door: 'knock' });
  for (const room of [full, wide, knocking]) await kept.listRoom(await room.link());
  await inside(await ben.persona.joinRoom(await full.link()));
  await kept.refresh();
  const directory = await (await ben.persona.topics()).open(kept.link);
  expect(directory).toMatchObject({ name: 'The quiet house', keeper: 'Ada', hasCircles: false });
  const grief = directory.topics.find(({ id }) => id === 'grief');
  expect(grief?.rooms.map(({ card, memberCount }) => [card.title, memberCount])).toEqual([
    ['Nearly full', 2],
    ['With places', 1],
  ]);
  expect(grief?.suggested?.card.rules).toEqual(['Be kind.']);
  const knitting = directory.topics.find(({ id }) => id === 'knitting');
  expect(knitting).toMatchObject({ title: 'Knitting', suggested: { door: 'knock' } });
  await inside(await ben.persona.joinRoom(grief?.suggested?.link ?? ''));
  await kept.unlist(await wide.link());
  const after = await (await ben.persona.topics()).open(kept.link);
  expect(after.topics.find(({ id }) => id === 'grief')?.rooms.length).toBe(1);
});

test('circles take people in until they are full, then the next one does', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const kept = await (await ada.persona.topics()).create({ name: 'Circles' });
  const wish = { topic: 'sleep', language: 'en', intent: 'company' } as const;
  await expect((await ben.persona.topics()).joinCircle(kept.link, wish)).rejects.toMatchObject({
    code: 'CIRCLE_NONE',
  });
  const circle = await kept.keepCircle(wish);
  expect(circle?.card).toMatchObject({ topic: 'sleep', places: 9 });
  expect(await kept.keepCircle(wish)).toBeUndefined();
  const bens = await inside(
    await (await ben.persona.topics()).joinCircle(kept.link, { ...wish, language: 'en-GB' }),
  );
  expect(bens.card.title).toBe(circle?.card.title);
  const other = { ...wish, intent: 'advice' } as const;
  await expect((await ben.persona.topics()).joinCircle(kept.link, other)).rejects.toMatchObject({
    code: 'CIRCLE_NONE',
  });
});

test('a directory by another key is refused, and a room with another room’s card is left out', () => {
  const [mine, forger, roomKey] = [1, 2, 3].map(() => signingKeyPair(randomKey('signing-seed')));
  if (!mine || !forger || !roomKey) throw new Error('keys');
  const input = { revision: 1, updatedAt: 1, name: 'x', keeper: 'y', topics: [], rooms: [] };
  const hash = directoryHash(mine.publicKey);
  expect(openDirectoryPaper(signDirectory(input, mine), hash).revision).toBe(1);
  expect(() => openDirectoryPaper(signDirectory(input, forger), hash)).toThrow(
    expect.objectContaining({ code: 'DIRECTORY_BAD' }),
  );
  const card = signCard({ title: 'Stolen', topic: 'grief' }, 1, roomKey).bytes;
  const link = 'https://chat.example/#AAAA';
  const rooms = [{ topic: 'grief', card, door: 0, link, memberCount: 1, seenAt: 1, intent: 0 }];
  const open = openDirectoryPaper(signDirectory({ ...input, rooms }, mine), hash);
  expect(open.topics.every((topic) => topic.rooms.length === 0)).toBe(true);
});
