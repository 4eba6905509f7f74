// Appends, plain and ordered: known already, allowed, room for it; then it has its sequence and readers may see it.
// Called by embedded-store.ts. Not its concern: when it is durable (journal.ts).

import type { Accepted, AppendRequest, Grant, StoredBlock } from '../channel-store.ts';
import {
  MAX_SEQUENCE,
  mayAppend,
  ORDERED_IDS,
  refuseUnless,
  sameBytes,
  SLOTS_BEHIND,
} from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { APPENDED, notify, type Blocks } from './blocks.ts';
import type { Channel, SlotEntry } from './channel.ts';
import type { Engine } from './engine.ts';
import { channelRecord } from './journal-records.ts';
import { BLOCK_BYTES, Resident, rowKey } from './resident.ts';
import { changeKeys, refuseReplaced } from './rules.ts';

export class Appends {
  private readonly engine: Engine;
  private readonly blocks: Blocks;

  constructor(engine: Engine, blocks: Blocks) {
    this.engine = engine;
    this.blocks = blocks;
  }

  /** Decides one append within the call; throws its refusals. */
  append(grant: Grant, request: AppendRequest): Accepted {
    const { engine } = this;
    const channel = this.blocks.open(grant);
    const { ordered } = request;
    refuseUnless(mayAppend(grant, ordered !== undefined));
    const known = this.appended(channel, request.appendId);
    if (known !== undefined) return known;
    refuseReplaced(channel, grant);
    engine.refuseWhenUnable();
    refuseUnless(
      request.block.length === BLOCK_BYTES &&
        request.commitment.length === 32 &&
        request.appendId.length === 16,
    );
    return ordered === undefined
      ? this.appendPlain(channel, request)
      : this.appendOrdered(channel, grant, request, ordered);
  }

  private appended(channel: Channel, appendId: Uint8Array): Accepted | undefined {
    const sequence = channel.entries.find(appendId);
    if (sequence !== 0) {
      const expiryMinute = channel.entries.isLive(sequence) ? channel.entries.expiryMinute(sequence) : 0;
      const keptUntil = expiryMinute > this.engine.nowMinute() ? expiryMinute * 60 : 0;
      return { sequence, duplicate: true, keptUntil, durable: this.blocks.durable(channel) };
    }
    const before = channel.orderedIds.find((one) => sameBytes(one.appendId, appendId));
    if (before === undefined) return undefined;
    const slot = channel.slots.find((one) => one.sequence === before.sequence);
    const kept = slot !== undefined && slot.expiryMinute > this.engine.nowMinute();
    return {
      sequence: before.sequence,
      duplicate: true,
      keptUntil: kept ? slot.expiryMinute * 60 : 0,
      durable: this.blocks.durable(channel),
    };
  }

  private appendPlain(channel: Channel, request: AppendRequest): Accepted {
    const { engine } = this;
    if (this.blocks.full(channel, { ordered: false, owner: false })) throw new Refusal('QUOTA');
    const resident = this.enter(channel, request, { ttlSeconds: channel.ttlSeconds, ordered: false });
    engine.change(channel, resident, 1, true);
    notify(channel, APPENDED);
    return {
      sequence: resident.sequence,
      duplicate: false,
      keptUntil: resident.expiryMinute * 60,
      durable: engine.journal.durable(),
    };
  }

  private appendOrdered(
    channel: Channel,
    grant: Grant,
    request: AppendRequest,
    ordered: NonNullable<AppendRequest['ordered']>,
  ): Accepted {
    const { engine } = this;
    refuseUnless(ordered.change === undefined || grant.right === 'owner');
    if (ordered.expect !== channel.orderedSequence)
      throw new Refusal('STALE', { current: channel.orderedSequence });
    if (this.blocks.full(channel, { ordered: true, owner: grant.right === 'owner' }))
      throw new Refusal('QUOTA');
    const isLog = channel.policy === 'log';
    const delivered = isLog
      ? this.enter(channel, request, { ttlSeconds: this.engine.limits.orderedTtlSeconds, ordered: true })
      : undefined;
    const sequence = delivered?.sequence ?? channel.orderedSequence + 1;
    channel.orderedSequence = sequence;
    const kept = this.keepInSlot(channel, request, sequence);
    const ended = ordered.change === undefined ? [] : changeKeys(channel, ordered.change, sequence);
    const parts = [channelRecord(channel), kept];
    engine.change(channel, delivered === undefined ? parts : [delivered, ...parts], 2, true);
    notify(channel, APPENDED);
    if (ended.length > 0) notify(channel, { type: 'keys', rights: ended, at: sequence });
    const expiryMinute = (delivered ?? kept).expiryMinute;
    return { sequence, duplicate: false, keptUntil: expiryMinute * 60, durable: engine.journal.durable() };
  }

  /** Gives the next sequence and makes the block visible to readers. */
  private enter(
    channel: Channel,
    request: AppendRequest,
    kind: { ttlSeconds: number; ordered: boolean },
  ): Resident {
    const { engine } = this;
    const sequence = channel.head + 1;
    if (sequence >= MAX_SEQUENCE) throw new Refusal('QUOTA');
    const now = engine.now();
    const expiryMinute = engine.expiryMinute(now, kind.ttlSeconds);
    const rowCounter = engine.nextRowCounter();
    const stored: StoredBlock = {
      sequence,
      appendId: request.appendId,
      block: request.block,
      commitment: request.commitment,
      ordered: kind.ordered,
      hour: Math.floor(now / 3600),
      keptUntil: expiryMinute * 60,
    };
    const resident = new Resident(channel, false, { sequence, expiryMinute, rowCounter, entry: stored });
    resident.plain = stored;
    channel.head = sequence;
    const forgotten = channel.entries.add(sequence, {
      appendId: request.appendId,
      expiryMinute,
      rowCounter,
      hour: stored.hour,
      ordered: kind.ordered,
      live: true,
    });
    if (forgotten !== undefined) channel.removedChunks.push(...forgotten);
    channel.residents.set(sequence, resident);
    return resident;
  }

  private keepInSlot(channel: Channel, request: AppendRequest, sequence: number): Resident {
    const { engine } = this;
    const now = engine.now();
    const expiryMinute = engine.expiryMinute(now, this.engine.limits.slotTtlSeconds);
    const entry = { appendId: request.appendId.slice(), hour: Math.floor(now / 3600), ordered: true };
    const resident = new Resident(channel, true, {
      sequence,
      expiryMinute,
      rowCounter: engine.nextRowCounter(),
      entry,
    });
    resident.plain = {
      ...entry,
      sequence,
      block: request.block,
      commitment: request.commitment,
      keptUntil: expiryMinute * 60,
    };
    channel.slots.unshift({
      sequence,
      appendId: entry.appendId,
      expiryMinute,
      rowCounter: resident.rowCounter,
      resident,
    });
    for (const old of channel.slots.splice(channel.policy === 'log' ? 1 + SLOTS_BEHIND : 1))
      this.dropSlot(channel, old);
    if (channel.policy !== 'log') {
      channel.orderedIds.push({ appendId: entry.appendId, sequence });
      if (channel.orderedIds.length > ORDERED_IDS) channel.orderedIds.shift();
    }
    return resident;
  }

  private dropSlot(channel: Channel, slot: SlotEntry): void {
    const { resident } = slot;
    if (resident === undefined || resident.rest === 'table')
      channel.removedRows.push(rowKey(slot.expiryMinute, slot.rowCounter));
    if (resident !== undefined) resident.rest = 'dropped';
  }
}
