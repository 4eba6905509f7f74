import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { namedTable, openVault } from '../../src/store/index.ts';

// Prefixes of partitions are hashes: among so many every first byte occurs, 0 too, and an export once began behind it.
test('an export holds every row, whatever byte its hashed key begins with', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-every-'));
  const options = { secret: { passphrase: 'x' }, kdfCost: { passes: 1, memoryKib: 8 } };
  const bytes = { encode: (value: Uint8Array) => value, decode: (value: Uint8Array) => value };
  const table = namedTable('every', bytes);
  const partitions = Array.from({ length: 3_000 }, (_, i) => `partition ${String(i)}`);
  const from = await openVault({ ...options, location: join(folder, 'from') });
  await from.transact(async (tx) => {
    for (const partition of partitions)
      await table.put(tx, { partition, key: 'row', value: Uint8Array.of(1) });
  });
  const to = await openVault({ ...options, location: join(folder, 'to') });
  await to.importRecords(from.exportRecords('y', { kdfCost: options.kdfCost }), 'y');
  await to.read(async (view) => {
    for (const partition of partitions)
      expect(await table.get(view, partition, 'row')).toEqual(Uint8Array.of(1));
  });
  await from.close();
  await to.close();
  rmSync(folder, { recursive: true });
}, 20_000);
