// What an ordered packet changes on this device, in one transaction with the cursor: the group's next state, the keys
// that a removal gave, who came and went, the card, and what people are told of it. Whether the packet is valid was
// decided before, from public data alone (group/), so that all honest members do the same here.
import { equalBytes, type SigningKeyPair } from '../crypto/index.ts';
import type { ReceivedBlock } from '../net/index.ts';
import { openCard } from './card.ts';
import { type GroupState, type Member, members, epoch, roles, type Verdict } from './group/index.ts';
import { dropGroup, forgetConsumed, saveGroup } from './group-store.ts';
import { requeue } from './outbox.ts';
import { COMMIT_KINDS, type PendingCommit, ROOM_PHASES } from './record.ts';
import { agree, isHolding, sayAgain } from './said.ts';
import { seedsOf, switchOf } from './seeds.ts';
import { memberOf, putMember, roomNotice, type RoomStep } from './step.ts';
import type { Way } from './ways.ts';

/** The relay keeps ordered packets for so long, and rounds up to an hour. */
const ORDERED_TTL_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;

export interface Transition {
  readonly before: GroupState | undefined;
  readonly next?: GroupState | undefined;
  /** Mine, as it was written down. */
  readonly pending?: PendingCommit;
  readonly verdict?: Extract<Verdict, { kind: 'applied' }>;
  /** Where the roles name another one: as it came. */
  readonly card?: Uint8Array;
  readonly isVoid?: boolean;
  readonly isRepair?: boolean;
  readonly cannotOpen?: boolean;
  /** A host's word says that the state before is the one. */
  readonly isAgreed?: boolean;
  /** Not followed by me, whatever it is to others. */
  readonly way?: Way;
  /** Read as it came, not from what waited. */
  readonly isLive: boolean;
}

/** @returns whether the right to read changed. */
export async function transit(
  step: RoomStep,
  change: Transition,
  block: ReceivedBlock,
  me: SigningKeyPair,
): Promise<{ rekeyed: boolean }> {
  const { wayReaderSeed: _, wayJoinerSeed: __, ...record } = step.record;
  step.record = { ...record, ordered: block.sequence };
  if (change.way !== undefined) {
    const { readerSeed, joinerSeed } = change.way;
    step.record = { ...step.record, wayReaderSeed: readerSeed, wayJoinerSeed: joinerSeed };
  }
  if (change.isVoid === true) {
    step.record = { ...step.record, voided: step.record.voided + 1 };
    step.effects.push({ type: 'state' }, { type: 'voided', sequence: block.sequence });
    return { rekeyed: false };
  }
  const { next, before, pending } = change;
  if (change.isAgreed === true && before !== undefined) await agree(step, epoch(before));
  if (next === undefined) return { rekeyed: false };
  const kind = pending?.kind;
  const isReturn = kind === COMMIT_KINDS.rejoin;
  const moves = isReturn || before === undefined ? NOBODY : (change.verdict ?? compare(before, next));
  if (change.verdict?.selfRemoved === true) {
    if (moves.returned.length > 0) {
      // Somebody with my keys came back in my place: this profile lives on elsewhere.
      step.effects.push({ type: 'moved' });
      return { rekeyed: false };
    }
    dropGroup(step);
    await roomNotice(step, 'removed', { pseudonym: me.publicKey, name: step.record.name });
    step.record = { ...step.record, phase: ROOM_PHASES.removed };
    step.effects.push({ type: 'state' });
    return { rekeyed: false };
  }
  await saveGroup(step, next);
  await forgetConsumed(step, epoch(next));
  const rekeyed =
    before === undefined || isReturn
      ? false
      : await rekey(step, before, next, {
          removed: moves.removed.length,
          committer: change.verdict?.committer ?? me.publicKey,
        });
  if (pending?.ownerSeed !== undefined && step.record.ownership !== undefined) {
    step.record = { ...step.record, ownership: { ...step.record.ownership, ownerSeed: pending.ownerSeed } };
    step.effects.push({ type: 'owner' });
  }
  await noteMoves(step, moves, sinceOf(change, block, step.nowMs));
  if (before !== undefined && !isReturn) await noteHouse(step, before, next);
  await noteCard(step, next, change);
  if (isReturn) {
    const phase = step.record.writerSeed === undefined ? ROOM_PHASES.entering : ROOM_PHASES.in;
    step.record = { ...step.record, rejoinWanted: false, phase, unopened: 0 };
    await roomNotice(step, 'rejoined');
    if (phase === ROOM_PHASES.in) step.effects.push({ type: 'entered' });
    await requeue(step);
    await sayAgain(step);
    step.record = { ...step.record, agreed: 0 };
  }
  await mindOthers(step, next, { me, verdict: change.verdict });
  if (moves.joined.length + moves.returned.length > 0) step.effects.push({ type: 'greet' });
  step.effects.push({ type: 'state' }, { type: 'applied', appendId: block.appendId });
  return { rekeyed };
}

/** What the commit of another one says of who shares my epochs, and who missed what I said in them. */
async function mindOthers(
  step: RoomStep,
  next: GroupState,
  { me, verdict }: { me: SigningKeyPair; verdict: Transition['verdict'] },
): Promise<void> {
  if (verdict === undefined) return;
  const { hosts } = roles(next);
  const isHostKey = (key: Uint8Array): boolean => hosts.some((one) => equalBytes(one, key));
  const isMyself = isHostKey(me.publicKey);
  const isBack = verdict.returned.some(({ pseudonym }) => isMyself || isHostKey(pseudonym));
  if (isBack && (await isHolding(step))) {
    await requeue(step);
    await sayAgain(step);
  }
  // Anybody's commit may open for a host alone: it says nothing of the others.
  if (!isMyself && isHostKey(verdict.committer)) await agree(step, epoch(next));
}

interface Moves {
  readonly joined: readonly Member[];
  readonly removed: readonly Member[];
  readonly returned: readonly Member[];
}
const NOBODY: Moves = { joined: [], removed: [], returned: [] };

/** Who is in one state and not in the other; for my own commits, of which there is no verdict. */
export function compare(before: GroupState, next: GroupState): Moves {
  const was = members(before);
  const is = members(next);
  const within = (list: readonly Member[], one: Member): boolean =>
    list.some(({ pseudonym }) => equalBytes(pseudonym, one.pseudonym));
  return {
    joined: is.filter((one) => !within(was, one)),
    removed: was.filter((one) => !within(is, one)),
    returned: [],
  };
}

async function rekey(
  step: RoomStep,
  before: GroupState,
  next: GroupState,
  by: { removed: number; committer: Uint8Array },
): Promise<boolean> {
  const which = switchOf(before, next, by);
  if (which === 'none') return false;
  const seeds = await seedsOf(next);
  step.record = { ...step.record, writerSeed: seeds.writerSeed };
  step.effects.push({ type: 'switched' });
  if (which === 'writer') return false;
  step.record = { ...step.record, readerSeed: seeds.readerSeed, joinerSeed: seeds.joinerSeed };
  return true;
}

/** When whoever comes now came: as early as it can have been where this was not seen live. */
function sinceOf(change: Transition, block: ReceivedBlock, nowMs: number): number {
  if (change.isLive || block.keptUntil === 0) return nowMs;
  return Math.min(nowMs, block.keptUntil * 1_000 - ORDERED_TTL_MS - HOUR_MS);
}

async function noteMoves(step: RoomStep, moves: Moves, since: number): Promise<void> {
  for (const { pseudonym } of moves.joined) {
    const row = await memberOf(step, pseudonym);
    await putMember(step, pseudonym, { ...row, since, at: 0, hasLeft: false });
    await roomNotice(step, 'joined', { pseudonym, name: row.name });
  }
  for (const { pseudonym } of moves.removed) {
    const row = await memberOf(step, pseudonym);
    await roomNotice(step, row.hasLeft ? 'left' : 'removed', { pseudonym, name: row.name });
  }
}

async function noteHouse(step: RoomStep, before: GroupState, next: GroupState): Promise<void> {
  const was = roles(before);
  const is = roles(next);
  if (was.door !== is.door) await roomNotice(step, 'door');
  if (was.mode !== is.mode) await roomNotice(step, 'mode');
  const within = (list: readonly Uint8Array[], key: Uint8Array) => list.some((one) => equalBytes(one, key));
  const changed = [
    ...is.hosts.filter((key) => !within(was.hosts, key)),
    ...was.hosts.filter((key) => !within(is.hosts, key)),
  ];
  for (const pseudonym of changed) {
    const { name } = await memberOf(step, pseudonym);
    await roomNotice(step, 'host', { pseudonym, name });
  }
}

/** The roles name another card: it travels with the packet that changed them. */
async function noteCard(step: RoomStep, next: GroupState, change: Transition): Promise<void> {
  const { cardHash } = roles(next);
  const { roomKey } = step.record;
  const offered = change.pending?.card ?? change.card;
  if (offered === undefined) return;
  try {
    const card = openCard(offered, { roomKey, hash: cardHash });
    if (equalBytes(card.bytes, step.record.card)) return;
    step.record = { ...step.record, card: card.bytes };
    await roomNotice(step, 'card');
  } catch {
    // Roles that name a card which isn't there: the one that is known stays.
  }
}
