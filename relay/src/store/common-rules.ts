// The rules that every store shares: limits, who may append what, what is lent to spills. Pure, but for the
// reservations, which are a store's memory. Not its concern: how a store keeps a channel.

import type { ChannelRef, Grant, StoreLimits } from './channel-store.ts';
import { Refusal } from './refusal.ts';

/** Ordered blocks of a log count apart, and the owner's reach further, so that a removal always gets through. */
export const ORDERED_BLOCKS = 1_024;
export const ORDERED_BLOCKS_OF_OWNER = ORDERED_BLOCKS + 256;
/** Replaced reader keys that a log remembers. */
export const EARLIER_READERS = 1_024;
/** Slots kept: the newest, and in a log so many before it. */
export const SLOTS_BEHIND = 16;
export const ORDERED_IDS = 16;
/** How many channels the operator may close on one day. */
export const BLOCKED_A_DAY = 20;
/** Expiry is kept by the hour where blocks live for a day or more, else by the minute: what rests tells less. */
export const COARSE_FROM_SECONDS = 86_400;
/** Sequences are 32-bit. */
export const MAX_SEQUENCE = 0xffffffff;

export const DEFAULT_LIMITS: StoreLimits = {
  mailboxBlocks: 128,
  logBlocks: 8_192,
  poolBlocks: 1_024,
  mailboxAppendIds: 1_024,
  logAppendIds: 16_384,
  maxTtlSeconds: { mailbox: 30 * 86_400, log: 30 * 86_400, pool: 86_400 },
  defaultTtlSeconds: { mailbox: 14 * 86_400, log: 86_400, pool: 1_800 },
  orderedTtlSeconds: 7 * 86_400,
  slotTtlSeconds: 30 * 86_400,
  channelIdleSeconds: 180 * 86_400,
};

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function refuseUnless(allowed: boolean): void {
  if (!allowed) throw new Refusal('INVALID');
}

/** Which rights may append what; see "Ordered append" in docs/protocol.md. */
export function mayAppend(grant: Grant, ordered: boolean): boolean {
  if (!ordered) return grant.right === 'writer';
  if (grant.right === 'owner') return true;
  return grant.policy === 'log' && (grant.right === 'writer' || grant.right === 'joiner');
}

/**
 * What channels have lent to spills made under them: apart from their blocks, together up to the quota of a log, so that
 * what is attached is neither bounded by how many messages may wait, nor keeps a single one from getting through. A spill
 * lends nothing on, or one token would buy a chain of them. In memory only: at rest it would link the two.
 */
export class SpillReservations {
  private readonly lent = new Map<ChannelRef, { spill: ChannelRef; blocks: number; until: number }[]>();

  reserved(against: ChannelRef, now: number): number {
    const loans = this.lent.get(against);
    if (loans === undefined) return 0;
    const running = loans.filter((loan) => loan.until > now);
    if (running.length === 0) this.lent.delete(against);
    else if (running.length < loans.length) this.lent.set(against, running);
    return running.reduce((sum, loan) => sum + loan.blocks, 0);
  }

  lend(against: ChannelRef, loan: { spill: ChannelRef; blocks: number; until: number }): void {
    this.lent.set(against, [...(this.lent.get(against) ?? []), loan]);
  }

  /** A deleted spill gives back at once; others when their blocks have expired. */
  giveBack(spill: ChannelRef): void {
    for (const [against, loans] of this.lent) {
      const left = loans.filter((loan) => loan.spill !== spill);
      if (left.length < loans.length) this.lent.set(against, left);
    }
  }
}
