// Nothing that people say, and nothing with which it could be opened, is in the relay's folder, log, memory or on the
// line to it (after TLS): every secret of a whole run is looked for in every spelling. Planted secrets are found.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BLOCK_BYTES, decodeLink } from '@sotto/wire';
import type { Conversation, Message } from '../../src/index.ts';
import { asKey, sha256, type VerifyKey } from '../../src/crypto/index.ts';
import { Device, onlyConversation, until } from '../e2e/support/people.ts';
import { closeSessions, newChannel, numbered, openSession } from '../net/support/pair.ts';
import { type Find, Needles } from './support/needles.ts';
import { scanMemory } from './support/process-memory.ts';
import { RelayBin } from './support/relay-bin.ts';
import { addSecretsOf } from './support/secrets.ts';
import { Tap } from './support/tap.ts';

/** `npm run test:stores`. */
const isRedis = process.env['SOTTO_TEST_REDIS'] !== undefined;
const needles = new Needles();
let relay: RelayBin;
let tap: Tap;
let relayKey: VerifyKey;
const devices: Device[] = [];

/** Words that stand nowhere else. */
function words(about: string): string {
  const text = `${about} ${randomBytes(9).toString('base64')} ärger`;
  needles.add(`text: ${about}`, text);
  return text;
}

async function person(about: string): Promise<Device> {
  const name = `${about} ${randomBytes(6).toString('hex')}`;
  needles.add(`name: ${about}`, name);
  const passphrase = `pass ${randomBytes(12).toString('hex')}`;
  needles.add(`passphrase: ${about}`, passphrase);
  const device = await Device.make(tap.url, name, { passphrase });
  devices.push(device);
  return device;
}

function addLink(link: string): void {
  const { secret, writerSeed, identityHash, relayKey: pinned } = decodeLink(link, { sha256 });
  relayKey = asKey('verify', pinned);
  needles.add('link', link);
  needles.add('link: fragment', link.slice(link.indexOf('#') + 1));
  for (const [part, bytes] of Object.entries({ secret, writerSeed, identityHash })) {
    needles.add(`link: ${part}`, bytes);
  }
}

async function everyonesSecrets(): Promise<void> {
  for (const [i, { client }] of devices.entries()) await addSecretsOf(client, `device ${String(i)}`, needles);
}

async function arrives(at: Conversation, fits: (message: Message) => boolean): Promise<void> {
  await until('a message', async () => (await at.history({ limit: 200 })).some(fits));
}
const has = (text: string) => (message: Message) => message.kind === 'text' && message.text === text;

async function says(from: Conversation, text: string, to: Conversation): Promise<void> {
  await from.send(text);
  await arrives(to, has(text));
}

/** Everything people do, with secrets collected in between, because keys come and go. */
async function theScenario(): Promise<void> {
  const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
  const once = await alice.persona.createInvite();
  const standing = await alice.persona.createInvite({ kind: 'standing' });
  addLink(once.link);
  addLink(standing.link);
  await everyonesSecrets();

  const atBob = await bob.persona.accept(once.link);
  const first = await atBob.send(words('first words'));
  await everyonesSecrets();
  const atAlice = await onlyConversation(alice.persona);
  await says(atAlice, words('an answer'), atBob);
  await everyonesSecrets();

  const long = words('a long one').repeat(300);
  await says(atBob, long, atAlice);
  await atAlice.send({
    type: 'text',
    text: words('a reply'),
    replyTo: first.id,
    warning: words('a warning'),
  });
  await atAlice.send({ type: 'reaction', target: first.id, reaction: 'with-you' });
  const edited = words('an edit');
  await atBob.send({ type: 'edit', target: first.id, text: edited });
  await arrives(atAlice, has(edited));
  await atBob.send({ type: 'retract', target: first.id });
  await atBob.send({ type: 'timer', seconds: 3_600 });
  await arrives(atAlice, ({ kind }) => kind === 'timer');
  await says(atAlice, words('a timed one'), atBob);
  await everyonesSecrets();

  const atCarol = await carol.persona.accept(standing.link);
  const hello = words('to a standing address');
  await atCarol.send(hello);
  const withCarol = await until('the newcomer', async () =>
    (await alice.persona.conversations()).find(({ id }) => id !== atAlice.id),
  );
  await arrives(withCarol, has(hello));
  await says(withCarol, words('to the newcomer'), atCarol);
  await says(atCarol, words('in the private mailbox'), withCarol);

  await bob.close(); // what follows waits at the relay
  const waiting = [words('while away'), words('while still away')];
  for (const text of waiting) await (await atAlice.send(text)).delivered;
  await addSecretsOf(alice.client, 'device 0', needles);
  await bob.open();
  const again = await onlyConversation(bob.persona);
  for (const text of waiting) await arrives(again, has(text));
  await alice.persona.rename(words('another name').slice(0, 40));
  await says(again, words('at last'), atAlice);
  await everyonesSecrets();
}

const names = (finds: readonly Find[] | undefined): string[] =>
  [...new Set((finds ?? []).map(({ name }) => name))].sort();
const inFiles = (): Find[] => relay.files().flatMap(({ bytes }) => needles.findIn(bytes));
const inLog = (): Find[] => needles.findIn(Buffer.from(relay.said));
const onTheLine = (): Find[] => tap.taken().flatMap((stream) => needles.findIn(stream));

/** Undefined where the system lets nobody look into a process. */
function inMemory(): Find[] | undefined {
  const found: Find[] = [];
  const allowed = scanMemory(relay.pid, (piece) => {
    found.push(...needles.findIn(piece));
  });
  if (!allowed && process.platform === 'linux')
    throw new Error('the memory of a child process is not readable');
  return allowed ? found : undefined;
}

beforeAll(async () => {
  relay = await RelayBin.start(['--log-level', 'debug']);
  tap = await Tap.start(relay.port);
  await theScenario();
}, 180_000);

afterAll(async () => {
  await closeSessions();
  await Promise.all(devices.splice(0).map((device) => device.end()));
  await tap.stop();
  await relay.remove();
});

test('no text, name, key, id or link of a whole run is in the relay’s folder, log, memory or on the line', () => {
  expect(needles.size).toBeGreaterThan(200);
  expect(relay.said).toContain('the relay answers');
  expect(tap.taken().reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(100_000);
  expect({ files: inFiles(), log: inLog(), line: onTheLine() }).toEqual({ files: [], log: [], line: [] });
  expect(inMemory() ?? []).toEqual([]);
}, 180_000);

test('what is planted in the folder, the log, a frame or the memory is found', async () => {
  const planted = randomBytes(32);
  const text = words('a planted text');
  needles.add('planted', planted);

  const file = join(relay.data, 'planted');
  for (const spelled of [planted, planted.toString('hex'), `xy${planted.toString('base64')}`, `"${text}"`]) {
    writeFileSync(file, spelled);
    expect(names(inFiles())).toEqual([spelled === `"${text}"` ? 'text: a planted text' : 'planted']);
  }
  rmSync(file);
  const line = `${relay.said}{"level":30,"id":"${planted.toString('base64url')}"}\n`;
  expect(names(needles.findIn(Buffer.from(line)))).toEqual(['planted']);

  // A client that forgot to seal.
  const session = openSession({ url: tap.url, relayKey });
  const channel = newChannel();
  await session.create(channel.spec);
  const writer = session.writer({ writeId: channel.writeId, keySeed: channel.writerSeed });
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(Buffer.from(text), 100);
  await writer.append({ ...numbered(0), block });
  expect(names(onTheLine())).toEqual(['text: a planted text']);
  // Sealed at rest even so; Redis holds blocks as they came (docs/redis.md).
  expect(names(inFiles())).toEqual(isRedis ? ['text: a planted text'] : []);
  const memory = inMemory();
  if (memory !== undefined) expect(names(memory)).toEqual(['text: a planted text']);
}, 180_000);

test('stopped, the folder still holds nothing of it', async () => {
  await relay.end();
  expect(names(inFiles())).toEqual(isRedis ? ['text: a planted text'] : []);
  expect(readFileSync(join(relay.data, 'relay-key')).length).toBeGreaterThan(0);
});
