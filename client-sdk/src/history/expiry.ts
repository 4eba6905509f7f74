// Deletes timed lines when their time has come: row, index and the key that sealed them, in one transaction. Knows
// the nearest moment only, so that a device with many timed messages holds one timer.
import type { HistoryOwner } from './write.ts';
import { expireLine } from './write.ts';
import type { Vault } from '../store/index.ts';
import { timedLines } from './record.ts';

const MAX_TIMER_MS = 2_000_000_000;

export class Expiry {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private readonly vault: Vault;
  private readonly owner: HistoryOwner;
  private readonly now: () => number;
  private readonly expired: (position: number) => void;

  constructor(options: {
    vault: Vault;
    owner: HistoryOwner;
    now: () => number;
    expired: (position: number) => void;
  }) {
    this.vault = options.vault;
    this.owner = options.owner;
    this.now = options.now;
    this.expired = options.expired;
  }

  /** Deletes what is due and sleeps until the next. Call it again when a timed line was added. */
  async sweep(): Promise<void> {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const due: string[] = [];
    let next = Infinity;
    await this.vault.read(async (view) => {
      for await (const { key, value } of timedLines.scan(view, this.owner.conversationId)) {
        if (value.expiresAt <= this.now()) due.push(key);
        else next = Math.min(next, value.expiresAt);
      }
    });
    const gone: number[] = [];
    if (due.length > 0) {
      await this.vault.transact(async (tx) => {
        for (const id of due) {
          const position = await expireLine(tx, this.owner, id);
          if (position !== undefined) gone.push(position);
        }
      });
    }
    for (const position of gone) this.expired(position);
    if (next === Infinity || this.isStopped()) return;
    this.timer = setTimeout(
      () => {
        this.sweep().catch(() => undefined);
      },
      Math.min(MAX_TIMER_MS, Math.max(0, next - this.now())),
    );
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private isStopped(): boolean {
    return this.stopped;
  }
}
