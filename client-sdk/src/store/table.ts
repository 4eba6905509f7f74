// Typed collections on the vault's raw records. A codec turns values into bytes; sealing happens below this.
// Named tables find a record by a text key; ordered tables by a number and scan in its order.
import type { Partition, PutOptions, ReadView, ScanOptions, Transaction } from './vault.ts';

/** Bytes ↔ value. `decode(encode(x))` equals x; `decode` throws on what it doesn't know. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

export interface Entry<K extends string | number, T> {
  readonly key: K;
  readonly value: T;
}

/** A typed collection. Stateless: make one at module level and use it with any vault. */
export interface Table<K extends string | number, T> {
  readonly name: string;
  get(view: ReadView, partition: Partition, key: K): Promise<T | undefined>;
  put(
    tx: Transaction,
    entry: { partition: Partition; key: K; value: T },
    options?: PutOptions,
  ): Promise<void>;
  del(tx: Transaction, partition: Partition, key: K): void;
  scan(view: ReadView, partition: Partition, options?: ScanOptions<K>): AsyncIterableIterator<Entry<K, T>>;
}

/** A table whose keys are texts (ids, names). They are hashed on disk; a scan runs in no meaningful order. */
export function namedTable<T>(name: string, codec: Codec<T>): Table<string, T> {
  return makeTable<string, T>(name, codec, false);
}

/**
 * A table whose keys are safe integers ≥ 0 and which scans in their order. The number itself is readable on disk
 * (nothing else is): count from 0 or 1 per partition, don't use times.
 */
export function orderedTable<T>(name: string, codec: Codec<T>): Table<number, T> {
  return makeTable<number, T>(name, codec, true);
}

function makeTable<K extends string | number, T>(
  name: string,
  codec: Codec<T>,
  ordered: boolean,
): Table<K, T> {
  return {
    name,
    async get(view, partition, key) {
      const bytes = await view.getRaw({ table: name, partition, key });
      return bytes === undefined ? undefined : codec.decode(bytes);
    },
    put(tx, { partition, key, value }, options) {
      return tx.putRaw({ table: name, partition, key }, codec.encode(value), options);
    },
    del(tx, partition, key) {
      tx.delRaw({ table: name, partition, key });
    },
    async *scan(view, partition, options) {
      for await (const record of view.scanRaw({ table: name, partition, ordered }, options)) {
        yield { key: record.key as K, value: codec.decode(record.value) };
      }
    },
  };
}
