// Export and import: everything or nothing, under its own passphrase, and any change to the stream is noticed.
import { beforeAll, expect, test } from '@jest/globals';
import type { Vault } from '../../src/store/index.ts';
import { EXPORT_HEADER_BYTES } from '../../src/store/export-format.ts';
import { CHEAP, freshLocation, messages, notes, open, refusal } from './fixture.ts';

const COUNT = 300;
let stream: Uint8Array[];

async function collect(vault: Vault, passphrase = 'moving'): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of vault.exportRecords(passphrase, { kdfCost: CHEAP })) parts.push(part);
  return parts;
}

async function* from(parts: readonly Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function fill(vault: Vault): Promise<void> {
  await vault.transact(async (tx) => {
    for (let key = 0; key < COUNT; key++) {
      const value = `text ${String(key)} `.repeat(100);
      await messages.put(tx, { partition: 'c', key, value }, { under: ['p', `day/${String(key % 4)}`] });
    }
    await notes.put(tx, { partition: 'big', key: 'one', value: 'x'.repeat(200_000) });
    await notes.put(tx, { partition: 'gone', key: 'g', value: 'ERASED' }, { under: ['burned'] });
  });
  await vault.transact((tx) => {
    tx.eraseKey(['burned']);
    return Promise.resolve();
  });
}

beforeAll(async () => {
  const vault = await open(await freshLocation());
  await fill(vault);
  stream = await collect(vault);
  await vault.close();
});

test('an import holds what was exported, marked as imported until accepted, with erasable keys of its own', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  // Cut into odd pieces: lengths of the transport mean nothing.
  const all = Buffer.concat(stream);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += 7_919) pieces.push(new Uint8Array(all.subarray(at, at + 7_919)));
  await vault.importRecords(from(pieces), 'moving');
  expect(vault.imported).toBe(true);
  await vault.close();
  const again = await open(location);
  expect(again.imported).toBe(true);
  expect(again.rewound).toBe(false);
  await again.acceptImport();
  expect(again.imported).toBe(false);
  await again.read(async (view) => {
    let next = 0;
    for await (const { key, value } of messages.scan(view, 'c')) {
      expect(key).toBe(next++);
      expect(value).toBe(`text ${String(key)} `.repeat(100));
    }
    expect(next).toBe(COUNT);
    expect(await notes.get(view, 'big', 'one')).toHaveLength(200_000);
    expect(await notes.get(view, 'gone', 'g')).toBeUndefined();
  });
  await again.transact((tx) => {
    expect(tx.childKeys(['p']).sort()).toEqual(['day/0', 'day/1', 'day/2', 'day/3']);
    tx.eraseKey(['p', 'day/1']);
    return Promise.resolve();
  });
  await again.read(async (view) => {
    for await (const { key } of messages.scan(view, 'c')) expect(key % 4).not.toBe(1);
  });
  expect((await collect(again)).length).toBeGreaterThan(2);
  await again.close();
  expect(Buffer.concat(stream).includes('text 1')).toBe(false);
});

test('wrong passphrase, tampering, cuts, swaps, repeats, additions: refused, and the vault is empty and usable', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  const [header = new Uint8Array(0), ...chunks] = stream;
  expect(chunks.length).toBeGreaterThan(4);
  const flipped = (part: Uint8Array, at: number): Uint8Array => {
    const bent = part.slice();
    bent[at] = (bent[at] ?? 0) ^ 1;
    return bent;
  };
  const [first = header, second = header] = chunks;
  const other = await open(await freshLocation());
  await fill(other);
  const otherStream = await collect(other);
  await other.close();
  const damaged: Record<string, Uint8Array[]> = {
    nothing: [],
    'half a header': [header.subarray(0, 20)],
    'header only': [header],
    'last chunk missing': stream.slice(0, -1),
    'last byte missing': [...stream.slice(0, -1), (stream.at(-1) ?? header).slice(0, -1)],
    'chunks swapped': [header, second, first, ...chunks.slice(2)],
    'a chunk twice': [header, first, first, ...chunks.slice(1)],
    'a chunk left out': [header, first, ...chunks.slice(2)],
    'more after the end': [...stream, new Uint8Array(1)],
    'another export in the middle': [header, first, ...otherStream.slice(2)],
    'not an export': [new TextEncoder().encode('hello '.repeat(1_000))],
    'huge cost': [flipped(header, 16), ...chunks],
    'early chunk bent': [header, flipped(first, 100), ...chunks.slice(1)],
    'late chunk bent': [...stream.slice(0, -1), flipped(stream.at(-1) ?? header, 10)],
  };
  for (const [what, parts] of Object.entries(damaged)) {
    const outcome = await vault.importRecords(from(parts), 'moving').then(
      () => 'imported',
      (error: unknown) => (error as { code?: string }).code,
    );
    expect(`${what}: ${String(outcome)}`).toBe(`${what}: EXPORT_DAMAGED`);
    await vault.read(async (view) => {
      for await (const { key } of messages.scan(view, 'c')) throw new Error(`left behind: ${String(key)}`);
    });
    expect(vault.imported).toBe(false);
  }
  await expect(vault.importRecords(from(stream), 'wrong')).rejects.toEqual(refusal('STORE_PASSPHRASE'));
  expect(header).toHaveLength(EXPORT_HEADER_BYTES);
  const broken = async function* (): AsyncIterableIterator<Uint8Array> {
    yield* from(stream.slice(0, 4));
    throw new Error('unplugged');
  };
  await expect(vault.importRecords(broken(), 'moving')).rejects.toThrow('unplugged');
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'own' }));
  await expect(vault.importRecords(from(stream), 'moving')).rejects.toEqual(refusal('STORE_NOT_EMPTY'));
  await vault.close();
  const again = await open(location);
  expect(await again.read((view) => notes.get(view, '', 'k'))).toBe('own');
  await again.close();
});

test('an import cut short by a crash is void at the next opening', async () => {
  const { cp } = await import('node:fs/promises');
  const location = await freshLocation();
  const snapshot = await freshLocation();
  const vault = await open(location);
  const pausing = async function* (): AsyncIterableIterator<Uint8Array> {
    yield* from(stream.slice(0, -1));
    await cp(location, snapshot, { recursive: true });
    yield* from(stream.slice(-1));
  };
  await vault.importRecords(pausing(), 'moving');
  await vault.close();
  const crashed = await open(snapshot);
  expect([crashed.imported, crashed.rewound]).toEqual([false, false]);
  await crashed.read(async (view) => {
    for await (const { key } of messages.scan(view, 'c')) throw new Error(`left behind: ${String(key)}`);
  });
  await crashed.importRecords(from(stream), 'moving');
  expect(await crashed.read((view) => notes.get(view, 'big', 'one'))).toHaveLength(200_000);
  await crashed.close();
});

test('an export shows one state and lets transactions go on when it ends or is given up', async () => {
  const vault = await open(await freshLocation());
  await fill(vault);
  const parts = vault.exportRecords('moving', { kdfCost: CHEAP });
  await parts.next();
  let done = false;
  const waiting = vault
    .transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'v' }))
    .then(() => {
      done = true;
    });
  await parts.next();
  expect(done).toBe(false);
  await parts.return?.();
  await waiting;
  await vault.lock();
  await expect(vault.exportRecords('moving').next()).rejects.toEqual(refusal('STORE_LOCKED'));
  await vault.close();
});
