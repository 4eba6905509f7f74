// Files in a room over the real relay: everyone in it fetches them, whoever was removed learns of none that follow,
// nobody takes one from the others, and the card, the host's hand and taking back hold for files as for words.
import { expect, jest, test } from '@jest/globals';
import { randomBytes } from '../../src/crypto/index.ts';
import type { AttachmentMessage, MessageId, Room } from '../../src/index.ts';
import type { RoomFiles } from '../../src/room/room-files.ts';
import { filesBelow } from '../e2e/support/files-below.ts';
import { type Device, hears, inside, memberNamed, roomHouse, until } from './support/people.ts';

jest.setTimeout(60_000);
const { relay, devices, person: someone } = await roomHouse();

/** Ada's room with the others in it, each having said a word. */
async function roomOf(names: readonly string[], card = {}) {
  const ada = await someone('Ada');
  const room = await ada.persona.createRoom({ title: 'Files', newcomerMinutes: 0, files: true, ...card });
  const others: { device: Device; room: Room }[] = [];
  for (const name of names) {
    const device = await someone(name);
    others.push({ device, room: await inside(await device.persona.joinRoom(await room.link())) });
  }
  return { ada, room, others };
}

function told(room: Room, id: MessageId): Promise<AttachmentMessage> {
  const ask = async () => {
    const message = await room.message(id);
    return message?.kind === 'attachment' ? message : undefined;
  };
  return until('the file to be said', ask, 30_000);
}

async function bytesOf(room: Room, id: MessageId): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of (await room.openFile(id)).pieces()) parts.push(piece);
  return Buffer.concat(parts);
}

test('everyone in a room fetches a file; whoever was removed learns of none that follow', async () => {
  const { room, others } = await roomOf(['Ben', 'Cleo', 'Dan']);
  const [bens, cleos, dans] = others.map((one) => one.room) as [Room, Room, Room];
  const content = randomBytes(300_000);
  const { id, delivered } = await bens.sendFile(content, {
    mediaType: 'image/png',
    kind: 'picture',
    name: 'tree.png',
    description: 'a tree',
  });
  const { keptUntil } = await delivered;
  expect(keptUntil).toBeLessThan(Date.now() + 26 * 3_600_000);
  for (const one of [room, cleos, dans]) {
    const { file, author } = await told(one, id);
    expect(author?.name).toBe('Ben');
    expect(file).toMatchObject({ name: 'tree.png', length: 300_000, isHere: false, kind: 'picture' });
    expect(file!.keptUntil).toBeGreaterThan(Date.now());
    expect(file!.keptUntil).toBeLessThan(Date.now() + 26 * 3_600_000);
    await one.download(id);
    expect(Buffer.compare(await bytesOf(one, id), content)).toBe(0);
  }
  await room.remove((await memberNamed(room, 'Dan')).id);
  await until('Dan is out', () => dans.state.phase === 'removed');
  const later = await cleos.sendFile(content, { mediaType: 'text/plain', name: 'later.txt' });
  await told(bens, later.id);
  await bens.download(later.id);
  await bens.send('after');
  await hears(room, 'after');
  expect(await dans.message(later.id)).toBeUndefined();
  await expect(dans.download(later.id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });
  await expect(dans.sendFile(content, { mediaType: 'text/plain' })).rejects.toMatchObject({
    code: 'ROOM_CLOSED',
  });
});

test('a changed client neither takes a file from the others nor sends one where the card allows none', async () => {
  const { room, others } = await roomOf(['Ben', 'Cleo']);
  const [bens, cleos] = others.map((one) => one.room) as [Room, Room];
  const content = randomBytes(50_000);
  // Ben's refs hold what removes the spill, as between two people.
  const home = Reflect.get((Reflect.get(bens, 'files') as RoomFiles).files, 'home') as object;
  Reflect.set(home, 'reader', 'only');
  const { id } = await bens.sendFile(content, { mediaType: 'text/plain' });
  for (const one of [cleos, room]) {
    await told(one, id);
    await one.download(id);
    expect(Buffer.compare(await bytesOf(one, id), content)).toBe(0);
  }

  await room.setCard({ files: false });
  await until('the card', () => !bens.card.files && !bens.state.maySendFiles);
  const details = { mediaType: 'text/plain' };
  await expect(bens.sendFile(content, details)).rejects.toMatchObject({ code: 'ROOM_NO_FILES' });
  expect(bens.state.maySend && room.state.maySendFiles).toBe(true);
  const house = bens.runner.house.bind(bens.runner);
  bens.runner.house = () => ({ ...house(), card: { ...house().card, files: true } });
  await (
    await bens.sendFile(content, details)
  ).delivered;
  for (const one of [cleos, room]) {
    await until('it is refused', () => one.state.counts.refused === 1);
    expect((await one.history()).filter(({ kind }) => kind === 'attachment')).toHaveLength(1);
  }
});

test('files wait for a slow room, outlive a restart, and are gone when cancelled, taken back or taken out', async () => {
  const { room, others } = await roomOf(['Ben']);
  const { device: ben } = others[0]!;
  let bens = others[0]!.room;
  const readable = Buffer.from('one needle in a haystack, '.repeat(9_000));
  await room.setMode('slow', { slowSeconds: 3 });
  await until('slow', () => bens.state.pauseSeconds === 3);
  const kept = await bens.sendFile(readable, { mediaType: 'text/plain', name: 'kept.txt' });
  // Said while the file is on its way, so that the file has to wait; where the file was faster, this has to.
  await bens.send('first').catch(() => undefined);
  await ben.close();
  await ben.open();
  bens = await inside((await ben.persona.rooms())[0]!);
  const { file } = await told(room, kept.id);
  expect(file?.name).toBe('kept.txt');
  expect(room.state.counts.refused).toBe(0);
  await room.download(kept.id);

  await room.setMode('open');
  await until('open', () => bens.state.pauseSeconds === 0);
  await bens.send({ type: 'retract', target: kept.id });
  await until('taken back', async () => (await told(room, kept.id)).retracted);
  for (const one of [room, bens])
    await expect(one.openFile(kept.id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });

  await relay.drain();
  const never = await bens.sendFile(readable, { mediaType: 'text/plain' });
  await bens.cancelFile(never.id);
  expect(await bens.message(never.id)).toBeUndefined();
  await relay.start();
  const last = await bens.sendFile(readable, { mediaType: 'text/plain' });
  await told(room, last.id);
  await room.download(last.id);
  await expect(bens.cancelFile(last.id)).rejects.toMatchObject({ code: 'CONTENT_TARGET' });
  await room.removeEverythingFrom((await memberNamed(room, 'Ben')).id);
  await until('taken out', async () => (await bens.message(last.id)) === undefined);
  for (const one of [room, bens])
    await expect(one.openFile(last.id)).rejects.toMatchObject({ code: 'FILE_ABSENT' });
  for (const { folder } of devices) expect(filesBelow(folder).includes('needle in a haystack')).toBe(false);
});
