// What each frame of a client asks for, and its answer. Called by connection.ts, in order, after Hello. The rules that
// must hold atomically are the store's; here are those of one connection: handles, credit, the ORDER rule, rates.
// Not its concern: bytes, buffers, delivery.

import {
  APPEND_ID_BYTES,
  POOL_CREDIT,
  withdrawPreimage,
  type ClientFrame,
  type RefusalCode,
} from '@sotto/wire';
import { appendKey } from '../channel/subscription.ts';
import { equalSecret, sha256 } from '../crypto/hash.ts';
import type { Accepted, AppendRequest } from '../store/channel-store.ts';
import { Refusal } from '../store/refusal.ts';
import type { Connection } from './connection.ts';
import { isTombstone, type Handle } from './handle.ts';
import { createChannel, prove } from './proofs.ts';
import { TokenBucket } from './token-bucket.ts';

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>;

/** Undefined: decided and answered. A promise: later frames of this connection wait for it. It never rejects. */
type Decided = Promise<void> | undefined;

/** The store's slot allowance: removals get through however much chatter there is. */
const orderedAppendsPerSecond = 50;

/** Handles one frame of an open connection. */
export function handleRequest(connection: Connection, frame: ClientFrame): Decided {
  switch (frame.type) {
    case 'append':
      return append(connection, frame);
    case 'ack':
      ack(connection, frame);
      return undefined;
    case 'drop':
      connection.dropHandle(frame.handle);
      return undefined;
    case 'ping':
      connection.send({ request: frame.request, type: 'pong' });
      return undefined;
    case 'hello':
      return undefined;
    default:
  }
  if (connection.context.draining) {
    refuseRequest(connection, frame, new Refusal('LATER', { retryAfterMs: 1000 }));
    return undefined;
  }
  switch (frame.type) {
    case 'prove':
      return answering(connection, frame, prove(connection, frame));
    case 'create':
      return answering(connection, frame, createChannel(connection, frame));
    default:
  }
  const handle = liveHandle(connection, frame);
  if (handle === undefined) return undefined;
  switch (frame.type) {
    case 'withdraw':
      return answering(connection, frame, withdraw(handle, frame));
    case 'subscribe':
      return answering(connection, frame, subscribe(handle, frame));
    case 'unsubscribe':
      connection.context.channels.unsubscribe(handle);
      done(connection, frame);
      return undefined;
    case 'readSlot':
      return answering(connection, frame, readSlot(handle, frame));
    case 'lease':
      return answering(connection, frame, lease(handle, frame));
    case 'secure':
      return answering(connection, frame, secure(handle, frame));
    case 'changeKeys':
      return answering(connection, frame, changeKeys(handle, frame));
    case 'delete':
      return answering(connection, frame, deleteChannel(handle, frame));
  }
}

/** Refuses a frame; an append to a mailbox then holds back those behind it. */
export function refuseRequest(connection: Connection, frame: ClientFrame, error: unknown): void {
  if (frame.type === 'append') {
    const handle = connection.handle(frame.handle);
    if (handle !== undefined && !isTombstone(handle)) holdBack(handle, frame);
  }
  // Nobody waits for the answer to these.
  if (frame.type === 'ack' || frame.type === 'drop' || frame.type === 'hello') return;
  const { counts } = connection.context;
  const refusal =
    (error as { name?: unknown }).name === 'Refusal'
      ? (error as Refusal)
      : new Refusal('LATER', { retryAfterMs: 1000 });
  if (refusal !== error) counts.fault(error);
  counts.refusal(refusal.code);
  connection.send({
    request: frame.request,
    type: 'refused',
    code: refusal.code,
    current: refusal.current ?? 0,
    retryAfterMs: refusal.retryAfterMs ?? 0,
    ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
  });
}

function answering(connection: Connection, frame: ClientFrame, work: Promise<void>): Promise<void> {
  return work.catch((error: unknown) => {
    refuseRequest(connection, frame, error);
  });
}

function done(connection: Connection, frame: ClientFrame): void {
  connection.send({ request: frame.request, type: 'done' });
}

function liveHandle(connection: Connection, frame: ClientFrame & { handle: number }): Handle | undefined {
  const entry = connection.handle(frame.handle);
  if (entry !== undefined && !isTombstone(entry)) return entry;
  const refusal =
    entry === undefined
      ? new Refusal('INVALID')
      : new Refusal(entry.gone, entry.reason === undefined ? {} : { reason: entry.reason });
  refuseRequest(connection, frame, refusal);
  return undefined;
}

// ───────────────────────────── append and ack: the hot path ─────────────────────────────

function append(connection: Connection, frame: Frame<'append'>): Decided {
  const handle = liveHandle(connection, frame);
  if (handle === undefined) return undefined;
  const { context } = connection;
  const refused = handle.refusedAppend;
  if (context.draining) {
    refuseRequest(connection, frame, new Refusal('LATER', { retryAfterMs: 1000 }));
    return undefined;
  }
  if (refused !== undefined && frame.ordered === undefined && refused !== appendKey(frame.appendId)) {
    context.counts.refusal('ORDER');
    connection.send({ request: frame.request, type: 'refused', code: 'ORDER', current: 0, retryAfterMs: 0 });
    return undefined;
  }
  const waitMs = takeAppend(handle, frame.ordered !== undefined);
  if (waitMs > 0) {
    refuseRequest(connection, frame, new Refusal('RATE', { retryAfterMs: waitMs }));
    return undefined;
  }
  // A handle that replaces its own owner key hears so by `appended`.
  if (handle.grant.right === 'owner' && frame.ordered?.change?.ownerKey !== undefined) handle.isEnding = true;
  const { appendId, block, commitment } = frame;
  const request: AppendRequest =
    frame.ordered === undefined
      ? { appendId, block, commitment }
      : { appendId, block, commitment, ordered: ordered(frame.ordered) };
  if (context.prompt === undefined) {
    return context.store.append(handle.grant, request).then(
      (accepted) => {
        appendAccepted(handle, frame, accepted);
      },
      (error: unknown) => {
        appendRefused(handle, frame, error);
      },
    );
  }
  let accepted: Accepted;
  try {
    accepted = context.prompt.appendNow(handle.grant, request);
  } catch (error) {
    appendRefused(handle, frame, error);
    return undefined;
  }
  appendAccepted(handle, frame, accepted);
  return undefined;
}

function appendAccepted(handle: Handle, frame: Frame<'append'>, accepted: Accepted): void {
  const { connection } = handle;
  if (frame.ordered === undefined) handle.refusedAppend = undefined;
  const { sequence, duplicate, keptUntil } = accepted;
  connection.context.answers.hold(accepted.durable, connection, {
    request: frame.request,
    sequence,
    duplicate,
    keptUntil,
  });
  handle.isEnding = false;
  if (handle.hasEnded) connection.endHandle(handle, { gone: 'SUPERSEDED' });
}

function appendRefused(handle: Handle, frame: Frame<'append'>, error: unknown): void {
  handle.isEnding = false;
  refuseRequest(handle.connection, frame, error);
}

function ordered(from: NonNullable<Frame<'append'>['ordered']>) {
  return { expect: from.expect, ...(from.change === undefined ? {} : { change: keyChange(from.change) }) };
}

/** Drops keys that are there but undefined. */
function keyChange(change: Frame<'changeKeys'>['change']) {
  const { ownerKey, readerKey, writerKey, joinerKey } = change;
  return {
    ...(ownerKey === undefined ? {} : { ownerKey }),
    ...(readerKey === undefined ? {} : { readerKey }),
    ...(writerKey === undefined ? {} : { writerKey }),
    ...(joinerKey === undefined ? {} : { joinerKey }),
  };
}

function takeAppend(handle: Handle, isOrdered: boolean): number {
  const now = Date.now();
  const { channel } = handle;
  if (isOrdered) {
    const rate = orderedAppendsPerSecond;
    return (channel.orderedAppends ??= new TokenBucket(rate, 2 * rate, now)).take(now);
  }
  const rate = handle.connection.context.rates.channel;
  return (channel.appends ??= new TokenBucket(rate, 2 * rate, now)).take(now);
}

/** The first refused append of a mailbox's handle is the one that must come again. */
function holdBack(handle: Handle, frame: Frame<'append'>): void {
  if (handle.grant.policy !== 'mailbox' || frame.ordered !== undefined) return;
  handle.refusedAppend ??= appendKey(frame.appendId);
}

function ack(connection: Connection, frame: Frame<'ack'>): void {
  const handle = connection.handle(frame.handle);
  if (handle === undefined || isTombstone(handle) || handle.grant.right !== 'reader') return;
  const { context } = connection;
  const { subscription } = handle;
  if (subscription !== undefined) {
    let matched = false;
    for (const item of frame.items) {
      if (subscription.acked(item.sequence, item.appendId)) matched = true;
    }
    if (matched) context.channels.wake(subscription);
  }
  if (handle.grant.policy !== 'mailbox') return;
  // A reader that was evicted since may still ack what it got: the store compares the append ids.
  const onError = (error: unknown): void => {
    if ((error as { name?: unknown }).name !== 'Refusal') context.counts.fault(error);
  };
  if (context.prompt === undefined) {
    context.store.ack(handle.grant, frame.items).catch(onError);
    return;
  }
  try {
    context.prompt.ackNow(handle.grant, frame.items);
  } catch (error) {
    onError(error);
  }
}

// ───────────────────────────── the rest ─────────────────────────────

async function withdraw(handle: Handle, frame: Frame<'withdraw'>): Promise<void> {
  const { connection, grant } = handle;
  if (grant.right !== 'writer' || grant.policy === 'log') throw new Refusal('INVALID');
  if ((grant.policy === 'pool') !== (frame.secret !== undefined)) throw new Refusal('INVALID');
  if (frame.secret === undefined) {
    if (handle.refusedAppend === appendKey(frame.appendId)) handle.refusedAppend = undefined;
  } else {
    const named = sha256(withdrawPreimage(frame.secret)).subarray(0, APPEND_ID_BYTES);
    if (!equalSecret(named, frame.appendId)) throw new Refusal('INVALID');
    await connection.context.store.withdraw(grant, frame.appendId);
  }
  done(connection, frame);
}

async function subscribe(handle: Handle, frame: Frame<'subscribe'>): Promise<void> {
  const { connection, grant } = handle;
  const { context } = connection;
  const isPool = grant.policy === 'pool';
  if (grant.right !== 'reader') throw new Refusal('INVALID');
  if (isPool !== frame.leaseSeconds > 0 || (isPool && frame.credit !== POOL_CREDIT))
    throw new Refusal('INVALID');
  if (grant.policy !== 'log' && frame.after > 0) throw new Refusal('INVALID');
  const bounds = await context.store.bounds(grant);
  // The handle may have ended while the store was asked.
  if (connection.handle(frame.handle) !== handle) throw new Refusal('SUPERSEDED');
  const subscription = context.channels.subscribe(handle, frame);
  connection.send({
    request: frame.request,
    type: 'subscribed',
    incarnation: grant.incarnation,
    head: bounds.head,
    floor: bounds.floor,
    orderedSequence: bounds.orderedSequence,
  });
  context.channels.wake(subscription);
}

async function readSlot(handle: Handle, frame: Frame<'readSlot'>): Promise<void> {
  const { connection, grant } = handle;
  if (frame.back > 0 && grant.policy !== 'log') throw new Refusal('INVALID');
  const slot = await connection.context.store.slot(grant, frame.back);
  connection.send(
    slot === undefined
      ? { request: frame.request, type: 'slot', sequence: 0, keptUntil: 0 }
      : {
          request: frame.request,
          type: 'slot',
          sequence: slot.sequence,
          appendId: slot.appendId,
          block: slot.block,
          keptUntil: slot.keptUntil,
        },
  );
}

async function lease(handle: Handle, frame: Frame<'lease'>): Promise<void> {
  const { connection, grant, subscription } = handle;
  if (grant.right !== 'reader' || grant.policy !== 'pool') throw new Refusal('INVALID');
  const until = await connection.context.store.lease(grant, frame.sequence, frame.seconds);
  if (subscription !== undefined && frame.seconds > 0) subscription.leasedUntil = until;
  if (subscription !== undefined && frame.seconds === 0) {
    subscription.isResting = true;
    subscription.released(frame.sequence);
    for (const other of handle.channel.subscriptions) connection.context.channels.wake(other);
  }
  connection.send({ request: frame.request, type: 'leased', until });
}

function secure(handle: Handle, frame: Frame<'secure'>): Promise<void> {
  const { store } = handle.connection.context;
  return ending(handle, frame, { always: true, gone: 'SUPERSEDED' }, () =>
    store.secure(handle.grant, frame.writerKey),
  );
}

function changeKeys(handle: Handle, frame: Frame<'changeKeys'>): Promise<void> {
  const { store } = handle.connection.context;
  return ending(handle, frame, { always: false, gone: 'SUPERSEDED' }, () =>
    store.changeKeys(handle.grant, keyChange(frame.change)),
  );
}

function deleteChannel(handle: Handle, frame: Frame<'delete'>): Promise<void> {
  const { store } = handle.connection.context;
  return ending(handle, frame, { always: true, gone: 'UNKNOWN' }, () => store.delete(handle.grant));
}

/**
 * For requests whose success may end the very handle they came by: that is told by Done, without an Ended besides.
 * @param end - `always`: also where nothing changed (a repeat). `gone`: what later frames on the handle hear.
 */
async function ending(
  handle: Handle,
  frame: ClientFrame,
  end: { readonly always: boolean; readonly gone: RefusalCode },
  work: () => Promise<void>,
): Promise<void> {
  const { connection } = handle;
  handle.isEnding = true;
  try {
    await work();
  } finally {
    handle.isEnding = false;
  }
  if (end.always || handle.hasEnded) connection.endHandle(handle, { gone: end.gone });
  done(connection, frame);
}
