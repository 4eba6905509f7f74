// The ordered packets of one room's log as they come: asks the group what each means, lets transition.ts write it, and
// tells whoever waits for a packet of its own, or for one that others were first with. Called in the room's queue.
import { ORDERED_TTL_SECONDS } from '@sotto/wire';
import { equalBytes, toHex, wipe } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { ReceivedBlock } from '../net/index.ts';
import { isMine } from './commits.ts';
import { applyCommit, decodeGroup, type GroupState, roles } from './group/index.ts';
import { dropPending, loadPending } from './group-store.ts';
import { type Packet, PACKET_KINDS } from './packet.ts';
import { advance } from './reading.ts';
import { ROOM_PHASES } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { whole } from './slot.ts';
import { type Transition, transit } from './transition.ts';
import { findWay, type Way } from './ways.ts';
import { wordOn } from './word.ts';

export class Ordered {
  private readonly runner: RoomRunner;
  private readonly waitingSeen: { ordered: number; resolve: () => void; reject: (error: unknown) => void }[] =
    [];
  private readonly waitingApplied = new Map<
    string,
    { resolve: (applied: boolean) => void; reject: (error: unknown) => void }
  >();

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  /** Resolves once ordered packets up to this one were seen; rejects when the room stops. */
  seen(ordered: number): Promise<void> {
    const { runner } = this;
    if (runner.record().ordered >= ordered) return Promise.resolve();
    if (runner.isStopped) return Promise.reject(new SottoError('NET_CLOSED'));
    return new Promise((resolve, reject) => {
      this.waitingSeen.push({ ordered, resolve, reject });
    });
  }

  /** Resolves once this append was applied (true), or another ordered packet took its place (false). */
  applied(appendId: Uint8Array): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waitingApplied.set(toHex(appendId), { resolve, reject });
    });
  }

  /** The room began with this packet of mine, before anything was read. */
  began(appendId: Uint8Array): void {
    const key = toHex(appendId);
    this.waitingApplied.get(key)?.resolve(true);
    this.waitingApplied.delete(key);
  }

  stop(): void {
    const error = new SottoError('NET_CLOSED');
    for (const { reject } of this.waitingSeen.splice(0)) reject(error);
    for (const { reject } of this.waitingApplied.values()) reject(error);
    this.waitingApplied.clear();
  }

  async receive(block: ReceivedBlock): Promise<void> {
    const { runner } = this;
    const pending = await runner.appends.pending();
    const before = runner.group();
    if (isMine(pending, block.appendId)) {
      const next = pending.next === undefined ? undefined : await decodeGroup(pending.next);
      await this.transition(block, { before, next, pending });
      return;
    }
    const head = runner.reading.packetIn(block.block);
    if (head?.kind === PACKET_KINDS.state) {
      const place = { roomId: runner.roomId, place: runner.record().ordered };
      const word =
        before === undefined || head.word === undefined ? 'none' : wordOn(before, place, head.word);
      await this.transition(block, {
        before,
        isRepair: true,
        cannotOpen: word === 'another',
        isAgreed: word === 'mine',
      });
      runner.tell({ type: 'packet', head, sequence: block.sequence, vouched: word === 'mine' });
      return;
    }
    const { rejoinWanted } = runner.record();
    const commit = head?.kind === PACKET_KINDS.commit ? await this.commitOf(head) : undefined;
    if (commit === undefined || head === undefined || before === undefined || rejoinWanted) {
      await this.transition(block, {
        before,
        isVoid: !rejoinWanted && commit === undefined,
        ...(await this.wayIn(head)),
      });
      return;
    }
    if (commit === 'unreachable') await this.transition(block, { before, cannotOpen: true });
    else await this.follow(block, { before, head, commit });
  }

  private async follow(
    block: ReceivedBlock,
    { before, head, commit }: { before: GroupState; head: Packet; commit: Uint8Array },
  ): Promise<void> {
    const { runner } = this;
    const verdict = await applyCommit(before, commit, takenAt(block));
    if (verdict.kind === 'void') {
      await this.transition(block, { before, isVoid: true, ...(await this.wayIn(head)) });
      return;
    }
    // Mine, by a device that doesn't know it any more: what it leads to is lost to me.
    const isForgotten =
      verdict.kind === 'applied' &&
      verdict.returned.length === 0 &&
      equalBytes(verdict.committer, runner.me.publicKey);
    if (verdict.kind === 'cannot-open' || isForgotten) {
      await this.transition(block, { before, cannotOpen: true, ...(await this.wayIn(head)) });
      return;
    }
    const card = await this.cardOf(head, before, verdict.next);
    await this.transition(block, { before, next: verdict.next, verdict, ...card });
    wipe(...verdict.spent);
    runner.tell({ type: 'packet', head, sequence: block.sequence, vouched: true });
  }

  /** Of a commit that I don't follow. */
  private async wayIn(head: Packet | undefined): Promise<{ way?: Way }> {
    if (head?.kind !== PACKET_KINDS.commit) return {};
    const ways = head.ways ?? (await whole(this.runner, head))?.ways;
    const way = ways === undefined ? undefined : findWay(ways, this.runner.me);
    return way === undefined ? {} : { way };
  }

  private async commitOf(head: Packet): Promise<Uint8Array | 'unreachable' | undefined> {
    if (head.commit !== undefined) return head.commit;
    if (head.rest === undefined) return undefined;
    const packet = await whole(this.runner, head);
    return packet === undefined ? 'unreachable' : packet.commit;
  }

  private async cardOf(head: Packet, before: GroupState, next: GroupState): Promise<{ card?: Uint8Array }> {
    if (equalBytes(roles(before).cardHash, roles(next).cardHash)) return {};
    const card = head.card ?? (await whole(this.runner, head))?.card;
    return card === undefined ? {} : { card };
  }

  /** Writes what an ordered packet changed, and wakes whoever waits for it. */
  private async transition(block: ReceivedBlock, change: Omit<Transition, 'isLive'>): Promise<void> {
    const { runner } = this;
    const isLive = runner.reading.isCaughtUp;
    const outcome = await runner.step(
      async (step) => {
        advance(step, block);
        if ((await loadPending(step.tx, runner.id)) !== undefined) dropPending(step);
        return transit(step, { ...change, isLive }, block, runner.me);
      },
      () => {
        this.settle(change.next);
      },
    );
    for (const [key, waiting] of [...this.waitingApplied]) {
      this.waitingApplied.delete(key);
      waiting.resolve(key === toHex(block.appendId));
    }
    for (const waiting of this.waitingSeen.splice(0)) {
      if (waiting.ordered <= block.sequence) waiting.resolve();
      else this.waitingSeen.push(waiting);
    }
    if (outcome.rekeyed) {
      setTimeout(() => {
        runner.reading.open();
        runner.outbox.wake();
      }, 0);
    }
    if (change.cannotOpen === true) await runner.returning.lose();
    else runner.outbox.wake();
  }

  /** Durable: the group is now what the packet made of it. */
  private settle(next: GroupState | undefined): void {
    const { runner } = this;
    if (runner.record().phase === ROOM_PHASES.removed) {
      runner.setGroup(undefined);
      setTimeout(() => {
        runner.stop();
      }, 0);
    } else if (next !== undefined) {
      runner.setGroup(next);
      runner.reading.checkpointed();
    }
  }
}

/** The relay tells until when it keeps an ordered packet, rounded up: from that follows, for all alike, when it took it. */
function takenAt(block: ReceivedBlock): number {
  return Math.max(0, block.keptUntil - ORDERED_TTL_SECONDS) * 1_000;
}
