// What an app needs besides talking: notes of its own, codes to scan, one message by its id, another passphrase, a look
// at what is stored before it is opened.
import { expect, test } from '@jest/globals';
import { lookAtStore, openClient, wipeStore } from '../../src/index.ts';
import { house } from './support/house.ts';
import { onlyConversation } from './support/people.ts';

const { person } = await house();

const bytes = (...values: number[]) => Uint8Array.from(values);

test('notes outlive a restart and go with what they belong to', async () => {
  const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  await bob.client.notes.set('theme', bytes(1));
  await bob.persona.notes.set('picture', bytes(2));
  await atBob.notes.set('draft', bytes(3));
  await bob.close();
  await bob.open();
  const again = await onlyConversation(bob.persona);
  expect(await bob.client.notes.get('theme')).toEqual(bytes(1));
  expect(await bob.persona.notes.get('picture')).toEqual(bytes(2));
  expect(await again.notes.get('draft')).toEqual(bytes(3));
  expect(await again.notes.get('other')).toBeUndefined();
  await again.leave();
  expect(await again.notes.get('draft')).toBeUndefined();
  await bob.persona.burn();
  expect(await bob.persona.notes.get('picture')).toBeUndefined();
  await bob.client.notes.set('theme', undefined);
  expect(await bob.client.notes.get('theme')).toBeUndefined();
  await expect(bob.client.notes.set('theme', new Uint8Array(65_537))).rejects.toMatchObject({
    code: 'CONTENT_TOO_LONG',
  });
});

test('each side scans what the other shows, and nobody else is taken for them', async () => {
  const [alice, bob, eve] = await Promise.all([person('Alice'), person('Bob'), person('Eve')]);
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  const atEve = await eve.persona.accept((await alice.persona.createInvite()).link);
  const sent = await atBob.send('hello');
  await sent.delivered;
  await (
    await atEve.send('hello')
  ).delivered;
  const atAlice = (await alice.persona.conversations()).find(({ peer }) => peer.name === 'Bob');
  const [ofAlice, ofBob, ofEve] = [atAlice?.safetyCode(), atBob.safetyCode(), atEve.safetyCode()];
  if (ofAlice === undefined || ofBob === undefined || ofEve === undefined) throw new Error('no code');
  expect(ofAlice.matches(ofBob.mine)).toBe(true);
  expect(ofBob.matches(ofAlice.mine)).toBe(true);
  expect(ofBob.matches(ofBob.mine)).toBe(false);
  expect(ofBob.matches(ofEve.mine)).toBe(false);
  expect(ofBob.matches(bytes(1, 2))).toBe(false);
  expect(atBob.peer.pictureSeed).toHaveLength(32);
  expect(atBob.peer.pictureSeed).not.toEqual(atEve.peer.pictureSeed);
  expect(await atBob.message(sent.id)).toMatchObject({ kind: 'text', text: 'hello', mine: true });
  expect(await atEve.message(sent.id)).toBeUndefined();
});

test('a look tells what is there without opening it; a new passphrase holds, a wipe needs none', async () => {
  const device = await person('Alice');
  const store = device.options.store ?? '';
  expect(await lookAtStore({ store: `${store}-none` })).toBe('none');
  expect(await lookAtStore({ store })).toBe('protected');
  const wrong = device.client.changePassphrase({ current: 'wrong', next: 'new words' });
  await expect(wrong).rejects.toMatchObject({ code: 'STORE_PASSPHRASE' });
  await device.client.changePassphrase({ current: device.options.passphrase, next: 'new words' });
  await device.close();
  await expect(openClient(device.options)).rejects.toMatchObject({ code: 'STORE_PASSPHRASE' });
  const client = await openClient({ ...device.options, passphrase: 'new words' });
  expect(await client.personas()).toHaveLength(1);
  await client.close();
  await wipeStore({ store });
  expect(await lookAtStore({ store })).toBe('none');
});
