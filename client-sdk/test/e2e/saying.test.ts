import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type ClientOptions, type Conversation, type Message, type TextMessage } from '../../src/index.ts';
import { house } from './support/house.ts';
import { type Device, onlyConversation, spoken, until } from './support/people.ts';

const { person } = await house();

interface Pair {
  readonly alice: Device;
  readonly bob: Device;
  readonly atAlice: Conversation;
  readonly atBob: Conversation;
}

async function pair(options: ClientOptions = {}): Promise<Pair> {
  const [alice, bob] = await Promise.all([person('Alice', options), person('Bob', options)]);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atAlice = await onlyConversation(alice.persona);
  return { alice, bob, atAlice, atBob };
}

async function textAt(conversation: Conversation, id: string): Promise<TextMessage | undefined> {
  const all = await conversation.history({ limit: 1_000 });
  return all.find((message): message is TextMessage => message.kind === 'text' && message.id === id);
}

function becomes(conversation: Conversation, id: string, like: Partial<TextMessage>): Promise<TextMessage> {
  return until(`message to become ${JSON.stringify(like)}`, async () => {
    const message = await textAt(conversation, id);
    const fits =
      message !== undefined &&
      Object.entries(like).every(
        ([key, value]) => JSON.stringify(message[key as keyof TextMessage]) === JSON.stringify(value),
      );
    return fits ? message : undefined;
  });
}

/** Every file below a folder, whole. */
function filesBelow(folder: string): Buffer {
  const parts: Buffer[] = [];
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, String(name));
    if (statSync(path).isFile()) parts.push(readFileSync(path));
  }
  return Buffer.concat(parts);
}

test('reply, reaction, edit, retract, content warning', async () => {
  const { atAlice, atBob } = await pair();
  const first = await atBob.send({ type: 'text', text: 'a hard day', warning: 'sad' });
  await becomes(atAlice, first.id, { text: 'a hard day', warning: 'sad', edited: false });
  const reply = await atAlice.send({ type: 'text', text: 'tell me', replyTo: first.id });
  await becomes(atBob, reply.id, { replyTo: first.id });

  await atAlice.send({ type: 'reaction', target: first.id, reaction: 'with-you' });
  await atBob.send({ type: 'reaction', target: first.id, reaction: 'thank-you' });
  await becomes(atBob, first.id, {
    reactions: [
      { mine: true, reaction: 'thank-you' },
      { mine: false, reaction: 'with-you' },
    ],
  }).catch(() =>
    becomes(atBob, first.id, {
      reactions: [
        { mine: false, reaction: 'with-you' },
        { mine: true, reaction: 'thank-you' },
      ],
    }),
  );
  await atAlice.send({ type: 'reaction', target: first.id, reaction: 'with-you', removed: true });
  await becomes(atBob, first.id, { reactions: [{ mine: true, reaction: 'thank-you' }] });

  await atBob.send({ type: 'edit', target: first.id, text: 'a long day' });
  await becomes(atAlice, first.id, { text: 'a long day', edited: true });
  await expect(atAlice.send({ type: 'edit', target: first.id, text: 'no' })).rejects.toMatchObject({
    code: 'CONTENT_TARGET',
  });
  await atBob.send({ type: 'retract', target: first.id });
  await becomes(atAlice, first.id, { text: '', retracted: true });
  await becomes(atBob, first.id, { text: '', retracted: true });
  await expect(atBob.send('')).rejects.toMatchObject({ code: 'CONTENT_EMPTY' });
  await expect(atBob.send('x'.repeat(26_000))).rejects.toMatchObject({ code: 'CONTENT_TOO_LONG' });
});

test('a timer set by one holds for both; what expired is gone from view, search and the files', async () => {
  const { alice, atAlice, atBob } = await pair();
  await atBob.send({ type: 'timer', seconds: 1 });
  await until('the timer to be known', () => atAlice.state.timerSeconds === 1);
  const word = 'evanescent';
  const sent = await atBob.send(`something ${word}`);
  await sent.delivered;
  const seen = await until('it to be seen', () => textAt(atAlice, sent.id));
  expect(seen.expiresAt).toBeGreaterThan(Date.now());
  for (const conversation of [atAlice, atBob]) {
    await until('it to be gone', async () => (await textAt(conversation, sent.id)) === undefined);
    expect(await conversation.search(word)).toEqual([]);
  }
  const reply = await atAlice.send('this too');
  await until('that to be seen', () => textAt(atBob, reply.id));
  await until('that to be gone', async () => (await textAt(atBob, reply.id)) === undefined);
  await alice.close();
  await alice.open();
  const again = await onlyConversation(alice.persona);
  expect(spoken(await again.history()).filter((text) => !text.startsWith('['))).toEqual([]);
});

test('pages, search, and several who follow at once', async () => {
  const { atAlice, atBob } = await pair();
  const followers = [atAlice.messages(), atAlice.messages()];
  const texts = Array.from({ length: 25 }, (_, i) => `Note ${String(i)}${i % 5 === 0 ? ' ÉTOILE' : ''}`);
  for (const text of texts) await atBob.send(text);
  for (const follower of followers) {
    const got: Message[] = [];
    for await (const message of follower) {
      got.push(message);
      if (got.length === texts.length) break;
    }
    expect(spoken(got)).toEqual(texts);
  }
  const last = await atAlice.history({ limit: 10 });
  expect(spoken(last)).toEqual(texts.slice(15));
  const before = last[0]?.cursor;
  const page = await atAlice.history({ limit: 10, ...(before === undefined ? {} : { before }) });
  expect(spoken(page)).toEqual(texts.slice(5, 15));
  const from = page[3]?.cursor;
  if (from === undefined || before === undefined) throw new Error('no places');
  expect(spoken(await atAlice.history({ from, limit: 4 }))).toEqual(texts.slice(8, 12));
  expect(spoken(await atAlice.history({ from, before, limit: 50 }))).toEqual(texts.slice(8, 15));
  expect(spoken(await atAlice.search('étoile'))).toEqual(
    texts.filter((text) => text.includes('É')).reverse(),
  );
});

test('envelope keys are renewed while both talk', async () => {
  const { atAlice, atBob } = await pair({ renewAfterBlocks: 4 });
  for (let i = 0; i < 30; i++) {
    await (
      await atBob.send(`b${String(i)}`)
    ).delivered;
    if (i % 3 === 0) await (await atAlice.send(`a${String(i)}`)).delivered;
  }
  await until('all to be there', async () => spoken(await atAlice.history({ limit: 100 })).includes('b29'));
  const record = await atBob.runner.record();
  expect(record.sendKeys.current).not.toEqual(record.sendKeys.first);
  expect(spoken(await atAlice.history({ limit: 100 })).filter((t) => t.startsWith('b'))).toHaveLength(30);
  expect(spoken(await atAlice.history({ limit: 100 })).filter((t) => t.startsWith('['))).toEqual([]);
});

test('blocked: nothing more is read or sent; left: the peer is told and nothing remains here', async () => {
  const first = await pair();
  await (
    await first.atBob.send('hi')
  ).delivered;
  await until('it to arrive', async () => (await first.atAlice.history()).length === 1);
  await first.atAlice.block();
  expect(first.atAlice.state).toMatchObject({ phase: 'closed', closedBy: 'block' });
  await expect(first.atAlice.send('no')).rejects.toMatchObject({ code: 'CONVERSATION_CLOSED' });
  await first.atBob.send('are you there?');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await first.atAlice.history()).toHaveLength(1);

  const second = await pair();
  await (
    await second.atBob.send('hi')
  ).delivered;
  await until('it to arrive', async () => (await second.atAlice.history()).length === 1);
  await second.atAlice.leave();
  expect(await second.alice.persona.conversations()).toEqual([]);
  await until('the peer to be told', () => second.atBob.state.closedBy === 'peerLeft');
  expect(spoken(await second.atBob.history())).toContain('[left]');
  await second.alice.close();
  await second.alice.open();
  expect(await second.alice.persona.conversations()).toEqual([]);
});

test('left while offline, and the app closed: the peer is told at the next start', async () => {
  const { alice, atAlice, atBob } = await pair();
  await (
    await atBob.send('hi')
  ).delivered;
  await until('it to arrive', async () => (await atAlice.history()).length === 1);
  await alice.persona.disconnect();
  await atAlice.leave();
  expect(await alice.persona.conversations()).toEqual([]);
  await alice.close();
  await alice.open();
  expect(await alice.persona.conversations()).toEqual([]);
  await until('the peer to be told', () => atBob.state.closedBy === 'peerLeft');
});

test.each(['I block', 'the peer leaves'])('%s while a message waits: it failed, for good', async (how) => {
  const { alice, bob, atAlice, atBob } = await pair();
  await (
    await atBob.send('hi')
  ).delivered;
  const { delivered } = await atAlice.send('hello');
  await delivered;
  await until('the answer', async () => (await atBob.history()).length === 2);
  await alice.persona.disconnect();
  const [offline] = await alice.persona.conversations();
  const waiting = await offline?.send('never read');
  if (offline === undefined || waiting === undefined) throw new Error('the conversation is gone');
  await becomes(offline, waiting.id, { delivery: 'waiting' });
  if (how === 'I block') await offline.block();
  else await atBob.leave();
  await alice.persona.connect();
  const again = await onlyConversation(alice.persona);
  await until('it to be closed', () => again.state.phase === 'closed');
  await becomes(again, waiting.id, { delivery: 'failed' });
  await alice.close();
  await alice.open();
  const later = await onlyConversation(alice.persona);
  expect(await textAt(later, waiting.id)).toMatchObject({ delivery: 'failed', text: 'never read' });
  // Forgetting what is over tells the peer nothing, and sends nothing that was left.
  await later.leave();
  await until('it to be forgotten', async () => (await alice.persona.conversations()).length === 0);
  if (how === 'I block') {
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(spoken(await atBob.history())).toEqual(['>hi', 'hello']);
    expect(atBob.state.phase).toBe('open');
  } else expect(await bob.persona.conversations()).toEqual([]);
});

test('a retired persona says so to everyone; a burned one leaves nothing', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  await (
    await atAlice.send('before')
  ).delivered;
  await until('it to arrive', async () => (await atBob.history()).length === 1);
  const invite = await alice.persona.createInvite();
  await alice.persona.retire();
  await until('the peer to be told', () => atBob.state.closedBy === 'peerRetired');
  await expect(bob.persona.accept(invite.link)).rejects.toMatchObject({ code: 'INVITE_GONE' });
  await expect(alice.persona.createInvite()).rejects.toMatchObject({ code: 'PERSONA_RETIRED' });
  await expect(atAlice.send('after')).rejects.toMatchObject({ code: 'CONVERSATION_CLOSED' });
  expect(spoken(await atAlice.history())).toEqual(['>before']);
  await alice.persona.burn();
  expect(await alice.client.personas()).toEqual([]);
  await alice.client.close();
});

test('locked: no key in memory opens anything; unlocked: everything goes on', async () => {
  const { alice, atBob } = await pair();
  await alice.client.lock();
  await expect(alice.client.personas()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  await (
    await atBob.send('while locked')
  ).delivered;
  await expect(alice.client.unlock('wrong')).rejects.toMatchObject({ code: 'STORE_PASSPHRASE' });
  await alice.client.unlock(alice.options.passphrase);
  const [persona] = await alice.client.personas();
  if (persona === undefined) throw new Error('no persona');
  const again = await onlyConversation(persona);
  await until('it to arrive', async () => spoken(await again.history()).includes('while locked'));
});

test('wipe leaves no file that holds anything', async () => {
  const { alice, atBob } = await pair();
  await (
    await atBob.send('hi')
  ).delivered;
  await alice.client.wipe();
  let left: Buffer = Buffer.alloc(0);
  try {
    left = filesBelow(alice.options.store ?? '');
  } catch {
    // The folder itself is gone.
  }
  expect(left.length).toBe(0);
});

test('personas of one client share no connection; one is online at a time unless said', async () => {
  const device = await person('First');
  await until('online', () => device.persona.state === 'online');
  const second = await device.client.createPersona({ name: 'Second' });
  await until('the second to be online', () => second.state === 'online');
  expect(device.persona.state).toBe('offline');
  await expect(device.persona.createInvite()).rejects.toMatchObject({ code: 'PERSONA_OFFLINE' });
  await device.persona.connect();
  expect(second.state).toBe('offline');
  expect((await device.client.personas()).map((persona) => persona.name)).toEqual(['First', 'Second']);
});

test('what was handed out stays good over going offline and online again', async () => {
  const { alice, atAlice, atBob } = await pair();
  const coming = atAlice.messages();
  await alice.persona.disconnect();
  await (
    await atBob.send('while away')
  ).delivered;
  const waiting = await atAlice.send('said offline');
  await alice.persona.connect();
  expect((await coming.next()).value).toMatchObject({ text: 'while away' });
  await waiting.delivered;
  expect((await alice.persona.conversations())[0]).toBe(atAlice);
  await until('the other way', async () => spoken(await atBob.history()).includes('said offline'));
});

test('a new name reaches those one talks with', async () => {
  const { alice, atBob, atAlice } = await pair();
  await (
    await atAlice.send('hi')
  ).delivered;
  await until('the old name', () => atBob.peer.name === 'Alice');
  await alice.persona.rename('Alba');
  await until('the new name', () => atBob.peer.name === 'Alba');
});
