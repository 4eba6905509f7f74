// When a group commit begins. A block acked before its commit is never written, so under load it pays to wait for the
// acks that are on their way; one message alone must not wait at all. Not its concern: writing (journal.ts).

import type { Change } from './journal-records.ts';
import type { Resident } from './resident.ts';

/** Up to so many changes, with nothing else waiting, are written at once. */
const FEW_CHANGES = 4;
/** Under load changes are gathered for so long, and then wait for their acks. */
const GATHER_MS = 1;
/** How long: a multiple of what acks take lately. Where that is more than the most, nobody waits. */
const ACK_TIMES = 2;
const MOST_MS = 25;
const ACK_WEIGHT = 0.01;

/** Changes that become durable together. */
export interface Batch {
  readonly changes: Change[];
  readonly firstLsn: number;
  readonly since: number;
  blocks: number;
  /** Blocks whose reader is there and may still spare them the disk. */
  awaited: number;
  urgent: boolean;
  /** Takes no more changes. */
  closed: boolean;
  readonly done: Promise<void>;
  readonly resolve: () => void;
}

export function newBatch(firstLsn: number): Batch {
  let resolve!: () => void;
  const done = new Promise<void>((settled) => (resolve = settled));
  return {
    changes: [],
    firstLsn,
    since: performance.now(),
    blocks: 0,
    awaited: 0,
    urgent: false,
    closed: false,
    done,
    resolve,
  };
}

export class CommitPace {
  /** From append to ack, lately; of readers that are there. */
  private ackMs = 1;

  entered(batch: Batch, resident: Resident): void {
    if (resident.channel.policy !== 'mailbox' || resident.channel.watchers.length === 0) return;
    resident.batch = batch;
    batch.awaited++;
  }

  /** A block was acked, in time or not. Answers whether the batch of this block now waits for no other. */
  acked(resident: Resident): boolean {
    const { batch } = resident;
    if (batch === undefined) return false;
    this.ackMs += ACK_WEIGHT * (Math.min(performance.now() - batch.since, 4 * MOST_MS) - this.ackMs);
    return --batch.awaited === 0;
  }

  /** How long the first batch should still wait. */
  waitMs(batches: readonly Batch[], now: number): number {
    const last = batches[batches.length - 1] as Batch;
    if (last.changes.length > FEW_CHANGES && now - last.since >= GATHER_MS) last.closed = true;
    const first = batches[0] as Batch;
    if (batches.length === 1 && first.changes.length <= FEW_CHANGES) return 0;
    return this.left(first, now);
  }

  /** The batches at the front that need wait no longer, as many as fit into one commit; at least the first. */
  ready(batches: readonly Batch[], now: number, maxBlocks: number): readonly Batch[] {
    const ready: Batch[] = [];
    let blocks = 0;
    for (const batch of batches) {
      blocks += batch.blocks;
      if (ready.length > 0 && (!batch.urgent || blocks > maxBlocks || this.left(batch, now) > 0)) break;
      ready.push(batch);
    }
    return ready;
  }

  private left(batch: Batch, now: number): number {
    if (batch.awaited <= 0 || this.ackMs * ACK_TIMES > MOST_MS) return 0;
    return Math.max(0, batch.since + GATHER_MS + this.ackMs * ACK_TIMES - now);
  }
}
