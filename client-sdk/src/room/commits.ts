// My own ordered packets on their way: each is built on the newest state, written down before it leaves, appended by
// compare-and-set, and applied only when the log delivers it. One that comes too late is dropped and made anew. After a
// crash the written one is sent again under the same append id: either it was accepted, or it is stale. A right that is
// refused decides nothing by itself: the log does, or the slot where it tells that nothing came after.
import { asKey, equalBytes, randomBytes, signingKeyPair, wipe } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { NetRefusal, type OwnerKeyChange } from '../net/index.ts';
import { SerialQueue } from '../store/queue.ts';
import { blockKeyOf, MAX_PACKET_BYTES, sealBlock } from './block.ts';
import { dropPending, loadPending, savePending } from './group-store.ts';
import { divide, type Packet, PACKET_KINDS, packetCodec, type SpillRef } from './packet.ts';
import { COMMIT_KINDS, type PendingCommit, type RoomRecord } from './record.ts';
import type { LogSeeds } from './seeds.ts';
import type { RoomStep } from './step.ts';
import type { Word } from './word.ts';

const RIGHTS = { owner: 1, writer: 2, joiner: 3 } as const;
export type AppendRight = keyof typeof RIGHTS;
/** A room in which so many others are always first has other troubles. */
const MAX_TRIES = 64;

/** A packet that is to be appended, made from the state as it is now. */
export interface Prepared {
  readonly kind: (typeof COMMIT_KINDS)[keyof typeof COMMIT_KINDS];
  readonly expect: number;
  /** Absent: only the state is put right. */
  readonly commit?: Uint8Array;
  /** The group after it, encoded at once: what the present state opens meanwhile is wiped in both. */
  readonly next?: Uint8Array;
  readonly state: Uint8Array;
  readonly card: Uint8Array;
  readonly right: AppendRight;
  /** Keys of the log that change in the same step. */
  readonly change?: Partial<LogSeeds> & { readonly ownerSeed?: Uint8Array };
  readonly ways?: Uint8Array;
  /** state: mine, as a host. */
  readonly word?: Word;
  readonly access?: { readonly readId: Uint8Array; readonly readerSeed: Uint8Array };
  /** Secrets of the present state: wiped once `next` has taken its place, since another packet may win. */
  readonly spent?: readonly Uint8Array[];
}

/** What commits need of their room. */
export interface CommitHome {
  record(): RoomRecord;
  exclusively<R>(work: () => Promise<R>): Promise<R>;
  step<R>(work: (step: RoomStep) => Promise<R>): Promise<R>;
  pending(): Promise<PendingCommit | undefined>;
  /** Resolves once this append was applied (true), or another ordered packet took its place (false). */
  applied(appendId: Uint8Array): Promise<boolean>;
  /** Of an append whose answer is lost, by the slot; undefined where that can't be read now. */
  landed(pending: PendingCommit): Promise<boolean | undefined>;
  /** Resolves once ordered packets up to this one were seen; rejects when the room stops. */
  seen(ordered: number): Promise<void>;
  /** A pause before the next try with a right that was refused: what replaced it may still be on its way here. */
  pause(tries: number): Promise<void>;
  append(
    right: AppendRight,
    input: { appendId: Uint8Array; block: Uint8Array; commitment: Uint8Array; expect: number },
    change: OwnerKeyChange | undefined,
  ): Promise<{ sequence: number }>;
  writeRest(bytes: Uint8Array, right: AppendRight): Promise<SpillRef>;
  /** Accepted while nothing is read yet: the room begins here. */
  begin?(pending: PendingCommit, sequence: number): Promise<void>;
}

export class Commits {
  private readonly home: CommitHome;
  private readonly queue = new SerialQueue();

  constructor(home: CommitHome) {
    this.home = home;
  }

  /**
   * Brings a packet into the log.
   * @param prepare - called again after each lost race; undefined: there is nothing to do any more.
   * @returns whether one was applied.
   */
  run(prepare: () => Promise<Prepared | undefined>): Promise<boolean> {
    return this.queue.run(async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        await this.settle(tries);
        const prepared = await prepare();
        if (prepared === undefined) return false;
        const block = await this.seal(prepared, tries);
        const pending = block === undefined ? undefined : await this.store(prepared, block);
        if (pending === undefined) continue;
        if (await this.submit(pending, tries)) {
          wipe(...(prepared.spent ?? []));
          return true;
        }
      }
      throw new SottoError('NET_STALE', { retry: 'later' });
    });
  }

  /** What an earlier run left behind. */
  resume(): Promise<void> {
    return this.queue.run(() => this.settle(0));
  }

  private async settle(tries: number): Promise<void> {
    const pending = await this.home.pending();
    if (pending === undefined) return;
    // Made on a state that is no use any more: taken or not, coming back takes its place.
    const { rejoinWanted } = this.home.record();
    if (rejoinWanted && pending.kind !== COMMIT_KINDS.rejoin) await this.drop(pending.appendId);
    else await this.submit(pending, tries);
  }

  /** Writes it down; undefined where the room has moved on meanwhile. */
  private store(prepared: Prepared, block: Uint8Array): Promise<PendingCommit | undefined> {
    const { home } = this;
    const { expect, change, next, kind, right, card } = prepared;
    const pending: PendingCommit = {
      appendId: randomBytes(16),
      block,
      expect,
      kind,
      right: RIGHTS[right],
      card,
      ...(next === undefined ? {} : { next }),
      ...change,
    };
    return home.exclusively(() =>
      home.step(async (step) => {
        if (isReading(step.record) && step.record.ordered !== expect) return undefined;
        await savePending(step, pending);
        return pending;
      }),
    );
  }

  /** The block; undefined where the right to write its spill was refused, as after a lost race. */
  private async seal(prepared: Prepared, tries: number): Promise<Uint8Array | undefined> {
    const { home } = this;
    try {
      return await this.build(prepared);
    } catch (error) {
      if (!isRefused(error) || !isReading(home.record())) throw error;
      await home.pause(tries);
      return undefined;
    }
  }

  private async build(prepared: Prepared): Promise<Uint8Array> {
    const { commit, state, card, access, right, word, ways } = prepared;
    const packet: Packet = {
      kind: commit === undefined ? PACKET_KINDS.state : PACKET_KINDS.commit,
      state,
      card,
      ...(commit === undefined ? {} : { commit }),
      ...(access === undefined ? {} : { access }),
      ...(word === undefined ? {} : { word }),
      ...(ways === undefined ? {} : { ways }),
    };
    const { head, rest } = divide(packet, MAX_PACKET_BYTES);
    const { roomSecret } = this.home.record();
    if (roomSecret === undefined) throw new SottoError('ROOM_CLOSED');
    const named =
      rest === undefined
        ? head
        : { ...head, rest: await this.home.writeRest(packetCodec.encode(rest), right) };
    return sealBlock(blockKeyOf(roomSecret), packetCodec.encode(named));
  }

  /** @returns whether it was applied; false: it was too late, or can't be decided yet and stays pending. */
  private async submit(pending: PendingCommit, tries: number): Promise<boolean> {
    const { home } = this;
    const { appendId, block, expect } = pending;
    const applied = home.applied(appendId);
    applied.catch(() => undefined);
    const right =
      (Object.keys(RIGHTS) as AppendRight[]).find((name) => RIGHTS[name] === pending.right) ?? 'writer';
    try {
      const input = { appendId, block, commitment: randomBytes(32), expect };
      const { sequence } = await home.append(right, input, changeOf(pending));
      if (!isReading(home.record()) && home.begin !== undefined) await home.begin(pending, sequence);
      return await applied;
    } catch (error) {
      const reading = isReading(home.record());
      if (hasCode(error, 'NET_STALE')) {
        await this.drop(appendId);
        // Whoever is only coming in reads nothing yet: the next try looks at the slot anew.
        if (reading) await home.seen(error instanceof NetRefusal ? error.current : expect + 1);
        return false;
      }
      if (!isRefused(error)) throw error;
      if (reading) return this.decide(pending, applied, tries);
      await this.drop(appendId);
      throw error;
    }
  }

  /**
   * The right was refused, perhaps because a packet replaced it after mine was taken, or instead of mine. The first
   * ordered packet after `expect` says which; where the slot shows that there is none, mine was never taken.
   */
  private async decide(pending: PendingCommit, applied: Promise<boolean>, tries: number): Promise<boolean> {
    const { home } = this;
    const late = home.pause(tries).then(() => undefined);
    late.catch(() => undefined);
    const decided = (await Promise.race([applied, late])) ?? (await home.landed(pending));
    if (decided === true) return applied;
    if (decided === false) await this.drop(pending.appendId);
    return false;
  }

  private drop(appendId: Uint8Array): Promise<void> {
    const { home } = this;
    return home.exclusively(() =>
      home.step(async (step) => {
        const now = await loadPending(step.tx, step.owner.conversationId);
        if (isMine(now, appendId)) dropPending(step);
      }),
    );
  }
}

function isRefused(error: unknown): boolean {
  return hasCode(error, 'NET_LINK_DEAD') || hasCode(error, 'NET_SUPERSEDED');
}

/** Whoever is only coming in has no place in the log yet. */
function isReading({ incarnation, readId }: RoomRecord): boolean {
  return incarnation !== undefined && readId !== undefined;
}

function changeOf(pending: PendingCommit): OwnerKeyChange | undefined {
  const { writerSeed, readerSeed, joinerSeed, ownerSeed } = pending;
  if (writerSeed === undefined && ownerSeed === undefined) return undefined;
  const key = (seed: Uint8Array) => signingKeyPair(asKey('signing-seed', seed)).publicKey;
  return {
    ...(writerSeed === undefined ? {} : { writerKey: key(writerSeed) }),
    ...(readerSeed === undefined ? {} : { readerKey: key(readerSeed) }),
    ...(joinerSeed === undefined ? {} : { joinerKey: key(joinerSeed) }),
    ...(ownerSeed === undefined ? {} : { ownerSeed: asKey('signing-seed', ownerSeed) }),
  };
}

/** Whether this is the packet that I have appended. */
export function isMine(pending: PendingCommit | undefined, appendId: Uint8Array): pending is PendingCommit {
  return pending !== undefined && equalBytes(pending.appendId, appendId);
}
