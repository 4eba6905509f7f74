// What sotto.proto says in comments and protobuf can't: the length of every bytes field, the range of every number,
// and the few rules between fields. Held complete against the generated schema by a test. The codec applies it in
// both directions. Not its concern: rules that need a channel or a connection (the relay answers INVALID to those).

import {
  APPEND_ID_BYTES,
  BLOCK_BYTES,
  COMMITMENT_BYTES,
  HASH_BYTES,
  ID_BYTES,
  INCARNATION_BYTES,
  KEY_BYTES,
  MAX_CREDIT,
  MAX_ITEMS,
  MAX_LEASE_SECONDS,
  MAX_SLOT_BACK,
  MAX_STAMP_DEPTH,
  MAX_STAMP_LEAVES,
  MAX_TOKEN_BYTES,
  MAX_UINT32,
  MIN_LEASE_SECONDS,
  NONCE_BYTES,
  SALT_BYTES,
  SECRET_BYTES,
  SIGNATURE_BYTES,
  TOKEN_REQUEST_ID_BYTES,
} from './limits.ts';

/**
 * Numbers: value in min … max, or 0 where `optional`. Bytes: length in min … max and a multiple of `step`. Lists:
 * count in min … max. Enums and messages: only `optional` counts. Booleans have no bound.
 */
export interface Bound {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly optional: boolean;
}

/** A message as the codec sees it before it has a type. */
export type Fields = Record<string, unknown>;

const range = (min: number, max: number): Bound => ({ min, max, step: 1, optional: false });
const optional = (bound: Bound): Bound => ({ ...bound, optional: true });
const bytes = (length: number): Bound => range(length, length);

const any = range(0, MAX_UINT32);
const positive = range(1, MAX_UINT32);
const needed = range(0, 0);
const absentOr = optional(needed);
const key = bytes(KEY_BYTES);
const appendId = bytes(APPEND_ID_BYTES);
const leaseSeconds = optional(range(MIN_LEASE_SECONDS, MAX_LEASE_SECONDS));

/** Message → field → bound. Booleans are left out. */
export const bounds: Readonly<Record<string, Readonly<Record<string, Bound>>>> = {
  ClientFrame: { request: positive, admission: absentOr },
  Admission: { token: range(1, MAX_TOKEN_BYTES), requestId: bytes(TOKEN_REQUEST_ID_BYTES) },
  // Any version passes, so that the relay can answer "another version" instead of "malformed".
  Hello: { version: positive, clientNonce: bytes(NONCE_BYTES) },
  Prove: {
    handle: positive,
    right: needed,
    id: bytes(ID_BYTES),
    publicKey: key,
    signature: bytes(SIGNATURE_BYTES),
  },
  Create: {
    handle: positive,
    policy: needed,
    securing: needed,
    ttlSeconds: any,
    ownerKey: key,
    salt: bytes(SALT_BYTES),
    readerKey: key,
    writerKey: key,
    joinerKey: optional(key),
    spillHandle: any,
    spillBlocks: any,
    signature: bytes(SIGNATURE_BYTES),
  },
  KeyChange: {
    ownerKey: optional(key),
    readerKey: optional(key),
    writerKey: optional(key),
    joinerKey: optional(key),
  },
  Ordered: { expect: any, change: absentOr },
  Append: {
    handle: positive,
    appendId,
    block: bytes(BLOCK_BYTES),
    commitment: bytes(COMMITMENT_BYTES),
    ordered: absentOr,
  },
  Withdraw: { handle: positive, appendId, secret: optional(bytes(SECRET_BYTES)) },
  Subscribe: { handle: positive, credit: range(1, MAX_CREDIT), after: any, leaseSeconds },
  Unsubscribe: { handle: positive },
  Ack: { handle: positive, items: range(1, MAX_ITEMS) },
  AckItem: { sequence: positive, appendId },
  ReadSlot: { handle: positive, back: range(0, MAX_SLOT_BACK) },
  Secure: { handle: positive, writerKey: key },
  ChangeKeys: { handle: positive, change: needed },
  Delete: { handle: positive },
  Lease: { handle: positive, sequence: positive, seconds: leaseSeconds },
  Drop: { handle: positive },
  Ping: {},

  RelayFrame: { request: any },
  Welcome: {
    version: positive,
    relayKey: key,
    serverNonce: bytes(NONCE_BYTES),
    time: any,
    promiseVersion: any,
  },
  Proved: {
    policy: needed,
    generation: any,
    lastSequence: any,
    orderedSequence: any,
    incarnation: bytes(INCARNATION_BYTES),
  },
  Created: { ttlSeconds: any, incarnation: bytes(INCARNATION_BYTES) },
  Appended: { results: range(1, MAX_ITEMS) },
  AppendResult: { request: positive, sequence: positive, keptUntil: any },
  Done: {},
  Subscribed: { incarnation: bytes(INCARNATION_BYTES), head: any, floor: any, orderedSequence: any },
  Stamp: {
    hour: any,
    index: range(0, MAX_STAMP_LEAVES - 1),
    path: { min: 0, max: HASH_BYTES * MAX_STAMP_DEPTH, step: HASH_BYTES, optional: false },
    signature: bytes(SIGNATURE_BYTES),
  },
  Deliver: {
    handle: positive,
    sequence: positive,
    appendId,
    block: bytes(BLOCK_BYTES),
    keptUntil: any,
    leasedUntil: any,
    stamp: absentOr,
  },
  Slot: { sequence: any, appendId: optional(appendId), block: optional(bytes(BLOCK_BYTES)), keptUntil: any },
  Leased: { until: any },
  Pong: {},
  Refused: { code: needed, current: any, retryAfterMs: any, reason: absentOr },
  Ended: { handle: positive, cause: needed, reason: absentOr },
  Closing: { retryAfterMs: any },
};

// The relay's frames that answer nothing: their request is 0, and every other one's isn't.
const unasked = new Set(['welcome', 'appended', 'deliver', 'ended', 'closing']);

/** Message → the rule between its fields, for the messages that have one. True: it holds. */
export const rules: Readonly<Record<string, (message: Fields) => boolean>> = {
  // A token, a block and four keys don't fit into one data frame.
  ClientFrame: (m) =>
    m['type'] !== 'append' ||
    m['admission'] === undefined ||
    (m['ordered'] as { change?: unknown } | undefined)?.change === undefined,
  RelayFrame: (m) => (m['request'] === 0) === unasked.has(m['type'] as string),
  Create: (m) => (m['spillHandle'] === 0) === (m['spillBlocks'] === 0),
  KeyChange: (m) =>
    m['ownerKey'] !== undefined ||
    m['readerKey'] !== undefined ||
    m['writerKey'] !== undefined ||
    m['joinerKey'] !== undefined,
  Stamp: (m) => (m['index'] as number) < 2 ** ((m['path'] as Uint8Array).length / HASH_BYTES),
  Slot: (m) =>
    (m['sequence'] === 0) === (m['block'] === undefined) &&
    (m['appendId'] === undefined) === (m['block'] === undefined) &&
    (m['keptUntil'] === 0 || m['block'] !== undefined),
};
