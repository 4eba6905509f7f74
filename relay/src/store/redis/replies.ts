// Reads what scripts answer: refusals, entries of blocks. Not its concern: asking.

import type { Reason, RefusalCode } from '@sotto/wire';
import type { StoredBlock } from '../channel-store.ts';
import { Refusal } from '../refusal.ts';
import { Codes } from './lua/parts.ts';

const refusals = new Map<number, RefusalCode>([
  [Codes.UNKNOWN, 'UNKNOWN'],
  [Codes.BLOCKED, 'BLOCKED'],
  [Codes.SUPERSEDED, 'SUPERSEDED'],
  [Codes.INVALID, 'INVALID'],
  [Codes.STALE, 'STALE'],
  [Codes.QUOTA, 'QUOTA'],
  [Codes.LIMIT, 'LIMIT'],
]);

/** The refusal behind a script's code; undefined where it is none. */
export function refusalOf(code: unknown, extra?: unknown): Refusal | undefined {
  const word = refusals.get(code as number);
  if (word === undefined) return undefined;
  if (word === 'STALE') return new Refusal(word, { current: Number(extra) });
  if (word === 'BLOCKED') return new Refusal(word, { reason: String(extra) as Reason });
  return new Refusal(word);
}

/** What follows time and code; throws the refusal where the code is one. */
export function accepted(reply: readonly unknown[]): readonly unknown[] {
  const refusal = refusalOf(reply[1], reply[2]);
  if (refusal !== undefined) throw refusal;
  return reply.slice(2);
}

const ENTRY_BYTES = 60;

/** An index entry (lua/parts.ts) and its block; an ordered one's entry is marked by a byte more. */
export function storedBlock(entry: Buffer, block: Buffer): StoredBlock {
  return {
    sequence: entry.readUInt32BE(0),
    appendId: entry.subarray(4, 20),
    keptUntil: entry.readUInt32BE(20) * 60,
    hour: entry.readUInt32BE(24),
    commitment: entry.subarray(28, ENTRY_BYTES),
    ordered: entry.length > ENTRY_BYTES,
    block,
  };
}
