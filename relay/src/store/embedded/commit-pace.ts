// When a group commit begins. A block acked before its commit is never written, so under load it pays to wait for the
// acks that are on their way; one message alone must not wait at all. Not its concern: writing (journal.ts).

import type { Change } from './journal-records.ts';
import type { Resident } from './resident.ts';

/** Up to so many changes, with nothing else waiting, are written at once. */
const FEW_CHANGES = 4;
/** Under load changes are gathered for so long, and then wait for their acks. */
const GATHER_MS = 1;
/** How long: a multiple of what the slowest of its readers takes lately, within bounds. */
const ACK_TIMES = 2;
const LEAST_MS = 10;
const MOST_MS = 100;
/** For a reader that takes longer than this nobody waits, until it is quick again. */
const PROMPT_MS = MOST_MS / ACK_TIMES;
/** How much one ack says about the next of its channel. */
const ACK_WEIGHT = 1 / 8;

/** Changes that become durable together. */
export interface Batch {
  readonly changes: Change[];
  readonly firstLsn: number;
  readonly since: number;
  blocks: number;
  /** Blocks whose reader is there and may still spare them the disk. */
  awaited: number;
  /** What the slowest of these readers takes lately. */
  ackMs: number;
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
    ackMs: 0,
    urgent: false,
    closed: false,
    done,
    resolve,
  };
}

export class CommitPace {
  entered(batch: Batch, resident: Resident): void {
    const { channel } = resident;
    // Whoever watches exclusively is a mailbox's reader; a writer watches too.
    if (channel.policy !== 'mailbox' || channel.exclusive === undefined) return;
    resident.batch = batch;
    if (channel.ackMs > PROMPT_MS) return;
    resident.awaited = true;
    batch.awaited++;
    if (channel.ackMs > batch.ackMs) batch.ackMs = channel.ackMs;
  }

  /** A block was acked, in time or not. Answers whether the batch of this block now waits for no other. */
  acked(resident: Resident): boolean {
    const { batch } = resident;
    if (batch === undefined) return false;
    took(resident, performance.now() - batch.since);
    if (!resident.awaited) return false;
    resident.awaited = false;
    return --batch.awaited === 0;
  }

  /** A block must be written although its reader is there. */
  missed(resident: Resident): void {
    if (resident.awaited) took(resident, MOST_MS);
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
    if (batch.awaited <= 0) return 0;
    const waitMs = Math.min(MOST_MS, Math.max(LEAST_MS, batch.ackMs * ACK_TIMES));
    return Math.max(0, batch.since + GATHER_MS + waitMs - now);
  }
}

function took({ channel }: Resident, ms: number): void {
  channel.ackMs += ACK_WEIGHT * (Math.min(ms, MOST_MS) - channel.ackMs);
}
