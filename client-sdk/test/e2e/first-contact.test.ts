import { expect, test } from '@jest/globals';
import { decodeLink, encodeLink } from '@sotto/wire';
import { type ClientOptions, type InviteAhead, readInviteAhead } from '../../src/index.ts';
import { randomBytes, sha256 } from '../../src/crypto/index.ts';
import { house } from './support/house.ts';
import { type Device, FAST, onlyConversation, spoken, until } from './support/people.ts';

const { person } = await house();

test('the inviter is away for the whole first contact and gets everything when back', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const { link } = await alice.persona.createInvite();
  await alice.close();
  const atBob = await bob.persona.accept(link);
  const texts = ['one', 'two', 'x'.repeat(9_000), 'four'];
  for (const text of texts) await (await atBob.send(text)).delivered;
  await bob.close();
  await alice.open();
  const atAlice = await onlyConversation(alice.persona);
  await until('all four', async () => (await atAlice.history()).length === 4);
  expect(spoken(await atAlice.history())).toEqual(texts);
  await (
    await atAlice.send('I am back')
  ).delivered;
  await bob.open();
  const again = await onlyConversation(bob.persona);
  await until('the answer', async () => (await again.history()).length === 5);
  expect(spoken(await again.history()).at(-1)).toBe('I am back');
});

test('the first to accept has the link, the second is told so', async () => {
  const [alice, bob, eve] = await Promise.all([person('Alice'), person('Bob'), person('Eve')]);
  const { link } = await alice.persona.createInvite();
  const atBob = await bob.persona.accept(link);
  await expect(eve.persona.accept(link)).rejects.toMatchObject({ code: 'INVITE_USED' });
  expect(await eve.persona.conversations()).toEqual([]);
  expect((await bob.persona.accept(link)).id).toBe(atBob.id);
  await expect(alice.persona.accept(link)).rejects.toMatchObject({ code: 'INVITE_OWN' });
  await until('the invite to be used up', async () => (await alice.persona.invites()).length === 0);
});

test('two who accept at one moment: one gets it', async () => {
  const [alice, bob, eve] = await Promise.all([person('Alice'), person('Bob'), person('Eve')]);
  const { link } = await alice.persona.createInvite();
  const results = await Promise.allSettled([bob.persona.accept(link), eve.persona.accept(link)]);
  const failed = results.filter((result) => result.status === 'rejected');
  expect(failed).toHaveLength(1);
  expect(failed[0]?.reason).toMatchObject({ code: 'INVITE_USED' });
  await onlyConversation(alice.persona);
});

test('a withdrawn invite is gone', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const invite = await alice.persona.createInvite();
  expect(await alice.persona.invites()).toMatchObject([{ link: invite.link, kind: 'once' }]);
  await invite.revoke();
  expect(await alice.persona.invites()).toEqual([]);
  await expect(bob.persona.accept(invite.link)).rejects.toMatchObject({ code: 'INVITE_GONE' });
});

/** Someone whose invite was read before they had a store, and whether what was read was made use of. */
async function readerAhead(link: string) {
  const ahead = await readInviteAhead(link, {});
  if (ahead === undefined) throw new Error('it was not read');
  const used: string[] = [];
  const network: ClientOptions['network'] = {
    isolate: false,
    ahead: (): InviteAhead => ({
      ...ahead,
      take: (pin) => noted('connection', ahead.take(pin)),
      slot: (wanted) => noted('slot', ahead.slot(wanted)),
    }),
  };
  function noted<T>(what: string, given: T): T {
    if (given !== undefined) used.push(what);
    return given;
  }
  const device = await person('Bob', { network });
  return { device, used };
}

test('an invite that was read ahead is accepted on that connection, and what it said is used once', async () => {
  const alice = await person('Alice');
  const { link } = await alice.persona.createInvite();
  const bob = await readerAhead(link);
  const atBob = await bob.device.persona.accept(link);
  expect(bob.used).toEqual(['connection', 'slot']);
  await (
    await atBob.send('hello')
  ).delivered;
  expect(bob.device.persona.connections()).toHaveLength(1);
  // Offline and online again, it dials for itself; the next invite is read when it is accepted.
  await bob.device.persona.disconnect();
  await bob.device.persona.connect();
  const other = await alice.persona.createInvite();
  await bob.device.persona.accept(other.link);
  expect(bob.used).toEqual(['connection', 'slot']);
});

test('what was read ahead fails as reading does, and is not held against the next attempt', async () => {
  const alice = await person('Alice');
  const invite = await alice.persona.createInvite();
  await invite.revoke();
  const bob = await readerAhead(invite.link);
  for (let attempt = 0; attempt < 2; attempt++)
    await expect(bob.device.persona.accept(invite.link)).rejects.toMatchObject({ code: 'INVITE_GONE' });
  expect(bob.used).toEqual(['connection', 'slot']);
  const { link } = await alice.persona.createInvite();
  await bob.device.persona.accept(link);
});

test('whoever wants to show a conversation hears of it before its link is theirs, and it is gone where it is not', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const { link } = await alice.persona.createInvite();
  // Read while it was still free; when Eve secures it, it is Bob's.
  const parsed = decodeLink(link, { sha256 });
  const ahead = await readInviteAhead(link, {});
  const [session, read] = [ahead?.take(parsed), ahead?.slot(parsed)];
  expect(await read).toBeDefined();
  const network = {
    isolate: false,
    ahead: (): InviteAhead => ({ take: () => session, slot: () => read, close: () => undefined }),
  };
  const eve = await person('Eve', { network });
  const shown: string[] = [];
  const states: string[] = [];
  const atBob = await bob.persona.accept(link, {
    securing: (conversation) => {
      shown.push(`${conversation.id} ${conversation.state.phase}`);
      conversation.on('state', ({ phase }) => states.push(phase));
    },
  });
  expect(shown).toEqual([`${atBob.id} securing`]);
  expect(states).toEqual(['open']);
  await (
    await atBob.send('hello')
  ).delivered;
  let seen = 0;
  const accepting = eve.persona.accept(link, { securing: () => seen++ });
  await expect(accepting).rejects.toMatchObject({ code: 'INVITE_USED' });
  expect(seen).toBe(1);
  expect(await eve.persona.conversations()).toEqual([]);
});

test('what is no invite is not read ahead, and what nobody took is ended', async () => {
  expect(await readInviteAhead('hello', {})).toBeUndefined();
  const alice = await person('Alice');
  const { link } = await alice.persona.createInvite();
  const { relay: url, relayKey } = decodeLink(link, { sha256 });
  const ahead = await readInviteAhead(link, {});
  expect(ahead?.take({ relay: url, relayKey: randomBytes(32) })).toBeUndefined();
  ahead?.close();
  expect(ahead?.take({ relay: url, relayKey })).toBeUndefined();
});

test('an expired bundle is refused', async () => {
  const alice = await person('Alice', { pace: { ...FAST.pace, inviteMs: 1_000 } });
  const { link } = await alice.persona.createInvite();
  const bob = await person('Bob', { clock: () => Date.now() + 5_000 });
  await expect(bob.persona.accept(link)).rejects.toMatchObject({ code: 'INVITE_EXPIRED' });
});

test('a link with any part changed is refused with its own error', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const { link: text } = await alice.persona.createInvite();
  const link = decodeLink(text, { sha256 });
  const other = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  const changed = (part: Partial<typeof link>): string =>
    encodeLink({ ...link, ...part }, { origin: 'https://example.org', sha256 });
  const cases = [
    [changed({ secret: other(link.secret) }), 'INVITE_DAMAGED'],
    [changed({ identityHash: other(link.identityHash) }), 'INVITE_DAMAGED'],
    [changed({ writerSeed: other(link.writerSeed) }), 'INVITE_GONE'],
    [changed({ writeId: other(link.writeId) }), 'INVITE_GONE'],
    [changed({ kind: 'room' }), 'INVITE_KIND'],
    [text.slice(0, -3), 'WIRE_LINK_DAMAGED'],
    ['hello', 'WIRE_LINK_INVALID'],
  ] as const;
  for (const [wrong, code] of cases) await expect(bob.persona.accept(wrong)).rejects.toMatchObject({ code });
  await bob.persona.accept(text);
});

test('a link that names another relay key never gets a connection', async () => {
  const [alice, bob] = await Promise.all([
    person('Alice'),
    person('Bob', { pace: { ...FAST.pace, patienceMs: 500 } }),
  ]);
  const { link: text } = await alice.persona.createInvite();
  const link = decodeLink(text, { sha256 });
  const wrong = encodeLink(
    { ...link, relayKey: link.relayKey.map((b) => b ^ 1) },
    { origin: 'https://example.org', sha256 },
  );
  await expect(bob.persona.accept(wrong)).rejects.toMatchObject({ code: 'NET_RELAY_KEY' });
});

test('a standing address serves many, each in a mailbox of its own once answered', async () => {
  const listener = await person('Listener');
  const { link } = await listener.persona.createInvite({ kind: 'standing' });
  const count = 50;
  const guests: Device[] = [];
  for (let at = 0; at < count; at += 10) {
    guests.push(
      ...(await Promise.all(Array.from({ length: 10 }, (_, i) => person(`Guest ${String(at + i)}`)))),
    );
  }
  const theirs = await Promise.all(guests.map((guest) => guest.persona.accept(link)));
  await Promise.all(
    theirs.map(async (conversation, i) => (await conversation.send(`I am ${String(i)}`)).delivered),
  );
  const mine = await until(
    'all newcomers',
    async () => {
      const all = await listener.persona.conversations();
      return all.length === count ? all : undefined;
    },
    30_000,
  );
  await Promise.all(
    mine.map(async (conversation) => {
      await until('the first words', async () => (await conversation.history()).length === 1);
      const [first] = await conversation.history();
      const text = first?.kind === 'text' ? first.text : '';
      await (
        await conversation.send(`hello, ${text}`)
      ).delivered;
    }),
  );
  await Promise.all(
    theirs.map(async (conversation, i) => {
      await until('an answer', async () => (await conversation.history()).length === 2, 30_000);
      expect(spoken(await conversation.history())).toEqual([
        `>I am ${String(i)}`,
        `hello, I am ${String(i)}`,
      ]);
      await (
        await conversation.send('thank you')
      ).delivered;
    }),
  );
  for (const conversation of mine) {
    await until('the thanks', async () => (await conversation.history()).length === 3, 30_000);
  }
  expect(listener.troubles).toEqual([]);
}, 180_000);

test('a newcomer sends at most 16 blocks before the first answer, and the rest after it', async () => {
  const [listener, guest] = await Promise.all([person('Listener'), person('Guest')]);
  const { link } = await listener.persona.createInvite({ kind: 'standing' });
  const theirs = await guest.persona.accept(link);
  const texts = Array.from({ length: 30 }, (_, i) => `message ${String(i)}`);
  for (const text of texts) await theirs.send(text);
  const mine = await onlyConversation(listener.persona);
  await until('15 of them', async () => (await mine.history()).length === 15);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await mine.history()).toHaveLength(15);
  await mine.send('tell me more');
  await until('all of them', async () => (await mine.history()).length === 31);
  expect(spoken(await mine.history()).filter((text) => !text.startsWith('>'))).toEqual(texts);
});
