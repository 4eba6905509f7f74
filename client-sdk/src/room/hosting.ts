// What devices do for a room without being asked: tell newcomers the writer key, give signs that a host is there, take
// out the leaves of those who said goodbye, renew keys. All of it spaced and jittered, nothing of it before this device
// has caught up. How a bad slot is put right is repair.ts.
import { equalBytes, signingKeyPair, asKey, toHex } from '../crypto/index.ts';
import type { Prepared } from './commits.ts';
import { epoch, epochAuthenticator, members, proposeRemoval, proposeUpdate } from './group/index.ts';
import { preparedFrom } from './prepare.ts';
import { COMMIT_KINDS, memberRows, ROOM_PHASES } from './record.ts';
import { Repairs } from './repair.ts';
import { untilReturn } from './returning.ts';
import type { RoomRunner } from './runner.ts';
import type { RoomEffect } from './step.ts';

const CHECK_MS = 60_000;

export class Hosting {
  private readonly runner: RoomRunner;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private greetEpoch = 0;
  private readonly repairs: Repairs;

  constructor(runner: RoomRunner) {
    this.runner = runner;
    this.repairs = new Repairs(runner, (name, ms, work) => {
      this.after(name, ms, work);
    });
  }

  hear(effect: RoomEffect): void {
    const { pace } = this.runner.host.context;
    switch (effect.type) {
      case 'greet': {
        const { runner } = this;
        this.greetEpoch = epochOf(runner);
        this.after('greet', runner.isHost ? pace.greetMs : pace.greetLateMs, () => this.greet());
        return;
      }
      case 'greeted': {
        const { writerSeed } = this.runner.record();
        // A wrong key told by somebody doesn't keep the right one from being told.
        const isRight = writerSeed !== undefined && equalBytes(writerSeed, effect.writerSeed);
        if (isRight && effect.epoch >= this.greetEpoch) this.cancel('greet');
        return;
      }
      case 'flow':
        if (this.runner.isReading) this.runner.background(() => this.sign(effect.asked));
        return;
      case 'entered':
        // Says who I am, and asks a host who is there for a sign.
        this.runner.background(() => this.runner.sayControl({ hail: true }));
        return;
      case 'leaver':
        if (this.runner.isHost) this.after('leavers', pace.greetMs * 2, () => this.removeLeavers());
        return;
      case 'astray':
        if (!this.runner.isHost) this.after('ask', pace.rejoinMs, () => this.ask());
        this.repairs.hear(effect);
        return;
      case 'packet':
      case 'voided':
        this.repairs.hear(effect);
        return;
      case 'state':
        this.mindEntering();
        return;
      default:
    }
  }

  start(): void {
    this.after('check', CHECK_MS, () => this.check());
    // Closed while it waited to be greeted, and opened again.
    this.mindEntering();
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private after(name: string, ms: number, work: () => Promise<unknown>): void {
    if (this.timers.has(name)) return;
    const timer = setTimeout(
      () => {
        this.timers.delete(name);
        this.runner.background(work);
      },
      ms * (0.5 + Math.random()),
    );
    (timer as { unref?: () => void }).unref?.();
    this.timers.set(name, timer);
  }

  private cancel(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  private async greet(): Promise<void> {
    const { phase, writerSeed } = this.runner.record();
    if (phase !== ROOM_PHASES.in || writerSeed === undefined) return;
    await this.runner.sayControl({ welcome: { writerSeed } });
  }

  /** A host's beacon, while messages flow or somebody asks. */
  async sign(asked: boolean): Promise<void> {
    const { runner } = this;
    const { context } = runner.host;
    const { phase, signedAt, ordered, actionHead, actionIndex } = runner.record();
    const group = runner.group();
    if (!runner.isHost || phase !== ROOM_PHASES.in || group === undefined) return;
    const pauseMs = asked ? context.pace.greetMs : context.pace.beaconMs * (0.75 + Math.random() / 2);
    const nowMs = context.now();
    if (nowMs - signedAt < pauseMs) {
      // Whoever asks may have come in after the last one.
      if (asked) this.after('sign', pauseMs * 2, () => this.sign(true));
      return;
    }
    await runner.step((step) => {
      step.record = { ...step.record, signedAt: nowMs, beaconAt: Math.max(step.record.beaconAt, nowMs) };
      return Promise.resolve();
    });
    await runner.sayControl({
      beacon: {
        epoch: epoch(group),
        ordered,
        authenticator: epochAuthenticator(group),
        head: actionHead,
        actions: actionIndex,
      },
    });
  }

  private async check(): Promise<void> {
    this.after('check', CHECK_MS, () => this.check());
    const { runner } = this;
    const { now, pace } = runner.host.context;
    const { phase, updateAt, rejoinWanted } = runner.record();
    if (phase !== ROOM_PHASES.in || rejoinWanted || !runner.isReading) return;
    if (runner.isHost) await this.removeLeavers();
    const period = runner.isHost ? pace.hostUpdateMs : pace.memberUpdateMs;
    const next = (): number => Math.round(now() + period * (0.75 + Math.random() / 2));
    if (now() < updateAt) return;
    if (updateAt > 0) await this.update();
    const at = next();
    await runner.step((step) => {
      step.record = { ...step.record, updateAt: at };
      return Promise.resolve();
    });
  }

  /** New keys for my own leaf. */
  async update(): Promise<void> {
    const { runner } = this;
    await runner.commits.run(() =>
      runner.exclusively(async (): Promise<Prepared | undefined> => {
        const group = runner.group();
        if (group === undefined || runner.record().rejoinWanted) return undefined;
        return preparedFrom(runner, group, await proposeUpdate(group), { kind: COMMIT_KINDS.update });
      }),
    );
  }

  /** Those who said goodbye leave the tree, so that what follows isn't sealed for them. */
  async removeLeavers(): Promise<void> {
    const { runner } = this;
    if (runner.record().ownership === undefined) return;
    await runner.commits.run(() =>
      runner.exclusively(async (): Promise<Prepared | undefined> => {
        const group = runner.group();
        if (group === undefined || !runner.isHost) return undefined;
        const gone = new Set<string>();
        await runner.host.context.vault.read(async (view) => {
          for await (const { key, value } of memberRows.scan(view, runner.id))
            if (value.hasLeft) gone.add(key);
        });
        const leaves = members(group)
          .filter(({ pseudonym }) => gone.has(toHex(pseudonym)))
          .map(({ leaf }) => leaf);
        if (leaves.length === 0) return undefined;
        const proposed = await proposeRemoval(group, { leaves });
        return preparedFrom(runner, group, proposed, { kind: COMMIT_KINDS.host });
      }),
    );
  }

  /** Where it is I who am astray, a host can't open this, and says so where I can read it. */
  private async ask(): Promise<void> {
    if (this.runner.record().phase === ROOM_PHASES.in) await this.runner.sayControl({ hail: true });
  }

  /**
   * Whoever came in from a state that was old or false will never be answered: tried again, ever more seldom. The pause is
   * waited out while the state still holds, since who has given it up is deaf to the greeting that comes meanwhile.
   */
  private mindEntering(): void {
    const { runner } = this;
    if (runner.isStopped || runner.record().phase !== ROOM_PHASES.entering) return;
    const leastMs = runner.isReading ? 0 : runner.host.context.pace.greetLateMs;
    this.after('stuck', Math.max(leastMs, this.untilReturn()), async () => {
      if (runner.record().phase !== ROOM_PHASES.entering) return;
      // What the log holds may be the greeting.
      if (this.untilReturn() > 0 || !runner.isReading) this.mindEntering();
      else await runner.returning.lose();
    });
  }

  private untilReturn(): number {
    const record = this.runner.record();
    const { now, pace } = this.runner.host.context;
    const since = record.rejoinAt === 0 ? record.joinedAt : record.rejoinAt;
    return untilReturn(record, pace, { since, now: now() });
  }
}

function epochOf(runner: RoomRunner): number {
  const group = runner.group();
  return group === undefined ? 0 : epoch(group);
}

/** The room's key, at its owner. */
export function roomKeyOf(runner: RoomRunner) {
  const { roomSeed } = runner.record();
  return roomSeed === undefined ? undefined : signingKeyPair(asKey('signing-seed', roomSeed));
}
