import { expect, test } from '@jest/globals';
import { decodeLink } from '@sotto/wire';
import type { Conversation } from '../../src/index.ts';
import {
  asKey,
  randomBytes,
  randomKey,
  sha256,
  type SigningSeed,
  signingKeyPair,
} from '../../src/crypto/index.ts';
import { sealEnvelope } from '../../src/envelope/envelope.ts';
import { linkKeyOf } from '../../src/invite/link-key.ts';
import { openRelaySession, type WriterHandle } from '../../src/net/index.ts';
import { house } from './support/house.ts';
import { onlyConversation, spoken, until } from './support/people.ts';

const { person } = await house();

async function pair() {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atAlice = await onlyConversation(alice.persona);
  await says(atBob, 'hello', atAlice);
  await says(atAlice, 'hello you', atBob);
  return { alice, bob, atAlice, atBob };
}

async function says(from: Conversation, text: string, to: Conversation): Promise<void> {
  await from.send(text);
  await until(`"${text}" to arrive`, async () => spoken(await to.history({ limit: 200 })).includes(text));
}

/** Writes a block with the peer's own right, as a broken or hostile peer would. */
async function inject(from: Conversation, blocks: readonly Uint8Array[]): Promise<void> {
  const { peer } = await from.runner.record();
  const session = openRelaySession({ url: peer.relay, relayKey: asKey('verify', peer.relayKey) });
  const writer = session.writer({ writeId: peer.writeId, keySeed: asKey('signing-seed', peer.writerSeed) });
  await append(writer, blocks);
  await session.close();
}

async function append(writer: WriterHandle, blocks: readonly Uint8Array[]): Promise<void> {
  for (const block of blocks) {
    await writer.append({ appendId: randomBytes(16), block, commitment: randomBytes(32) });
  }
}

test('a block that nothing opens is one gap, and what follows is read', async () => {
  const { atAlice, atBob } = await pair();
  await inject(atBob, [randomBytes(3_968)]);
  await says(atBob, 'after it', atAlice);
  expect(spoken(await atAlice.history()).filter((t) => !t.startsWith('>'))).toEqual([
    'hello',
    '[gap]',
    'after it',
  ]);
});

test('three unreadable blocks in a row: the session begins anew, visibly, and both go on', async () => {
  const { atAlice, atBob } = await pair();
  const { current } = (await atBob.runner.record()).sendKeys;
  await inject(
    atBob,
    [1, 2, 3].map(() => sealEnvelope(current, 'whisper', randomBytes(300))),
  );
  await until('a new session', async () => spoken(await atAlice.history()).includes('[restart]'));
  await until('the peer to hear of it', async () => spoken(await atBob.history()).includes('[restart]'));
  await says(atBob, 'still there?', atAlice);
  await says(atAlice, 'still there', atBob);
  await says(atBob, 'good', atAlice);
  expect(spoken(await atAlice.history()).filter((t) => !t.startsWith('>'))).toEqual([
    'hello',
    '[gap]',
    '[gap]',
    '[gap]',
    '[restart]',
    'still there?',
    'good',
  ]);
});

test('rubbish behind a link is dropped; the one who comes properly is served', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  for (const kind of ['once', 'standing'] as const) {
    const { link: text } = await alice.persona.createInvite({ kind });
    const link = decodeLink(text, { sha256 });
    const session = openRelaySession({ url: link.relay, relayKey: asKey('verify', link.relayKey) });
    const writer = session.writer({ writeId: link.writeId, keySeed: asKey('signing-seed', link.writerSeed) });
    await append(writer, [
      randomBytes(3_968),
      sealEnvelope(linkKeyOf(link.secret), 'preKey', randomBytes(2_000)),
      sealEnvelope(linkKeyOf(link.secret), 'whisper', randomBytes(200)),
    ]);
    await session.close();
    const atBob = await bob.persona.accept(text);
    await (
      await atBob.send(`by ${kind}`)
    ).delivered;
    const met = await until('the newcomer', async () => {
      for (const conversation of await alice.persona.conversations()) {
        if (spoken(await conversation.history()).includes(`by ${kind}`)) return conversation;
      }
      return undefined;
    });
    expect(spoken(await met.history())).toEqual([`by ${kind}`]);
  }
  expect(alice.troubles).toEqual([]);
});

test('a conversation that was left does not come back by its newcomer’s first keys', async () => {
  const [listener, guest] = await Promise.all([person('Listener'), person('Guest')]);
  const { link } = await listener.persona.createInvite({ kind: 'standing' });
  const atGuest = await guest.persona.accept(link);
  await (
    await atGuest.send('hello')
  ).delivered;
  const mine = await onlyConversation(listener.persona);
  await until('it to arrive', async () => (await mine.history()).length === 1);
  await mine.leave();
  await atGuest.send('again').catch(() => undefined);
  await until('the guest to be told', () => atGuest.state.closedBy === 'peerLeft');
  expect(await listener.persona.conversations()).toEqual([]);
});

test('a standing address renews its keys; who read the old bundle just before is still served', async () => {
  let skewMs = 0;
  const listener = await person('Listener', { clock: () => Date.now() + skewMs });
  const { link } = await listener.persona.createInvite({ kind: 'standing' });
  const slot = async () => {
    const parsed = decodeLink(link, { sha256 });
    const session = openRelaySession({ url: parsed.relay, relayKey: asKey('verify', parsed.relayKey) });
    const writer = session.writer({
      writeId: parsed.writeId,
      keySeed: asKey('signing-seed', parsed.writerSeed),
    });
    const found = await writer.readSlot();
    await session.close();
    return found?.sequence;
  };
  expect(await slot()).toBe(1);
  const early = await person('Early', { connect: true });
  await listener.close();
  const atEarly = await early.persona.accept(link);
  skewMs = 8 * 86_400_000;
  await listener.open();
  await until('a fresh bundle', async () => (await slot()) === 2);
  await (
    await atEarly.send('I had the old one')
  ).delivered;
  const late = await person('Late', { clock: () => Date.now() + skewMs });
  await (
    await (await late.persona.accept(link)).send('I have the new one')
  ).delivered;
  const names = await until('both', async () => {
    const all = await listener.persona.conversations();
    return all.length === 2 ? all.map((conversation) => conversation.peer.name).sort() : undefined;
  });
  expect(names).toEqual(['Early', 'Late']);
});

test('where authors must sign, a signed message carries its proof and an unsigned one is not shown', async () => {
  const { atAlice, atBob } = await pair();
  const conversation = randomBytes(32);
  const [ofAlice, ofBob] = [randomKey('signing-seed'), randomKey('signing-seed')];
  const demand = (at: Conversation, ownSeed: SigningSeed, peer: SigningSeed): Promise<void> =>
    at.runner.step((step) => {
      const peerKey = signingKeyPair(peer).publicKey;
      const attribution = { conversation, ownSeed, ownPrevious: new Uint8Array(32), epoch: 1, peerKey };
      step.record = { ...step.record, attribution };
      return Promise.resolve();
    });
  await demand(atAlice, ofAlice, ofBob);
  await demand(atBob, ofBob, ofAlice);
  await says(atBob, 'signed', atAlice);
  await says(atBob, 'signed too', atAlice);
  await says(atAlice, 'signed as well', atBob);
  await demand(atBob, ofAlice, ofBob);
  await (
    await atBob.send('by another')
  ).delivered;
  await atBob.runner.step((step) => {
    const { attribution: _, ...record } = step.record;
    step.record = record;
    return Promise.resolve();
  });
  await (
    await atBob.send('by nobody')
  ).delivered;
  await until(
    'two refusals',
    async () => spoken(await atAlice.history()).filter((t) => t === '[gap]').length === 2,
  );
  const heard = spoken(await atAlice.history()).filter((t) => !t.startsWith('>'));
  expect(heard).toEqual(['hello', 'signed', 'signed too', '[gap]', '[gap]']);
});

test('what waits to be sent survives a retraction of the same day', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  const doomed = await atBob.send('take this back');
  await doomed.delivered;
  await bob.persona.disconnect();
  const [conversation] = await bob.persona.conversations();
  if (conversation === undefined) throw new Error('no conversation');
  await conversation.send('said offline');
  await conversation.send({ type: 'retract', target: doomed.id });
  await bob.persona.connect();
  await until('it to arrive', async () => spoken(await atAlice.history()).includes('said offline'));
  expect(alice.troubles).toEqual([]);
});

test('restarting on both sides at once ends in one conversation that works', async () => {
  const { alice, bob } = await pair();
  await Promise.all([alice.close(), bob.close()]);
  const { loadEngine } = await import('../../src/signal/engine-node.ts');
  for (const device of [alice, bob]) {
    const other = device.options.engine?.name === 'ratchet' ? 'libsignal' : 'ratchet';
    Object.assign(device.options, { engine: await loadEngine(other) });
  }
  await Promise.all([alice.open(), bob.open()]);
  const [atAlice, atBob] = await Promise.all([
    onlyConversation(alice.persona),
    onlyConversation(bob.persona),
  ]);
  for (let i = 0; i < 3; i++) {
    await says(atBob, `b${String(i)}`, atAlice);
    await says(atAlice, `a${String(i)}`, atBob);
  }
  // A first message made from a bundle that the other had just replaced is a gap, and is said again.
  for (const [conversation, said] of [
    [atAlice, ['hello', 'b0', 'b1', 'b2']],
    [atBob, ['hello you', 'a0', 'a1', 'a2']],
  ] as const) {
    const heard = spoken(await conversation.history()).filter(
      (t) => !t.startsWith('>') && !t.startsWith('['),
    );
    expect(heard).toEqual(said);
  }
});
