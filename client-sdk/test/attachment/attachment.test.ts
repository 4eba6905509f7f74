// Files between two people over the real relay: whole or not at all, whatever breaks; gone when taken back, expired,
// fetched or over their time.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from '../../src/crypto/index.ts';
import type { AttachmentMessage, Conversation, MessageId, Transfer } from '../../src/index.ts';
import { MAX_FILE_BYTES } from '../../src/index.ts';
import { filesBelow } from '../e2e/support/files-below.ts';
import { Device, onlyConversation, until } from '../e2e/support/people.ts';
import { type FaultProxy, startFaultProxy } from '../net/support/fault-proxy.ts';
import { RelayProcess } from '../net/support/relay-process.ts';
import { rowsAtRest } from './support/rows-at-rest.ts';

const ownStore = process.env['SOTTO_TEST_REDIS'] === undefined;
const MIB = 1_048_576;

let relay: RelayProcess;
const devices: Device[] = [];
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  relay = await RelayProcess.start();
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.end()));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});
afterAll(() => relay.stop());

async function device(url: string, name: string): Promise<Device> {
  const made = await Device.make(url, name);
  devices.push(made);
  return made;
}

/** Two people who have answered each other. */
async function pair(urls = [relay.url, relay.url]) {
  const [alice, bob] = [await device(urls[0]!, 'Alice'), await device(urls[1]!, 'Bob')];
  const atBob = await bob.persona.accept((await alice.persona.createInvite()).link);
  await atBob.send('hello');
  const atAlice = await onlyConversation(alice.persona);
  await (
    await atAlice.send('hello')
  ).delivered;
  return { alice, bob, atAlice, atBob };
}

function fileIn(conversation: Conversation, id: string): Promise<AttachmentMessage> {
  return until(
    'the file to be announced',
    async () => {
      const message = await conversation.message(id as MessageId);
      return message?.kind === 'attachment' ? message : undefined;
    },
    60_000,
  );
}

async function bytesOf(conversation: Conversation, id: MessageId): Promise<Uint8Array> {
  const file = await conversation.openFile(id);
  const parts: Uint8Array[] = [];
  for await (const piece of file.pieces()) parts.push(piece);
  return Buffer.concat(parts);
}

test('25 MiB cross with the connection cut five times on each side; then the relay holds nothing of them', async () => {
  const made = [
    await startFaultProxy({ port: relay.port, seed: 1 }),
    await startFaultProxy({ port: relay.port, seed: 2 }),
  ];
  proxies.push(...made);
  const { alice, atAlice, atBob } = await pair(made.map(({ url }) => url));
  const content = randomBytes(MAX_FILE_BYTES);
  const cutFive = (conversation: Conversation, direction: Transfer['direction']) => {
    let cuts = 0;
    conversation.on('transfer', (transfer) => {
      if (transfer.direction !== direction || transfer.done <= ((cuts + 1) * content.length) / 7) return;
      if (++cuts <= 5) for (const proxy of made) proxy.cut();
    });
    return () => cuts;
  };
  const [out, back] = [cutFive(atAlice, 'out'), cutFive(atBob, 'in')];
  const { id, delivered } = await atAlice.sendFile(content, {
    mediaType: 'application/pdf',
    name: 'plan.pdf',
  });
  const { keptUntil } = await delivered;
  expect(keptUntil).toBeGreaterThan(Date.now());
  const told = await fileIn(atBob, id);
  expect(told.file).toMatchObject({ name: 'plan.pdf', length: MAX_FILE_BYTES, isHere: false, kind: 'file' });
  expect(told.file!.keptUntil).toBeGreaterThan(Date.now() + 13 * 86_400_000);
  await atBob.download(id);
  expect([out() >= 5, back() >= 5]).toEqual([true, true]);
  expect(Buffer.compare(await bytesOf(atBob, id), content)).toBe(0);
  expect((await fileIn(atBob, id)).file!.isHere).toBe(true);
  expect(alice.troubles).toEqual([]);
  if (!ownStore) return;
  await relay.drain();
  expect(await rowsAtRest(relay.data)).toBeLessThan(50);
  await relay.start();
}, 120_000);

test('what nobody fetched is gone from the store after its time', async () => {
  if (!ownStore) return;
  const { alice, bob, atAlice, atBob } = await pair();
  await relay.drain();
  const before = await rowsAtRest(relay.data);
  await relay.start();
  const { id, delivered } = await atAlice.sendFile(randomBytes(MIB), { mediaType: 'text/plain' });
  await delivered;
  await fileIn(atBob, id);
  await bob.close();
  await alice.close();
  await relay.drain();
  expect(await rowsAtRest(relay.data)).toBeGreaterThan(before + 250);
  relay.clockAheadSeconds = 15 * 86_400;
  await relay.start();
  await until('the sweep', async () => (await rowsAtRest(relay.data)) <= before, 75_000);
  await bob.open();
  const again = await onlyConversation(bob.persona);
  await expect(again.download(id)).rejects.toMatchObject({ code: 'SPILL_GONE' });
  await relay.stop();
  relay = await RelayProcess.start();
}, 120_000);

test('both sides may be stopped in the middle and go on where they were', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  const content = randomBytes(4 * MIB);
  const running = new Promise<void>((resolve) => {
    atAlice.on('transfer', ({ done }) => {
      if (done > MIB) resolve();
    });
  });
  const { id } = await atAlice.sendFile(content, {
    mediaType: 'image/png',
    kind: 'picture',
    description: 'a tree',
  });
  await running;
  await alice.close();
  expect(await atBob.message(id)).toBeUndefined();
  await alice.open();
  await fileIn(atBob, id);

  const stop = new AbortController();
  atBob.on('transfer', ({ done, state }) => {
    if (state === 'running' && done > MIB) stop.abort();
  });
  await expect(atBob.download(id, { signal: stop.signal })).rejects.toMatchObject({ code: 'SPILL_STOPPED' });
  await bob.close();
  await bob.open();
  const again = await onlyConversation(bob.persona);
  const seen: number[] = [];
  again.on('transfer', ({ done, state }) => {
    if (state === 'running') seen.push(done);
  });
  await expect(again.openFile(id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });
  await again.download(id);
  expect(seen[0]).toBeGreaterThan(MIB / 2);
  expect(Buffer.compare(await bytesOf(again, id), content)).toBe(0);
  expect((await fileIn(again, id)).file).toMatchObject({ kind: 'picture', description: 'a tree' });
}, 60_000);

test('stopped between its last block and its message, a file is still announced', async () => {
  const { alice, atAlice, atBob } = await pair();
  const home = Reflect.get(Reflect.get(atAlice, 'files') as object, 'home') as { announce: unknown };
  const reached = new Promise<void>((resolve) => {
    home.announce = () => {
      resolve();
      return new Promise(() => undefined);
    };
  });
  const { id } = await atAlice.sendFile(randomBytes(9_000), { mediaType: 'text/plain' });
  await reached;
  await alice.close();
  await alice.open();
  await fileIn(atBob, id);
  await atBob.download(id);
}, 60_000);

test('taken back, cancelled, expired or left: the bytes can be read nowhere', async () => {
  const { alice, bob, atAlice, atBob } = await pair();
  const readable = Buffer.from('one needle in a haystack, '.repeat(9_000));
  const first = await atAlice.sendFile(readable, { mediaType: 'text/plain', name: 'a.txt' });
  await fileIn(atBob, first.id);
  await atBob.download(first.id);
  await atAlice.send({ type: 'retract', target: first.id });
  await until('the retraction', async () => (await fileIn(atBob, first.id)).retracted);
  for (const side of [atAlice, atBob]) {
    await expect(side.openFile(first.id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });
    expect((await fileIn(side, first.id)).file).toBeUndefined();
  }

  // Taken back before anyone fetched it: the relay has it no more either.
  const second = await atAlice.sendFile(readable, { mediaType: 'text/plain' });
  const { file } = await fileIn(atBob, second.id);
  expect(file?.isHere).toBe(false);
  const fetching = atBob.download(second.id).catch((error: unknown) => error);
  await atAlice.send({ type: 'retract', target: second.id });
  await fetching;
  await until('the second retraction', async () => (await fileIn(atBob, second.id)).retracted);
  await expect(atBob.openFile(second.id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });

  await bob.close();
  await relay.drain();
  const third = await atAlice.sendFile(readable, { mediaType: 'text/plain' });
  await atAlice.cancelFile(third.id);
  expect(await atAlice.message(third.id)).toBeUndefined();
  await relay.start();
  await bob.open();
  const again = await onlyConversation(bob.persona);
  await (
    await atAlice.send({ type: 'timer', seconds: 2 })
  ).delivered;
  const timed = await atAlice.sendFile(readable, { mediaType: 'text/plain' });
  await fileIn(again, timed.id);
  await again.download(timed.id).catch(() => undefined);
  await until('the expiry', async () => (await again.message(timed.id)) === undefined);
  await expect(again.openFile(timed.id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });
  await until('the expiry here', async () => (await atAlice.message(timed.id)) === undefined);
  const left = (await atAlice.history()).filter(({ kind }) => kind === 'attachment');
  expect(left).toHaveLength(2);
  for (const { folder } of [alice, bob])
    expect(filesBelow(folder).includes('needle in a haystack')).toBe(false);
}, 60_000);

test('a file still on its way when the conversation closes did not go out, for good, and stays readable here', async () => {
  const { alice, bob, atAlice } = await pair();
  await bob.close();
  await relay.drain();
  const text = Buffer.from('never seen by anyone else');
  const { id } = await atAlice.sendFile(text, { mediaType: 'text/plain' });
  expect(await atAlice.message(id)).toMatchObject({ kind: 'attachment', delivery: 'waiting' });
  await atAlice.block();
  expect(await atAlice.message(id)).toMatchObject({ delivery: 'failed' });
  expect(await bytesOf(atAlice, id)).toEqual(text);
  await relay.start();
  await bob.open();
  await alice.close();
  await alice.open();
  const later = await onlyConversation(alice.persona);
  expect(await later.message(id)).toMatchObject({ delivery: 'failed' });
  const others = await (await onlyConversation(bob.persona)).history();
  expect(others.some(({ kind }) => kind === 'attachment')).toBe(false);
});

test('too large, empty, unreadable or after the end: refused before anything is kept', async () => {
  const { atAlice } = await pair();
  const details = { mediaType: 'text/plain' };
  const huge = { length: MAX_FILE_BYTES + 1, read: () => Promise.reject(new Error('never read')) };
  await expect(atAlice.sendFile(huge, details)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  await expect(atAlice.sendFile(new Uint8Array(0), details)).rejects.toMatchObject({ code: 'CONTENT_EMPTY' });
  const broken = { length: 10, read: () => Promise.resolve(new Uint8Array(3)) };
  await expect(atAlice.sendFile(broken, details)).rejects.toMatchObject({ code: 'SPILL_SOURCE' });
  expect((await atAlice.history()).some(({ kind }) => kind === 'attachment')).toBe(false);
  await atAlice.block();
  await expect(atAlice.sendFile(randomBytes(9), details)).rejects.toMatchObject({
    code: 'CONVERSATION_CLOSED',
  });
});
