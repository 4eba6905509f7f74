// The rules of a channel that need nothing but its state: who may, which key, how full. Pure but for `changeKeys`,
// which changes the channel it is given. Not its concern: sequences, durability, time's passing.

import type { Right } from '@sotto/wire';
import type { Grant, KeyChange, StoreLimits } from '../channel-store.ts';
import { EARLIER_READERS, ORDERED_BLOCKS, ORDERED_BLOCKS_OF_OWNER } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { keyText, type Channel, type KeyOfRight } from './channel.ts';

/** What the key may do on the channel now; throws UNKNOWN, or BLOCKED to one who held the right key. */
export function grantFor(channel: Channel | undefined, right: Right, publicKey: Uint8Array): Grant {
  if (channel === undefined) throw new Refusal('UNKNOWN');
  const current = channel.keyOf(right);
  const key = keyText(publicKey);
  let superseded = false;
  let until: number | undefined;
  let generation = current?.generation ?? 0;
  if (current?.key !== key) {
    superseded = true;
    if (right === 'writer' && channel.previousWriter === key) {
      generation = channel.writer.generation - 1;
    } else if (right === 'reader' && channel.policy === 'log') {
      // The newest first: the same key may have come twice.
      until = channel.earlierReaders.findLast((earlier) => earlier.key === key)?.until;
      if (until === undefined) throw new Refusal('UNKNOWN');
    } else {
      throw new Refusal('UNKNOWN');
    }
  }
  refuseBlocked(channel);
  return {
    channel: channel.ref,
    policy: channel.policy,
    right,
    generation,
    superseded,
    ...(until === undefined ? {} : { until }),
    incarnation: channel.incarnation,
    lastSequence: channel.head,
    orderedSequence: channel.orderedSequence,
  };
}

export function refuseBlocked(channel: Channel): void {
  if (channel.blocked !== undefined) throw new Refusal('BLOCKED', { reason: channel.blocked });
}

/** The grant's right, still held; a log's earlier reader counts where `earlier` says so. */
export function refuseReplaced(
  channel: Channel,
  grant: Grant,
  earlier: 'refused' | 'reads' = 'refused',
): void {
  if (grant.superseded && grant.until !== undefined && earlier === 'reads') return;
  const current = channel.keyOf(grant.right);
  if (!grant.superseded && current?.generation === grant.generation) return;
  throw new Refusal(grant.right === 'writer' ? 'SUPERSEDED' : 'UNKNOWN');
}

/** Whether one more block of this kind exceeds what the channel may hold. */
export function isFull(
  channel: Channel,
  kind: { ordered: boolean; owner: boolean },
  limits: StoreLimits,
): boolean {
  const { entries } = channel;
  if (kind.ordered) {
    return (
      channel.policy === 'log' &&
      entries.liveOrdered >= (kind.owner ? ORDERED_BLOCKS_OF_OWNER : ORDERED_BLOCKS)
    );
  }
  return entries.live - entries.liveOrdered >= blocksAllowed(channel, limits);
}

/** Whether a spill of so many blocks may be made under the channel. `reserved`: by others. */
export function mayLend(
  channel: Channel,
  ask: { limits: StoreLimits; reserved: number; blocks: number },
): boolean {
  const { limits, reserved, blocks } = ask;
  return channel.maxBlocks === 0 && reserved + blocks <= limits.logBlocks;
}

export function blocksAllowed(channel: Channel, limits: StoreLimits): number {
  switch (channel.policy) {
    case 'mailbox':
      return limits.mailboxBlocks;
    case 'log':
      return channel.maxBlocks === 0 ? limits.logBlocks : Math.min(channel.maxBlocks, limits.logBlocks);
    case 'pool':
      return limits.poolBlocks;
  }
}

/**
 * Replaces keys. A key that is there already stays as it is, so that a repeat after a lost answer ends no grant.
 * @param at - the last sequence that holders of the old reader key of a log may read.
 * @returns the rights whose grants end.
 */
export function changeKeys(channel: Channel, change: KeyChange, at: number): Right[] {
  const ended: Right[] = [];
  const fresh = (right: Right, key: Uint8Array | undefined): KeyOfRight | undefined => {
    if (key === undefined) return undefined;
    const current = channel.keyOf(right);
    const text = keyText(key);
    if (current?.key === text) return undefined;
    ended.push(right);
    return { key: text, generation: (current?.generation ?? 0) + 1 };
  };
  channel.owner = fresh('owner', change.ownerKey) ?? channel.owner;
  const reader = fresh('reader', change.readerKey);
  if (reader !== undefined) {
    if (channel.policy === 'log') {
      channel.earlierReaders.push({ key: channel.reader.key, until: at });
      if (channel.earlierReaders.length > EARLIER_READERS) channel.earlierReaders.shift();
    }
    channel.reader = reader;
  }
  const writer = fresh('writer', change.writerKey);
  if (writer !== undefined) {
    channel.previousWriter = channel.writer.key;
    channel.writer = writer;
    // The first writer key is gone: there is nothing left to secure.
    channel.secured = true;
  }
  channel.joiner = fresh('joiner', change.joinerKey) ?? channel.joiner;
  return ended;
}
