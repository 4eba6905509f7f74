// One transaction: its writes kept in memory over the committed rows, then handed over as one batch.
// It changes nothing itself: the vault commits what `changes()` answers and then tells the key ring.
import { SottoError } from '../errors.ts';
import type { KeySlot } from './key-file.ts';
import { parentPath, pathsDownTo, pathText, type TreeKey } from './key-ring.ts';
import type { Place, RowOperation } from './place.ts';
import { SerialQueue } from './queue.ts';
import { decodeRecord, encodeRecord, keyText } from './record-key.ts';
import type { RowKey } from './row-seal.ts';
import { DIRECTORY_TABLE, directoryRow, type Session } from './session.ts';
import type { KeyPath, PutOptions, RawRecord, RecordAddress, ScanOptions, Transaction } from './vault.ts';
import { openRow, ringLookup } from './view.ts';

type Pending =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly record: Uint8Array; readonly under: RowKey }
  | { readonly type: 'del'; readonly key: Uint8Array };

/** What a finished transaction asks for. */
export interface Changes {
  readonly operations: RowOperation[];
  readonly added: readonly TreeKey[];
  readonly removed: readonly TreeKey[];
}

export class OpenTransaction implements Transaction {
  readonly #place: Place;
  readonly #session: Session;
  readonly #pending = new Map<string, Pending>();
  readonly #added = new Map<string, TreeKey>();
  readonly #addedBySerial = new Map<string, TreeKey>();
  readonly #removed = new Map<string, TreeKey>();
  readonly #dead = new Set<RowKey>();
  readonly #taken: KeySlot[] = [];
  readonly #keyQueue = new SerialQueue();

  constructor(place: Place, session: Session) {
    this.#place = place;
    this.#session = session;
  }

  async getRaw({ table, partition, key }: RecordAddress): Promise<Uint8Array | undefined> {
    const recordKey = this.#session.names.of(table, partition, key);
    const pending = this.#pending.get(keyText(recordKey));
    if (pending !== undefined) return this.#recordOf(pending)?.value;
    const row = await this.#place.rows.get(recordKey);
    return row && openRow(this.#session, recordKey, row, this.#lookup)?.value;
  }

  async *scanRaw(
    range: { table: string; partition: string; ordered: boolean },
    options: ScanOptions<string | number> = {},
  ): AsyncIterableIterator<RawRecord> {
    let left = options.limit ?? Infinity;
    if (left <= 0) return;
    for await (const { pending, recordKey, row } of this.#merged(range, options)) {
      options.signal?.throwIfAborted();
      const record = pending
        ? this.#recordOf(pending)
        : row && openRow(this.#session, recordKey, row, this.#lookup);
      if (record === undefined) continue;
      yield record;
      if (--left <= 0) return;
    }
  }

  async putRaw(address: RecordAddress, value: Uint8Array, options: PutOptions = {}): Promise<void> {
    const recordKey = this.#session.names.of(address.table, address.partition, address.key);
    const record = encodeRecord(address.key, value);
    const under = options.under === undefined ? this.#session.seals.own : await this.#keyAt(options.under);
    this.#pending.set(keyText(recordKey), { type: 'put', key: recordKey, record, under });
  }

  delRaw({ table, partition, key }: RecordAddress): void {
    this.#delete(this.#session.names.of(table, partition, key));
  }

  async clear(table: { readonly name: string }, partition: string): Promise<number> {
    let count = 0;
    for (const ordered of [true, false]) {
      const range = { table: table.name, partition, ordered };
      for await (const { pending, recordKey, row } of this.#merged(range, {})) {
        const there = pending ? pending.type === 'put' : row !== undefined;
        if (!there) continue;
        this.#delete(recordKey);
        count++;
      }
    }
    return count;
  }

  eraseKey(path: KeyPath): void {
    const text = pathText(path);
    for (const key of this.#session.ring.subtree(text)) {
      if (!this.#dead.has(key)) this.#remove(key);
    }
    for (const key of [...this.#added.values()]) {
      if (pathsDownTo(key.path).includes(text)) this.#remove(key);
    }
  }

  async renewKey(
    path: KeyPath,
    ranges: readonly {
      table: { readonly name: string };
      partition: string;
      after?: number;
      before?: number;
    }[],
  ): Promise<void> {
    const text = pathText(path);
    const old = this.#key(text);
    if (old === undefined) return;
    if (this.childKeys(path).length > 0) throw new SottoError('STORE_BAD_NAME');
    const kept: { key: Uint8Array; record: Uint8Array }[] = [];
    for (const { table, partition, after, before } of ranges) {
      const bounds = { ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
      const bounded = after !== undefined || before !== undefined;
      for (const ordered of bounded ? [true] : [true, false]) {
        for await (const { pending, recordKey, row } of this.#merged(
          { table: table.name, partition, ordered },
          bounds,
        )) {
          if (pending?.type === 'put' && pending.under === old) kept.push(pending);
          if (pending !== undefined || row === undefined) continue;
          if (this.#session.seals.serialOf(row) !== old.serial) continue;
          kept.push({ key: recordKey, record: this.#session.seals.open(recordKey, row, old.sealKey) });
        }
      }
    }
    this.#remove(old);
    const under = await this.#keyAt(path);
    for (const { key, record } of kept) this.#pending.set(keyText(key), { type: 'put', key, record, under });
  }

  childKeys(path: KeyPath): string[] {
    const above = path.length === 0 ? '' : pathText(path);
    const children = new Set(
      this.#session.ring.childrenOf(above).filter((child) => !this.#removed.has(child)),
    );
    for (const { path: child } of this.#added.values()) {
      if ((parentPath(child) ?? '') === above) children.add(child);
    }
    return [...children].map((child) => child.slice(above === '' ? 0 : above.length + 1));
  }

  /** The batch, sealed, and what becomes of the keys. */
  changes(): Changes {
    const session = this.#session;
    const operations: RowOperation[] = [];
    for (const pending of this.#pending.values()) {
      const { key } = pending;
      if (pending.type === 'put' && this.#isAlive(pending.under)) {
        const value = session.seals.seal(key, pending.record, pending.under);
        operations.push({ type: 'put', key, value });
      } else {
        operations.push({ type: 'del', key });
      }
    }
    for (const path of this.#removed.keys()) {
      if (this.#added.has(path)) continue;
      operations.push({ type: 'del', key: session.names.of(DIRECTORY_TABLE, '', path) });
    }
    for (const { path, serial } of this.#added.values()) operations.push(directoryRow(session, path, serial));
    return { operations, added: [...this.#added.values()], removed: [...this.#removed.values()] };
  }

  /** Keys taken from the key file that the transaction does not use: all of them where it fails. */
  unused(committed: boolean): KeySlot[] {
    if (!committed) return this.#taken;
    const used = new Set([...this.#added.values()].map(({ slot }) => slot));
    return this.#taken.filter((slot) => !used.has(slot));
  }

  readonly #lookup = (serial: string): RowKey | undefined => {
    const key = ringLookup(this.#session)(serial) ?? this.#addedBySerial.get(serial);
    return key !== undefined && this.#isAlive(key) ? key : undefined;
  };

  #isAlive(key: RowKey): boolean {
    return !this.#dead.has(key);
  }

  #recordOf(pending: Pending): RawRecord | undefined {
    if (pending.type === 'del' || !this.#isAlive(pending.under)) return undefined;
    return decodeRecord(pending.key, pending.record);
  }

  #delete(key: Uint8Array): void {
    this.#pending.set(keyText(key), { type: 'del', key });
  }

  #key(path: string): TreeKey | undefined {
    const added = this.#added.get(path);
    if (added !== undefined || this.#removed.has(path)) return added;
    return this.#session.ring.get(path);
  }

  /** One at a time: two puts under one new path must find the same key. */
  #keyAt(path: KeyPath): Promise<TreeKey> {
    return this.#keyQueue.run(() => this.#makeKeys(path));
  }

  async #makeKeys(path: KeyPath): Promise<TreeKey> {
    let parent: TreeKey | undefined;
    for (const step of pathsDownTo(pathText(path))) {
      let key = this.#key(step);
      if (key === undefined) {
        const slot = await this.#session.keyFile.take();
        this.#taken.push(slot);
        key = this.#session.ring.derive(step, slot, parent);
        this.#added.set(step, key);
        this.#addedBySerial.set(key.serial, key);
      }
      parent = key;
    }
    if (parent === undefined) throw new SottoError('STORE_BAD_NAME');
    return parent;
  }

  #remove(key: TreeKey): void {
    this.#dead.add(key);
    if (this.#added.get(key.path) === key) {
      this.#added.delete(key.path);
      this.#addedBySerial.delete(key.serial);
    } else {
      this.#removed.set(key.path, key);
    }
  }

  /** Committed rows and own writes of a range in order; own writes hide the rows below them. */
  async *#merged(
    range: { table: string; partition: string; ordered: boolean },
    options: Pick<ScanOptions<string | number>, 'after' | 'before' | 'reverse'>,
  ): AsyncIterableIterator<{ recordKey: Uint8Array; pending?: Pending; row?: Uint8Array }> {
    const bounds = this.#session.names.range(range, options);
    const direction = bounds.reverse === true ? -1 : 1;
    const [from, to] = [keyText(bounds.from), keyText(bounds.to)];
    const own = [...this.#pending].filter(([text]) => text >= from && text < to);
    own.sort(([a], [b]) => (a < b ? -direction : direction));
    let next = own.shift();
    for await (const page of this.#place.rows.scan(bounds)) {
      for (const [recordKey, row] of page) {
        const text = keyText(recordKey);
        while (next !== undefined && (direction === 1 ? next[0] < text : next[0] > text)) {
          yield { recordKey: next[1].key, pending: next[1] };
          next = own.shift();
        }
        if (next?.[0] === text) {
          yield { recordKey, pending: next[1] };
          next = own.shift();
        } else {
          yield { recordKey, row };
        }
      }
    }
    for (; next !== undefined; next = own.shift()) yield { recordKey: next[1].key, pending: next[1] };
  }
}
