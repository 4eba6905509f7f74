// A pool's claims: who holds which request until when, and withdrawing it. Called by redis-store.ts. Not its concern: the
// rules (lua/pools.ts), which reader is next (channel/).

import type { Policy } from '@sotto/wire';
import type { Grant, StoredBlock } from '../channel-store.ts';
import { refuseUnless } from '../common-rules.ts';
import { letters } from './entry.ts';
import type { Granted } from './granted.ts';
import { storedBlock } from './replies.ts';
import { Scripts } from './script.ts';
import { bytes, generationOf } from './words.ts';

export interface PoolParts {
  readonly granted: Granted;
  /** Settles once as many servers have it as were asked for. */
  replicated(base: string): Promise<void>;
  /** How many append ids a channel remembers. */
  remembered(policy: Policy): number;
}

export class Pools {
  readonly #parts: PoolParts;
  /** Claims of this process' handles: until when each has its block, which is its fence. */
  readonly #claims = new WeakMap<Grant, Map<number, number>>();

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  async claim(grant: Grant, leaseSeconds: number): Promise<StoredBlock | undefined> {
    refuseUnless(grant.right === 'reader');
    const entry = this.#parts.granted.entry(grant);
    const words = [letters.reader, generationOf(grant), String(leaseSeconds)];
    const reply = await this.#parts.granted.run(Scripts.claim, entry, words);
    if (reply.length === 0) return undefined;
    const [described, block, leasedUntil] = reply as [Buffer, Buffer, number];
    await this.#parts.replicated(entry.base);
    const stored = storedBlock(described, block);
    this.#holds(grant).set(stored.sequence, leasedUntil);
    return { ...stored, leasedUntil };
  }

  #holds(grant: Grant): Map<number, number> {
    let held = this.#claims.get(grant);
    if (held === undefined) this.#claims.set(grant, (held = new Map<number, number>()));
    return held;
  }

  async lease(grant: Grant, sequence: number, seconds: number): Promise<number> {
    refuseUnless(grant.right === 'reader');
    const entry = this.#parts.granted.entry(grant);
    const held = this.#holds(grant);
    const fence = String(held.get(sequence) ?? -1);
    const words = [letters.reader, generationOf(grant), String(sequence), String(seconds), fence];
    const [until] = (await this.#parts.granted.run(Scripts.lease, entry, words)) as [number];
    if (until === 0) held.delete(sequence);
    else held.set(sequence, until);
    await this.#parts.replicated(entry.base);
    if (until === 0) entry.tell({ type: 'appended' });
    return until;
  }

  async withdraw(grant: Grant, appendId: Uint8Array): Promise<void> {
    refuseUnless(grant.right === 'writer');
    const entry = this.#parts.granted.entry(grant);
    const remembered = String(this.#parts.remembered(grant.policy));
    const words = [letters.writer, generationOf(grant), remembered, bytes(appendId)];
    await this.#parts.granted.run(Scripts.withdraw, entry, words);
    await this.#parts.replicated(entry.base);
  }
}
