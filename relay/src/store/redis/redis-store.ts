// The Redis store: turns each operation into one script on the channel's keys, and its answer into the interface's.
// What is decided, is decided in Redis, for all relay processes alike. Place in the flow: connection → here → Redis.
// Not its concern: the rules (lua/), servers (topology.ts), wake-ups (watching.ts).

import type { Reason, Right } from '@sotto/wire';
import { random } from '../../crypto/hash.ts';
import { RelayError } from '../../errors.ts';
import type {
  Accepted,
  AppendRequest,
  ChannelId,
  ChannelRef,
  ChannelSpec,
  ChannelStore,
  ChannelWatcher,
  Durability,
  Grant,
  KeyChange,
  PromiseRecord,
  SlotValue,
  StoredBlock,
  StoreLimits,
} from '../channel-store.ts';
import { mayAppend, refuseUnless, SpillReservations } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { Appends, type Outcome } from './appends.ts';
import { Asker } from './asking.ts';
import { Entries, letters, type Entry, type Generations } from './entry.ts';
import { countClosed, sharedPromise, sweepAll, type HouseParts } from './housekeeping.ts';
import { Codes } from './lua/parts.ts';
import type { Names } from './names.ts';
import { accepted, storedBlock } from './replies.ts';
import { Scripts, type Script } from './script.ts';
import type { StoreClock } from './store-clock.ts';
import type { Topology } from './topology.ts';
import { Watching } from './watching.ts';
import { bytes, generationOf, keyWords, readWords, type Argument } from './words.ts';

export interface RedisStoreParts {
  readonly topology: Topology;
  readonly names: Names;
  readonly limits: StoreLimits;
  readonly clock: StoreClock;
  /** How wake-ups are published here: sharded where Redis can. */
  readonly publish: 'SPUBLISH' | 'PUBLISH';
  onFault(error: unknown): void;
}

const maxKnownWriters = 16_384;

/** The store over an opened topology; made by `openRedisStore`. */
export class RedisStore implements ChannelStore {
  readonly #parts: RedisStoreParts;
  readonly #limits: StoreLimits;
  readonly #asker: Asker;
  readonly #house: HouseParts;
  readonly #idleDays: number;
  /** Where the processes of one address agree on what they publish. */
  readonly promise: PromiseRecord;
  readonly #entries = new Entries();
  readonly #spills = new SpillReservations();
  readonly #watching: Watching;
  readonly #appends: Appends;
  /** writeId → base: what Redis answered before. It never changes, since the tag comes from the readId. */
  readonly #writers = new Map<ChannelId, string>();
  /** Claims of this process' handles: until when each has its block, which is its fence. */
  readonly #claims = new WeakMap<Grant, Map<number, number>>();
  onCommit: ((seconds: number) => void) | undefined;

  constructor(parts: RedisStoreParts) {
    this.#parts = parts;
    this.#limits = parts.limits;
    const { topology, clock, publish, names } = parts;
    this.#idleDays = Math.ceil(parts.limits.channelIdleSeconds / 86_400);
    this.#asker = new Asker({ topology, clock, publish, idleDays: this.#idleDays });
    this.#house = { asker: this.#asker, topology, names };
    this.promise = sharedPromise(this.#house);
    this.#watching = new Watching(
      parts.topology,
      (script, entry, words) => this.#asker.run(script, entry.base, entry.incarnation, words),
      (error) => {
        if ((error as { name?: unknown }).name !== 'Refusal') parts.onFault(error);
      },
    );
    this.#appends = new Appends({
      limits: parts.limits,
      run: async (script, entry, words) => {
        const began = performance.now();
        const reply = await this.#asker.run(script, entry.base, entry.incarnation, words);
        this.onCommit?.((performance.now() - began) / 1000);
        return reply;
      },
      replicated: (entry) => parts.topology.replicated(entry.base),
    });
  }

  /** What `appended` means: the weakest of all servers. */
  get durability(): Durability {
    return this.#parts.topology.durability;
  }

  /** Rejects while some channels can't be served: clients are better sent elsewhere. */
  ready(): Promise<void> {
    return this.#parts.topology.isReady
      ? Promise.resolve()
      : Promise.reject(new RelayError('RELAY_REDIS_UNREACHABLE', { retry: 'later' }));
  }

  now(): number {
    return this.#parts.clock.now();
  }

  // ───────────────────────────── asking ─────────────────────────────

  /** For an operation under a grant. A channel that is gone is told to those who watch it. */
  async #granted(script: Script, entry: Entry, words: readonly Argument[]): Promise<readonly unknown[]> {
    const reply = await this.#asker.run(script, entry.base, entry.incarnation, words);
    const code = reply[1];
    // Perhaps the event of it was lost: whoever watches finds out now.
    if (code !== Codes.OK && entry.watchers.length > 0) this.#watching.look(entry);
    return accepted(reply);
  }

  #entry(grant: Grant): Entry {
    const entry = this.#entries.get(grant.channel);
    if (entry === undefined) throw new Refusal('UNKNOWN');
    return entry;
  }

  async #base(right: Right, id: ChannelId): Promise<{ base: string; writeHash: Buffer | '' }> {
    const { names, topology } = this.#parts;
    if (right === 'owner' || right === 'reader') return { base: names.base(id), writeHash: '' };
    const writeHash = names.writeHash(id);
    const known = this.#writers.get(id);
    if (known !== undefined) return { base: known, writeHash };
    const key = names.writeKey(writeHash);
    const tag = (await topology.command(key, ['GET', key])) as Buffer | null;
    if (tag === null) throw new Refusal('UNKNOWN');
    const base = names.baseOfTag(tag);
    if (this.#writers.size >= maxKnownWriters)
      this.#writers.delete(this.#writers.keys().next().value as ChannelId);
    this.#writers.set(id, base);
    return { base, writeHash };
  }

  #idleMs(days = this.#idleDays): string {
    return String((days + 2) * 86_400_000);
  }

  // ───────────────────────────── channels ─────────────────────────────

  async create(spec: ChannelSpec): Promise<{ grant: Grant; ttlSeconds: number; existed: boolean }> {
    const { names, topology } = this.#parts;
    const limits = this.#limits;
    const wanted = spec.ttlSeconds || limits.defaultTtlSeconds[spec.policy];
    const ttlSeconds = Math.min(wanted, limits.maxTtlSeconds[spec.policy]);
    if (spec.spill !== undefined) await this.#checkSpill(spec);
    const tag = names.tag(spec.readId);
    const base = names.baseOfTag(tag);
    const writeHash = names.writeHash(spec.writeId);
    const writeKey = names.writeKey(writeHash);
    // A spill's time is its blocks'.
    const days = Math.min(this.#idleDays, Math.ceil(ttlSeconds / 86_400));
    const idleMs = spec.spill === undefined ? this.#idleMs() : this.#idleMs(days);
    // First the way to the channel, then the channel: cut off between the two, nothing is there.
    const isNew = (await topology.command(writeKey, ['SET', writeKey, tag, 'NX', 'PX', idleMs])) !== null;
    if (!isNew) {
      const other = (await topology.command(writeKey, ['GET', writeKey])) as Buffer | null;
      if (other !== null && !other.equals(tag)) throw new Refusal('UNKNOWN');
    }
    const reply = await this.#asker.run(Scripts.create, base, random(16), [
      spec.policy,
      spec.securing,
      String(ttlSeconds),
      String(spec.spill?.blocks ?? 0),
      bytes(spec.ownerKey),
      bytes(spec.readerKey),
      bytes(spec.writerKey),
      spec.joinerKey === undefined ? '' : bytes(spec.joinerKey),
      writeHash,
    ]);
    if (reply[1] === Codes.UNKNOWN && isNew) await topology.command(writeKey, ['DEL', writeKey]);
    const [existed, ttl, incarnation, head, ordered, o, r, w, j] = accepted(reply) as [
      number,
      number,
      Buffer,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    await topology.replicated(base);
    const entry = this.#entries.know(base, incarnation, { head, generations: { o, r, w, j } });
    if (spec.spill !== undefined && existed === 0) {
      const until = this.now() + ttlSeconds;
      this.#spills.lend(spec.spill.against, { spill: entry.ref, blocks: spec.spill.blocks, until });
    }
    const grant: Grant = {
      channel: entry.ref,
      policy: spec.policy,
      right: 'owner',
      generation: o,
      superseded: false,
      incarnation,
      lastSequence: head,
      orderedSequence: ordered,
    };
    return { grant, ttlSeconds: ttl, existed: existed === 1 };
  }

  /** Loans are this process' alone: at rest they would link the spill to its channel. */
  async #checkSpill(spec: ChannelSpec): Promise<void> {
    const { against, blocks } = spec.spill as NonNullable<ChannelSpec['spill']>;
    refuseUnless(spec.policy === 'log' && blocks > 0);
    const entry = this.#entries.get(against);
    if (entry === undefined) throw new Refusal('UNKNOWN');
    const [most] = (await this.#granted(Scripts.lending, entry, [])) as [number];
    const reserved = this.#spills.reserved(against, this.now());
    if (most > 0 || reserved + blocks > this.#appends.allowed('log')) throw new Refusal('QUOTA');
  }

  async grant(right: Right, id: ChannelId, publicKey: Uint8Array): Promise<Grant> {
    const { base, writeHash } = await this.#base(right, id);
    const reply = await this.#asker.run(Scripts.grant, base, '', [
      letters[right],
      bytes(publicKey),
      writeHash,
    ]);
    const [policy, generation, superseded, until, incarnation, head, ordered, o, r, w, j, refreshed] =
      accepted(reply) as [
        Buffer,
        number,
        number,
        number,
        Buffer,
        number,
        number,
        number,
        number,
        number,
        number,
        Buffer,
      ];
    if (refreshed.length > 0) {
      const key = this.#parts.names.writeKey(refreshed);
      await this.#parts.topology.command(key, ['PEXPIRE', key, this.#idleMs()]);
    }
    const generations: Generations = { o, r, w, j };
    const entry = this.#entries.know(base, incarnation, { head, generations });
    // One who watches already may have missed something.
    entry.keysChanged(`o${o}r${r}w${w}j${j}`, head);
    entry.appendedUpTo(head);
    return {
      channel: entry.ref,
      policy: policy.toString('latin1') as Grant['policy'],
      right,
      generation,
      superseded: superseded === 1,
      ...(until < 0 ? {} : { until }),
      incarnation,
      lastSequence: head,
      orderedSequence: ordered,
    };
  }

  async secure(grant: Grant, writerKey: Uint8Array): Promise<void> {
    refuseUnless(grant.right === 'writer' && writerKey.length === 32);
    await this.#change(grant, Scripts.secure, [bytes(writerKey)]);
  }

  async changeKeys(grant: Grant, change: KeyChange): Promise<void> {
    refuseUnless(grant.right === 'owner');
    await this.#change(grant, Scripts.change, keyWords(change));
  }

  async #change(grant: Grant, script: Script, words: readonly Argument[]): Promise<void> {
    const entry = this.#entry(grant);
    const [at, ended] = (await this.#granted(script, entry, [generationOf(grant), ...words])) as [
      number,
      Buffer,
    ];
    entry.keysChanged(ended.toString('latin1'), at);
    await this.#parts.topology.replicated(entry.base);
  }

  async delete(grant: Grant): Promise<void> {
    refuseUnless(grant.right === 'owner');
    const { names, topology } = this.#parts;
    const entry = this.#entry(grant);
    const [writeHash] = (await this.#granted(Scripts.remove, entry, [generationOf(grant)])) as [Buffer];
    this.#spills.giveBack(entry.ref);
    entry.deleted();
    const key = names.writeKey(writeHash);
    // Without it the key leads to nothing, and expires.
    await topology.command(key, ['DEL', key]).catch(() => undefined);
    await topology.replicated(entry.base);
  }

  // ───────────────────────────── blocks ─────────────────────────────

  async append(grant: Grant, request: AppendRequest): Promise<Accepted> {
    refuseUnless(mayAppend(grant, request.ordered !== undefined));
    const entry = this.#entry(grant);
    if (request.ordered !== undefined) return this.#appends.ordered(entry, grant, request);
    const [outcome] = await this.#appends.plain(entry, grant, [request]);
    if (outcome === undefined) throw new Refusal('LATER', { retryAfterMs: 1000 });
    if ('code' in outcome) throw outcome;
    return outcome;
  }

  /**
   * Plain appends of one handle in one step, in order. An outcome is a refusal where that append was refused, and
   * undefined where it wasn't tried because one before it was refused by a mailbox.
   */
  async appendMany(grant: Grant, requests: readonly AppendRequest[]): Promise<readonly Outcome[]> {
    refuseUnless(mayAppend(grant, false));
    return this.#appends.plain(this.#entry(grant), grant, requests);
  }

  async read(grant: Grant, after: number, limit: number): Promise<readonly StoredBlock[]> {
    refuseUnless(grant.right === 'reader' && grant.policy !== 'pool');
    const entry = this.#entry(grant);
    if (!this.#watching.mayRead(entry)) return [];
    const words = [...readWords(grant), String(after), String(limit)];
    const found = (await this.#granted(Scripts.read, entry, words)) as Buffer[];
    // Another may have taken the mailbox while this was under way.
    if (found.length > 0 && !this.#watching.mayRead(entry)) return [];
    const blocks: StoredBlock[] = [];
    for (let i = 0; i + 1 < found.length; i += 2)
      blocks.push(storedBlock(found[i] as Buffer, found[i + 1] as Buffer));
    return blocks;
  }

  async bounds(grant: Grant): Promise<{ head: number; floor: number; orderedSequence: number }> {
    const reply = await this.#granted(Scripts.bounds, this.#entry(grant), readWords(grant));
    const [head, floor, orderedSequence] = reply as [number, number, number];
    return { head, floor, orderedSequence };
  }

  async ack(grant: Grant, items: readonly { sequence: number; appendId: Uint8Array }[]): Promise<void> {
    refuseUnless(grant.right === 'reader' && grant.policy !== 'pool');
    const entry = this.#entry(grant);
    // A log's acks move the reader's own cursor, which the store doesn't know.
    const named = grant.policy === 'mailbox' ? items : [];
    await this.#granted(Scripts.ack, entry, [
      ...readWords(grant),
      ...named.flatMap(({ sequence, appendId }) => [String(sequence), bytes(appendId)]),
    ]);
  }

  async slot(grant: Grant, back: number): Promise<SlotValue | undefined> {
    const reply = await this.#granted(Scripts.slot, this.#entry(grant), [...readWords(grant), String(back)]);
    if (reply.length === 0) return undefined;
    const [sequence, appendId, keptUntil, block] = reply as [number, Buffer, number, Buffer];
    return { sequence, appendId, block, keptUntil };
  }

  // ───────────────────────────── pools ─────────────────────────────

  async claim(grant: Grant, leaseSeconds: number): Promise<StoredBlock | undefined> {
    refuseUnless(grant.right === 'reader');
    const entry = this.#entry(grant);
    const words = [letters.reader, generationOf(grant), String(leaseSeconds)];
    const reply = await this.#granted(Scripts.claim, entry, words);
    if (reply.length === 0) return undefined;
    const [described, block, leasedUntil] = reply as [Buffer, Buffer, number];
    await this.#parts.topology.replicated(entry.base);
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
    const entry = this.#entry(grant);
    const held = this.#holds(grant);
    const fence = String(held.get(sequence) ?? -1);
    const words = [letters.reader, generationOf(grant), String(sequence), String(seconds), fence];
    const [until] = (await this.#granted(Scripts.lease, entry, words)) as [number];
    if (until === 0) held.delete(sequence);
    else held.set(sequence, until);
    await this.#parts.topology.replicated(entry.base);
    if (until === 0) entry.tell({ type: 'appended' });
    return until;
  }

  async withdraw(grant: Grant, appendId: Uint8Array): Promise<void> {
    refuseUnless(grant.right === 'writer');
    const entry = this.#entry(grant);
    const remembered = String(this.#appends.remembered(grant.policy));
    const words = [letters.writer, generationOf(grant), remembered, bytes(appendId)];
    await this.#granted(Scripts.withdraw, entry, words);
    await this.#parts.topology.replicated(entry.base);
  }

  // ───────────────────────────── watching ─────────────────────────────

  watch(channel: ChannelRef, watcher: ChannelWatcher, exclusive: boolean): void {
    const entry = this.#entries.get(channel);
    if (entry !== undefined && !this.#asker.isClosed) this.#watching.watch(entry, watcher, exclusive);
  }

  unwatch(channel: ChannelRef, watcher: ChannelWatcher): void {
    const entry = this.#entries.get(channel);
    if (entry !== undefined) this.#watching.unwatch(entry, watcher);
  }

  /** A wake-up came in. */
  heard(message: Buffer, channel: string): void {
    this.#watching.message(message, channel);
  }

  /** A subscription stands, again or for the first time. */
  subscribed(channel: string): void {
    this.#watching.subscribed(channel);
  }

  // ───────────────────────────── the operator ─────────────────────────────

  async block(id: ChannelId, reason: Reason): Promise<void> {
    const base = await this.#known(id);
    const [already] = accepted(await this.#asker.run(Scripts.block, base, '', [''])) as [number];
    if (already === 1) return;
    // Counted first: cut off between the two, one act too many is counted, never one too few.
    await countClosed(this.#house, 1);
    const [late] = accepted(await this.#asker.run(Scripts.block, base, '', [reason])) as [number];
    if (late === 1) await countClosed(this.#house, -1);
    await this.#parts.topology.replicated(base);
    for (const entry of this.#watching.at(base)) entry.blocked(reason);
  }

  /** An operator's link names either id. */
  async #known(id: ChannelId): Promise<string> {
    try {
      return (await this.#base('writer', id)).base;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'UNKNOWN') throw error;
      return this.#parts.names.base(id);
    }
  }

  blockedCount(): Promise<number> {
    return countClosed(this.#house, 0);
  }

  sweep(): Promise<{ blocks: number; channels: number }> {
    return sweepAll(this.#house);
  }

  async close(): Promise<void> {
    if (this.#asker.isClosed) return;
    this.#watching.close();
    await this.#asker.close();
    this.#parts.topology.close();
  }
}
