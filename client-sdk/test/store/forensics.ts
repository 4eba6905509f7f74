// What an examiner with the passphrase could do: carve every ciphertext out of LevelDB's files (logs and tables,
// deleted rows included) and try every key that can still be had from the key file. Shares the format with the
// store, and nothing of its lookup.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asKey,
  concatBytes,
  deriveKey,
  type HashKey,
  keyedHash,
  NONCE_BYTES,
  ready,
  type SealKey,
  tryOpen,
  tryOpenWithNonce,
  utf8,
} from '../../src/crypto/index.ts';
import { readWrappedRoot, unwrapRoot } from '../../src/store/header.ts';
import { logRecords } from '../../src/store/leveldb-check-node.ts';
import { filesOf } from './fixture.ts';

/** Any key that might open a row: each subset of the tree that the file still allows. */
export type Keys = Map<string, SealKey>;

/** The master key, and every secret that the key file still has. */
export async function remainingSecrets(
  location: string,
  passphrase: string,
): Promise<{ master: HashKey; secrets: readonly Uint8Array[] }> {
  await ready();
  const header = new Uint8Array(await readFile(join(location, 'sotto-header')));
  const { master, vaultId } = await unwrapRoot(readWrappedRoot(header), { passphrase });
  const file = new Uint8Array(await readFile(join(location, 'sotto-keys')));
  const slotKey = deriveKey(master, 'seal', 'key-file');
  const found: Uint8Array[] = [];
  for (let index = 2; index < file.length / 128; index++) {
    const place = new Uint8Array(4);
    new DataView(place.buffer).setUint32(0, index);
    const associated = concatBytes(utf8('sotto.v1.key-slot'), vaultId, place);
    const content = tryOpen(slotKey, file.subarray(index * 128, index * 128 + 80), associated);
    if (content !== undefined) found.push(content);
  }
  return { master, secrets: found };
}

/** Every key obtainable from header, key file and passphrase: all chains of up to three keys. */
export async function keyring(location: string, passphrase: string): Promise<Keys> {
  const { master, secrets: found } = await remainingSecrets(location, passphrase);
  const keys: Keys = new Map([['own', deriveKey(master, 'seal', 'rows')]]);
  const extend = (above: Uint8Array, name: string, depth: number): void => {
    for (const [index, content] of found.entries()) {
      const treeKey = asKey('hash', keyedHash(asKey('hash', above), content));
      keys.set(`${name}/${String(index)}`, deriveKey(treeKey, 'seal', 'rows'));
      // Trying all pairs and triples of hundreds of keys would take minutes.
      if (depth < 3 && found.length < 30) extend(treeKey, `${name}/${String(index)}`, depth + 1);
    }
  };
  extend(deriveKey(master, 'hash', 'key-tree'), '', 1);
  return keys;
}

export interface Rows {
  readonly pairs: readonly { key: Uint8Array; row: Uint8Array }[];
  readonly keysBefore: Keys;
}

/** All versions of all rows in logs, and all bytes of tables, with the keys of this moment. */
export async function remainingRows(location: string, passphrase = 'correct horse'): Promise<Rows> {
  return { pairs: await carvedRows(location), keysBefore: await keyring(location, passphrase) };
}

/** All versions of all rows in logs, and all bytes of tables. */
export async function carvedRows(location: string): Promise<Rows['pairs']> {
  const pairs: { key: Uint8Array; row: Uint8Array }[] = [];
  for (const [name, buffer] of await filesOf(join(location, 'sotto-rows'))) {
    // libsodium takes only the realm's own arrays.
    const bytes = new Uint8Array(buffer);
    if (name.endsWith('.log')) for (const { payload } of logRecords(bytes)) pairs.push(...batchPuts(payload));
    if (/\.(ldb|sst)$/.test(name)) pairs.push(...tablePuts(bytes));
  }
  return pairs;
}

/** Which of these texts stand in a row that one of the keys opens. */
export function openableWith({ pairs }: Rows, keys: Keys, texts: readonly string[]): string[] {
  const opened: string[] = [];
  for (const { key, row } of pairs) {
    for (const candidate of keys.values()) {
      const nonce = row.subarray(0, NONCE_BYTES);
      const plaintext = tryOpenWithNonce({
        key: candidate,
        nonce,
        ciphertext: row.subarray(NONCE_BYTES + 8),
        associated: key,
      });
      if (plaintext !== undefined) opened.push(Buffer.from(plaintext).toString('latin1'));
    }
  }
  return texts.filter((text) => opened.some((each) => each.includes(text)));
}

/** Puts of a LevelDB write batch: sequence 8, count 4, then type 1, key, value. */
function batchPuts(batch: Uint8Array): { key: Uint8Array; row: Uint8Array }[] {
  const puts: { key: Uint8Array; row: Uint8Array }[] = [];
  let at = 12;
  const slice = (): Uint8Array => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = batch[at++] ?? 0;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += length;
    return batch.slice(at - length, at);
  };
  while (at < batch.length) {
    const type = batch[at++];
    const key = slice();
    if (type === 1) puts.push({ key, row: slice() });
  }
  return puts;
}

/** Entries of a table's data blocks, which start at offset 0: shared, unshared, value length, key rest, value. */
function tablePuts(table: Uint8Array): { key: Uint8Array; row: Uint8Array }[] {
  const puts: { key: Uint8Array; row: Uint8Array }[] = [];
  let key = new Uint8Array(0);
  for (let at = 0; at + 3 < table.length;) {
    const start = at;
    const read = (): number => {
      let value = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = table[at++] ?? 0;
        value |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      return value;
    };
    const [shared, rest, size] = [read(), read(), read()];
    const plausible =
      shared <= key.length && [9, 24, 32, 40].includes(shared + rest) && at + rest + size <= table.length;
    if (!plausible) {
      at = start + 1;
      key = shared === 0 ? new Uint8Array(0) : key;
      continue;
    }
    key = new Uint8Array(concatBytes(key.subarray(0, shared), table.subarray(at, at + rest)));
    at += rest;
    puts.push({ key: key.slice(0, -8), row: table.slice(at, at + size) });
    at += size;
  }
  return puts;
}
