// The embedded store: decides in memory, in the turn in which it is asked, and lets the journal make it durable.
// Place in the flow: connection → here → journal → tables. Not its concern: the rules that need only a channel's
// state (rules.ts), appends (appends.ts), pools (pools.ts), opening and recovery (open.ts), expiry of what lies in the tables (sweep.ts).

import type { Reason, Right } from '@sotto/wire';
import type {
  Accepted,
  AppendRequest,
  ChannelId,
  ChannelRef,
  ChannelSpec,
  ChannelStore,
  ChannelWatcher,
  Grant,
  KeyChange,
  SlotValue,
  StoredBlock,
  StoreLimits,
} from '../channel-store.ts';
import { random } from '../../crypto/hash.ts';
import { BLOCKED_A_DAY, refuseUnless } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { Appends } from './appends.ts';
import { Blocks, notify } from './blocks.ts';
import { keyText, type Channel } from './channel.ts';
import type { Engine } from './engine.ts';
import { channelRecord, countersRecord, deleteRecord } from './journal-records.ts';
import { keptBytes } from './kept-bytes.ts';
import { Pools } from './pools.ts';
import { openRow } from './resident.ts';
import { changeKeys, grantFor, mayLend, refuseBlocked, refuseReplaced } from './rules.ts';
import { sweepChannels, sweepRows } from './sweep.ts';

/** The store over an opened engine; made by `openEmbeddedStore`. */
export class EmbeddedStore implements ChannelStore {
  private readonly engine: Engine;
  private readonly limits: StoreLimits;
  private readonly blocks: Blocks;
  private readonly appends: Appends;
  private readonly pools: Pools;
  private sweeping: Promise<{ blocks: number; channels: number }> | undefined;
  private readonly sweepTimer: NodeJS.Timeout;

  constructor(engine: Engine) {
    this.engine = engine;
    this.blocks = new Blocks(engine);
    this.appends = new Appends(engine, this.blocks);
    this.pools = new Pools(engine, this.blocks);
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
    channel.readHash = engine.cache.hash(spec.readId).toString('latin1');
    channel.writeHash = engine.cache.hash(spec.writeId).toString('latin1');
    channel.securing = spec.securing;
    channel.ttlSeconds = ttlSeconds;
    channel.maxBlocks = spec.spill?.blocks ?? 0;
    channel.incarnation = keptBytes(random(16));
    channel.owner = { key: keyText(spec.ownerKey), generation: 1 };
    channel.reader = { key: keyText(spec.readerKey), generation: 1 };
    channel.writer = { key: keyText(spec.writerKey), generation: 1 };
    channel.joiner =
      spec.joinerKey === undefined ? undefined : { key: keyText(spec.joinerKey), generation: 1 };
    channel.proofDay = Math.floor(now / 86_400);
    engine.cache.index(channel);
    if (spec.spill !== undefined) {
      this.blocks.spills.lend(spec.spill.against, {
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
    await this.blocks.durable(channel);
    return { grant, ttlSeconds: channel.ttlSeconds, existed: true };
  }

  private checkSpill(spec: ChannelSpec, now: number): void {
    const { against, blocks } = spec.spill as NonNullable<ChannelSpec['spill']>;
    refuseUnless(spec.policy === 'log' && blocks > 0);
    const channel = this.engine.cache.get(against);
    if (channel === undefined) throw new Refusal('UNKNOWN');
    refuseBlocked(channel);
    this.blocks.prune(channel);
    const reserved = this.blocks.spills.reserved(against, now);
    if (!mayLend(channel, { limits: this.limits, reserved, blocks })) throw new Refusal('QUOTA');
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
    return this.appends.append(grant, request);
  }

  async read(grant: Grant, after: number, limit: number): Promise<readonly StoredBlock[]> {
    return this.readNow(grant, after, limit);
  }

  /** `read` without the promise around its answer. */
  readNow(grant: Grant, after: number, limit: number): readonly StoredBlock[] {
    const channel = this.blocks.open(grant);
    refuseUnless(grant.right === 'reader' && channel.policy !== 'pool');
    refuseReplaced(channel, grant, 'reads');
    this.blocks.prune(channel);
    const head = grant.until === undefined ? channel.head : Math.min(grant.until, channel.head);
    const blocks: StoredBlock[] = [];
    for (
      let at = channel.entries.nextLive(after + 1, head);
      at !== 0 && blocks.length < limit;
      at = channel.entries.nextLive(at + 1, head)
    ) {
      const block = this.blocks.load(channel, at);
      if (block !== undefined) blocks.push(block);
    }
    return blocks;
  }

  async bounds(grant: Grant): Promise<{ head: number; floor: number; orderedSequence: number }> {
    const channel = this.blocks.open(grant);
    refuseReplaced(channel, grant, 'reads');
    this.blocks.prune(channel);
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
    const channel = this.blocks.open(grant);
    refuseUnless(grant.right === 'reader' && channel.policy !== 'pool');
    refuseReplaced(channel, grant, 'reads');
    // A log's acks move the reader's own cursor, which the store doesn't know.
    if (channel.policy !== 'mailbox') return;
    for (const { sequence, appendId } of items) {
      if (channel.entries.isLive(sequence) && channel.entries.hasId(sequence, appendId))
        this.blocks.remove(channel, sequence, false);
    }
  }

  async slot(grant: Grant, back: number): Promise<SlotValue | undefined> {
    const channel = this.blocks.open(grant);
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
    const channel = this.blocks.open(grant);
    refuseUnless(grant.right === 'writer' && channel.securing === 'once' && writerKey.length === 32);
    if (channel.secured && channel.writer.key === keyText(writerKey)) return this.blocks.durable(channel);
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
    const channel = this.blocks.open(grant);
    refuseUnless(grant.right === 'owner');
    refuseReplaced(channel, grant);
    engine.refuseWhenUnable();
    const ended = changeKeys(channel, change, channel.head);
    if (ended.length === 0) return this.blocks.durable(channel);
    engine.change(channel, channelRecord(channel), 0, true);
    notify(channel, { type: 'keys', rights: ended, at: channel.head });
    await engine.journal.durable();
  }

  async delete(grant: Grant): Promise<void> {
    const channel = this.blocks.open(grant);
    refuseUnless(grant.right === 'owner');
    refuseReplaced(channel, grant);
    this.engine.refuseWhenUnable();
    this.bury(channel);
    await this.engine.journal.durable();
  }

  private bury(channel: Channel): void {
    channel.lsn = this.engine.journal.push(deleteRecord(channel), 0, true);
    this.blocks.spills.giveBack(channel.ref);
    this.engine.bury(channel);
    notify(channel, { type: 'deleted' });
    channel.watchers = [];
    channel.exclusive = undefined;
  }

  async claim(grant: Grant, leaseSeconds: number): Promise<StoredBlock | undefined> {
    return this.pools.claim(grant, leaseSeconds);
  }

  async lease(grant: Grant, sequence: number, seconds: number): Promise<number> {
    return this.pools.lease(grant, sequence, seconds);
  }

  async withdraw(grant: Grant, appendId: Uint8Array): Promise<void> {
    return this.pools.withdraw(grant, appendId);
  }

  watch(ref: ChannelRef, watcher: ChannelWatcher, exclusive: boolean): void {
    const channel = this.engine.cache.get(ref);
    if (channel === undefined) return;
    if (!exclusive) {
      // `concat` takes no spare room, and most channels have one watcher.
      channel.watchers = channel.watchers.concat(watcher);
      return;
    }
    const evicted = channel.exclusive;
    channel.exclusive = watcher;
    evicted?.hear({ type: 'evicted' });
  }

  unwatch(ref: ChannelRef, watcher: ChannelWatcher): void {
    const channel = this.engine.cache.get(ref);
    if (channel === undefined) return;
    if (channel.exclusive === watcher) channel.exclusive = undefined;
    else channel.watchers = channel.watchers.filter((one) => one !== watcher);
  }

  async block(id: ChannelId, reason: Reason): Promise<void> {
    const { engine } = this;
    const channel = engine.cache.find('write', id) ?? engine.cache.find('read', id);
    if (channel === undefined) throw new Refusal('UNKNOWN');
    if (channel.blocked !== undefined) return this.blocks.durable(channel);
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

  async ready(): Promise<void> {
    this.engine.refuseWhenUnable();
  }

  async size(): Promise<{ channels: number; blocks: number }> {
    this.engine.refuseWhenClosed();
    return this.engine.tables.size();
  }

  set onCommit(listener: ((seconds: number) => void) | undefined) {
    this.engine.journal.onCommit = listener;
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
    for (const channel of [...engine.cache.all()]) blocks += this.blocks.prune(channel);
    blocks += await sweepRows(engine);
    const channels = await sweepChannels(engine, (channel) => this.bury(channel));
    // Whoever hears that a channel is gone must not find it again after a crash.
    if (channels > 0) await engine.journal.durable();
    return { blocks, channels };
  }

  async close(): Promise<void> {
    clearInterval(this.sweepTimer);
    await this.sweeping?.catch(() => undefined);
    await this.engine.close();
  }
}
