// Files and voice notes through the page as a person taps them, with a peer on Node: pictures and sounds leave without
// metadata, nothing is recorded, fetched, shown or played before a tap, and what is saved is what was sent.
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import { cleanPicture, openClient, type AttachmentMessage, type Room } from '@sotto/client';
import type { Page } from 'playwright-core';
import { widenNote, writeNote } from '../src/voice/wav.ts';
import { axe, begin, hasChromium, House, invite, press, say } from './support/house.ts';

const test = hasChromium ? always : always.skip;
const SECRET = 'Jane Doe, 52.5200 N 13.4050 E';
let house: House;
beforeAll(async () => {
  if (hasChromium) house = await House.open();
}, 180_000);
afterAll(async () => {
  if (hasChromium) await house.close();
});

/** A photo as a camera writes it, with a place and an owner in it. */
async function photo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 48];
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.fillStyle = '#08f';
    context.fillRect(8, 8, 48, 32);
    return canvas.toDataURL('image/jpeg').split(',')[1] ?? '';
  });
  const plain = Buffer.from(base64, 'base64');
  const body = Buffer.from(`Exif\0\0${SECRET}`, 'latin1');
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([plain.subarray(0, 2), head, body, plain.subarray(2)]);
}

test('a picture leaves clean, a picture comes blurred, and a file is saved as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-files-'));
  const page = await house.person();
  await begin(page);
  const link = await invite(page);
  const node = await openClient({
    store: join(folder, 'store'),
    passphrase: 'x',
    kdfCost: { passes: 1, memoryKib: 8 },
  });
  try {
    const persona = await node.createPersona({ name: 'Robin' });
    const talk = await persona.accept(link);
    await talk.send('hello');
    await page.locator('[role=status] .button.main').click();
    await say(page, 'hello you');

    const dirty = await photo(page);
    expect(dirty.includes(SECRET)).toBe(true);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'IMG_2024.jpg', mimeType: 'image/jpeg', buffer: dirty });
    await page.locator('.attach img').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.locator('.attach input').fill('a blue square');
    await page.locator('.attach .button.main').click();
    const got = await new Promise<AttachmentMessage>((resolve) => {
      talk.on('message', (message) => {
        if (message.kind === 'attachment') resolve(message);
      });
    });
    expect(got.file).toMatchObject({
      kind: 'picture',
      description: 'a blue square',
      width: 64,
      height: 48,
      name: 'picture.jpg',
    });
    expect(got.file?.preview?.length).toBeGreaterThan(100);
    await talk.download(got.id);
    const parts: Uint8Array[] = [];
    for await (const piece of (await talk.openFile(got.id)).pieces()) parts.push(piece);
    const bytes = Buffer.concat(parts);
    expect(bytes.includes(SECRET)).toBe(false);
    expect(/Exif|xap|IPTC|Photoshop/.test(bytes.toString('latin1'))).toBe(false);

    const clean = cleanPicture(dirty);
    await talk.sendFile(clean.bytes, {
      ...clean,
      kind: 'picture',
      description: 'the same again',
      preview: bytes.subarray(0, 2_048),
    });
    const bubble = page.locator('.said:not(.mine) .file').last();
    await bubble.getByRole('button').waitFor();
    expect(await bubble.locator('img.attached').count()).toBe(0);
    await bubble.getByRole('button').click();
    const shown = bubble.locator('img.attached');
    await shown.waitFor();
    expect(await shown.getAttribute('alt')).toBe('the same again');
    await shown.evaluate((image) => (image as HTMLImageElement).decode());
    expect(await axe(page)).toEqual([]);

    const text = Buffer.from('<script>alert(1)</script> '.repeat(9_000));
    await talk.sendFile(text, { mediaType: 'text/html', name: '../../evil\u202Ehtml.txt' });
    const save = page.locator('.said:not(.mine) .file').last().getByRole('button', { name: /evil/ });
    await save.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    expect(download.suggestedFilename()).toBe('evilhtml.txt');
    expect(await readFile(await download.path())).toEqual(text);
  } finally {
    await node.close();
    await page.context().close();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);

/** What members of a room hear of a file that somebody sends. */
function next(room: Room): Promise<AttachmentMessage> {
  return new Promise((resolve) => {
    const stop = room.on('message', (message) => {
      if (message.kind !== 'attachment') return;
      stop();
      resolve(message);
    });
  });
}

async function bytesOf(room: Room, { id }: AttachmentMessage): Promise<Buffer> {
  await room.download(id);
  const parts: Uint8Array[] = [];
  for await (const piece of (await room.openFile(id)).pieces()) parts.push(piece);
  return Buffer.concat(parts);
}

/** Half a second of a tone, as a recorder that names its owner writes it. */
function tellingSound(): Buffer {
  const samples = Buffer.alloc(8_000);
  for (let i = 0; i < 4_000; i++) samples.writeInt16LE(Math.round(9_000 * Math.sin(i / 4)), 2 * i);
  const name = Buffer.from(`IART${String.fromCharCode(SECRET.length + 1)}\0\0\0${SECRET}\0`, 'latin1');
  const chunk = (id: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(id, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const format = Buffer.alloc(16);
  for (const [at, value] of [1, 1, 8_000, 0, 16_000, 0, 2, 16].entries()) format.writeUInt16LE(value, 2 * at);
  const info = chunk('LIST', Buffer.concat([Buffer.from('INFO'), name]));
  return chunk(
    'RIFF',
    Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), info, chunk('data', samples)]),
  );
}

/** The player that is last on the page plays. */
async function plays(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const audio = [...document.querySelectorAll('audio')].at(-1);
    return audio !== undefined && audio.currentTime > 0 && audio.error === null;
  });
}

test('a voice note in a room: recorded by the keyboard, changed, heard first; sounds leave clean; nothing asks a network', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-voice-'));
  const page = await house.person({ viewport: { width: 360, height: 740 } });
  const node = await openClient({
    store: join(folder, 'store'),
    passphrase: 'x',
    relay: house.relay.url,
    kdfCost: { passes: 1, memoryKib: 8 },
    pace: { greetMs: 20, greetLateMs: 400, beaconMs: 2_000, retryMs: 50 },
  });
  try {
    const host = await node.createPersona({ name: 'Robin' });
    const room = await host.createRoom({ title: 'Voices', newcomerMinutes: 0, files: true, slowSeconds: 1 });
    await page.evaluate(() => {
      const { mediaDevices } = navigator;
      const ask = mediaDevices.getUserMedia.bind(mediaDevices);
      const streams: MediaStream[] = [];
      Reflect.set(globalThis, 'streams', streams);
      mediaDevices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        streams.push(stream);
        return stream;
      };
    });
    const areOff = () =>
      page.evaluate(() => {
        const streams = Reflect.get(globalThis, 'streams') as MediaStream[];
        return streams.map((stream) => stream.getTracks().every(({ readyState }) => readyState === 'ended'));
      });
    await begin(page);
    await page.locator('#link').fill(await room.link());
    await page.locator('form .button').first().click();
    await page.locator('input[type=checkbox]').check();
    await page.locator('.pane-main .button.main').last().click();
    await page.locator('textarea').waitFor({ timeout: 30_000 });

    // Given up: the microphone is off, nothing was said.
    const card = page.locator('.attach');
    await press(page, /^Record a voice note/);
    await card.locator('meter').waitFor();
    await press(page, /^Cancel/);
    await card.waitFor({ state: 'detached' });
    expect(await areOff()).toEqual([true]);

    await press(page, /^Record a voice note/);
    await card.locator('meter').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.waitForFunction(() => /0:0[1-9]/.test(document.querySelector('.attach')?.textContent ?? ''));
    await press(page, /^Stop/);
    await card.locator('audio').waitFor({ state: 'attached' });
    expect(await areOff()).toEqual([true, true]);
    await press(page, /^As it is/, 'ArrowUp');
    await card.locator('input[type=radio]:checked').evaluate((radio) => {
      if (radio.parentElement?.textContent !== 'Flat, like a machine') throw new Error('another voice');
    });
    await card.locator('.button.main:enabled').waitFor();
    expect(await axe(page)).toEqual([]);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await press(page, /^Play/);
    await plays(page);
    await press(page, /What do you say/, 'h');
    await page.keyboard.type('ello');
    const heard = next(room);
    await press(page, /^Send/);
    const note = await heard;
    expect(note.file).toMatchObject({
      kind: 'voice',
      mediaType: 'audio/wav',
      name: 'voice.wav',
      description: 'hello',
    });
    const bytes = await bytesOf(room, note);
    const { durationMs } = widenNote(bytes)!;
    expect(durationMs).toBe(note.file?.durationMs);
    expect(durationMs).toBeGreaterThan(250);
    await card.waitFor({ state: 'detached' });

    // A sound that somebody chose loses what it said about them; one that can't be read is said to be as it is.
    const chooser = page.locator('input[type=file]');
    const dirty = tellingSound();
    expect(dirty.includes(SECRET)).toBe(true);
    await chooser.setInputFiles({ name: 'at-home.wav', mimeType: 'audio/wav', buffer: dirty });
    await card.locator('.player').waitFor();
    const sound = next(room);
    await card.locator('.button.main').click();
    const sent = await sound;
    expect(sent.file).toMatchObject({ kind: 'voice', name: 'sound.wav', durationMs: 500 });
    const clean = await bytesOf(room, sent);
    expect([clean.includes(SECRET), widenNote(clean) === undefined]).toEqual([false, false]);
    await card.waitFor({ state: 'detached' });
    await chooser.setInputFiles({ name: 'odd.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from(SECRET) });
    await card.getByText('can’t be cleaned').waitFor();
    await card.getByRole('button', { name: 'Cancel' }).click();

    const tone = writeNote(Float32Array.from({ length: 16_000 }, (_, i) => 0.3 * Math.sin(i / 9)));
    await room.sendFile(tone, {
      kind: 'voice',
      mediaType: 'audio/wav',
      name: 'voice.wav',
      durationMs: 1_000,
    });
    const bubble = page.locator('.said:not(.mine) .file').last();
    const listen = bubble.getByRole('button', { name: /0:01/ });
    await listen.waitFor();
    // The list says what it is, since its sender said nothing about it.
    await page.locator('.excerpt', { hasText: 'A voice note' }).waitFor({ state: 'attached' });
    expect(await page.locator('audio').count()).toBe(0);
    await listen.click();
    await bubble.getByRole('button', { name: 'Play' }).click();
    await plays(page);
    expect(await axe(page)).toEqual([]);
    expect([house.complaints, house.strangers]).toEqual([[], []]);
  } finally {
    await node.close();
    await page.context().close();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
