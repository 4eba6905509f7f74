// How a frame is refused, and on which handles frames are refused from the start. Called by connection.ts and by those
// who answer requests. Not its concern: why (store/refusal.ts has the reasons).

import type { ClientFrame } from '@sotto/wire';
import { appendKey } from '../channel/subscription.ts';
import { Refusal } from '../store/refusal.ts';
import type { Connection } from './connection.ts';
import { isTombstone, type Handle } from './handle.ts';

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

/** The proved right behind a frame's handle; where there is none, the frame is refused. */
export function liveHandle(
  connection: Connection,
  frame: ClientFrame & { handle: number },
): Handle | undefined {
  const entry = connection.handle(frame.handle);
  if (entry !== undefined && !isTombstone(entry)) return entry;
  const refusal =
    entry === undefined
      ? new Refusal('INVALID')
      : new Refusal(entry.gone, entry.reason === undefined ? {} : { reason: entry.reason });
  refuseRequest(connection, frame, refusal);
  return undefined;
}

/** The first refused append of a mailbox's handle is the one that must come again. */
function holdBack(handle: Handle, frame: Extract<ClientFrame, { type: 'append' }>): void {
  if (handle.grant.policy !== 'mailbox' || frame.ordered !== undefined) return;
  handle.refusedAppend ??= appendKey(frame.appendId);
}
