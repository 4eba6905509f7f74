// What the SDK sees of its store: one encrypted vault, serial transactions, and keys that can be erased.
// Types only; `openVault` makes one. Tables (`table.ts`) give records names and types on top of this.
import type { Argon2idCost } from '../crypto/index.ts';

/** Splits a table into ranges that are scanned or cleared alone, such as one conversation. Never readable on disk. */
export type Partition = string;

/**
 * Where an erasable key stands in the tree of keys, from the root down, such as
 * `['persona/3f', 'conversation/81', 'day/20780']`. What is sealed under a path can be opened only while every
 * key on the path exists: erasing one key erases all below it.
 */
export type KeyPath = readonly string[];

/** Orders and bounds a scan. Ordered tables run by their number; named tables in no meaningful, but a fixed, order. */
export interface ScanOptions<K extends string | number> {
  /** Only keys behind this one (exclusive). */
  readonly after?: K;
  /** Only keys before this one (exclusive). */
  readonly before?: K;
  readonly limit?: number;
  /** From the last to the first. */
  readonly reverse?: boolean;
  /** Ends the scan with the signal's reason between two rows. */
  readonly signal?: AbortSignal;
}

/** One raw record address. Tables make these; others have no need to. */
export interface RecordAddress {
  readonly table: string;
  readonly partition: Partition;
  readonly key: string | number;
}

/** A raw record as a scan yields it. */
export interface RawRecord {
  readonly key: string | number;
  readonly value: Uint8Array;
}

/** Reads committed state; inside a transaction also that transaction's own writes. Use it through a `Table`. */
export interface ReadView {
  /** @returns undefined where there is none, or where its erasable key was erased. */
  getRaw(address: RecordAddress): Promise<Uint8Array | undefined>;
  scanRaw(
    range: { readonly table: string; readonly partition: Partition; readonly ordered: boolean },
    options?: ScanOptions<string | number>,
  ): AsyncIterableIterator<RawRecord>;
}

/** Where a record is sealed. Without `under` it opens as long as the vault does. */
export interface PutOptions {
  /** The erasable key that seals it; made, durably and before anything uses it, where it doesn't exist yet. */
  readonly under?: KeyPath;
}

/**
 * One all-or-nothing step. Valid until its function settles; using it later throws STORE_TRANSACTION_OVER.
 * Never start `vault.transact` inside a transaction: it would wait for itself.
 */
export interface Transaction extends ReadView {
  putRaw(address: RecordAddress, value: Uint8Array, options?: PutOptions): Promise<void>;
  delRaw(address: RecordAddress): void;
  /** Deletes every record of one partition of a table. @returns how many. */
  clear(table: { readonly name: string }, partition: Partition): Promise<number>;
  /**
   * Erases the key at this path and all below it, once the transaction is durable. Records sealed under them are
   * gone from then on, whatever copies of their ciphertext LevelDB's files still hold; delete the rows too, so that
   * they don't take space. No-op where there is no such key.
   */
  eraseKey(path: KeyPath): void;
  /**
   * Makes deleted records under a shared key unreadable while their neighbours live on: seals the records of these
   * partitions that stand under the key at `path` anew under a fresh key of the same path and erases the old one.
   * Name every partition in which the key was used; what it sealed elsewhere is lost.
   */
  renewKey(
    path: KeyPath,
    ranges: readonly {
      readonly table: { readonly name: string };
      readonly partition: Partition;
      readonly after?: number;
      readonly before?: number;
    }[],
  ): Promise<void>;
  /** The names of the keys directly below this path (`[]`: the roots), in no order. */
  childKeys(path: KeyPath): string[];
}

/** What opens the vault: a passphrase (normalised to NFC), or the content of a key file. */
export type VaultSecret = { readonly passphrase: string } | { readonly keyFile: Uint8Array };

export interface VaultOptions {
  /** Node: a folder of its own, made when missing. Browser: a name for the database. */
  readonly location: string;
  /** Required on Node. In a browser without one the vault stops nobody who can read the browser's profile. */
  readonly secret?: VaultSecret;
  /** Called once when this process or tab lost the vault to another; every later call throws STORE_FENCED. */
  readonly onLost?: () => void;
  /** Cost of deriving the key when the vault is made or its passphrase changed. Tests lower it. */
  readonly kdfCost?: Argon2idCost;
  /** Browser: take the vault from another tab instead of failing with STORE_IN_USE. */
  readonly takeOver?: boolean;
  /**
   * Browser: notes outside IndexedDB that a store exists, so that its eviction is noticed (STORE_LOST) and not taken
   * for a first visit. Without it localStorage is used, which workers don't have: pass one there.
   */
  readonly marker?: PresenceMarker;
}

/** One remembered bit in storage that is evicted apart from the store's. */
export interface PresenceMarker {
  isSet(): Promise<boolean>;
  set(): Promise<void>;
  clear(): Promise<void>;
}

export type VaultState = 'open' | 'locked' | 'fenced' | 'closed' | 'wiped';

/** The encrypted local store of one profile. All methods throw STORE_CLOSED, STORE_FENCED or STORE_WIPED once that holds. */
export interface Vault {
  readonly state: VaultState;
  /** 16 random bytes of this very vault, new with each import; never leaves the device. */
  readonly vaultId: Uint8Array;
  /**
   * True where a part of the store is older than another part says it should be (one was restored from a copy).
   * Ratchet states may then have been used already: start every session anew before sending, then `acceptRewind()`.
   * A copy of the whole folder can't be noticed here: the relay's last sequence number tells that.
   */
  readonly rewound: boolean;
  /** True where the records came by `importRecords` and `acceptImport()` has not been called: sessions start anew. */
  readonly imported: boolean;

  /**
   * Runs `work` alone (transactions queue) and then writes all its changes in one durable, atomic step.
   * If `work` throws, or the write fails, nothing is changed. Resolves with work's result once on disk.
   * @throws SottoError STORE_LOCKED, STORE_FENCED, STORE_FULL (nothing applied, works again when space is back),
   *   STORE_CORRUPT
   */
  transact<R>(work: (tx: Transaction) => Promise<R>): Promise<R>;
  /** Reads without waiting for transactions; each single get or scan sees one committed state. */
  read<R>(work: (view: ReadView) => Promise<R>): Promise<R>;

  /** Waits for the running transaction, then wipes every key from memory. The place stays held. */
  lock(): Promise<void>;
  /** @throws SottoError STORE_PASSPHRASE */
  unlock(secret?: VaultSecret): Promise<void>;
  /** @throws SottoError STORE_PASSPHRASE where `current` is wrong; nothing has changed then. */
  changeSecret(change: { readonly current?: VaultSecret; readonly next?: VaultSecret }): Promise<void>;

  /** Clears `rewound`, durably. Call it when every session was set to start anew. */
  acceptRewind(): Promise<void>;
  /** Clears `imported`, durably. */
  acceptImport(): Promise<void>;

  /**
   * All records and the tree of keys as one sealed stream under its own passphrase: chunks of at most 64 KiB.
   * Sees one state: transactions wait until the stream is consumed or returned.
   */
  exportRecords(
    passphrase: string,
    options?: { readonly kdfCost?: Argon2idCost },
  ): AsyncIterableIterator<Uint8Array>;
  /**
   * Fills this vault, which must hold no records, from an export; sets `imported`. All or nothing.
   * @throws SottoError STORE_PASSPHRASE, EXPORT_DAMAGED (also cut short, reordered or not an export),
   *   STORE_NOT_EMPTY
   */
  importRecords(stream: AsyncIterable<Uint8Array>, passphrase: string): Promise<void>;

  /** Drops rows whose key was erased and has LevelDB rewrite its files. For quiet moments; not needed for secrecy. */
  tidy(): Promise<void>;
  /** Ends the running transaction, then frees the place. Idempotent. */
  close(): Promise<void>;
  /** Overwrites the keys first, then removes the files. Idempotent; works while locked or fenced. */
  wipe(): Promise<void>;
}
