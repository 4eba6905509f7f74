// What each frame of a client asks for, and its answer. Called by connection.ts, in order, after Hello. The rules that
// must hold atomically are the store's; here are those of one connection (appends and acks: appends.ts).
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
import { Refusal } from '../store/refusal.ts';
import { ack, append, keyChange, type Decided } from './appends.ts';
import type { Connection } from './connection.ts';
import type { Handle } from './handle.ts';
import { createChannel, prove } from './proofs.ts';
import { liveHandle, refuseRequest } from './refusals.ts';

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>;

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
  // Frames count in the order in which they came: appends before this one are decided first.
  if (connection.undecided > 0) return connection.whenDecided().then(() => handleRequest(connection, frame));
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

function answering(connection: Connection, frame: ClientFrame, work: Promise<void>): Promise<void> {
  return work.catch((error: unknown) => {
    refuseRequest(connection, frame, error);
  });
}

function done(connection: Connection, frame: ClientFrame): void {
  connection.send({ request: frame.request, type: 'done' });
}

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
