// What the disk spoils in the journal: a row in the midst of it is one block that can't be opened, never the end of
// what follows; a last commit that isn't whole was never reported, and counts as not made.

import { expect, test } from '@jest/globals';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/store/embedded/index.ts';
import { grants, hex, make, quickDirectory, request, START, type Made } from './harness.ts';

const HEADER_BYTES = 20;
const open = (dir: string): Promise<EmbeddedStore> =>
  openEmbeddedStore({ dir, now: () => START, journalBytes: 1, checkpointMs: 3_600_000 });

/** Where the rows of each commit in the journal begin, in order; commits without rows are left out. */
function rowsInJournal(dir: string): number[] {
  const bytes = readFileSync(join(dir, 'journal-0'));
  const starts: number[] = [];
  for (let at = 0; bytes.readUInt32LE(at) !== 0;) {
    const rows = at + HEADER_BYTES + bytes.readUInt32LE(at + 4);
    const length = bytes.readUInt32LE(at + 8);
    if (length > 0) starts.push(rows);
    at = rows + length;
  }
  return starts;
}

/** The store as a kill leaves it, with one byte of the `nth` block's row turned over. */
function spoiledCopy(dir: string, nth: number): string {
  const copy = quickDirectory();
  cpSync(dir, copy, { recursive: true });
  const path = join(copy, 'journal-0');
  const bytes = readFileSync(path);
  const at = (rowsInJournal(copy).at(nth) as number) + 100;
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(path, bytes);
  return copy;
}

async function read(store: EmbeddedStore, made: Made): Promise<string[]> {
  const { reader } = await grants(store, made.spec);
  return (await store.read(reader, 0, 9)).map(({ appendId }) => hex(appendId));
}

test('one spoiled row is one block lost; a spoiled last commit was never made', async () => {
  const dir = quickDirectory();
  const copies: string[] = [];
  const store = await open(dir);
  try {
    const made = await make(store, 'mailbox');
    const requests = [request(), request(), request()];
    for (const one of requests) await (await store.append(made.writer, one)).durable;
    const [first, second, third] = requests.map(({ appendId }) => hex(appendId));
    expect(rowsInJournal(dir).length).toBe(3);

    const early = spoiledCopy(dir, 0);
    copies.push(early);
    let reopened = await open(early);
    expect(await read(reopened, made)).toEqual([second, third]);
    let { writer } = await grants(reopened, made.spec);
    expect(await reopened.append(writer, requests[0]!)).toMatchObject({ duplicate: true, sequence: 1 });
    await reopened.close();
    // What could be read lies in the tables now.
    reopened = await open(early);
    expect(await read(reopened, made)).toEqual([second, third]);
    await reopened.close();

    const late = spoiledCopy(dir, -1);
    copies.push(late);
    reopened = await open(late);
    expect(await read(reopened, made)).toEqual([first, second]);
    ({ writer } = await grants(reopened, made.spec));
    expect(await reopened.append(writer, requests[2]!)).toMatchObject({ duplicate: false, sequence: 3 });
    await reopened.close();
  } finally {
    await store.close();
    for (const one of [dir, ...copies]) rmSync(one, { recursive: true, force: true });
  }
});
