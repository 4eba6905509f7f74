// What an own ordered packet needs of its room on its way into the log: the right that it is appended with, a spill for
// what exceeds a block, and whether it has landed. When it is made, repeated or dropped is commits.ts' concern.
import { pause } from '../context.ts';
import { asKey, equalBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { OwnerKeyChange } from '../net/index.ts';
import type { AppendRight, CommitHome } from './commits.ts';
import { loadPending } from './group-store.ts';
import type { SpillRef } from './packet.ts';
import type { PendingCommit, RoomRecord } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { writeSpilled } from './spills.ts';
import type { RoomStep } from './step.ts';

export class Appends implements CommitHome {
  /** While coming in: what is done when the relay has accepted it. */
  begin?: (pending: PendingCommit, sequence: number) => Promise<void>;
  private readonly runner: RoomRunner;

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  record(): RoomRecord {
    return this.runner.record();
  }
  exclusively<R>(work: () => Promise<R>): Promise<R> {
    return this.runner.exclusively(work);
  }
  step<R>(work: (step: RoomStep) => Promise<R>): Promise<R> {
    return this.runner.step(work);
  }
  applied(appendId: Uint8Array): Promise<boolean> {
    return this.runner.ordered.applied(appendId);
  }
  seen(ordered: number): Promise<void> {
    return this.runner.ordered.seen(ordered);
  }

  pending(): Promise<PendingCommit | undefined> {
    const { runner } = this;
    return runner.host.context.vault.transact((tx) => loadPending(tx, runner.id));
  }

  pause(tries: number): Promise<void> {
    const { context, stopped } = this.runner.host;
    const { retryMs, retryMaxMs } = context.pace;
    return pause(Math.min(retryMaxMs, retryMs * 2 ** tries) * (0.5 + Math.random()), stopped);
  }

  async landed({ appendId, expect }: PendingCommit): Promise<boolean | undefined> {
    try {
      for (const back of [0, 1, 2]) {
        const slot = await this.runner.reading.readSlot(back);
        if (slot === undefined) return undefined;
        if (equalBytes(slot.appendId, appendId)) return true;
        if (slot.sequence <= expect) return false;
      }
    } catch {
      // Nor can this right: the log will tell.
    }
    return undefined;
  }

  async append(
    right: AppendRight,
    input: { appendId: Uint8Array; block: Uint8Array; commitment: Uint8Array; expect: number },
    change: OwnerKeyChange | undefined,
  ): Promise<{ sequence: number }> {
    const { expect, ...rest } = input;
    if (right === 'owner') {
      await this.runner.owning.replace();
      const { ownership, readId } = this.record();
      if (ownership === undefined || readId === undefined) throw new SottoError('ROOM_NOT_HOST');
      const keySeed = asKey('signing-seed', ownership.ownerSeed);
      const owner = this.runner.session().owner({ readId, keySeed });
      try {
        return await owner.orderedAppend({ ...rest, expect, ...(change === undefined ? {} : { change }) });
      } finally {
        owner.release();
      }
    }
    if (right === 'writer') {
      const writer = this.runner.outbox.right();
      if (writer === undefined) throw new SottoError('ROOM_ENTERING', { retry: 'later' });
      return writer.append({ ...rest, ordered: { expect } });
    }
    const joiner = this.joiner();
    try {
      return await joiner.append({ ...rest, ordered: { expect } });
    } finally {
      joiner.release();
    }
  }

  async writeRest(bytes: Uint8Array, right: AppendRight): Promise<SpillRef> {
    const { runner } = this;
    const writer = right === 'joiner' ? undefined : runner.outbox.right();
    if (writer !== undefined) return writeSpilled(runner.session(), bytes, writer);
    const joiner = this.joiner();
    try {
      return await writeSpilled(runner.session(), bytes, joiner);
    } finally {
      joiner.release();
    }
  }

  private joiner() {
    const { joinerSeed, writeId } = this.record();
    if (joinerSeed === undefined) throw new SottoError('ROOM_DOOR');
    const keySeed = asKey('signing-seed', joinerSeed);
    return this.runner.session().writer({ writeId, keySeed, right: 'joiner' });
  }
}
