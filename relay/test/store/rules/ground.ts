// What the rules stand on: a fresh store of one adapter for each test, its clock, and the few acts that most tests need.
import { afterEach, beforeEach } from '@jest/globals';
import type { ChannelStore, Grant, StoreLimits } from '../../../src/store/channel-store.ts';
import { type Clock, request, START, type StoreAdapter } from '../harness.ts';

const LIMITS: Partial<StoreLimits> = {
  mailboxBlocks: 8,
  logBlocks: 40,
  poolBlocks: 6,
  mailboxAppendIds: 64,
  logAppendIds: 128,
};

export class Ground {
  readonly adapter: StoreAdapter;
  store!: ChannelStore;
  clock!: Clock;
  private place = '';

  /** Sets itself up before each test of the block in which it is made, and is gone after. */
  constructor(adapter: StoreAdapter) {
    this.adapter = adapter;
    beforeEach(async () => {
      this.place = adapter.newPlace();
      this.clock = { seconds: START };
      this.store = await adapter.open(this.place, this.clock, LIMITS);
    });
    afterEach(async () => {
      await this.store.close();
      adapter.dispose(this.place);
    });
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await this.adapter.open(this.place, this.clock, LIMITS);
  }

  /** Appends and waits until it is durable. */
  async put(grant: Grant, more: Parameters<typeof request>[0] = {}) {
    const made = request(more);
    const accepted = await this.store.append(grant, made);
    await accepted.durable;
    return { ...accepted, ...made };
  }
}
