// The embedded store: decides in memory, in the turn in which it is asked, and lets the journal make it durable.
// Place in the flow: connection → here → journal → tables. Not its concern: the rules that need only a channel's
// state (rules.ts), opening and recovery (open.ts), expiry of what lies in the tables (sweep.ts).

import type { Reason, Right } from '@sotto/wire';
import type {
  Accepted,
  AppendRequest,
  ChannelEvent,
  ChannelId,
  ChannelRef,
  ChannelSpec,
  ChannelStore,
  Grant,
  KeyChange,
  SlotValue,
  StoredBlock,
  StoreLimits,
} from '../channel-store.ts';
import { random } from '../../crypto/hash.ts';
import { Refusal } from '../refusal.ts';
import type { Channel, SlotEntry, Watcher } from './channel.ts';
import { channelRecord, countersRecord, deleteRecord, leaseRecord, removeRecord } from './journal-records.ts';
import {
  blocksAllowed,
  changeKeys,
  grantFor,
  isFull,
  mayAppend,
  ORDERED_IDS,
  refuseBlocked,
  refuseReplaced,
  refuseUnless,
  sameBytes,
  SLOTS_BEHIND,
  SpillReservations,
} from './rules.ts';
import { BLOCK_BYTES, openRow, Resident, rowKey } from './resident.ts';
import { sweepChannels, sweepRows } from './sweep.ts';
import type { Engine } from './engine.ts';

const SETTLED = Promise.resolve();
const BLOCKED_A_DAY = 20;
const MAX_SEQUENCE = 0xffffffff;

/** The store over an opened engine; made by `openEmbeddedStore`. */
export class EmbeddedStore implements ChannelStore {
  private readonly engine: Engine;
  private readonly limits: StoreLimits;
  private readonly spills = new SpillReservations();
  private sweeping: Promise<{ blocks: number; channels: number }> | undefined;
  private readonly sweepTimer: NodeJS.Timeout;

  constructor(engine: Engine) {
    this.engine = engine;
    this.limits = engine.limits;
    this.sweepTimer = setInterval(() => void this.sweep().catch(() => undefined), engine.sweepIntervalMs);
    this.sweepTimer.unref();
  }

  now(): number {
    return this.engine.now();
  }

  async create(spec: ChannelSpec): Promise<{ grant: Grant; ttlSeconds: number; existed: boolean }> {
    const { engine } = this;
    engine.refuseWhenUnable();
    const existing = engine.cache.find('read', spec.readId);
    if (existing !== undefined) return this.existing(existing, spec);
    if (engine.cache.find('write', spec.writeId) !== undefined) throw new Refusal('UNKNOWN');
    const now = engine.now();
    const ttlSeconds = Math.min(
      spec.ttlSeconds || this.limits.defaultTtlSeconds[spec.policy],
      this.limits.maxTtlSeconds[spec.policy],
    );
    if (spec.spill !== undefined) this.checkSpill(spec, now);

    const channel = engine.cache.make(undefined, spec.policy);
    channel.readHash = Buffer.from(engine.cache.hash(spec.readId));
    channel.writeHash = Buffer.from(engine.cache.hash(spec.writeId));
    channel.securing = spec.securing;
    channel.ttlSeconds = ttlSeconds;
    channel.maxBlocks = spec.spill?.blocks ?? 0;
    channel.incarnation = new Uint8Array(random(16));
    channel.owner = { key: spec.ownerKey.slice(), generation: 1 };
    channel.reader = { key: spec.readerKey.slice(), generation: 1 };
    channel.writer = { key: spec.writerKey.slice(), generation: 1 };
    channel.joiner =
      spec.joinerKey === undefined ? undefined : { key: spec.joinerKey.slice(), generation: 1 };
    channel.proofDay = Math.floor(now / 86_400);
    engine.cache.index(channel);
    if (spec.spill !== undefined) {
      this.spills.lend(spec.spill.against, {
        spill: channel.ref,
        blocks: spec.spill.blocks,
        until: now + ttlSeconds,
      });
    }
    engine.change(channel, channelRecord(channel), 0, true);
    await engine.journal.durable();
    return { grant: grantFor(channel, 'owner', spec.ownerKey), ttlSeconds, existed: false };
  }

  private async existing(
    channel: Channel,
    spec: ChannelSpec,
  ): Promise<{ grant: Grant; ttlSeconds: number; existed: boolean }> {
    if (this.engine.cache.find('write', spec.writeId) !== channel) throw new Refusal('UNKNOWN');
    const grant = grantFor(channel, 'owner', spec.ownerKey);
    await this.durable(channel);
    return { grant, ttlSeconds: channel.ttlSeconds, existed: true };
  }

  private checkSpill(spec: ChannelSpec, now: number): void {
    const { against, blocks } = spec.spill as NonNullable<ChannelSpec['spill']>;
    refuseUnless(spec.policy === 'log' && blocks > 0);
    const channel = this.engine.cache.get(against);
    if (channel === undefined) throw new Refusal('UNKNOWN');
    refuseBlocked(channel);
    this.prune(channel);
    const { entries } = channel;
    const held = entries.live - entries.liveOrdered + this.spills.reserved(against, now);
    if (held + blocks > blocksAllowed(channel, this.limits)) throw new Refusal('QUOTA');
  }

  async grant(right: Right, id: ChannelId, publicKey: Uint8Array): Promise<Grant> {
    const { engine } = this;
    const channel = engine.cache.find(right === 'owner' || right === 'reader' ? 'read' : 'write', id);
    const grant = grantFor(channel, right, publicKey);
    if (right === 'reader' && channel !== undefined && !grant.superseded) {
      const today = Math.floor(engine.now() / 86_400);
      if (channel.proofDay < today) {
        channel.proofDay = today;
        engine.change(channel, channelRecord(channel), 0, false);
      }
    }
    return grant;
  }

  async append(grant: Grant, request: AppendRequest): Promise<Accepted> {
    return this.appendNow(grant, request);
  }

  /** `append` without the promise around its answer, for the hot path; throws its refusals. */
  appendNow(grant: Grant, request: AppendRequest): Accepted {
    const { engine } = this;
    const channel = this.open(grant);
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
      return { sequence, duplicate: true, keptUntil, durable: this.durable(channel) };
    }
    const before = channel.orderedIds.find((one) => sameBytes(one.appendId, appendId));
    if (before === undefined) return undefined;
    const slot = channel.slots.find((one) => one.sequence === before.sequence);
    const kept = slot !== undefined && slot.expiryMinute > this.engine.nowMinute();
    return {
      sequence: before.sequence,
      duplicate: true,
      keptUntil: kept ? slot.expiryMinute * 60 : 0,
      durable: this.durable(channel),
    };
  }

  private appendPlain(channel: Channel, request: AppendRequest): Accepted {
    const { engine } = this;
    if (this.full(channel, { ordered: false, owner: false })) throw new Refusal('QUOTA');
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
    if (this.full(channel, { ordered: true, owner: grant.right === 'owner' })) throw new Refusal('QUOTA');
    const isLog = channel.policy === 'log';
    const delivered = isLog
      ? this.enter(channel, request, { ttlSeconds: this.limits.orderedTtlSeconds, ordered: true })
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
    const expiryMinute = engine.expiryMinute(now, this.limits.slotTtlSeconds);
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

  async read(grant: Grant, after: number, limit: number): Promise<readonly StoredBlock[]> {
    return this.readNow(grant, after, limit);
  }

  /** `read` without the promise around its answer. */
  readNow(grant: Grant, after: number, limit: number): readonly StoredBlock[] {
    const channel = this.open(grant);
    refuseUnless(grant.right === 'reader' && channel.policy !== 'pool');
    refuseReplaced(channel, grant, 'reads');
    this.prune(channel);
    const head = grant.until === undefined ? channel.head : Math.min(grant.until, channel.head);
    const blocks: StoredBlock[] = [];
    for (
      let at = channel.entries.nextLive(after + 1, head);
      at !== 0 && blocks.length < limit;
      at = channel.entries.nextLive(at + 1, head)
    ) {
      const block = this.load(channel, at);
      if (block !== undefined) blocks.push(block);
    }
    return blocks;
  }

  async bounds(grant: Grant): Promise<{ head: number; floor: number; orderedSequence: number }> {
    const channel = this.open(grant);
    refuseReplaced(channel, grant, 'reads');
    this.prune(channel);
    const floor = channel.entries.nextLive(1, channel.head);
    return {
      head: channel.head,
      floor: floor === 0 ? channel.head + 1 : floor,
      orderedSequence: channel.orderedSequence,
    };
  }

  async ack(grant: Grant, items: readonly { sequence: number; appendId: Uint8Array }[]): Promise<void> {
    this.ackNow(grant, items);
  }

  /** `ack` without the promise around its answer. */
  ackNow(grant: Grant, items: readonly { sequence: number; appendId: Uint8Array }[]): void {
    const channel = this.open(grant);
    refuseUnless(grant.right === 'reader' && channel.policy !== 'pool');
    refuseReplaced(channel, grant, 'reads');
    // A log's acks move the reader's own cursor, which the store doesn't know.
    if (channel.policy !== 'mailbox') return;
    for (const { sequence, appendId } of items) {
      if (channel.entries.isLive(sequence) && channel.entries.hasId(sequence, appendId))
        this.remove(channel, sequence, false);
    }
  }

  async slot(grant: Grant, back: number): Promise<SlotValue | undefined> {
    const channel = this.open(grant);
    refuseReplaced(channel, grant, 'reads');
    const visible = channel.slots.filter((slot) => grant.until === undefined || slot.sequence <= grant.until);
    const slot = visible[back];
    if (slot === undefined || slot.expiryMinute <= this.engine.nowMinute()) return undefined;
    const { sequence, expiryMinute } = slot;
    const answer = (from: { appendId: Uint8Array; block: Uint8Array }): SlotValue => {
      return { sequence, appendId: from.appendId, block: from.block, keptUntil: expiryMinute * 60 };
    };
    if (slot.resident?.plain !== undefined) return answer(slot.resident.plain);
    const row = slot.resident?.sealed ?? this.engine.tables.row(expiryMinute, slot.rowCounter);
    const opened =
      row &&
      openRow(row, this.engine.keys, {
        tag: channel.tag,
        sequence,
        slot: true,
        expiryMinute,
        rowCounter: slot.rowCounter,
      });
    return opened && answer(opened);
  }

  async secure(grant: Grant, writerKey: Uint8Array): Promise<void> {
    const { engine } = this;
    const channel = this.open(grant);
    refuseUnless(grant.right === 'writer' && channel.securing === 'once' && writerKey.length === 32);
    if (channel.secured && sameBytes(channel.writer.key, writerKey)) return this.durable(channel);
    refuseReplaced(channel, grant);
    refuseUnless(!channel.secured);
    engine.refuseWhenUnable();
    const ended = changeKeys(channel, { writerKey }, channel.head);
    channel.secured = true;
    engine.change(channel, channelRecord(channel), 0, true);
    if (ended.length > 0) notify(channel, { type: 'keys', rights: ended, at: channel.head });
    await engine.journal.durable();
  }

  async changeKeys(grant: Grant, change: KeyChange): Promise<void> {
    const { engine } = this;
    const channel = this.open(grant);
    refuseUnless(grant.right === 'owner');
    refuseReplaced(channel, grant);
    engine.refuseWhenUnable();
    const ended = changeKeys(channel, change, channel.head);
    if (ended.length === 0) return this.durable(channel);
    engine.change(channel, channelRecord(channel), 0, true);
    notify(channel, { type: 'keys', rights: ended, at: channel.head });
    await engine.journal.durable();
  }

  async delete(grant: Grant): Promise<void> {
    const channel = this.open(grant);
    refuseUnless(grant.right === 'owner');
    refuseReplaced(channel, grant);
    this.engine.refuseWhenUnable();
    this.bury(channel);
    await this.engine.journal.durable();
  }

  private bury(channel: Channel): void {
    channel.lsn = this.engine.journal.push(deleteRecord(channel), 0, true);
    this.spills.giveBack(channel.ref);
    this.engine.bury(channel);
    notify(channel, { type: 'deleted' });
    channel.watchers = [];
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
      const block = this.load(channel, at);
      if (block === undefined) continue;
      const leasedUntil = this.setLease(channel, at, leaseSeconds);
      await this.engine.journal.durable();
      return { ...block, leasedUntil };
    }
    return undefined;
  }

  async lease(grant: Grant, sequence: number, seconds: number): Promise<number> {
    const channel = this.pool(grant, 'reader');
    this.engine.refuseWhenUnable();
    // Lapsed and claimed anew are the connection's to tell apart; gone is ours.
    if (!channel.entries.isLive(sequence)) throw new Refusal('UNKNOWN');
    const until = this.setLease(channel, sequence, seconds);
    await this.engine.journal.durable();
    if (until === 0) notify(channel, APPENDED);
    return until;
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
    if (sequence !== 0 && channel.entries.isLive(sequence)) this.remove(channel, sequence, true);
    await this.durable(channel);
  }

  watch(ref: ChannelRef, listener: (event: ChannelEvent) => void, exclusive: boolean): () => void {
    const channel = this.engine.cache.get(ref);
    if (channel === undefined) return () => undefined;
    if (exclusive) {
      const evicted = channel.watchers.filter((watcher) => watcher.exclusive);
      channel.watchers = channel.watchers.filter((watcher) => !watcher.exclusive);
      for (const watcher of evicted) watcher.listener({ type: 'evicted' });
    }
    const watcher: Watcher = { listener, exclusive };
    channel.watchers = [...channel.watchers, watcher];
    return () => {
      channel.watchers = channel.watchers.filter((one) => one !== watcher);
    };
  }

  async block(id: ChannelId, reason: Reason): Promise<void> {
    const { engine } = this;
    const channel = engine.cache.find('write', id) ?? engine.cache.find('read', id);
    if (channel === undefined) throw new Refusal('UNKNOWN');
    if (channel.blocked !== undefined) return this.durable(channel);
    engine.refuseWhenUnable();
    const { counters } = engine;
    const today = Math.floor(engine.now() / 86_400);
    const soFar = counters.blockedDay === today ? counters.blockedToday : 0;
    if (soFar >= BLOCKED_A_DAY) throw new Refusal('LIMIT');
    Object.assign(counters, {
      blockedTotal: counters.blockedTotal + 1,
      blockedDay: today,
      blockedToday: soFar + 1,
    });
    channel.blocked = reason;
    engine.change(channel, [channelRecord(channel), countersRecord(counters)], 0, true);
    notify(channel, { type: 'blocked', reason });
    await engine.journal.durable();
  }

  async blockedCount(): Promise<number> {
    return this.engine.counters.blockedTotal;
  }

  /** One sweep at a time; a call during one gets the answer of the one that runs. */
  sweep(): Promise<{ blocks: number; channels: number }> {
    this.sweeping ??= this.runSweep().finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  private async runSweep(): Promise<{ blocks: number; channels: number }> {
    const { engine } = this;
    engine.refuseWhenClosed();
    engine.keys.retireBefore(Math.floor(engine.now() / 86_400));
    let blocks = 0;
    for (const channel of [...engine.cache.all()]) blocks += this.prune(channel);
    blocks += await sweepRows(engine);
    const channels = await sweepChannels(engine, (channel) => this.bury(channel));
    return { blocks, channels };
  }

  async close(): Promise<void> {
    clearInterval(this.sweepTimer);
    await this.sweeping?.catch(() => undefined);
    await this.engine.close();
  }

  /** The channel of a grant: still there, and not closed by the operator. */
  private open(grant: Grant): Channel {
    this.engine.refuseWhenClosed();
    const channel = this.engine.cache.get(grant.channel);
    if (channel === undefined) throw new Refusal('UNKNOWN');
    refuseBlocked(channel);
    return channel;
  }

  private pool(grant: Grant, right: Right): Channel {
    const channel = this.open(grant);
    refuseUnless(channel.policy === 'pool' && grant.right === right);
    refuseReplaced(channel, grant);
    this.prune(channel);
    return channel;
  }

  private full(channel: Channel, kind: { ordered: boolean; owner: boolean }): boolean {
    const room = { limits: this.limits, reserved: this.spills.reserved(channel.ref, this.engine.now()) };
    if (!isFull(channel, kind, room)) return false;
    // What expired meanwhile is counted out only when it matters.
    this.prune(channel);
    return isFull(channel, kind, room);
  }

  private durable(channel: Channel): Promise<void> {
    return channel.lsn > this.engine.journal.durableLsn ? this.engine.journal.durable() : SETTLED;
  }

  private load(channel: Channel, sequence: number): StoredBlock | undefined {
    const resident = channel.residents.get(sequence);
    if (resident?.plain !== undefined) return resident.plain;
    const { expiryMinute, rowKey: key, hour, ordered } = channel.entries.describe(sequence);
    const rowCounter = key.readUIntBE(4, 6);
    const row = resident?.sealed ?? this.engine.tables.row(expiryMinute, rowCounter);
    if (row === undefined) return undefined;
    const opened = openRow(row, this.engine.keys, {
      tag: channel.tag,
      sequence,
      slot: false,
      expiryMinute,
      rowCounter,
    });
    if (opened === undefined) return undefined;
    return { sequence, ...opened, ordered, hour, keptUntil: expiryMinute * 60 };
  }

  /** Unlinks a live block. One that no commit has begun to write leaves no trace but its id. */
  private remove(channel: Channel, sequence: number, urgent: boolean): void {
    const { engine } = this;
    const resident = channel.residents.get(sequence);
    if (resident === undefined || resident.rest === 'table')
      channel.removedRows.push(channel.entries.describe(sequence).rowKey);
    channel.entries.kill(sequence);
    channel.leases.delete(sequence);
    if (resident !== undefined) {
      channel.residents.delete(sequence);
      resident.rest = 'dropped';
      engine.journal.acked(resident);
      if (!resident.written) return;
    }
    engine.change(channel, removeRecord(channel, sequence), 0, urgent);
  }

  /** Takes expired blocks out of the count; answers how many were in memory only. */
  private prune(channel: Channel): number {
    const minute = this.engine.nowMinute();
    const { entries } = channel;
    if (entries.live === 0 || entries.earliestExpiry > minute) return 0;
    let earliest = Infinity;
    let inMemory = 0;
    for (let at = entries.nextLive(1, channel.head); at !== 0; at = entries.nextLive(at + 1, channel.head)) {
      const expiry = entries.expiryMinute(at);
      if (expiry > minute) {
        earliest = Math.min(earliest, expiry);
        continue;
      }
      const resident = channel.residents.get(at);
      if (resident !== undefined) {
        if (resident.rest !== 'table') inMemory++;
        resident.rest = 'dropped';
        channel.residents.delete(at);
      }
      entries.kill(at);
      channel.leases.delete(at);
    }
    entries.earliestExpiry = earliest;
    this.engine.touch(channel);
    return inMemory;
  }
}

const APPENDED: ChannelEvent = { type: 'appended' };

function notify(channel: Channel, event: ChannelEvent): void {
  const { watchers } = channel;
  for (const watcher of watchers) watcher.listener(event);
}
