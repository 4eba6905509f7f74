// What the relay asks of a store, whichever it is: every rule of a channel that must hold atomically lives behind
// this interface (docs/protocol.md, "Channels"). Adapters: embedded/ (LMDB), later redis/. One conformance suite
// runs over all of them. Not its concern: connections, credit, signatures, padding.

import type { Policy, Reason, Right, Securing } from '@sotto/wire';

/** 24 bytes as a hex string of 48: the readId or writeId. Only ever a map key; never logged. */
export type ChannelId = string & { readonly brand: 'ChannelId' };

/** The store's own name of a channel: opaque, valid while the process lives; not derived from the ids. */
export type ChannelRef = number & { readonly brand: 'ChannelRef' };

/** Everything that creation fixes, and the first keys. Keys are 32 bytes. */
export interface ChannelSpec {
  readonly readId: ChannelId;
  readonly writeId: ChannelId;
  readonly policy: Policy;
  readonly securing: Securing;
  readonly ttlSeconds: number;
  readonly ownerKey: Uint8Array;
  readonly readerKey: Uint8Array;
  readonly writerKey: Uint8Array;
  readonly joinerKey?: Uint8Array;
  /** The channel whose quota this log counts against, and for how many blocks. */
  readonly spill?: { readonly against: ChannelRef; readonly blocks: number };
}

/** What a proved key may do. `until`: a log reader whose key was replaced reads up to and including this sequence. */
export interface Grant {
  readonly channel: ChannelRef;
  readonly policy: Policy;
  readonly right: Right;
  readonly generation: number;
  /** The key was replaced. Writer: only repeats are answered. Log reader: see `until`. Others are refused. */
  readonly superseded: boolean;
  readonly until?: number;
  readonly incarnation: Uint8Array;
  readonly lastSequence: number;
  readonly orderedSequence: number;
}

export interface KeyChange {
  readonly ownerKey?: Uint8Array | undefined;
  readonly readerKey?: Uint8Array | undefined;
  readonly writerKey?: Uint8Array | undefined;
  readonly joinerKey?: Uint8Array | undefined;
}

export interface AppendRequest {
  readonly appendId: Uint8Array;
  readonly block: Uint8Array;
  readonly commitment: Uint8Array;
  readonly ordered?: { readonly expect: number; readonly change?: KeyChange | undefined } | undefined;
}

/**
 * The decision on an append; its order in the channel is fixed from here on. `durable` settles when it can no longer
 * be lost: only then may the client hear `appended`.
 */
export interface Accepted {
  readonly sequence: number;
  readonly duplicate: boolean;
  readonly keptUntil: number;
  readonly durable: Promise<void>;
}

export interface StoredBlock {
  readonly sequence: number;
  readonly appendId: Uint8Array;
  readonly block: Uint8Array;
  readonly commitment: Uint8Array;
  readonly ordered: boolean;
  /** Unix hours of acceptance: what the stamp says. */
  readonly hour: number;
  /** Unix seconds. */
  readonly keptUntil: number;
  readonly leasedUntil?: number;
}

export interface SlotValue {
  readonly sequence: number;
  readonly appendId: Uint8Array;
  readonly block: Uint8Array;
  readonly keptUntil: number;
}

/** What a watcher hears. `appended` only wakes: the data is read by cursor. */
export type ChannelEvent =
  | { readonly type: 'appended' }
  | { readonly type: 'keys'; readonly rights: readonly Right[]; readonly at: number }
  | { readonly type: 'deleted' }
  | { readonly type: 'blocked'; readonly reason: Reason }
  | { readonly type: 'evicted' };

/** An object and not a function: what is watched for is there anyway, and a closure for each would be memory. */
export interface ChannelWatcher {
  hear(event: ChannelEvent): void;
}

/** What rests, or what was taken out. */
export interface StoreSize {
  readonly channels: number;
  readonly blocks: number;
}

/**
 * The store. Refusals are thrown as `Refusal` (see refusal.ts) with the wire's code; `UNKNOWN` for whatever must not
 * be told apart. Every mutation is checked against the grant's generation inside the store, in the same atomic step.
 * Methods that mutate resolve once decided and visible to readers of this store; what must be durable says so.
 */
export interface ChannelStore {
  /** Seconds since 1970 by the store's clock (the process' own for the embedded one). */
  now(): number;

  /** Idempotent: the same ids with the same owner key answer `existed` and change nothing. Durable when it resolves. */
  create(spec: ChannelSpec): Promise<{ grant: Grant; ttlSeconds: number; existed: boolean }>;

  /** Looks a key up. The caller has verified the signature already. Counts as the reader's sign of life. */
  grant(right: Right, id: ChannelId, publicKey: Uint8Array): Promise<Grant>;

  /** Order of checks: append id (answered also for a superseded writer), right and generation, `expect`, quota. */
  append(grant: Grant, request: AppendRequest): Promise<Accepted>;

  /** Up to `limit` blocks after `after`, ascending, also not yet durable ones; respects `grant.until` and expiry. */
  read(grant: Grant, after: number, limit: number): Promise<readonly StoredBlock[]>;

  /** head: highest sequence given; floor: lowest kept (head + 1 when none). */
  bounds(grant: Grant): Promise<{ head: number; floor: number; orderedSequence: number }>;

  /** Mailbox: unlinks each block whose sequence and append id match; a block not yet written never is. */
  ack(grant: Grant, items: readonly { sequence: number; appendId: Uint8Array }[]): Promise<void>;

  /** `back` 0 is the newest; undefined where there is none. */
  slot(grant: Grant, back: number): Promise<SlotValue | undefined>;

  /** First writer key → a new one, where the channel allows it; the same key again succeeds. Durable when it resolves. */
  secure(grant: Grant, writerKey: Uint8Array): Promise<void>;
  /** Owner only. Durable when it resolves. */
  changeKeys(grant: Grant, change: KeyChange): Promise<void>;
  /** Owner only. Durable when it resolves. */
  delete(grant: Grant): Promise<void>;

  /** Pool: the oldest unleased block, now leased; undefined when there is none. */
  claim(grant: Grant, leaseSeconds: number): Promise<StoredBlock | undefined>;
  /** Pool: `seconds` 0 puts it back. Answers until when it is leased (0 when put back). */
  lease(grant: Grant, sequence: number, seconds: number): Promise<number>;
  /** Pool: removes the author's own block, named by append id; the caller has checked the secret. */
  withdraw(grant: Grant, appendId: Uint8Array): Promise<void>;

  /**
   * Tells `watcher` every event of the channel until it is unwatched. With `exclusive` (a mailbox's subscription) the
   * earlier exclusive watcher hears `evicted`, in whatever process it lives, and then nothing more.
   */
  watch(channel: ChannelRef, watcher: ChannelWatcher, exclusive: boolean): void;
  /** Idempotent. */
  unwatch(channel: ChannelRef, watcher: ChannelWatcher): void;

  /** The operator's act: closes a channel by its writeId or readId; idempotent. Counted per day, at most 20. */
  block(id: ChannelId, reason: Reason): Promise<void>;
  /** How many channels were blocked in all, for the published promise. */
  blockedCount(): Promise<number>;

  /** Removes what expired by `now()`, in slices that never hold the event loop long. Also run by the store itself. */
  sweep(): Promise<{ blocks: number; channels: number }>;

  /** Rejects when nothing could be accepted now: a disk that fails, a server that is away. */
  ready?(): Promise<void>;
  /** What rests, roughly and cheaply, for metrics. */
  size?(): Promise<StoreSize | undefined>;
  /** Set by the relay: hears how many seconds each commit took. */
  onCommit?: ((seconds: number) => void) | undefined;
  /** What `durable` means here; `fsync` where a store doesn't say. */
  readonly durability?: Durability;
  /** Where the relays of one address agree on what they publish; a store of one process has no such place. */
  readonly promise?: PromiseRecord;

  /** Settles once all that was accepted is durable, then closes. */
  close(): Promise<void>;
}

/** How far `appended` can be trusted: on disk; on disk within a second; in memory. */
export type Durability = 'fsync' | 'everysec' | 'memory';

/** Keeps which promise was published last. */
export interface PromiseRecord {
  /** The version of this content: the last one's if it is the same, else one more. */
  version(digest: string): Promise<number>;
  /** Publishes the signed document of that version to the other processes. */
  publish(version: number, document: string): Promise<void>;
  /** What was published last by any process; undefined where there is only one. */
  published(): Promise<{ version: number; document: string } | undefined>;
}

/** Limits an operator may set; defaults in docs/protocol.md. */
export interface StoreLimits {
  readonly mailboxBlocks: number;
  readonly logBlocks: number;
  readonly poolBlocks: number;
  readonly mailboxAppendIds: number;
  readonly logAppendIds: number;
  readonly maxTtlSeconds: { readonly mailbox: number; readonly log: number; readonly pool: number };
  readonly defaultTtlSeconds: { readonly mailbox: number; readonly log: number; readonly pool: number };
  readonly orderedTtlSeconds: number;
  readonly slotTtlSeconds: number;
  readonly channelIdleSeconds: number;
}
