// Coming back: a device whose state of the group is no use any more makes an external commit from the newest good state,
// visibly, and ever more seldom while that brings nothing. When that is so, others say: ordered.ts, reading.ts.
import { Backoff, pause, type Pace, restOf } from '../context.ts';
import { hasCode } from '../errors.ts';
import { blockKeyOf } from './block.ts';
import type { Prepared } from './commits.ts';
import { encodeGroup, joinExternally } from './group/index.ts';
import { roomKeyHash } from './link.ts';
import type { SpillRef } from './packet.ts';
import { ALIVE, COMMIT_KINDS, ROOM_PHASES, type RoomRecord } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { findState } from './slot.ts';

/** Returns in vain make the next wait longer, up to so many doublings. */
const MAX_DOUBLINGS = 6;

/** How long until the next return may begin. @param time.since - Unix ms from which it counts. */
export function untilReturn(
  { rejoins }: Pick<RoomRecord, 'rejoins'>,
  { rejoinMs }: Pick<Pace, 'rejoinMs'>,
  time: { readonly since: number; readonly now: number },
): number {
  return restOf(rejoinMs * 2 ** Math.min(rejoins, MAX_DOUBLINGS), time);
}

export class Returning {
  private readonly runner: RoomRunner;
  private isUnderWay = false;

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  /** This device's state of the group is no use any more. */
  async lose(): Promise<void> {
    await this.runner.step((step) => {
      if (!ALIVE.includes(step.record.phase)) return Promise.resolve();
      step.record = { ...step.record, rejoinWanted: true, phase: ROOM_PHASES.rejoining };
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
    this.begin();
  }

  /** Comes back in the background, if that is wanted. */
  begin(): void {
    const { runner } = this;
    if (this.isUnderWay || runner.isStopped) return;
    this.isUnderWay = true;
    runner.background(async () => {
      const { context, stopped } = runner.host;
      const backoff = new Backoff(context.pace);
      try {
        while (runner.record().rejoinWanted && runner.isAlive) {
          const time = { since: runner.record().rejoinAt, now: context.now() };
          const wait = untilReturn(runner.record(), context.pace, time);
          if (wait > 0) await pause(wait, stopped);
          try {
            await runner.commits.run(() => this.prepare());
          } catch (error) {
            if (hasCode(error, 'NET_CLOSED') || stopped.aborted) throw error;
            await pause(backoff.nextMs(), stopped);
          }
        }
      } finally {
        this.isUnderWay = false;
      }
    });
  }

  private async prepare(): Promise<Prepared | undefined> {
    const { runner } = this;
    const { rejoinWanted, roomSecret, roomKey, ticket } = runner.record();
    if (!rejoinWanted || roomSecret === undefined) return undefined;
    const source = {
      readSlot: (back: number) => runner.reading.readSlot(back),
      readRest: (ref: SpillRef) => runner.readRest(ref),
    };
    const good = await findState(source, blockKeyOf(roomSecret), roomKeyHash(roomKey));
    await runner.ordered.seen(good.expect);
    const pass = ticket === undefined ? {} : { ticket };
    const proposed = await joinExternally({ state: good.state, pseudonym: runner.me, ...pass });
    await runner.step((step) => {
      step.record = { ...step.record, rejoinAt: step.nowMs, rejoins: step.record.rejoins + 1 };
      return Promise.resolve();
    });
    return {
      kind: COMMIT_KINDS.rejoin,
      expect: good.expect,
      commit: proposed.commit,
      next: encodeGroup(proposed.next),
      state: proposed.publicState,
      card: good.card.bytes,
      right: runner.outbox.right() === undefined ? 'joiner' : 'writer',
      spent: proposed.spent,
      ...(good.access === undefined ? {} : { access: good.access }),
    };
  }
}
