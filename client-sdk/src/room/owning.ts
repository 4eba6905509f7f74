// The right to change the log's keys, replaced when it must leave other hands: after an import, which is a move, and when
// the log was made anew under the key from which its ids follow, which every former co-host knows. The new key is written
// down before the relay hears of it, and told to the other hosts in the step that adopts it.
import { asKey, boxKeyOfVerifyKey, equalBytes, sealToBox } from '../crypto/index.ts';
import { Backoff, pause } from '../context.ts';
import { hasCode } from '../errors.ts';
import { encodeControl, encodePrivate, ROOM_CONTROL_TYPE } from './control.ts';
import { roles } from './group/index.ts';
import type { Ownership } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { enqueue } from './say.ts';
import type { RoomStep } from './step.ts';

export class Owning {
  private readonly runner: RoomRunner;
  private underWay: Promise<void> | undefined;

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  /** Where a new key is written down: until it holds, however long that takes. */
  begin(): void {
    const { runner } = this;
    if (runner.record().ownership?.nextOwnerSeed === undefined) return;
    runner.background(async () => {
      const backoff = new Backoff(runner.host.context.pace);
      while (!runner.isStopped) {
        try {
          await this.replace();
          return;
        } catch (error) {
          if (hasCode(error, 'NET_CLOSED')) throw error;
          await pause(backoff.nextMs(), runner.host.stopped);
        }
      }
    });
  }

  /** Nothing is done with the right before this resolves. @throws SottoError NET_… */
  replace(): Promise<void> {
    this.underWay ??= this.run().finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  private async run(): Promise<void> {
    const { runner } = this;
    const { ownership } = runner.record();
    const next = ownership?.nextOwnerSeed;
    if (ownership === undefined || next === undefined) return;
    let holds = await this.change(ownership.ownerSeed, next);
    // Perhaps it was done already, and the answer lost.
    if (!holds) holds = await this.change(next, next);
    await runner.exclusively(() => runner.step((step) => this.adopt(step, holds ? next : undefined)));
  }

  /** @returns false where the key to do it with doesn't hold. */
  private async change(present: Uint8Array, next: Uint8Array): Promise<boolean> {
    const { runner } = this;
    const { readId } = runner.record();
    if (readId === undefined) return false;
    const owner = runner.session().owner({ readId, keySeed: asKey('signing-seed', present) });
    try {
      await owner.changeKeys({ ownerSeed: asKey('signing-seed', next) });
      return true;
    } catch (error) {
      if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED')) throw error;
      return false;
    } finally {
      owner.release();
    }
  }

  /** @param ownerSeed - undefined: another host was first, and tells me theirs. */
  private async adopt(step: RoomStep, ownerSeed: Uint8Array | undefined): Promise<void> {
    const { ownership, joinerSeed } = step.record;
    if (ownership === undefined) return;
    const { nextOwnerSeed: _, ...now } = ownership;
    const adopted: Ownership = ownerSeed === undefined ? now : { ...now, ownerSeed };
    step.record = { ...step.record, ownership: adopted };
    const group = this.runner.group();
    if (ownerSeed === undefined || joinerSeed === undefined || group === undefined) return;
    const { originSeed, salt } = now;
    const paper = encodePrivate({ owner: { originSeed, ownerSeed, salt, joinerSeed } });
    for (const host of roles(group).hosts) {
      if (equalBytes(host, this.runner.me.publicKey)) continue;
      const box = sealToBox(boxKeyOfVerifyKey(asKey('verify', host)), paper);
      await enqueue(step, { type: ROOM_CONTROL_TYPE, bytes: encodeControl({ box }) });
    }
  }
}
