// Which key a member writes with when the one that it has is refused: a removal may be on its way here with a new one, or
// somebody told a newcomer a wrong one and another member the right one. Where none is left, the device comes back.
import { Backoff, pause } from '../context.ts';
import { toHex } from '../crypto/index.ts';
import type { SlotBlock } from '../net/index.ts';
import { requeue } from './outbox.ts';
import { ALIVE } from './record.ts';
import type { RoomRunner } from './runner.ts';
import type { RoomEffect } from './step.ts';

const MAX_TOLD = 8;

export class WriterKeys {
  private readonly runner: RoomRunner;
  /** Told by members, newest last: one of them is right where the present one is refused. */
  private told: Uint8Array[] = [];
  private readonly dead = new Set<string>();

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  hear(effect: RoomEffect): void {
    if (effect.type === 'greeted') this.told = [...this.told.slice(1 - MAX_TOLD), effect.writerSeed];
    if (effect.type === 'switched') this.told = [];
  }

  /** The relay takes no message under the key that I have. */
  lost(): void {
    const { runner } = this;
    const { writerSeed } = runner.record();
    if (writerSeed !== undefined) this.dead.add(toHex(writerSeed));
    runner.background(async () => {
      // The removal itself may still be on its way here, and with it the key that holds now.
      await pause(runner.host.context.pace.greetLateMs, runner.host.stopped);
      const slot = await this.newest();
      if (slot === undefined || !this.hasRefused(writerSeed)) return;
      await runner.ordered.seen(slot.sequence);
      const now = runner.record().writerSeed;
      if (!runner.isAlive || (now !== undefined && !this.isDead(now))) return;
      const other = this.told.find((seed) => !this.isDead(seed));
      await runner.exclusively(() =>
        runner.step((step) => {
          if (!ALIVE.includes(step.record.phase)) return Promise.resolve();
          const { writerSeed: _, ...rest } = step.record;
          step.record = other === undefined ? rest : { ...rest, writerSeed: other };
          step.effects.push({ type: 'state' });
          return requeue(step);
        }),
      );
      if (other === undefined) await runner.returning.lose();
      else runner.outbox.wake();
    });
  }

  /** The log was made anew, with the keys that it had: whatever was refused since it was lost is good again. */
  revive(): void {
    this.dead.clear();
  }

  private hasRefused(seed: Uint8Array | undefined): boolean {
    return seed === undefined || this.isDead(seed);
  }

  /** The slot, as soon as it can be read: a log that isn't there says nothing of keys. */
  private async newest(): Promise<SlotBlock | undefined> {
    const { runner } = this;
    const backoff = new Backoff(runner.host.context.pace);
    while (runner.isAlive && this.dead.size > 0) {
      const slot = await runner.reading.readSlot(0).catch(() => undefined);
      if (slot !== undefined) return slot;
      await pause(backoff.nextMs(), runner.host.stopped);
    }
    return undefined;
  }

  private isDead(seed: Uint8Array): boolean {
    return this.dead.has(toHex(seed));
  }
}
