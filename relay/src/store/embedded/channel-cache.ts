// The channels in memory: found by id or by ref, loaded from the tables when they aren't there, and let go again
// when there are too many. Not its concern: changing them.

import { random } from '../../crypto/hash.ts';
import { RelayError } from '../../errors.ts';
import { hashId } from '../../crypto/at-rest-seal.ts';
import type { ChannelId, ChannelRef, StoreLimits } from '../channel-store.ts';
import { Channel, decodeChannel, rememberedIds, TAG_BYTES } from './channel.ts';
import { CHUNK_BYTES, EntryTable } from './entry-table.ts';
import type { KeyFile } from './key-file.ts';
import { keptBytes } from './kept-bytes.ts';
import { chunkKey, type Tables } from './tables.ts';

/** Which of a channel's two ids: owner and reader prove on one, writer and joiner on the other. */
export type IdKind = 'read' | 'write';

/** 2 KiB each: about 100 MB of entries; beyond it, clean channels that nobody watches are let go. */
const MAX_CHUNKS = 50_000;
const MAX_CHANNELS = 100_000;

const POLICY_OF_CODE = ['mailbox', 'log', 'pool'] as const;

function isWatched(channel: Channel): boolean {
  return channel.watchers.length > 0 || channel.exclusive !== undefined;
}

export class ChannelCache {
  private readonly tables: Tables;
  private readonly keys: KeyFile;
  private readonly limits: StoreLimits;
  private readonly byRef = new Map<ChannelRef, Channel>();
  private readonly byTag = new Map<string, Channel>();
  private readonly byId = { read: new Map<ChannelId, Channel>(), write: new Map<ChannelId, Channel>() };
  /** Refs of channels that were let go: a ref stays good while the process lives. */
  private readonly parkedTags = new Map<ChannelRef, Buffer>();
  private readonly parkedRefs = new Map<string, ChannelRef>();
  /** Created or deleted since the last checkpoint: the tables don't know yet. */
  private readonly fresh = new Map<string, Channel>();
  private readonly gone = new Set<string>();
  private nextRef = 1;

  constructor(tables: Tables, keys: KeyFile, limits: StoreLimits) {
    this.tables = tables;
    this.keys = keys;
    this.limits = limits;
  }

  /** A channel without a record yet: `index` it once its id hashes are set. */
  make(tag: Buffer = keptBytes(random(TAG_BYTES)), policy: Channel['policy'] = 'mailbox'): Channel {
    const name = tag.toString('latin1');
    const parked = this.parkedRefs.get(name);
    const ref = parked ?? (this.nextRef++ as ChannelRef);
    if (parked !== undefined) {
      this.parkedRefs.delete(name);
      this.parkedTags.delete(parked);
    }
    const channel = new Channel(ref, tag, rememberedIds(policy, this.limits));
    channel.policy = policy;
    this.byRef.set(ref, channel);
    this.byTag.set(name, channel);
    return channel;
  }

  /** From now on `byHash` finds it before the tables do. */
  index(channel: Channel): void {
    this.fresh.set(channel.readHash, channel);
    this.fresh.set(channel.writeHash, channel);
  }

  hash(id: ChannelId): Buffer {
    return hashId(this.keys.ids, id);
  }

  find(kind: IdKind, id: ChannelId): Channel | undefined {
    const cached = this.byId[kind].get(id);
    if (cached !== undefined) {
      cached.used = true;
      return cached;
    }
    const found = this.byHash(this.hash(id));
    if (found?.kind !== kind) return undefined;
    this.byId[kind].set(id, found.channel);
    found.channel[kind === 'read' ? 'readId' : 'writeId'] = id;
    return found.channel;
  }

  byHash(hash: Buffer): { channel: Channel; kind: IdKind } | undefined {
    const name = hash.toString('latin1');
    let channel = this.fresh.get(name);
    if (channel === undefined) {
      if (this.gone.has(name)) return undefined;
      const tag = this.tables.ids.getBinary(hash);
      channel = tag === undefined ? undefined : this.tagged(tag);
    }
    if (channel === undefined) return undefined;
    return { channel, kind: channel.readHash === name ? 'read' : 'write' };
  }

  get(ref: ChannelRef): Channel | undefined {
    const channel = this.byRef.get(ref);
    if (channel !== undefined) return channel;
    const tag = this.parkedTags.get(ref);
    return tag === undefined ? undefined : this.tagged(tag);
  }

  /** By its name on the disk; undefined when there is no such channel. */
  tagged(tag: Buffer): Channel | undefined {
    const cached = this.byTag.get(tag.toString('latin1'));
    if (cached !== undefined) {
      cached.used = true;
      return cached;
    }
    if (this.gone.has(tag.toString('latin1'))) return undefined;
    const record = this.tables.channels.getBinary(tag);
    if (record === undefined) return undefined;
    const policy = POLICY_OF_CODE[record[0] ?? -1];
    if (policy === undefined) throw new RelayError('RELAY_STORE_DAMAGED');
    const channel = this.make(keptBytes(tag), policy);
    try {
      for (const number of decodeChannel(channel, record)) {
        const chunk = this.tables.chunks.getBinary(chunkKey(channel.tag, number));
        if (chunk?.length !== CHUNK_BYTES) throw new RangeError('chunk of entries missing');
        channel.entries.restore(number, chunk);
      }
    } catch (error) {
      throw new RelayError('RELAY_STORE_DAMAGED', { cause: error });
    }
    return channel;
  }

  /** The record said what the policy is: the right number of ids is remembered from now on. */
  fitEntries(channel: Channel): void {
    if (channel.entries.chunks.size === 0)
      channel.entries = new EntryTable(rememberedIds(channel.policy, this.limits));
  }

  /** Deleted: nobody finds it any more, in the tables neither. */
  drop(channel: Channel): void {
    channel.deleted = true;
    for (const name of [channel.readHash, channel.writeHash]) {
      this.fresh.delete(name);
      this.gone.add(name);
    }
    this.gone.add(channel.tag.toString('latin1'));
    this.forget(channel);
  }

  /** The tables have what was created, and have lost what was deleted, before this checkpoint began. */
  settled(created: readonly Channel[], deleted: readonly Channel[]): void {
    for (const channel of created) {
      for (const name of [channel.readHash, channel.writeHash]) {
        if (this.fresh.get(name) === channel) this.fresh.delete(name);
      }
    }
    for (const channel of deleted) {
      for (const name of [channel.tag.toString('latin1'), channel.readHash, channel.writeHash])
        this.gone.delete(name);
    }
  }

  /** All that are in memory. */
  all(): IterableIterator<Channel> {
    return this.byRef.values();
  }

  /** Lets channels go that weren't used since the last call, while there are too many. */
  trim(): void {
    let chunks = 0;
    for (const channel of this.byRef.values()) chunks += channel.entries.chunks.size;
    for (const channel of this.byRef.values()) {
      if (chunks <= MAX_CHUNKS && this.byRef.size <= MAX_CHANNELS) return;
      if (channel.dirty || isWatched(channel) || channel.residents.size > 0) continue;
      if (channel.used) {
        channel.used = false;
        continue;
      }
      chunks -= channel.entries.chunks.size;
      this.forget(channel);
      this.parkedTags.set(channel.ref, channel.tag);
      this.parkedRefs.set(channel.tag.toString('latin1'), channel.ref);
    }
  }

  private forget(channel: Channel): void {
    this.byRef.delete(channel.ref);
    this.byTag.delete(channel.tag.toString('latin1'));
    const { readId, writeId } = channel;
    if (readId !== undefined && this.byId.read.get(readId) === channel) this.byId.read.delete(readId);
    if (writeId !== undefined && this.byId.write.get(writeId) === channel) this.byId.write.delete(writeId);
    channel.readId = channel.writeId = undefined;
  }
}
