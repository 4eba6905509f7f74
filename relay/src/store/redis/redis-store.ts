// The Redis store: turns each operation into one script on the channel's keys, and its answer into the interface's.
// What is decided, is decided in Redis, for all relay processes alike. Place in the flow: connection → here → Redis.
// Not its concern: the rules (lua/), servers (topology.ts), wake-ups (watching.ts), a channel's life (channel-life.ts).

import type { Reason, Right } from '@sotto/wire';
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
  StoreSize,
} from '../channel-store.ts';
import { mayAppend, refuseUnless } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import { Appends, type Outcome } from './appends.ts';
import { Asker } from './asking.ts';
import { ChannelLife, idleDaysOf } from './channel-life.ts';
import { Entries, type Entry } from './entry.ts';
import { Granted } from './granted.ts';
import {
  countAll,
  countClosed,
  lastCount,
  sharedPromise,
  sweepAll,
  type HouseParts,
} from './housekeeping.ts';
import type { Names } from './names.ts';
import { Pools } from './pools.ts';
import { accepted, storedBlock } from './replies.ts';
import { Scripts, type Script } from './script.ts';
import type { StoreClock } from './store-clock.ts';
import type { Topology } from './topology.ts';
import { Watching } from './watching.ts';
import { bytes, readWords, type Argument } from './words.ts';

export interface RedisStoreParts {
  readonly topology: Topology;
  readonly names: Names;
  readonly limits: StoreLimits;
  readonly clock: StoreClock;
  /** How wake-ups are published here: sharded where Redis can. */
  readonly publish: 'SPUBLISH' | 'PUBLISH';
  onFault(error: unknown): void;
}

/** How often each process looks whether it is time to count. */
const countLookMs = 300_000;

/** The store over an opened topology; made by `openRedisStore`. */
export class RedisStore implements ChannelStore {
  readonly #parts: RedisStoreParts;
  readonly #asker: Asker;
  readonly #house: HouseParts;
  /** Where the processes of one address agree on what they publish. */
  readonly promise: PromiseRecord;
  readonly #entries = new Entries();
  readonly #watching: Watching;
  readonly #granted: Granted;
  readonly #life: ChannelLife;
  readonly #appends: Appends;
  readonly #pools: Pools;
  readonly #counting: NodeJS.Timeout;
  onCommit: ((seconds: number) => void) | undefined;

  constructor(parts: RedisStoreParts) {
    this.#parts = parts;
    const { topology, clock, publish, names, limits } = parts;
    const asker = new Asker({ topology, clock, publish, idleDays: idleDaysOf(limits) });
    this.#asker = asker;
    this.#house = { asker, topology, names };
    this.promise = sharedPromise(this.#house);
    const entries = this.#entries;
    const run = (script: Script, entry: Entry, words: readonly Argument[]) =>
      asker.run(script, entry.base, entry.incarnation, words);
    const replicated = (base: string) => topology.replicated(base);
    this.#watching = new Watching(topology, run, (error) => {
      if ((error as { name?: unknown }).name !== 'Refusal') parts.onFault(error);
    });
    const granted = new Granted(entries, asker, this.#watching);
    this.#granted = granted;
    this.#life = new ChannelLife({ asker, granted, entries, topology, names, clock, limits });
    const appends = new Appends({
      limits,
      run: async (script, entry, words) => {
        const began = performance.now();
        const reply = await run(script, entry, words);
        this.onCommit?.((performance.now() - began) / 1000);
        return reply;
      },
      replicated: (entry) => replicated(entry.base),
    });
    this.#appends = appends;
    this.#pools = new Pools({ granted, replicated, remembered: (policy) => appends.remembered(policy) });
    // Redis may be away: the next time will do.
    this.#counting = setInterval(() => void this.count().catch(() => undefined), countLookMs).unref();
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

  // ───────────────────────────── channels ─────────────────────────────

  create(spec: ChannelSpec): Promise<{ grant: Grant; ttlSeconds: number; existed: boolean }> {
    return this.#life.create(spec);
  }

  grant(right: Right, id: ChannelId, publicKey: Uint8Array): Promise<Grant> {
    return this.#life.grant(right, id, publicKey);
  }

  secure(grant: Grant, writerKey: Uint8Array): Promise<void> {
    return this.#life.secure(grant, writerKey);
  }

  changeKeys(grant: Grant, change: KeyChange): Promise<void> {
    return this.#life.changeKeys(grant, change);
  }

  delete(grant: Grant): Promise<void> {
    return this.#life.delete(grant);
  }

  // ───────────────────────────── blocks ─────────────────────────────

  async append(grant: Grant, request: AppendRequest): Promise<Accepted> {
    refuseUnless(mayAppend(grant, request.ordered !== undefined));
    const entry = this.#granted.entry(grant);
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
    return this.#appends.plain(this.#granted.entry(grant), grant, requests);
  }

  async read(grant: Grant, after: number, limit: number): Promise<readonly StoredBlock[]> {
    refuseUnless(grant.right === 'reader' && grant.policy !== 'pool');
    const entry = this.#granted.entry(grant);
    if (!this.#watching.mayRead(entry)) return [];
    const words = [...readWords(grant), String(after), String(limit)];
    const found = (await this.#granted.run(Scripts.read, entry, words)) as Buffer[];
    // Another may have taken the mailbox while this was under way.
    if (found.length > 0 && !this.#watching.mayRead(entry)) return [];
    const blocks: StoredBlock[] = [];
    for (let i = 0; i + 1 < found.length; i += 2)
      blocks.push(storedBlock(found[i] as Buffer, found[i + 1] as Buffer));
    return blocks;
  }

  async bounds(grant: Grant): Promise<{ head: number; floor: number; orderedSequence: number }> {
    const reply = await this.#granted.run(Scripts.bounds, this.#granted.entry(grant), readWords(grant));
    const [head, floor, orderedSequence] = reply as [number, number, number];
    return { head, floor, orderedSequence };
  }

  async ack(grant: Grant, items: readonly { sequence: number; appendId: Uint8Array }[]): Promise<void> {
    refuseUnless(grant.right === 'reader' && grant.policy !== 'pool');
    const entry = this.#granted.entry(grant);
    // A log's acks move the reader's own cursor, which the store doesn't know.
    const named = grant.policy === 'mailbox' ? items : [];
    await this.#granted.run(Scripts.ack, entry, [
      ...readWords(grant),
      ...named.flatMap(({ sequence, appendId }) => [String(sequence), bytes(appendId)]),
    ]);
  }

  async slot(grant: Grant, back: number): Promise<SlotValue | undefined> {
    const reply = await this.#granted.run(Scripts.slot, this.#granted.entry(grant), [
      ...readWords(grant),
      String(back),
    ]);
    if (reply.length === 0) return undefined;
    const [sequence, appendId, keptUntil, block] = reply as [number, Buffer, number, Buffer];
    return { sequence, appendId, block, keptUntil };
  }

  // ───────────────────────────── pools ─────────────────────────────

  claim(grant: Grant, leaseSeconds: number): Promise<StoredBlock | undefined> {
    return this.#pools.claim(grant, leaseSeconds);
  }

  lease(grant: Grant, sequence: number, seconds: number): Promise<number> {
    return this.#pools.lease(grant, sequence, seconds);
  }

  withdraw(grant: Grant, appendId: Uint8Array): Promise<void> {
    return this.#pools.withdraw(grant, appendId);
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
      return (await this.#life.base('writer', id)).base;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'UNKNOWN') throw error;
      return this.#parts.names.base(id);
    }
  }

  blockedCount(): Promise<number> {
    return countClosed(this.#house, 0);
  }

  async sweep(): Promise<StoreSize> {
    return (await sweepAll(this.#house)).swept;
  }

  /** As of the last count, by whichever process. */
  async size(): Promise<StoreSize | undefined> {
    return lastCount(this.#house).catch(() => undefined);
  }

  /** Counts what rests and tidies up, if it is time and no other process has. */
  count(): Promise<void> {
    return countAll(this.#house);
  }

  async close(): Promise<void> {
    if (this.#asker.isClosed) return;
    clearInterval(this.#counting);
    this.#watching.close();
    await this.#asker.close();
    this.#parts.topology.close();
  }
}
