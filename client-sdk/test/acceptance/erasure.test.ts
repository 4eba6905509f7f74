// What was to be forgotten is forgotten, end to end: an examiner who has the passphrase, the device's files of every
// moment since, and the keys that are left opens nothing of it; the relay's folder, free pages included, never had it.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Conversation } from '../../src/index.ts';
import { Device, onlyConversation, spoken, until } from '../e2e/support/people.ts';
import { openableTexts } from './support/examiner.ts';
import { RelayBin } from './support/relay-bin.ts';

let relay: RelayBin;
const devices: Device[] = [];

beforeAll(async () => {
  relay = await RelayBin.start();
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.end()));
});
afterAll(() => relay.remove());

async function pair(): Promise<{ alice: Device; bob: Device; atAlice: Conversation; atBob: Conversation }> {
  const [alice, bob] = await Promise.all([Device.make(relay.url, 'Alice'), Device.make(relay.url, 'Bob')]);
  devices.push(alice, bob);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atAlice = await onlyConversation(alice.persona);
  return { alice, bob, atAlice, atBob };
}

async function says(from: Conversation, text: string, to: Conversation): Promise<string> {
  const { id } = await from.send(text);
  await until('it to arrive', async () => spoken(await to.history({ limit: 100 })).includes(text));
  return id;
}

/** A copy of the device's store as it is now, taken while it is in use, as a thief or a backup would. */
function copyOf(device: Device, name: string): string {
  const copy = join(device.folder, name);
  cpSync(device.options.store ?? '', copy, { recursive: true });
  return copy;
}

/** Which texts can be opened in the ciphertexts of `rowsOf` with the keys of `keysOf`. */
function openable(rowsOf: string, keysOf: string, texts: readonly string[]): Promise<string[]> {
  const passphrase = devices[0]?.options.passphrase ?? '';
  return openableTexts({ rowsOf, keysOf, passphrase, texts });
}

test('expired, retracted, burned: the ciphertext is still in the files, and nothing that is left opens it', async () => {
  const { alice, atAlice, atBob } = await pair();
  const [kept, taken, timed] = ['a word that stays', 'a word taken back', 'a word for two seconds'];
  await says(atBob, kept, atAlice);
  const id = await says(atBob, taken, atAlice);
  await atBob.send({ type: 'timer', seconds: 2 });
  await until('the timer', () => atAlice.state.timerSeconds === 2);
  await says(atBob, timed, atAlice);
  const all = [timed, kept, taken].sort();
  const before = copyOf(alice, 'before');
  expect(await openable(before, before, all)).toEqual(all);

  await atBob.send({ type: 'retract', target: id as never });
  await until('both to be gone', async () => {
    const now = spoken(await atAlice.history({ limit: 100 }));
    return !now.includes(timed) && !now.includes(taken);
  });
  await until('their keys to be gone', async () => {
    const after = copyOf(alice, 'after');
    return (await openable(before, after, all)).length === 0;
  });
  // What stays was sealed anew, under a key that the forgotten neighbour never had.
  const after = copyOf(alice, 'after');
  expect(await openable(after, after, all)).toEqual([kept]);

  await alice.persona.burn();
  const burned = copyOf(alice, 'burned');
  expect(await openable(before, burned, all)).toEqual([]);
  expect(await openable(burned, burned, all)).toEqual([]);
  expect(await openable(before, before, all)).toEqual(all); // the search itself still sees
});

test('a conversation that was left is gone with its keys, here alone; its neighbour stays', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  const carol = await Device.make(relay.url, 'Carol');
  devices.push(carol);
  const atCarol = await carol.persona.accept((await alice.persona.createInvite()).link);
  const withCarol = await until('Carol', async () =>
    (await alice.persona.conversations()).find(({ id }) => id !== atAlice.id),
  );
  const [gone, stays] = ['said to be forgotten', 'said to stay'];
  await says(atBob, gone, atAlice);
  await says(atCarol, stays, withCarol);
  const before = copyOf(alice, 'before');
  expect(await openable(before, before, [gone, stays])).toEqual([gone, stays].sort());
  await atAlice.leave();
  await until('it to be forgotten', async () => {
    const after = copyOf(alice, 'after');
    return (await openable(before, after, [gone, stays])).join() === stays;
  });
  await until('the peer to be told', () => atBob.state.closedBy === 'peerLeft');
  expect(spoken(await atBob.history({ limit: 100 }))).toContain(`>${gone}`);
  expect(bob.troubles).toEqual([]);
});
