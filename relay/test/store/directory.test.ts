// The data directory when something is wrong with it: a clear error, and nothing in it overwritten.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/store/embedded/index.ts';
import { make, outcome, quickDirectory, request, START } from './harness.ts';

let dir: string;
const open = (): Promise<EmbeddedStore> => openEmbeddedStore({ dir, now: () => START, journalBytes: 1 });
const code = (): Promise<string> => outcome(async () => (await open()).close());
const at = (name: string): string => join(dir, name);
const prints = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(at(name)))
        .digest('hex'),
    ]),
  );

beforeEach(() => {
  dir = quickDirectory();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function filled(): Promise<void> {
  const store = await open();
  const { writer } = await make(store, 'mailbox');
  await (
    await store.append(writer, request())
  ).durable;
  await store.close();
}

test('a second opening is refused, in this process and in another, until the first is closed', async () => {
  const store = await open();
  expect(await code()).toBe('RELAY_STORE_LOCKED');
  // The lock as another living process would have left it: this test's parent.
  await store.close();
  const start = readFileSync(`/proc/${process.ppid}/stat`, 'latin1').split(') ')[1]!.split(' ')[19];
  writeFileSync(at('lock'), `${process.ppid} ${start}\n`);
  expect(await code()).toBe('RELAY_STORE_LOCKED');
});

test('the lock of a dead process, or of an earlier one with the same id, is taken over', async () => {
  await filled();
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const holder of [`${dead} 1\n`, `${process.ppid} 1\n`, '']) {
    writeFileSync(at('lock'), holder);
    expect(await code()).toBe('accepted');
  }
  expect(readdirSync(dir).filter((name) => name.startsWith('lock'))).toEqual([]);
});

test.each([
  ['a foreign file', 'RELAY_STORE_FOREIGN', () => writeFileSync(at('photo.jpg'), 'x')],
  ['a foreign marker', 'RELAY_STORE_FOREIGN', () => writeFileSync(at('format'), 'something else')],
  [
    'a foreign file beside half-made ones',
    'RELAY_STORE_FOREIGN',
    () => ['keys', 'notes'].forEach((name) => writeFileSync(at(name), 'x')),
  ],
])('%s: refused, and untouched', async (_, expected, prepare) => {
  prepare();
  const before = prints();
  expect(await code()).toBe(expected);
  expect(prints()).toEqual(before);
});

test.each([
  ['another version', 'RELAY_STORE_VERSION', () => writeFileSync(at('format'), 'sotto-relay-store 2\n')],
  ['no key file', 'RELAY_STORE_KEYS', () => rmSync(at('keys'))],
  ['a short key file', 'RELAY_STORE_KEYS', () => truncateSync(at('keys'), 100)],
  ['a flipped bit in the key file', 'RELAY_STORE_KEYS', () => flip(at('keys'), 200)],
  ['no tables', 'RELAY_STORE_DAMAGED', () => rmSync(at('data.mdb'))],
  ['tables of zeros', 'RELAY_STORE_DAMAGED', () => writeFileSync(at('data.mdb'), Buffer.alloc(64 * 1024))],
  ['tables cut short', 'RELAY_STORE_DAMAGED', () => truncateSync(at('data.mdb'), 3 * 4096)],
  ['no journal', 'RELAY_STORE_DAMAGED', () => rmSync(at('journal-1'))],
])('%s: refused, and untouched', async (_, expected, damage) => {
  await filled();
  damage();
  const before = prints();
  expect(await code()).toBe(expected);
  // LMDB touches its own lock file when it looks.
  const { 'data.mdb-lock': _lock, ...after } = prints();
  const { 'data.mdb-lock': _before, ...expectedFiles } = before;
  expect(after).toEqual(expectedFiles);
});

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 1;
  writeFileSync(path, bytes);
}

test('a start that was cut off before it had made its files begins again', async () => {
  writeFileSync(at('keys'), 'half');
  writeFileSync(at('journal-0'), '');
  expect(await code()).toBe('accepted');
  expect(await code()).toBe('accepted');
});

test('a closed store refuses, and closes twice', async () => {
  const store = await open();
  const { writer, reader } = await make(store, 'mailbox');
  await store.close();
  await store.close();
  expect(await outcome(() => store.append(writer, request()))).toBe('RELAY_STORE_CLOSED');
  expect(await outcome(() => store.read(reader, 0, 1))).toBe('RELAY_STORE_CLOSED');
  expect(await outcome(() => store.sweep())).toBe('RELAY_STORE_CLOSED');
});
