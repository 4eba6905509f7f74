import { cpSync, rmSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { wantRestart } from '../../src/conversation/send.ts';
import type { Conversation } from '../../src/index.ts';
import { house } from './support/house.ts';
import { Device, onlyConversation, spoken, until } from './support/people.ts';

const { relay, devices, person } = await house();

async function pair(): Promise<{ alice: Device; bob: Device; atAlice: Conversation; atBob: Conversation }> {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atAlice = await onlyConversation(alice.persona);
  await says(atBob, 'hello', atAlice);
  await says(atAlice, 'hello you', atBob);
  return { alice, bob, atAlice, atBob };
}

async function says(from: Conversation, text: string, to: Conversation): Promise<void> {
  await from.send(text);
  await hears(to, text);
}

function hears(at: Conversation, text: string): Promise<unknown> {
  return until(
    `"${text}" to arrive`,
    async () => spoken(await at.history({ limit: 500 })).includes(text),
    45_000,
  );
}

async function heard(at: Conversation): Promise<string[]> {
  return spoken(await at.history({ limit: 1_000 })).filter((text) => !text.startsWith('>'));
}

test('what is said while the relay is down arrives when it is back', async () => {
  const { atAlice, atBob } = await pair();
  await relay.kill();
  for (let i = 0; i < 5; i++) await Promise.all([atAlice.send(`a${String(i)}`), atBob.send(`b${String(i)}`)]);
  await relay.start();
  await Promise.all([hears(atAlice, 'b4'), hears(atBob, 'a4')]);
  expect(await heard(atAlice)).toEqual(['hello', 'b0', 'b1', 'b2', 'b3', 'b4']);
  expect(await heard(atBob)).toEqual(['hello you', 'a0', 'a1', 'a2', 'a3', 'a4']);
}, 120_000);

test('a relay that lost its store: both make their mailboxes again and go on, with a notice', async () => {
  const { atAlice, atBob } = await pair();
  await relay.kill();
  relay.emptyStore();
  const waiting = await atBob.send('said while it was down');
  await relay.start();
  await waiting.delivered;
  await hears(atAlice, 'said while it was down');
  await says(atAlice, 'still here', atBob);
  await says(atBob, 'me too', atAlice);
  expect(await heard(atAlice)).toContain('[relay]');
  expect((await heard(atAlice)).filter((text) => !text.startsWith('['))).toEqual([
    'hello',
    'said while it was down',
    'me too',
  ]);
}, 120_000);

test('a relay with an older store: nothing is doubled, what follows arrives', async () => {
  const { atAlice, atBob } = await pair();
  await relay.kill();
  const putBack = relay.saveStore();
  await relay.start();
  await says(atBob, 'soon forgotten', atAlice);
  await says(atAlice, 'forgotten too', atBob);
  await relay.kill();
  putBack();
  await relay.start();
  await says(atBob, 'after', atAlice);
  await says(atAlice, 'after that', atBob);
  const texts = (await heard(atAlice)).filter((text) => !text.startsWith('['));
  expect(texts).toEqual(['hello', 'soon forgotten', 'after']);
}, 120_000);

test('an older store that has grown past the reader’s place again: its new blocks are not taken for old ones', async () => {
  const { alice, atAlice, atBob } = await pair();
  await relay.kill();
  const putBack = relay.saveStore();
  await relay.start();
  for (let i = 0; i < 3; i++) await says(atBob, `forgotten ${String(i)}`, atAlice);
  await alice.persona.disconnect();
  await relay.kill();
  putBack();
  await relay.start();
  const news = ['new 0', 'new 1', 'new 2', 'new 3', 'new 4'];
  for (const text of news) await (await atBob.send(text)).delivered;
  await alice.persona.connect();
  const again = await onlyConversation(alice.persona);
  await hears(again, 'new 4');
  const texts = (await heard(again)).filter((text) => !text.startsWith('['));
  expect(texts).toEqual(['hello', 'forgotten 0', 'forgotten 1', 'forgotten 2', ...news]);
}, 120_000);

test('a one-time invite survives the loss of the relay’s store', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const { link } = await alice.persona.createInvite();
  await relay.kill();
  relay.emptyStore();
  await relay.start();
  const atBob = await until('the invite to be there again', () =>
    bob.persona.accept(link).catch(() => undefined),
  );
  const atAlice = await onlyConversation(alice.persona);
  await says(atBob, 'found you', atAlice);
}, 120_000);

test('a profile put back from a copy begins anew, visibly, and loses nothing said after', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  await says(atBob, 'before the copy', atAlice);
  await bob.close();
  const store = `${bob.folder}/profile`;
  cpSync(store, `${bob.folder}/copy`, { recursive: true });
  await bob.open();
  const later = await onlyConversation(bob.persona);
  for (let i = 0; i < 3; i++) await says(later, `after the copy ${String(i)}`, atAlice);
  await says(atAlice, 'I heard', later);
  await bob.close();
  rmSync(store, { recursive: true });
  cpSync(`${bob.folder}/copy`, store, { recursive: true });
  await bob.open();
  const rewound = await onlyConversation(bob.persona);
  await says(rewound, 'from the past', atAlice);
  await says(atAlice, 'welcome back', rewound);
  await says(rewound, 'and on', atAlice);
  expect(await heard(atAlice)).toEqual([
    'hello',
    'before the copy',
    'after the copy 0',
    'after the copy 1',
    'after the copy 2',
    '[restart]',
    'from the past',
    'and on',
  ]);
  expect(spoken(await rewound.history())).toContain('[restart]');
  // What the peer said meanwhile is said again, since the copy never heard it.
  await hears(rewound, 'I heard');
  expect([...alice.troubles, ...bob.troubles]).toEqual([]);
}, 120_000);

test('an export moves everything; the copy that stays behind is fenced out and says so', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  const invite = await bob.persona.createInvite();
  const bytes: Uint8Array[] = [];
  for await (const chunk of bob.client.export('a quiet voice')) bytes.push(Uint8Array.from(chunk));
  async function* exported(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield* bytes;
  }
  const moved = await Device.fromExport(exported(), relay.url, 'Bob');
  devices.push(moved);
  const there = await onlyConversation(moved.persona);
  expect(spoken(await there.history())).toEqual(['>hello', 'hello you']);
  await until('the old copy to notice', () => bob.persona.state === 'moved');
  await says(there, 'from the new device', atAlice);
  await says(atAlice, 'welcome', there);
  expect(await heard(atAlice)).toContain('[restart]');
  expect(spoken(await atBob.history())).not.toContain('welcome');
  await expect(bob.persona.createInvite()).rejects.toMatchObject({ code: 'PERSONA_MOVED' });

  const carol = await person('Carol');
  const atCarol = await carol.persona.accept(invite.link);
  await atCarol.send('by the old link');
  const met = await until('the new device to be found by the old link', async () =>
    (await moved.persona.conversations()).find((conversation) => conversation.peer.name === 'Carol'),
  );
  await hears(met, 'by the old link');
  expect(alice.troubles).toEqual([]);
}, 120_000);

test('another engine takes a profile over: the session begins anew', async () => {
  const { loadEngine } = await import('../../src/signal/engine-node.ts');
  const { bob, atAlice } = await pair();
  await bob.close();
  const { engine } = bob.options;
  Object.assign(bob.options, {
    engine: await loadEngine(engine?.name === 'ratchet' ? 'libsignal' : 'ratchet'),
  });
  await bob.open();
  const again = await onlyConversation(bob.persona);
  await says(again, 'in another voice', atAlice);
  await says(atAlice, 'I hear you', again);
  expect(await heard(atAlice)).toEqual(['hello', '[restart]', 'in another voice']);
}, 120_000);

test('what could not be stored for a while is read once it can be', async () => {
  const { bob, atAlice, atBob } = await pair();
  const runner = atBob.runner;
  const chance = jest.spyOn(Math, 'random').mockReturnValue(0);
  const receive = jest.spyOn(runner, 'receive').mockRejectedValue(new Error('no room'));
  await atAlice.send('held up');
  await until('it is given up', () => bob.troubles.length > 0);
  expect(bob.troubles).toMatchObject([{ code: 'NET_STUCK' }]);
  chance.mockRestore();
  receive.mockRestore();
  await hears(atBob, 'held up');
  await says(atAlice, 'and the next', atBob);
});

test('a message is sent, and its answer kept, although the store fails in the midst of it', async () => {
  const { atAlice } = await pair();
  const { runner } = atAlice;
  const record = jest.spyOn(runner, 'record').mockRejectedValueOnce(new Error('not now'));
  const step = runner.step.bind(runner);
  let failed = 0;
  runner.step = (work) => {
    if (failed === 2 || !String(work).includes('noteAnswers')) return step(work);
    failed++;
    return Promise.reject(new Error('no room'));
  };
  const sent = await atAlice.send('is it there?');
  await sent.delivered;
  expect(failed).toBe(2);
  expect(record.mock.calls.length).toBeGreaterThan(1);
});

test('a clock that was set back does not keep a session from beginning anew', async () => {
  const alice = await person('Alice');
  let back = 0;
  const bob = await person('Bob', { clock: () => Date.now() - back });
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atAlice = await onlyConversation(alice.persona);
  await says(atBob, 'hello', atAlice);
  await says(atAlice, 'hello you', atBob);
  const anew = async (text: string): Promise<void> => {
    await atBob.runner.step((step) => {
      step.record = wantRestart(step.record, 'engine');
      return Promise.resolve();
    });
    await says(atBob, text, atAlice);
  };
  await anew('in a new session');
  back = 86_400_000;
  await anew('and once more');
});
