import { expect, test } from '@jest/globals';
import { house } from './support/house.ts';
import { onlyConversation, spoken, until } from './support/people.ts';

const { person } = await house();

test('a link, and two people talk both ways', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const { link } = await alice.persona.createInvite();
  const atBob = await bob.persona.accept(link);
  const atAlice = await onlyConversation(alice.persona);
  expect(atAlice.peer.name).toBe('Bob');

  const heard = atAlice.messages();
  const sent = await atBob.send('hello');
  await sent.delivered;
  expect((await heard.next()).value).toMatchObject({ kind: 'text', text: 'hello', mine: false, id: sent.id });

  const heardByBob = atBob.messages();
  await (
    await atAlice.send('hello to you')
  ).delivered;
  expect((await heardByBob.next()).value).toMatchObject({ text: 'hello to you' });
  expect(atBob.peer.name).toBe('Alice');
  expect(atBob.peer.safetyNumber).toBe(atAlice.peer.safetyNumber);
  expect(atBob.peer.safetyNumber).toMatch(/^\d{60}$/);
  expect([...alice.troubles, ...bob.troubles]).toEqual([]);
});

test('many messages both ways arrive once and in order, long ones whole', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atAlice = await onlyConversation(alice.persona);
  const long = 'ä'.repeat(12_000);
  const texts = [long, ...Array.from({ length: 60 }, (_, i) => `message ${String(i)}`), long];
  const send = async (from: typeof atBob): Promise<void> => {
    const sent = await Promise.all(texts.map((text) => from.send(text)));
    await Promise.all(sent.map((message) => message.delivered));
  };
  await Promise.all([send(atBob), send(atAlice)]);
  for (const conversation of [atAlice, atBob]) {
    await until('all to be there', async () => {
      const all = await conversation.history({ limit: 1_000 });
      return all.filter((m) => m.kind === 'text' && !m.mine).length === texts.length;
    });
    const all = await conversation.history({ limit: 1_000 });
    expect(spoken(all).filter((text) => !text.startsWith('>'))).toEqual(texts);
  }
});
