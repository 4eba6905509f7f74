// Appends to Redis: a handle's plain ones many at a time, ordered ones alone, and when they count as durable. Called by
// redis-store.ts. Not its concern: the order of a connection's frames (channel/append-batches.ts).

import type { Policy } from '@sotto/wire';
import type { Accepted, AppendRequest, Grant, StoreLimits } from '../channel-store.ts';
import { ORDERED_BLOCKS, ORDERED_BLOCKS_OF_OWNER, refuseUnless } from '../common-rules.ts';
import type { Refusal } from '../refusal.ts';
import { letters, type Entry } from './entry.ts';
import { Codes } from './lua/parts.ts';
import { accepted, refusalOf } from './replies.ts';
import { Scripts, type Script } from './script.ts';
import { bytes, generationOf, keyWords, type Argument } from './words.ts';

/** Accepted, refused, or (undefined) not tried because an earlier one of the batch was refused. */
export type Outcome = Accepted | Refusal | undefined;

export interface AppendParts {
  readonly limits: StoreLimits;
  run(script: Script, entry: Entry, words: readonly Argument[]): Promise<unknown[]>;
  replicated(entry: Entry): Promise<void>;
}

const blockBytes = 3_968;

export class Appends {
  readonly #parts: AppendParts;

  constructor(parts: AppendParts) {
    this.#parts = parts;
  }

  allowed(policy: Policy): number {
    const { mailboxBlocks, logBlocks, poolBlocks } = this.#parts.limits;
    return { mailbox: mailboxBlocks, log: logBlocks, pool: poolBlocks }[policy];
  }

  remembered(policy: Policy): number {
    const { mailboxAppendIds, logAppendIds } = this.#parts.limits;
    return policy === 'log' ? logAppendIds : mailboxAppendIds;
  }

  async plain(entry: Entry, grant: Grant, requests: readonly AppendRequest[]): Promise<readonly Outcome[]> {
    const words: Argument[] = [
      letters[grant.right],
      generationOf(grant),
      String(this.allowed(grant.policy)),
      String(this.remembered(grant.policy)),
    ];
    for (const request of requests) {
      refuseMalformed(request);
      words.push(bytes(request.appendId), bytes(request.commitment), bytes(request.block));
    }
    const reply = await this.#parts.run(Scripts.append, entry, words);
    const results = accepted(reply) as number[];
    let highest = 0;
    const durable = this.#durable(entry);
    const outcomes = requests.map((_, i): Outcome => {
      const code = results[3 * i];
      if (code === undefined) return undefined;
      const refusal = refusalOf(code);
      if (refusal !== undefined) return refusal;
      const sequence = results[3 * i + 1] as number;
      const duplicate = code === Codes.DUPLICATE;
      if (!duplicate) highest = sequence;
      return { sequence, duplicate, keptUntil: results[3 * i + 2] as number, durable };
    });
    entry.appendedUpTo(highest);
    return outcomes;
  }

  async ordered(entry: Entry, grant: Grant, request: AppendRequest): Promise<Accepted> {
    const { expect, change } = request.ordered as NonNullable<AppendRequest['ordered']>;
    const { orderedTtlSeconds, slotTtlSeconds } = this.#parts.limits;
    const isOwner = grant.right === 'owner';
    refuseUnless(change === undefined || isOwner);
    refuseMalformed(request);
    const reply = await this.#parts.run(Scripts.ordered, entry, [
      letters[grant.right],
      generationOf(grant),
      String(this.remembered(grant.policy)),
      String(expect),
      String(orderedTtlSeconds),
      String(slotTtlSeconds),
      String(isOwner ? ORDERED_BLOCKS_OF_OWNER : ORDERED_BLOCKS),
      bytes(request.appendId),
      bytes(request.commitment),
      bytes(request.block),
      ...keyWords(change),
    ]);
    const [sequence, keptUntil, ended, head] = accepted(reply) as [number, number, Buffer, number];
    entry.appendedUpTo(head);
    entry.keysChanged(ended.toString('latin1'), sequence);
    return { sequence, duplicate: reply[1] === Codes.DUPLICATE, keptUntil, durable: this.#durable(entry) };
  }

  /** Settles when it can't be lost: at once, since Redis answers when its own disk has it, or when replicas have it. */
  #durable(entry: Entry): Promise<void> {
    const durable = this.#parts.replicated(entry);
    // Whoever waits for it hears of a failure; perhaps nobody waits.
    durable.catch(() => undefined);
    return durable;
  }
}

function refuseMalformed({ appendId, commitment, block }: AppendRequest): void {
  refuseUnless(appendId.length === 16 && commitment.length === 32 && block.length === blockBytes);
}
