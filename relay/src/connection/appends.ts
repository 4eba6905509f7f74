// Appends and acks, the hot path: credit, the ORDER rule and rates of one connection; the store decides the rest.
// Called by requests.ts. Not its concern: delivery, when an append is durable (durable-answers.ts).

import { MAX_UNANSWERED, type ClientFrame } from '@sotto/wire';
import { appendKey } from '../channel/subscription.ts';
import type { Accepted, AppendRequest } from '../store/channel-store.ts';
import { Refusal } from '../store/refusal.ts';
import { gatherAck } from './ack-batch.ts';
import { AppendBatch } from './append-batch.ts';
import type { Connection } from './connection.ts';
import { isTombstone, type Handle } from './handle.ts';
import { liveHandle, refuseRequest } from './refusals.ts';
import { Rate, monotonicMs } from './rate.ts';

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>;

/** Undefined: decided and answered. A promise: later frames of this connection wait for it. It never rejects. */
export type Decided = Promise<void> | undefined;

/** The store's slot allowance: removals get through however much chatter there is. */
const orderedRate = new Rate(50, 100);

/** Decides one append; a handle's refused append comes first. */
export function append(connection: Connection, frame: Frame<'append'>): Decided {
  const handle = liveHandle(connection, frame);
  if (handle === undefined) return undefined;
  const { context } = connection;
  if (frame.ordered !== undefined && connection.undecided > 0)
    return connection.whenDecided().then(() => append(connection, frame));
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
  if (context.batches !== undefined && frame.ordered === undefined) {
    handle.batch ??= new AppendBatch(handle, context.batches, {
      accepted: appendAccepted,
      refused: appendRefused,
    });
    handle.batch.push(frame, request);
    // More than a client may have unanswered: its further frames wait.
    return connection.undecided < MAX_UNANSWERED ? undefined : connection.whenDecided();
  }
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
export function keyChange(change: Frame<'changeKeys'>['change']) {
  const { ownerKey, readerKey, writerKey, joinerKey } = change;
  return {
    ...(ownerKey === undefined ? {} : { ownerKey }),
    ...(readerKey === undefined ? {} : { readerKey }),
    ...(writerKey === undefined ? {} : { writerKey }),
    ...(joinerKey === undefined ? {} : { joinerKey }),
  };
}

/** @returns 0, or in how many milliseconds the channel may be appended to again. */
function takeAppend(handle: Handle, isOrdered: boolean): number {
  const now = monotonicMs();
  const { channel } = handle;
  if (isOrdered) {
    const waitMs = orderedRate.waitMs(channel.orderedAppends, now);
    if (waitMs === 0) channel.orderedAppends = orderedRate.take(channel.orderedAppends, now);
    return waitMs;
  }
  const { appendRate } = handle.connection.context;
  const waitMs = appendRate.waitMs(channel.appends, now);
  if (waitMs === 0) channel.appends = appendRate.take(channel.appends, now);
  return waitMs;
}

/** Credit for the subscription, and the store unlinks what was acked. */
export function ack(connection: Connection, frame: Frame<'ack'>): void {
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
    gatherAck(handle, frame.items, { store: context.store, onError });
    return;
  }
  try {
    context.prompt.ackNow(handle.grant, frame.items);
  } catch (error) {
    onError(error);
  }
}
