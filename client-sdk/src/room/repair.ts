// Puts the right state back where newcomers would find none: over an ordered packet that is void, or whose state is not
// the one that all members have. One device does it: hosts first, then the others one after the other, and whoever is
// late finds it done. Which packet is void is the group's concern; how a packet gets into the log, that of commits.ts.
import { equalBytes } from '../crypto/index.ts';
import { openCard } from './card.ts';
import type { Prepared } from './commits.ts';
import { isStateOf, members, publicState, readPublicState, roles } from './group/index.ts';
import { COMMIT_KINDS, ROOM_PHASES } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { whole } from './slot.ts';
import type { RoomEffect } from './step.ts';
import { giveWord } from './word.ts';

/** A host waits for a part of the pause between two repairs, and everyone after it for one part more. */
const PARTS = 4;

type Newest = Extract<RoomEffect, { type: 'packet' }>;

export class Repairs {
  private readonly runner: RoomRunner;
  private readonly after: (name: string, ms: number, work: () => Promise<unknown>) => void;
  /** The last packet that counted, as it came. */
  private newest: Newest | undefined;
  /** The packet that is to be covered; nothing is done where it isn't the newest any more. */
  private badAt = 0;
  private lastAt = 0;

  /** @param after - runs once after about so long, unless one of that name waits already. */
  constructor(runner: RoomRunner, after: (name: string, ms: number, work: () => Promise<unknown>) => void) {
    this.runner = runner;
    this.after = after;
  }

  hear(effect: RoomEffect): void {
    const { runner } = this;
    const { pace } = runner.host.context;
    if (effect.type === 'packet') {
      this.newest = effect;
      if (runner.isHost) this.after('look', pace.greetMs * 2, () => this.look());
    }
    // Somebody may be in another epoch than I, and hears nothing that I say there.
    if (effect.type === 'astray' && runner.isHost) this.plan(runner.record().ordered, pace.rejoinMs / PARTS);
    if (effect.type === 'voided') this.plan(effect.sequence, (pace.rejoinMs / PARTS) * (1 + this.rank()));
  }

  private plan(sequence: number, ms: number): void {
    const { context } = this.runner.host;
    this.badAt = sequence;
    const rest = this.lastAt === 0 ? 0 : this.lastAt + context.pace.rejoinMs * 2 - context.now();
    this.after('repair', Math.max(ms, rest), () => this.repair());
  }

  /** How many are before me in turn. */
  private rank(): number {
    const group = this.runner.group();
    if (group === undefined) return 0;
    const all = members(group);
    const hosts = all.filter(({ isHost }) => isHost);
    const within = (list: typeof all) =>
      list.findIndex(({ pseudonym }) => equalBytes(pseudonym, this.runner.me.publicKey));
    return this.runner.isHost ? Math.max(0, within(hosts)) : PARTS + Math.max(0, within(all));
  }

  /** Whoever appended last may have put another state beside the commit, or an old packet again. */
  private async look(): Promise<void> {
    const { runner, newest } = this;
    if (newest === undefined || (newest.vouched && (await isGood(runner, newest)))) return;
    this.plan(newest.sequence, 0);
  }

  private async repair(): Promise<void> {
    const { runner, badAt } = this;
    if (runner.record().ordered !== badAt) return;
    this.lastAt = runner.host.context.now();
    await runner.commits.run(() => prepareRepair(runner, badAt));
  }
}

/** Whether a packet brings newcomers to the state that I have, or another one has taken its place. */
async function isGood(runner: RoomRunner, newest: Newest): Promise<boolean> {
  const group = runner.group();
  const isOver = (): boolean =>
    runner.record().ordered !== newest.sequence ||
    runner.record().phase !== ROOM_PHASES.in ||
    runner.group() === undefined;
  if (group === undefined || isOver()) return true;
  const packet = await whole(runner, newest.head);
  if (isOver()) return true;
  if (packet?.state === undefined || packet.card === undefined) return false;
  const { roomKey } = runner.record();
  try {
    openCard(packet.card, { roomKey, hash: roles(group).cardHash });
    const isSame = await isStateOf(group, await readPublicState(packet.state, { roomKey }));
    return isSame || isOver();
  } catch {
    return isOver();
  }
}

/**
 * The group's own state, ready to be put into the slot again.
 * @param badAt - only where this is still the newest ordered packet.
 */
export function prepareRepair(
  runner: RoomRunner,
  badAt: number = runner.record().ordered,
): Promise<Prepared | undefined> {
  return runner.exclusively(async () => {
    const group = runner.group();
    const { rejoinWanted, ordered, card } = runner.record();
    if (group === undefined || rejoinWanted || ordered !== badAt) return undefined;
    if (runner.outbox.right() === undefined) return undefined;
    return {
      kind: COMMIT_KINDS.state,
      expect: ordered,
      state: await publicState(group),
      card,
      right: 'writer' as const,
      ...(runner.isHost
        ? { word: giveWord(group, { roomId: runner.roomId, place: ordered }, runner.me) }
        : {}),
      ...runner.accessNow(group),
    };
  });
}
