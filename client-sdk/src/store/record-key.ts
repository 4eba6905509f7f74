// From a record's address to its key on disk and back to bounds of a scan: docs/store-format.md section 4.
// Hashes hide table, partition and name; only an ordered table's number stays readable, because order needs it.
import { asKey, concatBytes, fromUtf8, type HashKey, keyedHash, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { RowRange } from './place.ts';
import type { ScanOptions } from './vault.ts';

const PREFIX_BYTES = 16;
const NAME_HASH_BYTES = 16;
const ORDER_BYTES = 8;
const LENGTHS_BYTES = 6;
/** Rows are padded to multiples of this, so that sizes on disk tell little. */
const PADDING_BYTES = 64;
const MAX_NAME_BYTES = 65_535;

/** Hashes addresses under one vault's key for names. */
export class RecordKeys {
  readonly #key: HashKey;
  readonly #prefixes = new Map<string, Uint8Array>();

  constructor(nameKey: Uint8Array) {
    this.#key = asKey('hash', nameKey);
  }

  /** The 16 bytes with which all keys of one partition of a table begin. */
  prefix(table: string, partition: string, ordered: boolean): Uint8Array {
    const name = `${ordered ? 'ordered' : 'named'}\0${checkedName(table)}\0${partition}`;
    let prefix = this.#prefixes.get(name);
    if (prefix === undefined) {
      prefix = keyedHash(this.#key, utf8(name), PREFIX_BYTES);
      // Conversations are few beside messages; the bound only keeps a strange caller from filling memory.
      if (this.#prefixes.size > 4_096) this.#prefixes.clear();
      this.#prefixes.set(name, prefix);
    }
    return prefix;
  }

  of(table: string, partition: string, key: string | number): Uint8Array {
    return this.#under(this.prefix(table, partition, typeof key === 'number'), key);
  }

  /** @throws SottoError STORE_BAD_NAME for keys that the table can't have. */
  range(
    at: { table: string; partition: string; ordered: boolean },
    options: Pick<ScanOptions<string | number>, 'after' | 'before' | 'reverse'> = {},
  ): RowRange {
    const prefix = this.prefix(at.table, at.partition, at.ordered);
    // One zero byte behind a key is the least key above it.
    const from =
      options.after === undefined
        ? prefix
        : concatBytes(this.#under(prefix, options.after), Uint8Array.of(0));
    const to = options.before === undefined ? endOf(prefix) : this.#under(prefix, options.before);
    return { from, to, reverse: options.reverse ?? false };
  }

  #under(prefix: Uint8Array, key: string | number): Uint8Array {
    if (typeof key === 'string') {
      const name = utf8(key);
      if (name.length > MAX_NAME_BYTES) throw new SottoError('STORE_BAD_NAME');
      return concatBytes(prefix, keyedHash(this.#key, concatBytes(prefix, name), NAME_HASH_BYTES));
    }
    if (!Number.isSafeInteger(key) || key < 0) throw new SottoError('STORE_BAD_NAME');
    const order = new Uint8Array(ORDER_BYTES);
    new DataView(order.buffer).setBigUint64(0, BigInt(key));
    return concatBytes(prefix, order);
  }
}

/** Key and value as they stand inside a sealed row: lengths, name, value, zeros. */
export function encodeRecord(key: string | number, value: Uint8Array): Uint8Array {
  const name = typeof key === 'string' ? utf8(key) : new Uint8Array(0);
  const length = LENGTHS_BYTES + name.length + value.length;
  const record = new Uint8Array(Math.ceil(length / PADDING_BYTES) * PADDING_BYTES);
  const view = new DataView(record.buffer);
  view.setUint16(0, name.length);
  view.setUint32(2, value.length);
  record.set(name, LENGTHS_BYTES);
  record.set(value, LENGTHS_BYTES + name.length);
  return record;
}

/** @throws SottoError STORE_CORRUPT */
export function decodeRecord(
  recordKey: Uint8Array,
  record: Uint8Array,
): { key: string | number; value: Uint8Array } {
  if (record.length < LENGTHS_BYTES) throw new SottoError('STORE_CORRUPT');
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const valueAt = LENGTHS_BYTES + view.getUint16(0);
  const end = valueAt + view.getUint32(2);
  if (end > record.length) throw new SottoError('STORE_CORRUPT');
  const value = record.subarray(valueAt, end);
  if (recordKey.length === PREFIX_BYTES + NAME_HASH_BYTES) {
    return { key: fromUtf8(record.subarray(LENGTHS_BYTES, valueAt)), value };
  }
  if (recordKey.length !== PREFIX_BYTES + ORDER_BYTES) throw new SottoError('STORE_CORRUPT');
  const order = new DataView(recordKey.buffer, recordKey.byteOffset).getBigUint64(PREFIX_BYTES);
  return { key: Number(order), value };
}

/** Record keys as map keys whose order is the bytes' order. */
export function keyText(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

function checkedName(table: string): string {
  if (table.length === 0) throw new SottoError('STORE_BAD_NAME');
  return table;
}

/** The least prefix above this one. */
function endOf(prefix: Uint8Array): Uint8Array {
  const end = prefix.slice();
  for (let i = end.length - 1; i >= 0; i--) {
    end[i] = ((end[i] ?? 0) + 1) & 0xff;
    if (end[i] !== 0) return end;
  }
  return new Uint8Array(64).fill(0xff);
}
