// A few people in a room over the real relay: in by an open door, talking, reacting, changing, leaving, coming back.
import { expect, jest, test } from '@jest/globals';
import type { Room } from '../../src/index.ts';
import { personas } from '../../src/persona/record.ts';
import { pseudonymOf } from '../../src/room/pseudonym.ts';
import { hears, inside, memberNamed, notices, roomHouse, said, until } from './support/people.ts';

jest.setTimeout(60_000);
const { person: someone } = await roomHouse({ stay: true });

test('people come in by an open door, talk in one order, react, change their words, leave and come back', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom({
    title: 'Quiet evenings',
    topic: 'anxiety',
    rules: ['Be kind.'],
    newcomerMinutes: 0,
  });
  await room.send('Hello, whoever comes.');
  const link = await room.link();
  const preview = await ben.persona.lookAtRoom(link);
  expect(preview).toMatchObject({
    card: { title: 'Quiet evenings', host: 'Ada' },
    door: 'open',
    memberCount: 1,
  });
  const bens = await inside(await ben.persona.joinRoom(link));
  const cleos = await inside(await cleo.persona.joinRoom(link));
  await bens.send('Hello, Ada');
  await hears(room, 'Hello, Ada');
  const { id } = await cleos.send({
    type: 'text',
    text: 'Ada, a word',
    mentions: [room.me],
    warning: 'a word',
  });
  await hears(bens, 'Ada, a word');
  await hears(room, 'Ada, a word');
  expect((await room.history()).at(-1)).toMatchObject({ mentionsMe: true, warning: 'a word' });
  await bens.send({ type: 'reaction', target: id, reaction: 'with-you' });
  await cleos.send({ type: 'edit', target: id, text: 'Ada, two words' });
  await hears(room, 'Ada, two words');
  await until('a reaction', async () => {
    const message = await room.message(id);
    return message?.kind === 'text' && message.reactions.length === 1;
  });
  await expect(bens.send({ type: 'edit', target: id, text: 'not mine' })).rejects.toMatchObject({
    code: 'CONTENT_TARGET',
  });
  await cleos.send({ type: 'retract', target: id });
  for (const one of [room, bens])
    await until('taken back', async () => (await said(one)).includes('Cleo: (taken back)'));
  expect(await said(room)).toEqual(['Ada: Hello, whoever comes.', 'Ben: Hello, Ada', 'Cleo: (taken back)']);
  expect(await said(bens)).toEqual((await said(room)).slice(1));

  const long = 'many words '.repeat(1_000);
  await bens.send(long);
  await until('all of a long text', async () => (await said(cleos)).includes(`Ben: ${long}`));

  await cleos.leave();
  expect(await cleo.persona.rooms()).toEqual([]);
  await until('Cleo is gone', async () => (await notices(room)).includes('left Cleo'));
  await until('two are left', async () => (await room.members()).length === 2);
  await bens.send('Still here');
  await hears(room, 'Still here');
  const again = await inside(await cleo.persona.joinRoom(link));
  expect(again.me).toBe(cleos.me);
  await again.send('Back again');
  await hears(bens, 'Back again');
  await until('one order', async () => {
    const all = await Promise.all([room, bens].map((one) => said(one)));
    return JSON.stringify(all[0]?.slice(1)) === JSON.stringify(all[1]);
  });
});

test('whoever closes and opens again goes on where they were; nothing is lost or doubled', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const room = await ada.persona.createRoom({ title: 'Over night', newcomerMinutes: 0 });
  const bens = await inside(await ben.persona.joinRoom(await room.link()));
  await room.send('one');
  await hears(bens, 'one');
  await ben.close();
  await room.send('two');
  await room.send('three');
  await ben.open();
  const [same] = (await ben.persona.rooms()) as [Room];
  await hears(same, 'three');
  await same.send('four');
  await hears(room, 'four');
  await ada.close();
  await same.send('five');
  await ada.open();
  const [mine] = (await ada.persona.rooms()) as [Room];
  await hears(mine, 'five');
  await mine.send('six');
  await hears(same, 'six');
  expect((await said(same)).map((line) => line.slice(5))).toEqual([
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
  ]);
  expect((await said(mine)).map((line) => line.slice(5))).toEqual([
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
  ]);
  expect(await notices(same)).not.toContain('gap');
  await expect(memberNamed(mine, 'Ben')).resolves.toMatchObject({ isHost: false, isMe: false });
});

test('rooms made at one moment draw their pseudonyms from the one seed that is written down', async () => {
  const dora = await someone('Dora');
  const card = { topic: 'grief', rules: ['Be kind.'], newcomerMinutes: 0 };
  const made = await Promise.all([
    dora.persona.createRoom({ title: 'One', ...card }),
    dora.persona.createRoom({ title: 'Two', ...card }),
  ]);
  for (const { runner } of made) {
    const record = await runner.host.context.vault.read((view) => personas.get(view, '', dora.persona.id));
    const seed = record?.roomSeed ?? new Uint8Array(32);
    expect(runner.me.publicKey).toEqual(pseudonymOf(seed, runner.roomId).publicKey);
  }
});
