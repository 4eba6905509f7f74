// All that rests in the relay's embedded store, decoded by the store's own code in a process of its own (packages don't
// import the relay): every channel with every field that it was restored with, every entry, every block opened with the
// keys that lie beside it. Nothing is picked by name, so that a field added tomorrow is here too.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** One append of a channel, as it rests. */
export interface StoredEntry {
  readonly sequence: number;
  /** The fields that the entry has, by name; byte strings as hex. */
  readonly entry: Readonly<Record<string, string | number | boolean>>;
  /** What its row holds; absent once it is gone. */
  readonly row?: { readonly commitment: string; readonly appendId: string; readonly block: string };
}

export interface StoredChannel {
  /** Fields of the channel's record, by name; byte strings as hex. */
  readonly record: Readonly<Record<string, unknown>>;
  readonly policy: string;
  readonly maxBlocks: number;
  readonly readHash: string;
  readonly writeHash: string;
  readonly entries: readonly StoredEntry[];
  /** Bytes of the slot's blocks. */
  readonly slots: readonly StoredEntry['row'][];
}

export interface StoredTables {
  readonly channels: readonly StoredChannel[];
  /** How many records each table of the store holds. */
  readonly sizes: Readonly<Record<string, number>>;
}

const READER = `
import { writeFileSync } from 'node:fs';
import { openEmbeddedStore } from './src/store/embedded/index.ts';
import { expiryDay, openRow } from './src/store/embedded/resident.ts';
const [dir, out] = process.argv.slice(2);
const store = await openEmbeddedStore({ dir, checkpointMs: 3600000, sweepIntervalMs: 3600000 });
const { tables, cache, keys } = store.engine;
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const plain = (value) => {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return plain([...value]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string') return /^[a-z-]*$/.test(value) ? value : hex(Buffer.from(value, 'latin1'));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return value;
};
const opened = (channel, at) => {
  const row = tables.row(at.expiryMinute, at.rowCounter);
  const found = row === undefined ? undefined : openRow(row, keys, { tag: channel.tag, ...at });
  return found === undefined ? undefined : plain(found);
};
const channels = [];
for (const tag of tables.channels.getKeys()) {
  const channel = cache.tagged(Buffer.from(tag));
  // In memory only, for this process: nothing of them is on the disk.
  const { ref, entries, residents, leases, watchers, used, dirty, readId, writeId, ...record } = channel;
  const list = [];
  for (let sequence = 1; sequence <= channel.head; sequence++) {
    const entry = entries.describe(sequence);
    const rowCounter = entry.rowKey.readUIntBE(4, 6);
    const row = entries.isLive(sequence)
      ? opened(channel, { sequence, slot: false, expiryMinute: entry.expiryMinute, rowCounter }) : undefined;
    list.push({ sequence, entry: plain(entry), ...(row === undefined ? {} : { row }) });
  }
  const slots = channel.slots.map(({ sequence, expiryMinute, rowCounter }) =>
    opened(channel, { sequence, slot: true, expiryMinute, rowCounter }));
  channels.push({
    record: { ...plain(record), leases: plain([...leases]) },
    policy: channel.policy, maxBlocks: channel.maxBlocks,
    readHash: hex(Buffer.from(channel.readHash, 'latin1')),
    writeHash: hex(Buffer.from(channel.writeHash, 'latin1')),
    entries: list, slots,
  });
}
const count = (table) => table.getStats().entryCount;
const sizes = Object.fromEntries(
  ['channels', 'ids', 'chunks', 'rows', 'meta'].map((name) => [name, count(tables[name])]));
// A channel is found by a keyed hash of its id.
const hashes = Object.fromEntries(process.argv.slice(4).map((id) => [id, hex(cache.hash(id))]));
writeFileSync(out, JSON.stringify({ channels, sizes, hashes }));
await store.close();
process.exit(0);
`;

/**
 * Reads the store of a relay that is down.
 * @param ids - channel ids of which the store's hash is wanted.
 */
export async function readStore(
  data: string,
  ids: readonly Uint8Array[],
): Promise<StoredTables & { readonly hashOf: (id: Uint8Array) => string | undefined }> {
  const bundle = join(root, '.cache', `store-reader-${String(process.pid)}.mjs`);
  const out = join(data, '..', 'store.json');
  await build({
    stdin: { contents: READER, resolveDir: join(root, 'relay'), loader: 'ts' },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['sotto-source'],
    packages: 'external',
    alias: { '@sotto/wire': join(root, 'packages/wire/src/index.ts') },
    logLevel: 'silent',
  });
  try {
    const wanted = ids.map((id) => Buffer.from(id).toString('hex'));
    execFileSync(process.execPath, [bundle, data, out, ...wanted], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const read = JSON.parse(readFileSync(out, 'utf8')) as StoredTables & { hashes: Record<string, string> };
    return { ...read, hashOf: (id) => read.hashes[Buffer.from(id).toString('hex')] };
  } finally {
    rmSync(bundle, { force: true });
    rmSync(out, { force: true });
  }
}
