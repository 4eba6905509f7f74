// My own ordered packets on their way: each is built on the newest state, written down before it leaves, appended by
// compare-and-set, and applied only when the log delivers it. One that comes too late is dropped and made anew. After a
// crash the written one is sent again under the same append id: either it was accepted, or it is stale.
import { asKey, equalBytes, randomBytes, signingKeyPair, toHex, wipe } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { NetRefusal, type OwnerKeyChange } from '../net/index.ts';
import { SerialQueue } from '../store/queue.ts';
import { blockKeyOf, MAX_PACKET_BYTES, sealBlock } from './block.ts';
import { encodeGroup, type GroupState } from './group/index.ts';
import { divide, type Packet, PACKET_KINDS, packetCodec, type SpillRef } from './packet.ts';
import { type COMMIT_KINDS, type PendingCommit, pendingCommits, type RoomRecord } from './record.ts';
import type { LogSeeds } from './seeds.ts';
import { roomPath, type RoomStep } from './step.ts';

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
  readonly next?: GroupState;
  readonly state: Uint8Array;
  readonly card: Uint8Array;
  readonly right: AppendRight;
  /** Keys of the log that change in the same step. */
  readonly change?: Partial<LogSeeds> & { readonly ownerSeed?: Uint8Array };
  readonly access?: { readonly readId: Uint8Array; readonly readerSeed: Uint8Array };
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
  /** Whether this append lies in the slot, or did a moment ago. */
  landed(appendId: Uint8Array): Promise<boolean>;
  /** Resolves once ordered packets up to this one were seen; rejects when the room stops. */
  seen(ordered: number): Promise<void>;
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
        await this.settle();
        const prepared = await prepare();
        if (prepared === undefined) return false;
        const pending = await this.store(prepared);
        if (pending === undefined) continue;
        if (await this.submit(pending)) return true;
      }
      throw new SottoError('NET_STALE', { retry: 'later' });
    });
  }

  /** What an earlier run left behind. */
  resume(): Promise<void> {
    return this.queue.run(() => this.settle());
  }

  private async settle(): Promise<void> {
    const pending = await this.home.pending();
    if (pending !== undefined) await this.submit(pending);
  }

  /** Builds the block and writes it down; undefined where the room has moved on meanwhile. */
  private async store(prepared: Prepared): Promise<PendingCommit | undefined> {
    const { home } = this;
    const block = await this.seal(prepared);
    const { expect, change, next, kind, right, card } = prepared;
    const pending: PendingCommit = {
      appendId: randomBytes(16),
      block,
      expect,
      kind,
      right: RIGHTS[right],
      card,
      ...(next === undefined ? {} : { next: encodeGroup(next) }),
      ...change,
    };
    return home.exclusively(() =>
      home.step(async (step) => {
        const reading = step.record.readId !== undefined && step.record.incarnation !== undefined;
        if (reading && step.record.ordered !== expect) return undefined;
        const entry = { partition: step.owner.conversationId, key: 'commit', value: pending };
        await pendingCommits.put(step.tx, entry, { under: [...roomPath(step.owner), 'group/pending'] });
        wipe(...(prepared.spent ?? []));
        return pending;
      }),
    );
  }

  private async seal(prepared: Prepared): Promise<Uint8Array> {
    const { commit, state, card, access, right } = prepared;
    const packet: Packet = {
      kind: commit === undefined ? PACKET_KINDS.state : PACKET_KINDS.commit,
      state,
      card,
      ...(commit === undefined ? {} : { commit }),
      ...(access === undefined ? {} : { access }),
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

  /** @returns whether it was applied; false: it was too late, and is gone. */
  private async submit(pending: PendingCommit): Promise<boolean> {
    const { home } = this;
    const { appendId, block, expect } = pending;
    const applied = home.applied(appendId);
    applied.catch(() => undefined);
    const right =
      (Object.keys(RIGHTS) as AppendRight[]).find((name) => RIGHTS[name] === pending.right) ?? 'writer';
    try {
      const input = { appendId, block, commitment: randomBytes(32), expect };
      const { sequence } = await home.append(right, input, changeOf(pending));
      const begins = home.record().incarnation === undefined || home.record().readId === undefined;
      if (begins && home.begin !== undefined) await home.begin(pending, sequence);
      return await applied;
    } catch (error) {
      // A right that is gone ends this try as a lost race does; whoever asked finds out what holds now.
      const stale = hasCode(error, 'NET_STALE');
      const dead = hasCode(error, 'NET_LINK_DEAD') || hasCode(error, 'NET_SUPERSEDED');
      if (!stale && !dead) throw error;
      // The right may have gone with the very packet that was taken.
      if (dead && (await home.landed(appendId))) return await applied;
      await this.drop(appendId);
      // Whoever is only coming in reads nothing yet: the next try looks at the slot anew.
      const isReading = home.record().incarnation !== undefined;
      if (dead && !isReading) throw error;
      if (isReading) await home.seen(stale && error instanceof NetRefusal ? error.current : expect + 1);
      return false;
    }
  }

  private drop(appendId: Uint8Array): Promise<void> {
    const { home } = this;
    return home.exclusively(() =>
      home.step(async (step) => {
        const partition = step.owner.conversationId;
        const now = await pendingCommits.get(step.tx, partition, 'commit');
        if (now !== undefined && toHex(now.appendId) === toHex(appendId))
          pendingCommits.del(step.tx, partition, 'commit');
      }),
    );
  }
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
