// A channel's life in Redis: made, found by either id, its keys replaced, deleted. Called by redis-store.ts. Not its
// concern: the rules (lua/channels.ts), what is in it.

import type { Right } from '@sotto/wire';
import { random } from '../../crypto/hash.ts';
import type { ChannelId, ChannelSpec, Grant, KeyChange, StoreLimits } from '../channel-store.ts';
import { refuseUnless, SpillReservations } from '../common-rules.ts';
import { Refusal } from '../refusal.ts';
import type { Asker } from './asking.ts';
import { letters, type Entries, type Generations } from './entry.ts';
import type { Granted } from './granted.ts';
import { Codes } from './lua/parts.ts';
import type { Names } from './names.ts';
import { accepted } from './replies.ts';
import { Scripts, type Script } from './script.ts';
import type { StoreClock } from './store-clock.ts';
import type { Topology } from './topology.ts';
import { bytes, generationOf, keyWords, type Argument } from './words.ts';

export interface ChannelLifeParts {
  readonly asker: Asker;
  readonly granted: Granted;
  readonly entries: Entries;
  readonly topology: Topology;
  readonly names: Names;
  readonly clock: StoreClock;
  readonly limits: StoreLimits;
}

const maxKnownWriters = 16_384;

export class ChannelLife {
  readonly #parts: ChannelLifeParts;
  readonly #limits: StoreLimits;
  readonly #granted: Granted;
  readonly #idleDays: number;
  readonly #spills = new SpillReservations();
  /** writeId → base: what Redis answered before. It never changes, since the tag comes from the readId. */
  readonly #writers = new Map<ChannelId, string>();

  constructor(parts: ChannelLifeParts) {
    this.#parts = parts;
    this.#limits = parts.limits;
    this.#granted = parts.granted;
    this.#idleDays = idleDaysOf(parts.limits);
  }

  async base(right: Right, id: ChannelId): Promise<{ base: string; writeHash: Buffer | '' }> {
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
    const reply = await this.#parts.asker.run(Scripts.create, base, random(16), [
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
    const entry = this.#parts.entries.know(base, incarnation, { head, generations: { o, r, w, j } });
    if (spec.spill !== undefined && existed === 0) {
      const until = this.#parts.clock.now() + ttlSeconds;
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
    const entry = this.#granted.entry({ channel: against });
    const [most] = (await this.#granted.run(Scripts.lending, entry, [])) as [number];
    const reserved = this.#spills.reserved(against, this.#parts.clock.now());
    if (most > 0 || reserved + blocks > this.#limits.logBlocks) throw new Refusal('QUOTA');
  }

  async grant(right: Right, id: ChannelId, publicKey: Uint8Array): Promise<Grant> {
    const { base, writeHash } = await this.base(right, id);
    const reply = await this.#parts.asker.run(Scripts.grant, base, '', [
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
    const entry = this.#parts.entries.know(base, incarnation, { head, generations });
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
    const entry = this.#granted.entry(grant);
    const [at, ended] = (await this.#granted.run(script, entry, [generationOf(grant), ...words])) as [
      number,
      Buffer,
    ];
    entry.keysChanged(ended.toString('latin1'), at);
    await this.#parts.topology.replicated(entry.base);
  }

  async delete(grant: Grant): Promise<void> {
    refuseUnless(grant.right === 'owner');
    const { names, topology } = this.#parts;
    const entry = this.#granted.entry(grant);
    const [writeHash] = (await this.#granted.run(Scripts.remove, entry, [generationOf(grant)])) as [Buffer];
    this.#spills.giveBack(entry.ref);
    entry.deleted();
    const key = names.writeKey(writeHash);
    // Without it the key leads to nothing, and expires.
    await topology.command(key, ['DEL', key]).catch(() => undefined);
    await topology.replicated(entry.base);
  }

  #idleMs(days = this.#idleDays): string {
    return String((days + 2) * 86_400_000);
  }
}

/** How many days a channel lives without its reader. */
export function idleDaysOf(limits: StoreLimits): number {
  return Math.ceil(limits.channelIdleSeconds / 86_400);
}
