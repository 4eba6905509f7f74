// The way into a room: look at what lies behind a link, then come in by an external commit from the newest good state.
// The same for all doors once the right papers are there: an open room's link is the papers, behind other doors a
// host's answer brings them.
import type { RelayPin } from '../conversation/mailbox.ts';
import { asKey, equalBytes, randomBytes, type SigningKeyPair } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { RelaySession, WriterHandle } from '../net/index.ts';
import { blockKeyOf } from './block.ts';
import type { Prepared } from './commits.ts';
import { encodeGroup, joinExternally } from './group/index.ts';
import { COMMIT_KINDS, type PendingCommit, ROOM_PHASES, type RoomRecord } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { findState, type GoodState } from './slot.ts';
import { readSpilled } from './spills.ts';

/** What it takes to read the slot of a room's log and to append to it. */
export interface EntryPapers extends RelayPin {
  readonly writeId: Uint8Array;
  readonly joinerSeed: Uint8Array;
  readonly roomSecret: Uint8Array;
  readonly identityHash: Uint8Array;
}

/**
 * Reads the newest good state.
 * @throws SottoError ROOM_GONE where the link opens nothing, NET_…
 */
export async function lookInto(
  session: RelaySession,
  papers: EntryPapers,
): Promise<GoodState & { incarnation: Uint8Array }> {
  const seen: { incarnation?: Uint8Array } = {};
  const handle: WriterHandle = session.writer({
    writeId: papers.writeId,
    keySeed: asKey('signing-seed', papers.joinerSeed),
    right: 'joiner',
    onProved: ({ incarnation }) => {
      seen.incarnation = incarnation;
    },
  });
  try {
    const source = {
      readSlot: (back: number) => handle.readSlot(back),
      readRest: (ref: Parameters<typeof readSpilled>[1]) => readSpilled(session, ref),
    };
    const good = await findState(source, blockKeyOf(papers.roomSecret), papers.identityHash);
    return { ...good, incarnation: seen.incarnation ?? new Uint8Array(16) };
  } catch (error) {
    if (hasCode(error, 'NET_LINK_DEAD') || hasCode(error, 'NET_SUPERSEDED'))
      throw new SottoError('ROOM_GONE', { cause: error });
    throw error;
  } finally {
    handle.release();
  }
}

/** Makes the external commit that brings me in. @throws SottoError ROOM_FULL, ROOM_DOOR */
export async function prepareEntry(
  good: GoodState,
  pseudonym: SigningKeyPair,
  ticket: Uint8Array | undefined,
): Promise<Prepared> {
  const proposed = await joinExternally({
    state: good.state,
    pseudonym,
    ...(ticket === undefined ? {} : { ticket }),
  });
  return {
    kind: COMMIT_KINDS.join,
    expect: good.expect,
    commit: proposed.commit,
    next: encodeGroup(proposed.next),
    state: proposed.publicState,
    card: good.card.bytes,
    right: 'joiner',
    spent: proposed.spent,
    ...(good.access === undefined ? {} : { access: good.access }),
  };
}

/** A new room record: nothing of it is at the relay yet. */
export function newRoomRecord(room: {
  pin: RelayPin;
  writeId: Uint8Array;
  roomKey: Uint8Array;
  pseudonymSeed: Uint8Array;
  name: string;
  card: Uint8Array;
  phase: number;
  nowMs: number;
  link: string;
  words?: string;
}): RoomRecord {
  return {
    version: 1,
    id: randomBytes(16),
    phase: room.phase,
    createdAt: room.nowMs,
    relay: room.pin.relay,
    relayKey: room.pin.relayKey,
    writeId: room.writeId,
    roomKey: room.roomKey,
    pseudonymSeed: room.pseudonymSeed,
    name: room.name,
    cursor: 0,
    ordered: 0,
    ttlSeconds: 0,
    card: room.card,
    made: false,
    stream: randomBytes(8),
    outSequence: 0,
    previous: new Uint8Array(32),
    nextQueued: 0,
    nextSealed: 0,
    nextPosition: 0,
    epoch: 0,
    generation: 0,
    voided: 0,
    unreadable: 0,
    refused: 0,
    beaconAt: 0,
    clock: 0,
    joinedAt: 0,
    saidAt: 0,
    signedAt: 0,
    actionIndex: 0,
    actionHead: new Uint8Array(32),
    breakUntil: 0,
    updateAt: 0,
    rejoinWanted: false,
    rejoinAt: 0,
    rejoins: 0,
    link: room.link,
    words: room.words ?? '',
    unopened: 0,
    agreed: 0,
    since: 0,
  };
}

/**
 * Comes in, however often others are first.
 * @throws SottoError ROOM_GONE, ROOM_DOOR, ROOM_FULL, ROOM_CARD_BAD, NET_…
 */
export async function enter(runner: RoomRunner, papers: EntryPapers): Promise<void> {
  const record = runner.record();
  const found: { good?: GoodState & { incarnation: Uint8Array } } = {};
  runner.appends.begin = async (pending: PendingCommit, sequence: number) => {
    // After a crash in between: the answer to the repeated append is all that is known.
    found.good ??= await lookInto(runner.session(), papers);
    await runner.begins(pending, sequence, {
      incarnation: found.good.incarnation,
      readId: found.good.access?.readId ?? record.readId,
      readerSeed: found.good.access?.readerSeed ?? record.readerSeed,
    });
  };
  await runner.commits.run(async () => {
    if (runner.record().phase !== ROOM_PHASES.joining) return undefined;
    found.good = await lookInto(runner.session(), papers);
    const { card } = found.good.card;
    const { state } = found.good;
    const isBack = state.members.some(({ pseudonym }) => equalBytes(pseudonym, runner.me.publicKey));
    if (!isBack && state.members.length >= card.places) throw new SottoError('ROOM_FULL');
    if (!isBack && state.roles.door !== 'open' && runner.record().ticket === undefined)
      throw new SottoError('ROOM_DOOR');
    return prepareEntry(found.good, runner.me, runner.record().ticket);
  });
}
