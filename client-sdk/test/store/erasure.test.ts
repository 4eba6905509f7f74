// Deletion is by key: after expiry, burn, deletion or wipe, what the files still hold can't be opened by anyone,
// not even with the passphrase. The tests keep every version of every ciphertext and try all keys that are left.
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { wipeVaultAt } from '../../src/store/index.ts';
import { keyring, openableWith, remainingRows } from './forensics.ts';
import { filesOf, freshLocation, messages, notes, open, refusal } from './fixture.ts';

const passphrase = 'correct horse';

test('an expired timed message, a deleted conversation, a burned persona: ciphertext left, keys gone', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  const persona = ['persona/1'];
  const conversation = [...persona, 'conversation/1'];
  await vault.transact(async (tx) => {
    await messages.put(
      tx,
      { partition: 'c1', key: 1, value: 'TIMED' },
      { under: [...conversation, 'timed/1'] },
    );
    await messages.put(tx, { partition: 'c1', key: 2, value: 'DAY' }, { under: [...conversation, 'day/1'] });
    await messages.put(
      tx,
      { partition: 'c2', key: 1, value: 'NEIGHBOUR' },
      { under: [...persona, 'conversation/2'] },
    );
    await notes.put(tx, { partition: 'p2', key: 'x', value: 'BYSTANDER' }, { under: ['persona/2'] });
    await notes.put(tx, { partition: 'own', key: 'x', value: 'PLAIN' });
  });
  const everything = ['TIMED', 'DAY', 'NEIGHBOUR', 'BYSTANDER', 'PLAIN'];
  const rows = await remainingRows(location);
  const openable = async () => openableWith(rows, await keyring(location, passphrase), everything);
  expect(await openable()).toEqual(everything);

  await vault.transact(async (tx) => {
    tx.eraseKey([...conversation, 'timed/1']);
    messages.del(tx, 'c1', 1);
  });
  expect(await openable()).toEqual(['DAY', 'NEIGHBOUR', 'BYSTANDER', 'PLAIN']);
  expect(await vault.read((view) => messages.get(view, 'c1', 1))).toBeUndefined();
  expect(await vault.read((view) => messages.get(view, 'c1', 2))).toBe('DAY');

  await vault.transact(async (tx) => {
    tx.eraseKey(conversation);
    await tx.clear(messages, 'c1');
  });
  expect(await openable()).toEqual(['NEIGHBOUR', 'BYSTANDER', 'PLAIN']);

  // Burn: rows left where they are on purpose; without their key they are gone all the same.
  await vault.transact((tx) => {
    tx.eraseKey(persona);
    return Promise.resolve();
  });
  expect(await openable()).toEqual(['BYSTANDER', 'PLAIN']);
  expect(await vault.read((view) => messages.get(view, 'c2', 1))).toBeUndefined();
  await vault.close();
  // What is on disk now still has the ciphertext: it is the key that is gone.
  const left = await remainingRows(location);
  expect(openableWith(left, rows.keysBefore, everything)).toContain('NEIGHBOUR');
  expect(await openable()).toEqual(['BYSTANDER', 'PLAIN']);

  const again = await open(location);
  expect(again.rewound).toBe(false);
  await again.tidy();
  await again.close();
  // tidy also drops the ciphertext.
  expect(openableWith(await remainingRows(location), rows.keysBefore, everything)).not.toContain('NEIGHBOUR');
});

test('a path erased and used again gets another key; renewing a key forgets deleted rows and keeps the others', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  const day = ['conversation', 'day'];
  await vault.transact(async (tx) => {
    await messages.put(tx, { partition: 'c', key: 1, value: 'DELETED' }, { under: day });
    await messages.put(tx, { partition: 'c', key: 2, value: 'KEPT' }, { under: day });
    await messages.put(tx, { partition: 'c', key: 3, value: 'OTHER' }, { under: ['conversation', 'other'] });
  });
  const rows = await remainingRows(location);
  await vault.transact(async (tx) => {
    messages.del(tx, 'c', 1);
    await messages.put(tx, { partition: 'c', key: 4, value: 'NEW' }, { under: day });
    await tx.renewKey(day, [{ table: messages, partition: 'c', before: 10 }]);
    expect(await messages.get(tx, 'c', 2)).toBe('KEPT');
  });
  const all = ['DELETED', 'KEPT', 'OTHER', 'NEW'];
  expect(openableWith(rows, await keyring(location, passphrase), all)).toEqual(['OTHER']);
  await vault.close();
  const again = await open(location);
  await again.read(async (view) => {
    const found: string[] = [];
    for await (const { value } of messages.scan(view, 'c')) found.push(value);
    expect(found).toEqual(['KEPT', 'OTHER', 'NEW']);
  });
  await again.transact(async (tx) => {
    tx.eraseKey(day);
    await messages.put(tx, { partition: 'c', key: 9, value: 'AGAIN' }, { under: day });
    expect(tx.childKeys(['conversation']).sort()).toEqual(['day', 'other']);
    expect(tx.childKeys([])).toEqual(['conversation']);
    expect(await messages.get(tx, 'c', 2)).toBeUndefined();
    await expect(tx.renewKey(['conversation'], [])).rejects.toEqual(refusal('STORE_BAD_NAME'));
  });
  await again.transact(async (tx) => {
    expect(await messages.get(tx, 'c', 2)).toBeUndefined();
    expect(await messages.get(tx, 'c', 9)).toBe('AGAIN');
  });
  await again.close();
});

test('a transaction that fails erases no key; one that made and erased a key leaves none', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'STAYS' }, { under: ['a'] }));
  await expect(
    vault.transact((tx) => {
      tx.eraseKey(['a']);
      return Promise.reject(new Error('no'));
    }),
  ).rejects.toThrow('no');
  expect(await vault.read((view) => notes.get(view, '', 'k'))).toBe('STAYS');
  await vault.transact(async (tx) => {
    await notes.put(tx, { partition: '', key: 'brief', value: 'x' }, { under: ['b', 'c'] });
    tx.eraseKey(['b']);
    expect(await notes.get(tx, '', 'brief')).toBeUndefined();
  });
  expect(await vault.read((view) => notes.get(view, '', 'brief'))).toBeUndefined();
  expect(await vault.transact((tx) => Promise.resolve(tx.childKeys([])))).toEqual(['a']);
  await vault.close();
});

test('many keys: the key file grows, survives, and gives erased slots back', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  const count = 700;
  await vault.transact(async (tx) => {
    await Promise.all(
      Array.from({ length: count }, (_, key) =>
        messages.put(
          tx,
          { partition: 'c', key, value: String(key) },
          { under: ['c', `timed/${String(key)}`] },
        ),
      ),
    );
  });
  const size = (await stat(join(location, 'sotto-keys'))).size;
  expect(size).toBeGreaterThan(count * 128);
  await vault.close();
  const again = await open(location);
  await again.transact(async (tx) => {
    for (let key = 0; key < count; key++) {
      expect(await messages.get(tx, 'c', key)).toBe(String(key));
      tx.eraseKey(['c', `timed/${String(key)}`]);
    }
  });
  const left = [...(await keyring(location, passphrase)).values()];
  // 'c' itself, and spares that seal nothing.
  expect(left.length).toBeLessThan(20);
  await again.transact((tx) => notes.put(tx, { partition: '', key: 'n', value: 'x' }, { under: ['n'] }));
  expect((await stat(join(location, 'sotto-keys'))).size).toBe(size);
  await again.close();
});

test('wipe overwrites the keys, removes the files, works locked, twice and from outside', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'v' }, { under: ['a'] }));
  const rows = await remainingRows(location);
  await vault.lock();
  await vault.wipe();
  await vault.wipe();
  expect(vault.state).toBe('wiped');
  await expect(vault.transact(() => Promise.resolve())).rejects.toEqual(refusal('STORE_WIPED'));
  await expect(stat(location)).rejects.toMatchObject({ code: 'ENOENT' });
  const fresh = await open(location);
  expect(await fresh.read((view) => notes.get(view, '', 'k'))).toBeUndefined();
  expect(openableWith(rows, await keyring(location, passphrase), ['v'])).toEqual([]);
  // A file that isn't ours stays.
  await writeFile(join(location, 'letter.txt'), 'mine');
  const running = fresh.transact(async (tx) => {
    await notes.put(tx, { partition: '', key: 'k', value: 'late' });
    await new Promise((resolve) => setTimeout(resolve, 30));
  });
  const settled = expect(running).rejects.toEqual(refusal('STORE_WIPED'));
  await fresh.wipe();
  await settled;
  expect(await readdir(location)).toEqual(['letter.txt']);
});

test('a wipe cut short after the keys is finished at the next opening; a wipe needs no passphrase', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'v' }));
  await vault.close();
  const files = await filesOf(location);
  await wipeVaultAt(location);
  await wipeVaultAt(location);
  await expect(stat(location)).rejects.toMatchObject({ code: 'ENOENT' });
  // As if the power had gone between overwriting and removing.
  await mkdir(join(location, 'sotto-rows'), { recursive: true });
  for (const [name, bytes] of files) {
    if (name.startsWith('sotto-rows')) await writeFile(join(location, name), bytes);
  }
  const { markBlock, HEADER_BYTES } = await import('../../src/store/header.ts');
  const header = new Uint8Array(HEADER_BYTES);
  header.set(markBlock('wiped'));
  await writeFile(join(location, 'sotto-header'), header);
  const fresh = await open(location, { secret: { passphrase: 'another' } });
  expect(await fresh.read((view) => notes.get(view, '', 'k'))).toBeUndefined();
  await fresh.close();
});
