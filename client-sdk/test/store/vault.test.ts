// The vault's everyday life: transactions, scans, lock, secrets, what stands readable on disk.
import { expect, test } from '@jest/globals';
import { filesOf, freshLocation, messages, notes, open, refusal } from './fixture.ts';

test('what a transaction wrote is there after reopening; what failed is not', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  await vault.transact(async (tx) => {
    await notes.put(tx, { partition: 'a', key: 'one', value: 'first' });
    await messages.put(tx, { partition: 'c', key: 1, value: 'hello' });
  });
  await expect(
    vault.transact(async (tx) => {
      await notes.put(tx, { partition: 'a', key: 'two', value: 'second' });
      notes.del(tx, 'a', 'one');
      expect(await notes.get(tx, 'a', 'one')).toBeUndefined();
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await vault.close();
  const again = await open(location);
  await again.read(async (view) => {
    expect(await notes.get(view, 'a', 'one')).toBe('first');
    expect(await notes.get(view, 'a', 'two')).toBeUndefined();
    expect(await notes.get(view, 'b', 'one')).toBeUndefined();
    expect(await messages.get(view, 'c', 1)).toBe('hello');
  });
  expect(again.rewound || again.imported).toBe(false);
  expect(again.vaultId).toEqual(vault.vaultId);
  await again.close();
});

test('scans run in order, bounded, both ways, over own writes and committed rows alike', async () => {
  const vault = await open(await freshLocation());
  await vault.transact(async (tx) => {
    for (let key = 0; key < 300; key += 2) {
      await messages.put(tx, { partition: 'p', key, value: `m${String(key)}` });
      await messages.put(tx, { partition: 'q', key, value: 'other' });
    }
  });
  await vault.transact(async (tx) => {
    for (let key = 1; key < 300; key += 2)
      await messages.put(tx, { partition: 'p', key, value: `m${String(key)}` });
    messages.del(tx, 'p', 7);
    messages.del(tx, 'p', 8);
    const keys = async (options: Parameters<typeof messages.scan>[2]) => {
      const found: number[] = [];
      for await (const { key, value } of messages.scan(tx, 'p', options)) {
        expect(value).toBe(`m${String(key)}`);
        found.push(key);
      }
      return found;
    };
    expect(await keys({ after: 4, before: 11 })).toEqual([5, 6, 9, 10]);
    expect(await keys({ reverse: true, before: 11, limit: 4 })).toEqual([10, 9, 6, 5]);
    expect(await keys({ after: 299 })).toEqual([]);
    expect(await keys({ limit: 0 })).toEqual([]);
    expect(await keys({})).toHaveLength(298);
  });
  await vault.read(async (view) => {
    const found: number[] = [];
    for await (const { key } of messages.scan(view, 'p', { reverse: true, limit: 3 })) found.push(key);
    expect(found).toEqual([299, 298, 297]);
    const stop = new AbortController();
    await expect(
      (async () => {
        for await (const { key } of messages.scan(view, 'p', { signal: stop.signal }))
          if (key === 20) stop.abort();
      })(),
    ).rejects.toThrow();
  });
  await vault.transact(async (tx) => {
    await notes.put(tx, { partition: 'p', key: 'x', value: '1' });
    expect(await tx.clear(messages, 'p')).toBe(298);
  });
  await vault.read(async (view) => {
    for await (const entry of messages.scan(view, 'p')) throw new Error(`left: ${String(entry.key)}`);
    const named = [];
    for await (const entry of notes.scan(view, 'p')) named.push(entry);
    expect(named).toEqual([{ key: 'x', value: '1' }]);
    expect(await messages.get(view, 'q', 298)).toBe('other');
  });
  await vault.close();
});

test('transactions queue: concurrent increments all count', async () => {
  const vault = await open(await freshLocation());
  await Promise.all(
    Array.from({ length: 40 }, () =>
      vault.transact(async (tx) => {
        const count = Number((await notes.get(tx, '', 'n')) ?? 0);
        await notes.put(tx, { partition: '', key: 'n', value: String(count + 1) });
      }),
    ),
  );
  expect(await vault.read((view) => notes.get(view, '', 'n'))).toBe('40');
  await vault.close();
});

test('a transaction used after its end, bad names and keys are refused', async () => {
  const vault = await open(await freshLocation());
  const leaked = await vault.transact((tx) => Promise.resolve([tx] as const));
  expect(() => leaked[0].childKeys([])).toThrow(refusal('STORE_TRANSACTION_OVER'));
  for (const key of [-1, 1.5, 2 ** 53]) {
    await expect(vault.read((view) => messages.get(view, '', key))).rejects.toEqual(
      refusal('STORE_BAD_NAME'),
    );
  }
  for (const path of [[], [''], ['a\0b']]) {
    await expect(
      vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: '' }, { under: path })),
    ).rejects.toEqual(refusal('STORE_BAD_NAME'));
  }
  await vault.close();
  await expect(vault.transact(() => Promise.resolve())).rejects.toEqual(refusal('STORE_CLOSED'));
  await vault.close();
});

test('nothing readable is in the files: no table, partition, key, path or value; planted text is found', async () => {
  const location = await freshLocation();
  const marker = 'MARKER-7f3a';
  const vault = await open(location, { secret: { passphrase: `${marker} pass` } });
  await vault.transact(async (tx) => {
    await notes.put(
      tx,
      { partition: `${marker} part`, key: `${marker} key`, value: `${marker} text`.repeat(300) },
      { under: [`${marker} path`] },
    );
  });
  await vault.tidy();
  await vault.close();
  const holds = async () => {
    const wanted = [
      marker,
      Buffer.from(marker).toString('hex'),
      Buffer.from(marker).toString('base64').slice(0, 12),
    ];
    const files = await filesOf(location);
    expect(files.size).toBeGreaterThan(4);
    return [...files]
      .filter(([, bytes]) => wanted.some((each) => bytes.includes(each)))
      .map(([name]) => name);
  };
  expect(await holds()).toEqual([]);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${location}/planted`, `xx${marker}`);
  expect(await holds()).toEqual(['planted']);
});

test('lock forgets the keys, unlock needs the passphrase, change of passphrase replaces it on disk', async () => {
  const location = await freshLocation();
  const vault = await open(location);
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'v' }, { under: ['a', 'b'] }));
  await vault.lock();
  expect(vault.state).toBe('locked');
  await expect(vault.read((view) => notes.get(view, '', 'k'))).rejects.toEqual(refusal('STORE_LOCKED'));
  await expect(vault.transact(() => Promise.resolve())).rejects.toEqual(refusal('STORE_LOCKED'));
  await expect(vault.unlock({ passphrase: 'wrong' })).rejects.toEqual(refusal('STORE_PASSPHRASE'));
  await expect(vault.unlock()).rejects.toEqual(refusal('STORE_PASSPHRASE'));
  await vault.unlock({ passphrase: 'correct horse' });
  expect(await vault.read((view) => notes.get(view, '', 'k'))).toBe('v');
  expect(vault.rewound).toBe(false);

  const before = (await filesOf(location)).get('sotto-header');
  const old = { passphrase: 'correct horse' };
  const keyFile = { keyFile: new Uint8Array(64).fill(7) };
  await expect(vault.changeSecret({ current: { passphrase: 'no' }, next: keyFile })).rejects.toEqual(
    refusal('STORE_PASSPHRASE'),
  );
  await expect(vault.changeSecret({ current: old, next: { passphrase: '' } })).rejects.toEqual(
    refusal('STORE_PASSPHRASE'),
  );
  await vault.changeSecret({ current: old, next: keyFile });
  const after = (await filesOf(location)).get('sotto-header');
  // The old wrapped key is overwritten where it stood.
  expect(before?.subarray(512, 1024).some((byte) => byte !== 0)).toBe(true);
  expect(after?.subarray(512, 1024).every((byte) => byte === 0)).toBe(true);
  await vault.close();
  await expect(open(location)).rejects.toEqual(refusal('STORE_PASSPHRASE'));
  const again = await open(location, { secret: keyFile });
  await again.changeSecret({ current: keyFile, next: { passphrase: 'cafe\u0301' } });
  await again.close();
  // The same text typed on another system: composed and decomposed accents are one passphrase.
  const last = await open(location, { secret: { passphrase: 'caf\u00e9' } });
  expect(await last.read((view) => notes.get(view, '', 'k'))).toBe('v');
  await last.close();
});

test('a passphrase is required', async () => {
  const location = await freshLocation();
  const { openVault } = await import('../../src/store/index.ts');
  await expect(openVault({ location })).rejects.toEqual(refusal('STORE_PASSPHRASE'));
  await expect(open(location, { secret: { passphrase: '' } })).rejects.toEqual(refusal('STORE_PASSPHRASE'));
});

test('a commit that no longer finds its fence is refused and writes nothing', async () => {
  const { NodeRows } = await import('../../src/store/rows-node.ts');
  const { mkdir } = await import('node:fs/promises');
  const location = await freshLocation();
  await mkdir(location);
  const rows = new NodeRows(location, true);
  const fence = (value: number) => ({ key: Uint8Array.of(0), value: Uint8Array.of(value) });
  const put = { type: 'put', key: Uint8Array.of(9), value: Uint8Array.of(9) } as const;
  await rows.commit([{ type: 'put', ...fence(1) }], undefined);
  await expect(rows.commit([put], fence(2))).rejects.toEqual(refusal('STORE_FENCED'));
  expect(await rows.get(put.key)).toBeUndefined();
  await rows.commit([put, { type: 'put', ...fence(2) }], fence(1));
  await expect(rows.commit([{ type: 'del', key: put.key }], fence(1))).rejects.toEqual(
    refusal('STORE_FENCED'),
  );
  expect(await rows.get(put.key)).toEqual(put.value);
  await rows.close();
});

test('what the store offers', async () => {
  const surface = await import('../../src/store/index.ts');
  expect(Object.keys(surface).sort()).toEqual([
    'lookAtVault',
    'namedTable',
    'openVault',
    'orderedTable',
    'wipeVaultAt',
  ]);
});
