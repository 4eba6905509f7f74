// The messages of sotto.proto as TypeScript types: one tagged union for each direction. Decoded frames always hold
// every number and boolean (0 and false stand for "absent"); absent bytes, enums and sub-messages are left out.
// What each field means stands in sotto.proto. Not its concern: bounds (bounds.ts) and bytes (codec.ts).

export type Right = 'owner' | 'reader' | 'writer' | 'joiner';
export type Policy = 'mailbox' | 'log' | 'pool';
export type Securing = 'never' | 'once';
export type RefusalCode =
  | 'UNKNOWN'
  | 'STALE'
  | 'ORDER'
  | 'QUOTA'
  | 'RATE'
  | 'LATER'
  | 'LIMIT'
  | 'SUPERSEDED'
  | 'BLOCKED'
  | 'TOKEN'
  | 'INVALID';
export type Reason = 'abuse' | 'illegal' | 'spam' | 'safety' | 'owner-request';
export type EndCause = 'evicted' | 'keys-changed' | 'deleted' | 'blocked';

/** A token and the id under which it is spent. */
export interface Admission {
  token: Uint8Array;
  requestId: Uint8Array;
}

/** At least one key; what is absent stays. */
export interface KeyChange {
  ownerKey?: Uint8Array | undefined;
  readerKey?: Uint8Array | undefined;
  writerKey?: Uint8Array | undefined;
  joinerKey?: Uint8Array | undefined;
}

export interface Ordered {
  expect: number;
  change?: KeyChange | undefined;
}

export interface AckItem {
  sequence: number;
  appendId: Uint8Array;
}

export interface Hello {
  type: 'hello';
  version: number;
  clientNonce: Uint8Array;
}
export interface Prove {
  type: 'prove';
  handle: number;
  right: Right;
  id: Uint8Array;
  publicKey: Uint8Array;
  signature: Uint8Array;
}
export interface Create {
  type: 'create';
  handle: number;
  policy: Policy;
  securing: Securing;
  ttlSeconds: number;
  ownerKey: Uint8Array;
  salt: Uint8Array;
  readerKey: Uint8Array;
  writerKey: Uint8Array;
  joinerKey?: Uint8Array | undefined;
  /** 0 with spillBlocks 0: not a spill. */
  spillHandle: number;
  spillBlocks: number;
  signature: Uint8Array;
}
export interface Append {
  type: 'append';
  handle: number;
  appendId: Uint8Array;
  block: Uint8Array;
  commitment: Uint8Array;
  ordered?: Ordered | undefined;
}
export interface Withdraw {
  type: 'withdraw';
  handle: number;
  appendId: Uint8Array;
  secret?: Uint8Array | undefined;
}
export interface Subscribe {
  type: 'subscribe';
  handle: number;
  credit: number;
  after: number;
  /** 0 unless the channel is a pool. */
  leaseSeconds: number;
}
export interface Unsubscribe {
  type: 'unsubscribe';
  handle: number;
}
export interface Ack {
  type: 'ack';
  handle: number;
  items: AckItem[];
}
export interface ReadSlot {
  type: 'readSlot';
  handle: number;
  back: number;
}
export interface Secure {
  type: 'secure';
  handle: number;
  writerKey: Uint8Array;
}
export interface ChangeKeys {
  type: 'changeKeys';
  handle: number;
  change: KeyChange;
}
export interface Delete {
  type: 'delete';
  handle: number;
}
export interface Lease {
  type: 'lease';
  handle: number;
  sequence: number;
  seconds: number;
}
export interface Drop {
  type: 'drop';
  handle: number;
}
export interface Ping {
  type: 'ping';
}

export type ClientBody =
  | Hello
  | Prove
  | Create
  | Append
  | Withdraw
  | Subscribe
  | Unsubscribe
  | Ack
  | ReadSlot
  | Secure
  | ChangeKeys
  | Delete
  | Lease
  | Drop
  | Ping;

/** What a client sends. */
export type ClientFrame = { request: number; admission?: Admission | undefined } & ClientBody;

export interface Welcome {
  type: 'welcome';
  version: number;
  relayKey: Uint8Array;
  serverNonce: Uint8Array;
  time: number;
  promiseVersion: number;
}
export interface Proved {
  type: 'proved';
  policy: Policy;
  generation: number;
  lastSequence: number;
  orderedSequence: number;
  incarnation: Uint8Array;
  superseded: boolean;
}
export interface Created {
  type: 'created';
  ttlSeconds: number;
  incarnation: Uint8Array;
  existed: boolean;
}
export interface AppendResult {
  request: number;
  sequence: number;
  duplicate: boolean;
  keptUntil: number;
}
export interface Appended {
  type: 'appended';
  results: AppendResult[];
}
export interface Done {
  type: 'done';
}
export interface Subscribed {
  type: 'subscribed';
  incarnation: Uint8Array;
  head: number;
  floor: number;
  orderedSequence: number;
}
export interface Stamp {
  hour: number;
  index: number;
  /** 0 to 11 hashes of 32 bytes one after the other, leaf to root; empty for a batch of one. */
  path: Uint8Array;
  signature: Uint8Array;
}
export interface Deliver {
  type: 'deliver';
  handle: number;
  sequence: number;
  appendId: Uint8Array;
  block: Uint8Array;
  ordered: boolean;
  keptUntil: number;
  leasedUntil: number;
  stamp?: Stamp | undefined;
}
/** An empty slot has sequence 0, keptUntil 0 and no bytes; a full one has all four. */
export interface Slot {
  type: 'slot';
  sequence: number;
  appendId?: Uint8Array | undefined;
  block?: Uint8Array | undefined;
  keptUntil: number;
}
export interface Leased {
  type: 'leased';
  until: number;
}
export interface Pong {
  type: 'pong';
}
export interface Refused {
  type: 'refused';
  code: RefusalCode;
  current: number;
  retryAfterMs: number;
  reason?: Reason | undefined;
}
export interface Ended {
  type: 'ended';
  handle: number;
  cause: EndCause;
  reason?: Reason | undefined;
}
export interface Closing {
  type: 'closing';
  retryAfterMs: number;
}

export type RelayBody =
  | Welcome
  | Proved
  | Created
  | Appended
  | Done
  | Subscribed
  | Deliver
  | Slot
  | Leased
  | Pong
  | Refused
  | Ended
  | Closing;

/** What a relay sends. `request` is 0 in welcome, appended, deliver, ended and closing, and only there. */
export type RelayFrame = { request: number } & RelayBody;

export type ClientFrameType = ClientBody['type'];
export type RelayFrameType = RelayBody['type'];
