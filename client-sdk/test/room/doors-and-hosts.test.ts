// The four doors and what hosts may do, over the real relay: knocks answered and refused, links for one person, a shut
// door, removal, bans, everything of someone taken out, modes, co-hosts, handing over, private talks where both want.
import { expect, jest, test } from '@jest/globals';
import type { Conversation, Room, TextMessage } from '../../src/index.ts';
import { onlyConversation } from '../e2e/support/people.ts';
import { hears, inside, memberNamed, notices, roomHouse, said, until } from './support/people.ts';

jest.setTimeout(60_000);
const { person: someone } = await roomHouse({ stay: true });

const card = { title: 'By the door', newcomerMinutes: 0 };

test('a knock waits for a host, also over restarts of both; who is refused stays out and may not come in by the old papers', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom({ ...card, door: 'knock' });
  const link = await room.link();
  expect((await ben.persona.lookAtRoom(link)).card.title).toBe('By the door');
  await ada.close();
  const waiting = await ben.persona.joinRoom(link, { words: 'I would like to listen.' });
  expect(waiting.state).toMatchObject({ phase: 'knocking', maySend: false, why: 'entering' });
  await expect(waiting.send('hello?')).rejects.toMatchObject({ code: 'ROOM_ENTERING' });
  await ben.close();
  await ada.open();
  const [hers] = (await ada.persona.rooms()) as [Room];
  const [knock] = await until('a knock', async () => {
    const knocks = await hers.knocks();
    return knocks.length > 0 && knocks;
  });
  expect(knock).toMatchObject({ name: 'Ben', words: 'I would like to listen.' });
  await hers.admit(knock?.id ?? '');
  await ben.open();
  const [bens] = (await ben.persona.rooms()) as [Room];
  await inside(bens);
  await bens.send('Thank you');
  await hears(hers, 'Thank you');
  expect(await hers.knocks()).toEqual([]);
  await expect(bens.admit('x')).rejects.toMatchObject({ code: 'ROOM_NOT_HOST' });
  expect(await bens.link()).toBe(link);

  const cleos = await cleo.persona.joinRoom(link);
  const [other] = await until('another knock', async () => {
    const knocks = await hers.knocks();
    return knocks.length > 0 && knocks;
  });
  await hers.refuse(other?.id ?? '');
  await until('refused', () => cleos.state.phase === 'refused');
  expect((await hers.members()).length).toBe(2);
  expect((await hers.hostLog()).actions.map(({ kind }) => kind)).toEqual(['admit', 'refuse']);
});

test('a link for one person lets one in without asking, and nobody else; a shut door refuses', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom({ ...card, door: 'invite' });
  await expect(room.link()).rejects.toMatchObject({ code: 'ROOM_DOOR' });
  const { link } = await room.invite();
  const bens = await inside(await ben.persona.joinRoom(link));
  await bens.send('Here I am');
  await hears(room, 'Here I am');
  await until('the link is dead', async () =>
    cleo.persona.lookAtRoom(link).then(
      () => false,
      (error: unknown) => (error as { code: string }).code === 'ROOM_GONE',
    ),
  );
  const taken = await room.invite();
  await taken.revoke();
  await expect(cleo.persona.joinRoom(taken.link)).rejects.toMatchObject({ code: 'ROOM_GONE' });
  await room.setDoor('closed');
  await until('the door is seen shut', () => bens.state.door === 'closed');
  // Also the only one who was let in can go, so that nobody but the host stays.
  await bens.leave();
  await until('he is gone', async () => (await room.members()).length === 1);
  expect(await notices(room)).toContain('left Ben');
});

test('who is removed reads nothing that follows and writes nothing; a ban holds, also at an open door', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom(card);
  const link = await room.link();
  const bens = await inside(await ben.persona.joinRoom(link));
  const cleos = await inside(await cleo.persona.joinRoom(link));
  await bens.send('Something unkind');
  await hears(cleos, 'Something unkind');
  await hears(room, 'Something unkind');
  const him = (await memberNamed(room, 'Ben')).id;
  await expect(cleos.remove(him)).rejects.toMatchObject({ code: 'ROOM_NOT_HOST' });
  await room.remove(him);
  await until('Ben sees it', () => bens.state.phase === 'removed');
  await expect(bens.send('But')).rejects.toMatchObject({ code: 'ROOM_CLOSED' });
  await room.send('Among us');
  await hears(cleos, 'Among us');
  expect(await said(bens)).not.toContain('Ada: Among us');
  await room.removeEverythingFrom(him);
  await until('gone', async () => !(await said(cleos)).includes('Ben: Something unkind'));
  expect(await said(room)).toEqual(['Ada: Among us']);

  const back = await inside(await ben.persona.joinRoom(link));
  await back.send('Sorry');
  await hears(cleos, 'Sorry');
  await room.ban(him);
  await until('Ben sees it', () => back.state.phase === 'removed');
  const before = room.state.counts.voided;
  const barred = await ben.persona.joinRoom(link).catch((error: unknown) => (error as { code: string }).code);
  expect(typeof barred === 'string' ? barred : barred.state.phase).not.toBe('in');
  await room.send('Without Ben');
  await hears(cleos, 'Without Ben');
  expect((await room.members()).map(({ name }) => name).sort()).toEqual(['Ada', 'Cleo']);
  expect(room.state.counts.voided).toBeGreaterThanOrEqual(before);
  await room.unban(him);
  const log = await until('all four acts', async () => {
    const now = await cleos.hostLog();
    return now.actions.length === 4 && now;
  });
  expect(log.isConsistent).toBe(true);
  expect(log.actions.map(({ kind }) => kind)).toEqual(['remove', 'remove-everything', 'ban', 'unban']);
  expect(log.counts).toEqual([{ host: room.me, total: 4, seen: 4 }]);
  expect((await notices(cleos)).filter((one) => one.startsWith('removed')).length).toBe(2);
});

test('hosts mute, slow, lock and pin; clients of senders and of receivers hold to it', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const room = await ada.persona.createRoom(card);
  const bens = await inside(await ben.persona.joinRoom(await room.link()));
  const { id } = await bens.send('one');
  await hears(room, 'one');
  await room.setMode('slow', { slowSeconds: 600 });
  await until('slow', () => bens.state.pauseSeconds === 600);
  await expect(bens.send('two')).rejects.toMatchObject({ code: 'ROOM_SLOW' });
  await room.setMode('read-only');
  await until('read-only', () => bens.state.why === 'read-only');
  await expect(bens.send('two')).rejects.toMatchObject({ code: 'ROOM_READ_ONLY' });
  await room.setMode('locked');
  await until('locked', () => bens.state.why === 'locked');
  await room.setMode('open');
  await until('open', () => bens.state.maySend);
  await room.muteForAll(bens.me);
  await until('muted', () => bens.state.why === 'muted');
  await expect(bens.send('two')).rejects.toMatchObject({ code: 'ROOM_MUTED' });
  await room.unmuteForAll(bens.me);
  await room.pin(id);
  await until('pinned', () => bens.state.pinned === id);
  await until('unmuted', () => bens.state.maySend);
  await room.setCard({ title: 'Another title' });
  await until('the card', () => bens.card.title === 'Another title');
  expect(bens.card.revision).toBe(2);
});

test('what I do not want to see is not shown to me, and is still there when I change my mind', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const room = await ada.persona.createRoom(card);
  const bens = await inside(await ben.persona.joinRoom(await room.link()));
  await bens.send('a storm is coming');
  await hears(room, 'a storm is coming');
  await room.setFilters({ words: ['storm'] });
  expect((await room.history()).at(-1)).toMatchObject({ warning: 'storm' });
  await room.block(bens.me);
  expect(await said(room)).toEqual([]);
  // What is hidden doesn't shorten a page: whoever turns pages takes a short one for the last.
  expect(await room.history({ limit: 1 })).toHaveLength(1);
  expect(await memberNamed(room, 'Ben')).toMatchObject({ hidden: 'blocked' });
  await room.unmute(bens.me);
  await room.setFilters({ words: [] });
  expect(await said(room)).toEqual(['Ben: a storm is coming']);
  await room.takeABreak(10);
  expect(room.state.breakUntil).toBeGreaterThan(Date.now());
  await room.takeABreak(0);
  expect(room.state.breakUntil).toBeUndefined();
});

test('a co-host does what hosts do, and no longer when the role ends; the room can be handed over', async () => {
  const [ada, ben, cleo] = [await someone('Ada'), await someone('Ben'), await someone('Cleo')];
  const room = await ada.persona.createRoom(card);
  const link = await room.link();
  const bens = await inside(await ben.persona.joinRoom(link));
  const cleos = await inside(await cleo.persona.joinRoom(link));
  await cleos.send('hello');
  await hears(bens, 'hello');
  await room.addHost(bens.me);
  await until('Ben is a host', () => bens.state.isHost);
  await until('Ben can act', async () =>
    bens.setMode('slow').then(
      () => true,
      () => false,
    ),
  );
  await until('slow', () => room.state.mode === 'slow' && cleos.state.mode === 'slow');
  await room.removeHost(bens.me);
  await until('Ben is no host', () => !bens.state.isHost);
  await expect(bens.setMode('open')).rejects.toMatchObject({ code: 'ROOM_NOT_HOST' });
  await room.handOver(cleos.me);
  await until('Cleo is the owner', async () =>
    cleos.setCard({ title: 'Cleo has it' }).then(
      () => true,
      () => false,
    ),
  );
  await until('the card', () => room.card.title === 'Cleo has it');
  await expect(room.setCard({ title: 'no' })).rejects.toMatchObject({ code: 'ROOM_NOT_HOST' });
});

test('two of a room talk in private only where both want it, and sign what they say', async () => {
  const [ada, ben] = [await someone('Ada'), await someone('Ben')];
  const room = await ada.persona.createRoom(card);
  const bens = await inside(await ben.persona.joinRoom(await room.link()));
  const answers: unknown[] = [];
  bens.on('talkAnswer', (answer) => answers.push(answer));
  await bens.talkWith(room.me, 'May I ask you something?');
  const [first] = await until('a request', async () => {
    const all = await room.talkRequests();
    return all.length > 0 && all;
  });
  expect(first).toMatchObject({ name: 'Ben', words: 'May I ask you something?' });
  await room.declineTalk(first?.id ?? '');
  await until('declined', () => answers.length === 1);
  expect(answers[0]).not.toHaveProperty('conversation');
  await bens.talkWith(room.me);
  const [second] = await until('another', async () => {
    const all = await room.talkRequests();
    return all.length > 0 && all;
  });
  await room.acceptTalk(second?.id ?? '');
  await until('accepted', () => answers.length === 2);
  const his: Conversation = await onlyConversation(ben.persona);
  await his.send('Thank you');
  const hers = await onlyConversation(ada.persona);
  await until('it is there', async () =>
    (await hers.history()).some((m) => (m as TextMessage).text === 'Thank you'),
  );
  expect(hers.peer.name).toBe('Ben');
  await hers.send('Ask');
  await until('answered', async () => (await his.history()).some((m) => (m as TextMessage).text === 'Ask'));
});
