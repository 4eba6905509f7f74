// Files through the page as a person taps them, with a peer on Node: a picture leaves without metadata, nothing is
// fetched or shown before a tap, and what is saved is what was sent.
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test as always } from '@jest/globals';
import { cleanPicture, openClient, type AttachmentMessage } from '@sotto/client';
import type { Page } from 'playwright-core';
import { axe, begin, hasChromium, House, invite, say } from './support/house.ts';

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
