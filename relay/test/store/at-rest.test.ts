// What rests on the disk: no block in the open, nothing left to open it with once its day is over, no id and no key
// of the store's in the open. Reads the files raw, free pages and journal included.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDecipheriv } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/store/embedded/index.ts';
import { ROW_BYTES } from '../../src/store/embedded/resident.ts';
import { grants, hex, make, quickDirectory, request, START, type Made } from './harness.ts';

const DAY = 86_400;
const MARKER = Buffer.from('a sealed envelope that must not be seen here ');
const RECORD = 64;
const DAYS = 128;

let dir: string;
let clock: { seconds: number };
let store: EmbeddedStore;
const openStore = async (): Promise<void> => {
  store = await openEmbeddedStore({
    dir,
    now: () => clock.seconds,
    journalBytes: 1,
    checkpointMs: 3_600_000,
  });
};

beforeEach(async () => {
  dir = quickDirectory();
  clock = { seconds: START };
  await openStore();
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const files = (): Map<string, Buffer> =>
  new Map(readdirSync(dir).map((name): [string, Buffer] => [name, readFileSync(join(dir, name))]));

function filesWith(needle: Uint8Array): string[] {
  return [...files()].filter(([, bytes]) => bytes.includes(Buffer.from(needle))).map(([name]) => name);
}

/** All keys in the key file, by the day for which they stand. */
function dayKeys(): Map<number, Buffer> {
  const bytes = readFileSync(join(dir, 'keys'));
  const keys = new Map<number, Buffer>();
  for (let slot = 0; slot < DAYS; slot++)
    keys.set(
      bytes.readUInt32LE(slot * RECORD),
      Buffer.from(bytes.subarray(slot * RECORD + 4, slot * RECORD + 36)),
    );
  return keys;
}

/** Every place in the data file where a row of `made` opens with `key`, whatever LMDB thinks of the page. */
function openableRows(key: Buffer, made: Made, at: { sequence: number; keptUntil: number }): number {
  const data = readFileSync(join(dir, 'data.mdb'));
  const tag = channelTag(made);
  let found = 0;
  // A row fills an overflow page behind its header; its counter is not known here, so all likely ones are tried.
  for (let page = 0; page + 4096 <= data.length; page += 4096) {
    for (const header of [16, 24]) {
      const row = data.subarray(page + header, page + header + ROW_BYTES);
      if (row.length < ROW_BYTES) continue;
      for (let counter = 1; counter <= 6; counter++) if (opens(row, key, { ...at, tag, counter })) found++;
    }
  }
  return found;
}

function opens(
  row: Buffer,
  key: Buffer,
  at: { tag: Buffer; sequence: number; keptUntil: number; counter: number },
): boolean {
  const aad = Buffer.alloc(23);
  at.tag.copy(aad, 0);
  aad.writeUInt32BE(at.sequence, 8);
  aad.writeUInt32BE(at.keptUntil / 60, 12);
  aad.writeUIntBE(at.counter, 16, 6);
  const decipher = createDecipheriv('aes-256-gcm', key, row.subarray(0, 12));
  decipher.setAAD(aad);
  decipher.setAuthTag(row.subarray(12, 28));
  const plain = decipher.update(row.subarray(28));
  try {
    decipher.final();
  } catch {
    return false;
  }
  return plain.includes(MARKER);
}

/** The channel's name on the disk, taken from the store's memory. */
function channelTag(made: Made): Buffer {
  const inside = store as unknown as { engine: { cache: { get(ref: number): { tag: Buffer } | undefined } } };
  return inside.engine.cache.get(made.reader.channel)!.tag;
}

function marked(): Uint8Array {
  const block = new Uint8Array(3968);
  for (let at = 0; at + MARKER.length <= block.length; at += MARKER.length) block.set(MARKER, at);
  return block;
}

async function restart(): Promise<void> {
  await store.close();
  await openStore();
}

test('a block rests sealed: in the journal, in the tables, and after its ack', async () => {
  const made = await make(store, 'mailbox');
  const sent = request({ block: marked() });
  await (
    await store.append(made.writer, sent)
  ).durable;
  expect(filesWith(MARKER)).toEqual([]);
  expect(filesWith(sent.commitment)).toEqual([]);
  await restart();
  const { reader } = await grants(store, made.spec);
  expect(filesWith(MARKER)).toEqual([]);
  expect(hex((await store.read(reader, 0, 1))[0]!.block)).toBe(hex(sent.block));
  await store.ack(reader, [{ sequence: 1, appendId: sent.appendId }]);
  await restart();
  expect(filesWith(MARKER)).toEqual([]);
});

test('a planted marker is found, so that the search is not blind', () => {
  expect([...files().values()].some((bytes) => Buffer.concat([bytes, MARKER]).includes(MARKER))).toBe(true);
});

test('an acked block can be opened by nobody after its day, though its bytes still lie in free pages', async () => {
  const made = await make(store, 'mailbox', { ttlSeconds: 2 * DAY });
  const sent = request({ block: marked() });
  const { keptUntil, durable } = await store.append(made.writer, sent);
  await durable;
  await restart();
  let again = await grants(store, made.spec);
  const day = Math.floor((keptUntil - 60) / DAY);
  const key = dayKeys().get(day)!;
  // The test can open it: so a failure later says something.
  expect(openableRows(key, again, { sequence: 1, keptUntil })).toBe(1);
  await store.ack(again.reader, [{ sequence: 1, appendId: sent.appendId }]);
  await restart();
  again = await grants(store, made.spec);
  clock.seconds = (day + 1) * DAY;
  await store.sweep();
  expect(dayKeys().has(day)).toBe(false);
  expect(filesWith(key)).toEqual([]);
  const left = [...dayKeys().values()].reduce(
    (sum, other) => sum + openableRows(other, again, { sequence: 1, keptUntil }),
    0,
  );
  expect(left).toBe(0);
});

test('a day that ended while the relay was down ends at its start', async () => {
  const before = dayKeys();
  const today = Math.floor(START / DAY);
  await store.close();
  clock.seconds += 3 * DAY;
  await openStore();
  const after = dayKeys();
  for (const day of [today, today + 1, today + 2]) {
    expect(after.has(day)).toBe(false);
    expect(filesWith(before.get(day)!)).toEqual([]);
  }
  expect(after.get(today + 3)).toEqual(before.get(today + 3));
  expect(Math.min(...after.keys())).toBe(today + 3);
  expect(Math.max(...after.keys())).toBe(today + 3 + DAYS - 1);
});

test('a deleted channel leaves no record, no entry and no row in the tables', async () => {
  const made = await make(store, 'log');
  const sent = [];
  for (let n = 0; n < 70; n++) {
    const one = request({ block: marked() });
    await (
      await store.append(made.writer, one)
    ).durable;
    sent.push(one);
  }
  await (
    await store.append(made.owner, request({ ordered: { expect: 0 } }))
  ).durable;
  await restart();
  const { owner } = await grants(store, made.spec);
  await store.delete(owner);
  await restart();
  const inside = store as unknown as {
    engine: { tables: Record<'channels' | 'ids' | 'chunks' | 'rows', { getCount(): number }> };
  };
  const { channels, ids, chunks, rows } = inside.engine.tables;
  expect([channels.getCount(), ids.getCount(), chunks.getCount(), rows.getCount()]).toEqual([0, 0, 0, 0]);
});

test('the journal of before a checkpoint cannot be read again: its key is gone', async () => {
  const made = await make(store, 'mailbox');
  await (
    await store.append(made.writer, request())
  ).durable;
  const key = readFileSync(join(dir, 'keys')).subarray((DAYS + 1) * RECORD + 4, (DAYS + 1) * RECORD + 36);
  const old = Buffer.from(key);
  await restart();
  expect(filesWith(old)).toEqual([]);
});

test('no id stands in the files, raw or as text', async () => {
  const made = await make(store, 'mailbox');
  await restart();
  for (const id of [made.spec.readId, made.spec.writeId]) {
    expect(filesWith(Buffer.from(id, 'hex'))).toEqual([]);
    expect(filesWith(Buffer.from(id, 'latin1'))).toEqual([]);
  }
});
