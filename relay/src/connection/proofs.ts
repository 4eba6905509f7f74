// Prove and Create: how a connection comes by a right. The signature is checked first, whatever the id, so that the
// time an answer takes says nothing about what exists. Called by requests.ts. Not its concern: later use of the handle.

import { ID_BYTES, MAX_HANDLES, createPreimage, idPreimage, provePreimage } from '@sotto/wire';
import type { Create, Prove, RefusalCode } from '@sotto/wire';
import { verifySignature } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import type { ChannelId, ChannelRef, Grant } from '../store/channel-store.ts';
import { Refusal } from '../store/refusal.ts';
import type { Connection } from './connection.ts';
import { isTombstone, type Handle } from './handle.ts';

type Request<Body> = Body & { readonly request: number };

/** Answers Proved, or throws. A refused handle is remembered: frames that were sent after it hear the same. */
export async function prove(connection: Connection, frame: Request<Prove>): Promise<void> {
  takeHandle(connection, frame.handle);
  const { context } = connection;
  const message = provePreimage({ ...connection.handshake(), right: frame.right, id: frame.id });
  const isSigned = verifySignature(frame.publicKey, message, frame.signature);
  let grant: Grant;
  try {
    if (!isSigned) throw new Refusal('UNKNOWN');
    grant = await context.store.grant(frame.right, channelId(frame.id), frame.publicKey);
  } catch (error) {
    const gone = refusalCode(error);
    if (gone === 'UNKNOWN') context.addresses.failed(connection.addressTag);
    const { reason } = error as Refusal;
    connection.bury(frame.handle, { gone, ...(reason === undefined ? {} : { reason }) });
    throw error;
  }
  addHandle(connection, frame.handle, grant);
  connection.send({
    request: frame.request,
    type: 'proved',
    policy: grant.policy,
    generation: grant.generation,
    lastSequence: grant.lastSequence,
    orderedSequence: grant.orderedSequence,
    incarnation: grant.incarnation,
    superseded: grant.superseded,
  });
}

/** Answers Created, or throws. The owner's signature is its proof of the owner right. */
export async function createChannel(connection: Connection, frame: Request<Create>): Promise<void> {
  takeHandle(connection, frame.handle);
  const { context } = connection;
  const message = createPreimage({ ...connection.handshake(), create: frame });
  try {
    if (!verifySignature(frame.ownerKey, message, frame.signature)) {
      context.addresses.failed(connection.addressTag);
      throw new Refusal('UNKNOWN');
    }
    const isMailbox = frame.policy === 'mailbox';
    if (frame.securing === 'once' && !isMailbox) throw new Refusal('INVALID');
    if (frame.joinerKey !== undefined && frame.policy !== 'log') throw new Refusal('INVALID');
    const spill = spillOf(connection, frame);
    const { grant, ttlSeconds, existed } = await context.store.create({
      readId: idOf('read', frame),
      writeId: idOf('write', frame),
      policy: frame.policy,
      securing: frame.securing,
      ttlSeconds: frame.ttlSeconds,
      ownerKey: frame.ownerKey,
      readerKey: frame.readerKey,
      writerKey: frame.writerKey,
      ...(frame.joinerKey === undefined ? {} : { joinerKey: frame.joinerKey }),
      ...(spill === undefined ? {} : { spill }),
    });
    addHandle(connection, frame.handle, grant);
    connection.send({
      request: frame.request,
      type: 'created',
      ttlSeconds,
      incarnation: grant.incarnation,
      existed,
    });
  } catch (error) {
    connection.bury(frame.handle, { gone: refusalCode(error) });
    throw error;
  }
}

/** A handle number is free when it was never used, was dropped, or lost its right. */
function takeHandle(connection: Connection, number: number): void {
  const entry = connection.handle(number);
  if (entry !== undefined && !isTombstone(entry)) throw new Refusal('INVALID');
  if (entry === undefined && connection.handleCount >= MAX_HANDLES) throw new Refusal('LIMIT');
  const waitMs = connection.takeProof();
  if (waitMs > 0) {
    if (entry === undefined) connection.bury(number, { gone: 'LIMIT' });
    throw new Refusal('LIMIT', { retryAfterMs: waitMs });
  }
}

function addHandle(connection: Connection, number: number, grant: Grant): void {
  const handle: Handle = {
    number,
    connection,
    channel: connection.context.channels.open(grant.channel),
    grant,
    subscription: undefined,
    refusedAppend: undefined,
    batch: undefined,
    acks: undefined,
    isEnding: false,
    hasEnded: false,
  };
  connection.addHandle(handle);
}

function spillOf(connection: Connection, frame: Create): { against: ChannelRef; blocks: number } | undefined {
  if (frame.spillHandle === 0) return undefined;
  const entry = connection.handle(frame.spillHandle);
  if (entry === undefined) throw new Refusal('INVALID');
  if (isTombstone(entry)) throw new Refusal(entry.gone);
  // Whoever may only read a channel may not fill it either.
  if (frame.policy !== 'log' || entry.grant.right === 'reader') throw new Refusal('INVALID');
  return { against: entry.grant.channel, blocks: frame.spillBlocks };
}

function channelId(bytes: Uint8Array): ChannelId {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex') as ChannelId;
}

function idOf(right: 'read' | 'write', frame: Create): ChannelId {
  return channelId(sha256(idPreimage(right, frame.ownerKey, frame.salt)).subarray(0, ID_BYTES));
}

function refusalCode(error: unknown): RefusalCode {
  return (error as { name?: unknown }).name === 'Refusal' ? (error as Refusal).code : 'LATER';
}
