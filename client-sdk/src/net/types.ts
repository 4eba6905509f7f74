// What the network layer offers to the rest of the SDK: one session per relay (and per persona, or per conversation),
// and the rights that it holds on channels across reconnects. Types only; relay-session.ts makes them.
// Not its concern: what a block contains, what is stored on the device, which sessions exist (persona/).

import type { Admission, KeyChange, Policy, Reason, Securing, Stamp } from '@sotto/wire';
import type { SigningSeed, VerifyKey } from '../crypto/index.ts';
import type { SottoError } from '../errors.ts';
import type { Chance, Clock } from './clock.ts';
import type { PromiseReport } from './promise-check.ts';
import type { SocketOptions } from './socket.ts';

export type Unsubscribe = () => void;

// ───────────────────────────── session ─────────────────────────────

/** `refused` and `closed` are final; from `refused`, `retry()` leads back. */
export type SessionState = 'connecting' | 'online' | 'backing-off' | 'offline' | 'refused' | 'closed';

export interface SessionStatus {
  readonly state: SessionState;
  /** Why the last connection ended, while not online. */
  readonly error?: SottoError;
  /** backing-off: how long from now until the next attempt. */
  readonly retryInMs?: number;
  /** online: relay's clock minus this device's, in seconds; only as good as one trip. */
  readonly clockSkewSeconds?: number;
}

export interface SessionOptions {
  /** As in a link: `https://relay.example[/path]` (or http, ws, wss). Plain http only to loopback and .onion. */
  readonly url: string;
  /** The relay's root key that link or build pins. Another key ends the session in `refused` (NET_RELAY_KEY). */
  readonly relayKey: VerifyKey;
  readonly clock?: Clock;
  readonly chance?: Chance;
  readonly onState?: (status: SessionStatus) => void;
  /** Node only: an `http.Agent` (SOCKS for Tor, HTTP proxy) for the WebSocket and for the promise. */
  readonly agent?: unknown;
  readonly dialled?: SocketOptions['dialled'];
  /** Lets plain `http:` go to any host: for trials in a network that one owns. */
  readonly allowPlain?: boolean;
  /** For tests and for very slow networks. */
  readonly timing?: Partial<Timing>;
}

/** All in milliseconds; defaults in timing.ts. */
export interface Timing {
  /** From dialling to Welcome. */
  readonly connectMs: number;
  /** Nothing received for so long and nothing awaited: ping. */
  readonly idleMs: number;
  /** An answer is awaited and nothing at all arrives: the connection is dead. */
  readonly silentMs: number;
  /** Answers are awaited, other frames do arrive, and no answer among them: dead too. */
  readonly answerMs: number;
  /** Online for so long: the back-off starts from the beginning again. */
  readonly stableMs: number;
}

/** What fixes a channel. The ids follow from owner key and salt: see `channelIds`. */
export interface ChannelSpec {
  readonly policy: Policy;
  readonly securing: Securing;
  /** Of unordered blocks; 0 or absent: the operator's default. */
  readonly ttlSeconds?: number;
  readonly ownerSeed: SigningSeed;
  /** 32 bytes, random, never reused. */
  readonly salt: Uint8Array;
  readonly readerKey: Uint8Array;
  readonly writerKey: Uint8Array;
  readonly joinerKey?: Uint8Array;
  /** A log that counts against the quota of a channel on which this session holds a right, instead of a token. */
  readonly spill?: { readonly against: ReaderHandle | WriterHandle; readonly blocks: number };
  readonly admission?: Admission;
}

export interface CreatedChannel {
  readonly incarnation: Uint8Array;
  /** It was there already, with the same keys or with keys changed since: creation changed nothing. */
  readonly existed: boolean;
  readonly ttlSeconds: number;
}

/**
 * A connection to one relay that is kept up until `close()`, and what is held on it. Sessions know nothing of each
 * other: several to one relay are so many unrelated connections.
 */
export interface RelaySession {
  readonly status: SessionStatus;
  onState(listener: (status: SessionStatus) => void): Unsubscribe;
  /**
   * Makes a channel, or finds it made. Sent again on every new connection until answered.
   * @param signal - Ends the trying; what was sent already may still be made.
   * @throws SottoError NET_TOKEN, NET_BLOCKED, NET_INVALID, NET_CLOSED.
   */
  create(spec: ChannelSpec, signal?: AbortSignal): Promise<CreatedChannel>;
  reader(options: ReaderOptions): ReaderHandle;
  writer(options: WriterOptions): WriterHandle;
  owner(options: OwnerOptions): OwnerHandle;
  /**
   * Fetches what the relay publishes about itself, checks its signature by the pinned key, and compares it with what
   * this session saw. @throws SottoError NET_PROMISE, NET_UNREACHABLE.
   */
  promise(): Promise<PromiseReport>;
  /** The network may be back, or the device woke: dial now if backing off, else make sure that the relay answers. */
  poke(): void;
  /** `false`: the platform says that there is no network: nothing is dialled until `true`. */
  setNetwork(available: boolean): void;
  /** From `refused`: tries once more, because the person asked for it. */
  retry(): void;
  /** Sends what acks are due, rejects what waits (NET_CLOSED), closes. Resolves when no socket or timer is left. */
  close(): Promise<void>;
}

// ───────────────────────────── rights ─────────────────────────────

/**
 * Where a held right stands.
 * `waiting`: no connection, or not yet proved · `active` · `evicted`: another connection reads this mailbox; it stays
 * so until `retry()` · `stuck`: `onBlock` failed too often · `dead`: see `error`; until `retry()` · `released`.
 */
export type RightState = 'waiting' | 'active' | 'evicted' | 'stuck' | 'dead' | 'released';

export interface RightStatus {
  readonly state: RightState;
  /** dead: NET_LINK_DEAD (unknown id, wrong key, deleted: told apart by nobody), NET_BLOCKED, NET_SUPERSEDED. */
  readonly error?: SottoError;
  /** dead by NET_BLOCKED: the class that the operator gave. */
  readonly reason?: Reason;
}

interface RightHandle {
  readonly status: RightStatus;
  /** The slot; `back`: in a log, so many before it. @returns undefined when empty. */
  readSlot(back?: number): Promise<SlotBlock | undefined>;
  /** From `evicted`, `stuck` or `dead`: proves the right anew, because something changed. */
  retry(): void;
  /** Gives the right up on the relay; waiting promises reject with NET_CLOSED. */
  release(): void;
}

export interface SlotBlock {
  readonly sequence: number;
  readonly appendId: Uint8Array;
  readonly block: Uint8Array;
  /** Unix seconds. */
  readonly keptUntil: number;
}

/** How far something on this device has got in a channel. */
export interface ChannelPosition {
  readonly incarnation: Uint8Array;
  readonly sequence: number;
}

// ───────────────────────────── reading ─────────────────────────────

export interface ReceivedBlock {
  readonly sequence: number;
  /** 16 bytes. The same id may come again after a crash or a lost ack: the caller drops what it has stored. */
  readonly appendId: Uint8Array;
  readonly block: Uint8Array;
  readonly ordered: boolean;
  /** Unix seconds. */
  readonly keptUntil: number;
  readonly stamp?: Stamp;
  readonly incarnation: Uint8Array;
  /** 1 at first; how often `onBlock` was called with it on this handle. */
  readonly attempt: number;
}

/**
 * Something was not as remembered: `new-store`: the relay's store was lost and the channel made again · `went-back`:
 * the store is older than what was read · `expired`: blocks between `after` and `floor` were gone before they were read.
 */
export interface ChannelReset {
  readonly cause: 'new-store' | 'went-back' | 'expired';
  readonly incarnation: Uint8Array;
  readonly head: number;
  readonly floor: number;
}

export interface ReaderOptions {
  /** 24 bytes. */
  readonly readId: Uint8Array;
  readonly keySeed: SigningSeed;
  /** 'mailbox': acks each block, one reader at a time. 'log': a cursor, many readers. */
  readonly policy: 'mailbox' | 'log';
  /** Log: the last block that this device has stored; what comes after it is delivered. Mailbox: only to notice resets. */
  readonly after?: ChannelPosition;
  /** 1 … 64 blocks on their way unacked (64). */
  readonly credit?: number;
  /**
   * One block at a time, in order. Resolving means that the block is durable here and may be forgotten by the relay.
   * Throwing means that it isn't: it is offered again with growing pauses, 5 times, then the reader is `stuck`.
   */
  readonly onBlock: (block: ReceivedBlock) => Promise<unknown>;
  readonly onReset?: (reset: ChannelReset) => void;
  readonly onStatus?: (status: RightStatus) => void;
  /** The relay's view of the channel, at each subscription: blocks `floor` … `head` are there, none where floor > head. */
  readonly onSubscribed?: (channel: Omit<ChannelReset, 'cause'>) => void;
  /** Subscribed; nothing older than `head` is left to come once `head` was delivered. */
  readonly onCaughtUp?: () => void;
}

export interface ReaderHandle extends RightHandle {
  readonly kind: 'reader';
}

// ───────────────────────────── writing ─────────────────────────────

export interface AppendInput {
  /** 16 bytes, random (pool: from the withdraw secret). Names this append for ever: use it again on every repeat. */
  readonly appendId: Uint8Array;
  /** 3,968 bytes. */
  readonly block: Uint8Array;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
  /**
   * True for what may have left this device in an earlier run. All of it must be submitted in the turn in which the
   * writer was opened, before anything new: that is how a rewound profile is told from an unanswered append.
   */
  readonly repeat?: boolean;
  /** Logs: compare-and-set of the slot. `expect`: the last ordered sequence known. Rejects with NET_STALE. */
  readonly ordered?: { readonly expect: number };
  readonly admission?: Admission;
}

export interface AppendOutcome {
  readonly sequence: number;
  readonly duplicate: boolean;
  /** Unix seconds; 0 for a duplicate whose block is gone. */
  readonly keptUntil: number;
}

/**
 * What the relay's memory of this writer says, compared with ours; told once per proof, after repeats are answered.
 * `same` · `rewound`: someone wrote with this key what this device doesn't know (a copied or restored profile) · `went-back`:
 * the relay lost appends that it had answered · `new-store`: it lost the channel, and it was made again.
 */
export interface WriterHistory {
  readonly verdict: 'same' | 'rewound' | 'went-back' | 'new-store';
  readonly incarnation: Uint8Array;
  /** The relay's last sequence at the time of the proof. */
  readonly lastSequence: number;
  /** Ours before it: later appends of ours, if any, are lost when the store went back. */
  readonly knownSequence: number;
}

export interface WriterOptions {
  /** 24 bytes. */
  readonly writeId: Uint8Array;
  readonly keySeed: SigningSeed;
  /** joiner: ordered appends to a log against a token. */
  readonly right?: 'writer' | 'joiner';
  /**
   * The highest sequence ever answered to this device, stored with that answer. Give it exactly where this device is
   * the only writer: it switches on the comparison that `onHistory` reports.
   */
  readonly lastKnown?: ChannelPosition;
  /** After `rewound`, all that had not been sent before rejects with NET_REWOUND. */
  readonly onHistory?: (history: WriterHistory) => void;
  readonly onProved?: (proved: WriterProved) => void;
  readonly onStatus?: (status: RightStatus) => void;
  /** The relay refuses for now (mailbox full, too fast, not ready): nothing is lost, it is tried again. */
  readonly onFlow?: (flow: WriterFlow) => void;
}

export interface WriterProved {
  readonly lastSequence: number;
  readonly orderedSequence: number;
  readonly incarnation: Uint8Array;
  readonly superseded: boolean;
}

export interface WriterFlow {
  readonly state: 'flowing' | 'full' | 'slowed';
  /** Not flowing: milliseconds until the next try. */
  readonly retryInMs?: number;
}

export interface WriterHandle extends RightHandle {
  readonly kind: 'writer';
  /**
   * Sends in the order of calls, again and again under the same append id, until the relay answers for good.
   * @throws NetRefusal NET_LINK_DEAD, NET_SUPERSEDED, NET_BLOCKED, NET_STALE, NET_TOKEN, NET_INVALID;
   *   SottoError NET_REWOUND, NET_CLOSED. The caller keeps the block in its outbox until it resolved.
   */
  append(input: AppendInput): Promise<AppendOutcome>;
  /** Appends submitted and not yet answered. */
  readonly unanswered: number;
  /** Whoever reads there was heard from: if the mailbox is full, it is worth a try soon. */
  readerSeen(): void;
  /**
   * Replaces the link's writer key by a fresh one: from then on only this device writes here. The handle goes on
   * under the new key. @throws NetRefusal NET_LINK_DEAD: someone else did so first.
   */
  secure(nextSeed: SigningSeed): Promise<void>;
  /** Pool: takes one's own block back, by the secret from which its append id was made. */
  withdraw(input: { appendId: Uint8Array; secret: Uint8Array }): Promise<void>;
}

// ───────────────────────────── owning ─────────────────────────────

/** Public keys; `ownerSeed` instead of the owner's, because the handle goes on under it. */
export type OwnerKeyChange = Omit<KeyChange, 'ownerKey'> & { readonly ownerSeed?: SigningSeed };

export interface OwnerOptions {
  /** 24 bytes: the owner proves on the readId. */
  readonly readId: Uint8Array;
  readonly keySeed: SigningSeed;
}

/** Proves itself when first used, one operation after the other; each is repeated across reconnects until answered. */
export interface OwnerHandle extends RightHandle {
  readonly kind: 'owner';
  /** Compare-and-set of the slot, with a change of keys in the same step. @throws NetRefusal NET_STALE with `current`. */
  orderedAppend(
    input: Omit<AppendInput, 'ordered' | 'repeat'> & { expect: number; change?: OwnerKeyChange },
  ): Promise<AppendOutcome>;
  changeKeys(change: OwnerKeyChange): Promise<void>;
  /** Resolves also when it was gone already after a first try of ours. */
  delete(): Promise<void>;
}
