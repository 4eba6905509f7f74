// Group commit: collects decided changes and makes them durable together, one write after the other, in the order
// decided. A block acked before its commit begins is left out of it. Not its concern: what a change means
// (journal-records.ts), moving blocks on into the tables (checkpoint.ts).

import { ByteWriter } from './bytes.ts';
import { CommitPace, newBatch, type Batch } from './commit-pace.ts';
import type { JournalFile } from './journal-file.ts';
import { writeRecord, type Change } from './journal-records.ts';
import type { KeyFile } from './key-file.ts';
import { Resident, ROW_BYTES, sealRow } from './resident.ts';

/** At most so many blocks in one commit: sealing them holds the event loop. */
const BLOCKS_PER_COMMIT = 256;
/** A file this full is exchanged for the other as soon as that one is free. */
const SWITCH_AT = 0.75;
/** Changes that nobody waits for (acks) wait this long for company. */
const LAZY_MS = 50;
const RETRY_MS = 100;

/** Both files, and what waits for them. */
export class Journal {
  /** The number of the last change decided, and of the last one that is durable. */
  lsn: number;
  durableLsn: number;
  /** The last write failed: nothing new should be promised until one succeeds. */
  failing = false;
  /** Hears how many seconds each write took. */
  onCommit: ((seconds: number) => void) | undefined;
  private readonly keys: KeyFile;
  private readonly files: readonly [JournalFile, JournalFile];
  private active: JournalFile;
  private otherIsFree = true;
  private switchWanted = false;
  private readonly batches: Batch[] = [];
  private writing = false;
  private armed = false;
  private lazyTimer: NodeJS.Timeout | undefined;
  private forced = 0;
  private readonly pace = new CommitPace();
  private holdTimer: NodeJS.Timeout | undefined;
  private readonly meta = new ByteWriter(64 * 1024);
  private readonly onSwitch: () => void;

  constructor(options: {
    files: readonly [JournalFile, JournalFile];
    keys: KeyFile;
    lsn: number;
    onSwitch: () => void;
  }) {
    this.files = options.files;
    this.active = options.files[0];
    this.keys = options.keys;
    this.lsn = options.lsn;
    this.durableLsn = options.lsn;
    this.onSwitch = options.onSwitch;
  }

  /**
   * Takes a change as decided and gives it the next number. `blocks`: how many rows it may bring along. A change that
   * isn't urgent waits for the next one that is, at most 50 ms.
   */
  push(change: Change, blocks: number, urgent: boolean): number {
    let batch = this.batches[this.batches.length - 1];
    if (batch === undefined || batch.closed || batch.blocks >= BLOCKS_PER_COMMIT) {
      batch = newBatch(this.lsn + 1);
      this.batches.push(batch);
    }
    batch.changes.push(change);
    batch.blocks += blocks;
    if (change instanceof Resident) this.pace.entered(batch, change);
    this.lsn++;
    if (urgent) {
      batch.urgent = true;
      this.arm();
    } else if (!this.armed && !this.writing && this.lazyTimer === undefined) {
      this.lazyTimer = setTimeout(() => {
        this.lazyTimer = undefined;
        if (!this.writing) void this.writeNext();
      }, LAZY_MS);
    }
    return this.lsn;
  }

  /**
   * Settles when everything up to `lsn` is durable. Goes beyond the file's size where it must: a checkpoint waits
   * here, and without it no file would ever be free again.
   */
  async durableUpTo(lsn: number): Promise<void> {
    if (lsn <= this.durableLsn) return;
    this.forced = Math.max(this.forced, lsn);
    const batch = this.batches.find((one) => one.firstLsn + one.changes.length > lsn);
    if (batch === undefined) return;
    batch.urgent = true;
    this.arm();
    await batch.done;
  }

  /** A block was acked: its commit may have waited for that. */
  acked(resident: Resident): void {
    if (this.pace.acked(resident) && !this.writing) this.arm();
  }

  /** Settles when everything decided by now is durable. One promise for all changes of a commit. */
  durable(): Promise<void> {
    const batch = this.batches[this.batches.length - 1];
    if (batch === undefined) return SETTLED;
    if (!batch.urgent) {
      batch.urgent = true;
      this.arm();
    }
    return batch.done;
  }

  /** The file in use becomes the other one as soon as that is free; `onSwitch` then says that it has. */
  requestSwitch(): void {
    this.switchWanted = true;
    if (!this.writing) this.trySwitch();
  }

  get usedBytes(): number {
    return this.active.position;
  }

  /** Settles after `ms`, or when the file in use is a quarter full. */
  async calm(ms: number): Promise<void> {
    for (
      const until = performance.now() + ms;
      performance.now() < until && this.usedBytes < this.active.size / 4;
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** What the file not in use held lies in the tables, durably: its key is replaced, and it may be written again. */
  async release(): Promise<void> {
    const other = this.files[this.active.number === 0 ? 1 : 0];
    await this.keys.renewJournal(other.number);
    other.restart();
    this.otherIsFree = true;
    this.arm();
  }

  /** For the start only: goes on where the last process ended. `other`: the file not in use isn't free yet. */
  resume(from: { active: 0 | 1; other: boolean }): void {
    this.active = this.files[from.active];
    this.otherIsFree = !from.other;
    // A checkpoint was cut off: it is made up for at once.
    if (from.other) this.onSwitch();
  }

  close(): void {
    clearTimeout(this.lazyTimer);
    clearTimeout(this.holdTimer);
    for (const file of this.files) file.close();
  }

  private arm(): void {
    if (this.armed || this.writing) return;
    this.armed = true;
    setImmediate(this.check);
  }

  // Runs after the input of a turn was handled, when a change or an ack came in it, and when a wait is over.
  private readonly check = (): void => {
    this.armed = false;
    const batch = this.batches[0];
    if (batch === undefined || this.writing) return;
    clearTimeout(this.holdTimer);
    const now = performance.now();
    const waitMs = batch.firstLsn <= this.forced ? 0 : this.pace.waitMs(this.batches, now);
    if (waitMs > 0) this.holdTimer = setTimeout(this.check, Math.ceil(waitMs));
    else void this.writeNext();
  };

  private trySwitch(): void {
    if (!this.otherIsFree) return;
    this.switchWanted = false;
    this.otherIsFree = false;
    this.active = this.files[this.active.number === 0 ? 1 : 0];
    this.onSwitch();
  }

  private async writeNext(): Promise<void> {
    if (this.batches.length === 0 || this.writing) return;
    this.writing = true;
    if (this.active.position >= SWITCH_AT * this.active.size || this.switchWanted) this.trySwitch();
    const ready = this.pace.ready(this.batches, performance.now(), BLOCKS_PER_COMMIT);
    const first = ready[0] as Batch;
    for (const batch of ready) batch.closed = true;
    const changes = ready.length === 1 ? first.changes : ready.flatMap((batch) => batch.changes);
    const { meta } = this;
    const data = this.serialise(changes);
    // No room, and the other file not yet free: `release` arms again.
    const room = this.active.position + meta.length + (data?.length ?? 0) + 1024 <= this.active.size;
    if (!room && first.firstLsn > this.forced) {
      this.writing = false;
      return;
    }
    const key = this.keys.journal(this.active.number);
    for (;;) {
      try {
        const began = performance.now();
        await this.active.write(key, { meta, data, firstLsn: first.firstLsn });
        this.onCommit?.((performance.now() - began) / 1000);
        break;
      } catch {
        this.failing = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.failing = false;
    this.batches.splice(0, ready.length);
    this.durableLsn = first.firstLsn + changes.length - 1;
    for (const change of changes) settle(change);
    for (const batch of ready) batch.resolve();
    this.writing = false;
    if (this.switchWanted) this.trySwitch();
    if (this.batches.length > 0) {
      if (this.batches[0]?.urgent) this.arm();
      else
        this.lazyTimer ??= setTimeout(() => ((this.lazyTimer = undefined), void this.writeNext()), LAZY_MS);
    }
  }

  /** Fills `meta` and returns the rows. A second call for the same changes writes what is still to be written. */
  private serialise(changes: readonly Change[]): Buffer | undefined {
    const { meta } = this;
    meta.reset();
    meta.u32(0);
    let blocks = 0;
    for (const change of changes) {
      if (change instanceof Resident) blocks += change.rest === 'pending' ? 1 : 0;
      else if (Array.isArray(change)) for (const part of change) blocks += part instanceof Resident ? 1 : 0;
    }
    const data = blocks === 0 ? undefined : Buffer.allocUnsafeSlow(blocks * ROW_BYTES);
    let rows = 0;
    const write = (part: Resident | Buffer, continues: boolean): void => {
      if (part instanceof Resident && part.rest === 'pending' && data !== undefined) {
        part.written = true;
        this.pace.missed(part);
        if (part.sealed !== undefined) part.sealed.copy(data, rows * ROW_BYTES);
        if (part.sealed !== undefined || sealRow(part, this.keys, data, rows * ROW_BYTES)) rows++;
      }
      writeRecord(part, continues, meta);
    };
    for (const change of changes) {
      if (change instanceof Resident || Buffer.isBuffer(change)) write(change, false);
      else (change as readonly (Resident | Buffer)[]).forEach((part, i) => write(part, i > 0));
    }
    return rows === 0 ? undefined : data?.subarray(0, rows * ROW_BYTES);
  }
}

const SETTLED = Promise.resolve();

function settle(change: Change): void {
  if (change instanceof Resident) {
    if (change.rest === 'pending') change.rested();
  } else if (!Buffer.isBuffer(change)) {
    for (const part of change as readonly (Resident | Buffer)[]) settle(part);
  }
}
