// What only pools know: claims under a lease, and the author's withdrawal. Called by embedded-store.ts. Not its
// concern: which reader is next (channel/delivery.ts).

import type { Right } from '@sotto/wire';
import type { Grant, StoredBlock } from '../channel-store.ts';
import { refuseUnless } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { APPENDED, notify, type Blocks } from './blocks.ts';
import type { Channel } from './channel.ts';
import type { Engine } from './engine.ts';
import { leaseRecord } from './journal-records.ts';
import { refuseReplaced } from './rules.ts';

export class Pools {
  private readonly engine: Engine;
  private readonly blocks: Blocks;
  /** Until when each handle has what it claimed: its fence. One that was claimed anew has another end. */
  private readonly claims = new WeakMap<Grant, Map<number, number>>();

  constructor(engine: Engine, blocks: Blocks) {
    this.engine = engine;
    this.blocks = blocks;
  }

  async claim(grant: Grant, leaseSeconds: number): Promise<StoredBlock | undefined> {
    const channel = this.pool(grant, 'reader');
    this.engine.refuseWhenUnable();
    const now = this.engine.now();
    for (
      let at = channel.entries.nextLive(1, channel.head);
      at !== 0;
      at = channel.entries.nextLive(at + 1, channel.head)
    ) {
      if ((channel.leases.get(at) ?? 0) > now) continue;
      const block = this.blocks.load(channel, at);
      if (block === undefined) continue;
      const leasedUntil = this.setLease(channel, at, leaseSeconds);
      this.held(grant).set(at, leasedUntil);
      await this.engine.journal.durable();
      return { ...block, leasedUntil };
    }
    return undefined;
  }

  async lease(grant: Grant, sequence: number, seconds: number): Promise<number> {
    const channel = this.pool(grant, 'reader');
    this.engine.refuseWhenUnable();
    const held = this.held(grant);
    const isHolder = channel.leases.get(sequence) === held.get(sequence);
    if (!channel.entries.isLive(sequence) || !held.has(sequence) || !isHolder) throw new Refusal('UNKNOWN');
    const until = this.setLease(channel, sequence, seconds);
    if (until === 0) held.delete(sequence);
    else held.set(sequence, until);
    await this.engine.journal.durable();
    if (until === 0) notify(channel, APPENDED);
    return until;
  }

  private held(grant: Grant): Map<number, number> {
    let held = this.claims.get(grant);
    if (held === undefined) this.claims.set(grant, (held = new Map<number, number>()));
    return held;
  }

  private setLease(channel: Channel, sequence: number, seconds: number): number {
    const until =
      seconds === 0 ? 0 : Math.min(this.engine.now() + seconds, channel.entries.expiryMinute(sequence) * 60);
    if (until === 0) channel.leases.delete(sequence);
    else channel.leases.set(sequence, until);
    this.engine.change(channel, leaseRecord(channel, sequence, until), 0, true);
    return until;
  }

  async withdraw(grant: Grant, appendId: Uint8Array): Promise<void> {
    const channel = this.pool(grant, 'writer');
    const sequence = channel.entries.find(appendId);
    // Gone already, or never there: the author can't be told apart from one who guesses, and needn't be.
    if (sequence !== 0 && channel.entries.isLive(sequence)) this.blocks.remove(channel, sequence, true);
    await this.blocks.durable(channel);
  }

  private pool(grant: Grant, right: Right): Channel {
    const channel = this.blocks.open(grant);
    refuseUnless(channel.policy === 'pool' && grant.right === right);
    refuseReplaced(channel, grant);
    this.blocks.prune(channel);
    return channel;
  }
}
