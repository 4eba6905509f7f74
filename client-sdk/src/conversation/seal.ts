// From a queued content to sealed blocks: cut into parts, wrapped with what the peer still needs to know, encrypted
// by the session, put into envelopes. Pure but for randomness: (record, session, content) → next record, next session,
// blocks. The caller writes all of it in one transaction before anything leaves.
import { signContent } from '../content/author.ts';
import { type Content, CONTENT_VERSION } from '../content/content.ts';
import { type Hello, type Packet, packetCodec, type Restart } from '../content/packet.ts';
import { splitBody } from '../content/parts.ts';
import { asKey, randomBytes, signingKeyPair } from '../crypto/index.ts';
import { MAX_ENVELOPE_BODY, sealEnvelope, sealNewcomer, THREAD_TAG_BYTES } from '../envelope/envelope.ts';
import { SottoError } from '../errors.ts';
import type { Queued, Sealed } from '../outbox/record.ts';
import type { SignalEngine } from '../signal/module.ts';
import { encrypt, type Session } from '../signal/session.ts';
import { addressOf } from './mailbox.ts';
import { type ConversationRecord, KINDS, ROLES } from './record.ts';

/** What the session adds at most: versions, keys, counters, braid chunk, MAC, block cipher padding. */
const WHISPER_OVERHEAD = 150;
const PRE_KEY_OVERHEAD = 1_850;
/** Field headers of packet, content and body around a part. */
const FRAMING = 24;
/** Blocks that a newcomer may send to a standing address before the first answer. */
export const MAX_NEWCOMER_BLOCKS = 16;

/** What one sealing needs besides the record. */
export interface SealInput {
  readonly queueNumber: number;
  readonly queued: Queued;
  readonly nowMs: number;
}

/** All that changed, to be written together. */
export interface SealOutput {
  readonly record: ConversationRecord;
  readonly session: Session;
  readonly blocks: readonly Sealed[];
}

/** The hello that every packet carries until the peer is known to have read one. */
export function helloOf(record: ConversationRecord): Hello | undefined {
  if (record.answered) return undefined;
  const { own, peer } = record;
  const accepter = record.role === ROLES.accepter;
  const writerKey = peer.shared
    ? {}
    : { writerKey: signingKeyPair(asKey('signing-seed', peer.writerSeed)).publicKey };
  return {
    name: record.ownName,
    // The peer of a one-time inviter knows the mailbox: it stood in the link.
    ...(accepter || record.kind === KINDS.standing ? { address: addressOf(own, peer) } : {}),
    ...(accepter ? { keys: { toInviter: record.sendKeys.first, toAccepter: record.receiveKeys.first } } : {}),
    ...writerKey,
  };
}

/** How many bytes of body fit into one part now. */
export function partCapacity(record: ConversationRecord): number {
  const content: Content = {
    version: CONTENT_VERSION,
    id: new Uint8Array(16),
    stream: record.outStream,
    sequence: 0xffff_ffff,
    at: Number.MAX_SAFE_INTEGER,
    type: 7,
    part: 0,
    parts: 16,
    timerSeconds: 0xffff_ffff,
    body: new Uint8Array(0),
  };
  const around = packetCodec.encode(packetOf(record, content)).length + FRAMING;
  const signature = record.attribution === undefined ? 0 : 220;
  const session = record.preKeyPhase ? PRE_KEY_OVERHEAD : WHISPER_OVERHEAD;
  return MAX_ENVELOPE_BODY - THREAD_TAG_BYTES - session - around - signature;
}

function restartOf(record: ConversationRecord): Restart {
  const { restartSaid: cause, restartSeen: seen } = record;
  return { cause, ...(seen === undefined ? {} : { seen }) };
}

function packetOf(record: ConversationRecord, content: Content): Packet {
  const hello = helloOf(record);
  return {
    ...(hello === undefined ? {} : { hello }),
    ...(record.restartSaid === 0 ? {} : { restart: restartOf(record) }),
    content,
  };
}

/**
 * Seals one content.
 * @throws SottoError CONTENT_TOO_LONG; SESSION_ENGINE and SESSION_STALE ask for a new session.
 */
export async function sealContent(
  engine: SignalEngine,
  record: ConversationRecord,
  session: Session,
  input: SealInput,
): Promise<SealOutput> {
  const { queued } = input;
  const bodies = splitBody(queued.body, partCapacity(record));
  const blocks: Sealed[] = [];
  let state = { record, session };
  for (const [part, body] of bodies.entries()) {
    const content: Content = {
      version: CONTENT_VERSION,
      id: queued.contentId,
      stream: record.outStream,
      sequence: state.record.outSequence + 1,
      at: queued.at,
      type: queued.type,
      part,
      parts: bodies.length,
      timerSeconds: queued.timerSeconds,
      body,
    };
    const sealed = await sealPart(engine, state, content, input);
    blocks.push(sealed.block);
    state = { record: sealed.record, session: sealed.session };
  }
  return { ...state, blocks };
}

async function sealPart(
  engine: SignalEngine,
  state: { record: ConversationRecord; session: Session },
  plain: Content,
  input: SealInput,
): Promise<{ record: ConversationRecord; session: Session; block: Sealed }> {
  const attributed = attribute(state.record, plain);
  const identity = { secret: state.record.identitySecret, registrationId: state.record.registrationId };
  const { kind, bytes, next } = await encrypt(engine, identity, state.session, {
    plaintext: packetCodec.encode(packetOf(state.record, attributed.content)),
    nowMs: input.nowMs,
  });
  const record: ConversationRecord = {
    ...attributed.record,
    outSequence: plain.sequence,
    preKeyPhase: kind === 'preKey',
    restartSaid: kind === 'preKey' ? state.record.restartSaid : 0,
  };
  const wrapped = wrap(record, kind, bytes);
  const block: Sealed = {
    appendId: randomBytes(16),
    block: wrapped.block,
    commitment: attributed.commitment,
    queued: input.queueNumber,
    sealing: input.queued.sealing + 1,
    writeId: record.peer.writeId,
  };
  return { record: wrapped.record, session: next, block };
}

/** Signs where the conversation demands it; elsewhere the commitment is noise, so that all appends look alike. */
function attribute(record: ConversationRecord, content: Content) {
  const { attribution } = record;
  if (attribution === undefined) return { record, content, commitment: randomBytes(32) };
  const pair = signingKeyPair(asKey('signing-seed', attribution.ownSeed));
  const thread = {
    conversation: attribution.conversation,
    epoch: attribution.epoch,
    previous: attribution.ownPrevious,
  };
  const signed = signContent(content, thread, pair);
  return {
    record: { ...record, attribution: { ...attribution, ownPrevious: signed.previous } },
    content: signed.content,
    commitment: signed.commitment,
  };
}

/** Chooses the envelope's key by what the peer can already open. */
function wrap(record: ConversationRecord, kind: 'whisper' | 'preKey', body: Uint8Array) {
  if (record.peer.shared) {
    if (record.boxKey === undefined || record.threadTag === undefined) throw new SottoError('SESSION_KEYS');
    if (record.newcomerBlocks >= MAX_NEWCOMER_BLOCKS) throw new SottoError('INVITE_PATIENCE');
    const block = sealNewcomer(asKey('box-public', record.boxKey), record.threadTag, body);
    return { block, record: { ...record, newcomerBlocks: record.newcomerBlocks + 1 } };
  }
  if (!record.answered && record.linkKey !== undefined) {
    return { block: sealEnvelope(record.linkKey, kind, body), record };
  }
  // A new session's first messages come under the first key: the peer may have lost the others.
  const key = kind === 'preKey' ? record.sendKeys.first : record.sendKeys.current;
  const sendKeys = { ...record.sendKeys, used: record.sendKeys.used + 1 };
  return { block: sealEnvelope(key, kind, body), record: { ...record, sendKeys } };
}
