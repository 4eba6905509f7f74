// The main job by its commands alone: relay and terminal clients as processes, talking by links and JSON lines.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ChatBin, type ChatBinOptions } from './support/chat-bin.ts';
import { RelayBin } from './support/relay-bin.ts';

const ID = /^[0-9a-f]{32}$/;
const folder = mkdtempSync(join(tmpdir(), 'sotto-commands-'));
const chats: ChatBin[] = [];
let relay: RelayBin;
let profiles = 0;

beforeAll(async () => {
  relay = await RelayBin.start();
});
afterEach(async () => {
  await Promise.all(chats.splice(0).map((chat) => chat.kill()));
});
afterAll(async () => {
  await relay.remove();
  rmSync(folder, { recursive: true, force: true });
});

const freshProfile = (): string => join(folder, `profile-${String(profiles++)}`);

async function open(options: Partial<ChatBinOptions> = {}): Promise<ChatBin> {
  const chat = new ChatBin({ relay: relay.url, profile: freshProfile(), ...options });
  chats.push(chat);
  await chat.next({ event: 'ready' });
  return chat;
}

async function invite(chat: ChatBin, kind = 'once'): Promise<string> {
  return String((await chat.ask({ cmd: 'invite', kind }, { event: 'invite' }))['link']);
}

async function accept(chat: ChatBin, link: string): Promise<string> {
  return String((await chat.ask({ cmd: 'accept', link }, { event: 'conversation' }))['conversation']);
}

test('every line of the published protocol has its fields', async () => {
  const ada = await open({ args: ['--name', 'Ada'] });
  const ben = await open({ args: ['--name', 'Ben'] });
  expect(ada.events.find(({ event }) => event === 'ready')).toMatchObject({
    persona: expect.stringMatching(ID),
    name: 'Ada',
  });
  if (!ada.events.some(({ state }) => state === 'online'))
    await ada.next({ event: 'state', state: 'online' });

  const link = await invite(ada);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{200,320}$/);
  const atBen = await accept(ben, link);
  const atAda = String((await ada.next({ event: 'conversation' }))['conversation']);
  expect([atAda, atBen]).toEqual([expect.stringMatching(ID), expect.stringMatching(ID)]);

  ben.tell({ cmd: 'send', conversation: atBen, text: 'hello', ref: 'r1', unknown: 'field' });
  const stored = await ben.next({ event: 'stored', ref: 'r1' });
  const delivered = await ben.next({ event: 'delivered', ref: 'r1' });
  expect(stored['id']).toMatch(ID);
  expect(delivered).toMatchObject({ id: stored['id'], keptUntil: expect.any(Number) });
  expect(Number(delivered['keptUntil'])).toBeGreaterThan(Date.now() + 13 * 86_400_000);
  const message = await ada.next({ event: 'message' });
  expect(message).toMatchObject({
    conversation: atAda,
    id: stored['id'],
    text: 'hello',
    mine: false,
    at: expect.any(Number),
  });

  const history = await ada.ask({ cmd: 'history', conversation: atAda, limit: 5 }, { event: 'history' });
  expect(history['messages']).toEqual([
    expect.objectContaining({ id: stored['id'], text: 'hello', at: message['at'] }),
  ]);
  const all = await ada.ask({ cmd: 'conversations' }, { event: 'conversations' });
  expect(all['conversations']).toEqual([{ conversation: atAda, peer: 'Ben' }]);

  await ben.ask(
    { cmd: 'send', conversation: atBen, target: stored['id'], text: 'hello there' },
    { event: 'stored' },
  );
  expect(await ada.next({ event: 'change' })).toMatchObject({
    id: stored['id'],
    text: 'hello there',
    edited: true,
  });

  const { code, ms } = await ada.quit();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(3_000);
  const outcome = await ben.quit();
  expect(outcome.code).toBe(0);
  expect(ada.said + ben.said).toBe('');
}, 180_000);

test('whatever is wrong in a line is an error event, and never the end', async () => {
  const chat = await open();
  const lines: [string | Record<string, unknown>, string | null, string][] = [
    ['not json', null, 'TERMINAL_COMMAND'],
    ['[]', null, 'TERMINAL_COMMAND'],
    ['{"cmd":7}', null, 'TERMINAL_COMMAND'],
    [{ cmd: 'dance' }, 'dance', 'TERMINAL_COMMAND'],
    [{ cmd: 'send', text: 'to nobody' }, 'send', 'TERMINAL_COMMAND'],
    [{ cmd: 'send', conversation: '0'.repeat(32), text: 'x' }, 'send', 'CONVERSATION_GONE'],
    [{ cmd: 'history', conversation: 'none' }, 'history', 'CONVERSATION_GONE'],
    [{ cmd: 'accept' }, 'accept', 'TERMINAL_COMMAND'],
    ['{"cmd":"accept","link":"https://example.org/"}', 'accept', 'WIRE_LINK_INVALID'],
  ];
  for (const [line, cmd, code] of lines) {
    chat.tell(line);
    const event = await chat.next({ event: 'error' });
    expect(event).toMatchObject({ cmd, code, message: expect.stringMatching(/^[A-Z].+\.$/) });
  }
  const made = await invite(chat);
  const damaged = made.slice(0, -5) + (made.endsWith('AAAAA') ? 'BBBBB' : 'AAAAA');
  expect(await chat.ask({ cmd: 'accept', link: damaged }, { event: 'error' })).toMatchObject({
    cmd: 'accept',
    code: 'WIRE_LINK_DAMAGED',
  });
  expect((await chat.quit()).code).toBe(0);
}, 120_000);

test('the inviter’s process is gone for the whole first contact and gets everything when it is back', async () => {
  const profile = freshProfile();
  const ada = await open({ profile });
  const link = await invite(ada);
  await ada.kill();
  const ben = await open();
  const atBen = await accept(ben, link);
  const texts = ['first', 'second', 'a long one '.repeat(900), 'last'];
  for (const [i, text] of texts.entries()) {
    ben.tell({ cmd: 'send', conversation: atBen, text, ref: i });
  }
  await ben.next({ event: 'delivered', ref: texts.length - 1 });
  await ben.kill();

  const again = await open({ profile });
  for (const text of texts) expect((await again.next({ event: 'message' }))['text']).toBe(text);
  expect(again.events.filter(({ event }) => event === 'message')).toHaveLength(texts.length);
}, 180_000);

test('a one-time link used twice is refused for the second user by name', async () => {
  const [ada, ben, eve] = await Promise.all([open(), open(), open()]);
  const link = await invite(ada);
  await accept(ben, link);
  expect(await eve.ask({ cmd: 'accept', link }, { event: 'error' })).toMatchObject({
    cmd: 'accept',
    code: 'INVITE_USED',
  });
  expect(eve.alive).toBe(true);
}, 120_000);

test('an expired invite is refused by name', async () => {
  const [ada, bob] = [await open(), freshProfile()];
  const link = await invite(ada);
  const clockFile = join(folder, 'clock');
  // Thirteen days later it is good, fifteen days later it isn't.
  writeFileSync(clockFile, String(15 * 86_400_000));
  const late = await open({ profile: bob, clockFile });
  expect(await late.ask({ cmd: 'accept', link }, { event: 'error' })).toMatchObject({
    code: 'INVITE_EXPIRED',
  });
  writeFileSync(clockFile, String(13 * 86_400_000));
  // The clock under test reads its file again where 50 ms have passed since it last did.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await accept(late, link);
}, 120_000);

test('a tampered, foreign, used or locked store is refused with its own error, and nothing is overwritten', async () => {
  const profile = freshProfile();
  const first = await open({ profile });
  const refused = async (options: Partial<ChatBinOptions>): Promise<unknown> => {
    const chat = new ChatBin({ relay: relay.url, profile, ...options });
    chats.push(chat);
    expect(await chat.exit()).toBe(1);
    expect(chat.events).toHaveLength(1);
    return chat.events[0];
  };
  expect(await refused({})).toMatchObject({ event: 'error', cmd: 'open', code: 'STORE_IN_USE' });
  await first.quit();
  expect(await refused({ passphrase: 'another' })).toMatchObject({ code: 'STORE_PASSPHRASE' });

  const damaged = freshProfile();
  cpSync(profile, damaged, { recursive: true });
  const keys = join(damaged, 'sotto-keys');
  const bytes = readFileSync(keys);
  bytes[300]! ^= 1;
  writeFileSync(keys, bytes);
  expect(await refused({ profile: damaged })).toMatchObject({ code: 'STORE_CORRUPT' });
  expect(readFileSync(keys)).toEqual(bytes);

  const foreign = mkdtempSync(join(folder, 'foreign-'));
  writeFileSync(join(foreign, 'letter.txt'), 'not a store');
  expect(await refused({ profile: foreign })).toMatchObject({ code: 'STORE_FOREIGN' });
  expect(readdirSync(foreign)).toEqual(['letter.txt']);
  expect((await (await open({ profile })).quit()).code).toBe(0);
}, 180_000);

test('without a relay everything is kept, said, and goes out when the relay is there', async () => {
  const [ada, ben] = [await open(), await open()];
  const atBen = await accept(ben, await invite(ada));
  await ada.next({ event: 'conversation' });
  await relay.end('SIGKILL');
  ben.tell({ cmd: 'send', conversation: atBen, text: 'into the void', ref: 1 });
  const stored = await ben.next({ event: 'stored', ref: 1 });
  const id = stored['id'];
  await relay.start();
  await ben.next({ event: 'delivered', id });
  expect(await ada.next({ event: 'message' })).toMatchObject({ text: 'into the void', id });
}, 180_000);

test('a file goes by its path, cleaned where it is a picture, and is saved where nothing was', async () => {
  const [ada, ben] = [await open(), await open()];
  const atBen = await accept(ben, await invite(ada));
  await ben.ask(
    { cmd: 'send', conversation: atBen, text: 'hello', ref: 'h' },
    { event: 'delivered', ref: 'h' },
  );
  const atAda = String((await ada.next({ event: 'conversation' }))['conversation']);
  const [from, to] = [join(folder, 'plan.txt'), join(folder, 'saved.txt')];
  writeFileSync(from, 'a plan '.repeat(20_000));
  ada.tell({ cmd: 'sendFile', conversation: atAda, path: from, ref: 'f' });
  await ada.next({ event: 'progress', ref: 'f', direction: 'out' });
  const { id } = await ada.next({ event: 'delivered', ref: 'f' });
  const told = await ben.next({ event: 'message', id: String(id) });
  expect(told['file']).toMatchObject({ name: 'plan.txt', length: 140_000, isHere: false });
  const save = { cmd: 'download', conversation: atBen, id, path: to };
  await ben.ask(save, { event: 'downloaded' });
  expect(readFileSync(to, 'utf8')).toBe(readFileSync(from, 'utf8'));
  // Nothing is ever overwritten.
  expect(await ben.ask(save, { event: 'error' })).toMatchObject({ cmd: 'download', code: 'SPILL_SOURCE' });

  const odd = join(folder, 'odd.png');
  writeFileSync(odd, 'not a picture');
  const asked = { cmd: 'sendFile', conversation: atAda, path: odd, ref: 'o' };
  expect(await ada.ask(asked, { event: 'error' })).toMatchObject({ ref: 'o', code: 'FILE_METADATA' });
  ada.tell({ ...asked, asIs: true });
  expect(await ada.next({ event: 'stored', ref: 'o' })).toMatchObject({ clean: false });
  const song = join(folder, 'song.wav');
  const chunk = (type: string, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(type), Buffer.from(new Uint32Array([body.length]).buffer), body]);
  const sound = [
    chunk('fmt ', Buffer.from('0100010040 1f0000803e000002001000'.replace(' ', ''), 'hex')),
    chunk('LIST', Buffer.from('INFO Jane')),
    Buffer.alloc(1),
    chunk('data', Buffer.alloc(8_000)),
  ];
  writeFileSync(song, chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...sound])));
  ada.tell({ cmd: 'sendFile', conversation: atAda, path: song, ref: 's' });
  const sung = await ada.next({ event: 'stored', ref: 's' });
  expect(sung).toMatchObject({ clean: true });
  expect((await ben.next({ event: 'message', id: String(sung['id']) }))['file']).toMatchObject({
    kind: 'voice',
    durationMs: 500,
    length: 8_044,
  });
  const missing = { cmd: 'sendFile', conversation: atAda, path: join(folder, 'missing') };
  expect(await ada.ask(missing, { event: 'error' })).toMatchObject({ code: 'SPILL_SOURCE' });
}, 60_000);
