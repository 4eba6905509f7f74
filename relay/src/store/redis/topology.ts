// Which Redis server serves which channel: the one there is, or, in a cluster, the primary of the channel's slot, as
// the cluster itself says. Follows moves, and refuses with `later` whatever no server can take now. Not its concern:
// connections (redis-node.ts), what is asked.

import { RelayError } from '../../errors.ts';
import type { Durability } from '../channel-store.ts';
import { Refusal } from '../refusal.ts';
import type { RedisAccess, RedisAddress, RedisPlace } from './addresses.ts';
import { UnfitRedis, weaker, type NodeFacts } from './node-check.ts';
import { RedisNode } from './redis-node.ts';
import type { Script } from './script.ts';
import { slotOf } from './slots.ts';

const maxRedirects = 4;
const retryAfterMs = 1_000;
const refreshMs = 5_000;
const askMs = 1_000;
/** While a server is away the map is asked for more often: a replica may have taken its place. */
const refreshAwayMs = 300;
const refreshSoonMs = 100;

type Argument = string | Buffer;

const settled = Promise.resolve();

/** A server that hangs must not keep the others from being asked. */
function silence(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error('no answer'));
    }, askMs).unref();
  });
}

export interface TopologyOptions {
  readonly place: RedisPlace;
  readonly replicas: number;
  /** The least that the operator accepts. */
  readonly durability: Durability;
  readonly message: (text: Buffer, channel: string) => void;
  readonly subscribed: (channel: string) => void;
  readonly time: (seconds: number) => void;
  /** A server that can't be used, in words for the operator's log. Never an address. */
  readonly onUnfit: (why: string) => void;
}

export class Topology {
  /** The weakest of all servers seen. */
  durability: Durability = 'fsync';
  readonly #options: TopologyOptions;
  readonly #nodes = new Map<string, RedisNode>();
  /** Cluster: owner by slot. */
  #slots: (string | undefined)[] = [];
  /** Those who own slots. */
  #owners: ReadonlySet<string> = new Set();
  /** Every slot has an owner. */
  #isMapped = false;
  #isCluster = false;
  #isClosed = false;
  readonly #channels = new Set<string>();
  #refreshing: Promise<void> | undefined;
  #mappedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #toldUnfit = '';

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  // ───────────────────────────── opening ─────────────────────────────

  /**
   * Connects. Settles once every channel has a server that is up.
   * @throws RelayError RELAY_REDIS_UNREACHABLE, RELAY_REDIS_UNFIT.
   */
  async open(maxMs: number): Promise<void> {
    const { seeds, access } = this.#options.place;
    for (const seed of seeds) this.#node(seed, access);
    const deadline = Date.now() + maxMs;
    while (!this.isReady) {
      const unfit = [...this.#nodes.values()].find((node) => node.unfit !== undefined)?.unfit;
      if (unfit !== undefined) {
        this.close();
        throw new RelayError('RELAY_REDIS_UNFIT', { detail: `(${unfit})` });
      }
      if (Date.now() > deadline) {
        this.close();
        throw new RelayError('RELAY_REDIS_UNREACHABLE', { retry: 'later' });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (this.#isCluster && Date.now() - this.#mappedAt > refreshAwayMs) await this.refresh();
    }
    this.#keepMapped();
  }

  get isReady(): boolean {
    const nodes = [...this.#nodes.values()];
    if (!this.#isCluster) return nodes.length === 1 && nodes.every((node) => node.isUp);
    return this.#isMapped && [...this.#owners].every((address) => this.#nodes.get(address)?.isUp === true);
  }

  get isSharded(): boolean {
    return [...this.#nodes.values()].every(({ facts }) => facts === undefined || facts.isSharded);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    for (const node of this.#nodes.values()) node.close();
    this.#nodes.clear();
  }

  #node(address: RedisAddress, access: RedisAccess): RedisNode {
    const name = `${address.host}:${String(address.port)}`;
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const { message, subscribed, time } = this.#options;
    const node = new RedisNode(
      { address, access, replicas: this.#options.replicas },
      {
        accept: (facts) => {
          this.#accept(facts);
        },
        up: () => {
          if (this.#isCluster && !this.#isMapped) void this.refresh();
        },
        moved: () => {
          this.#refreshSoon();
        },
        message,
        subscribed,
        time,
      },
    );
    this.#nodes.set(name, node);
    if (!this.#isCluster) for (const channel of this.#channels) node.subscribe(channel);
    return node;
  }

  /** @throws UnfitRedis when this server may not hold anyone's messages. */
  #accept(facts: NodeFacts): void {
    const { place, durability } = this.#options;
    let why: string | undefined;
    if (facts.isCluster && place.access.database !== 0) why = 'a cluster has no databases but 0';
    else if (!facts.isCluster && place.seeds.length > 1)
      why = 'several servers were named, and one is no cluster';
    else if (weaker(facts.durability, durability) !== durability) why = facts.because;
    if (why !== undefined) {
      if (why !== this.#toldUnfit) this.#options.onUnfit(why);
      this.#toldUnfit = why;
      throw new UnfitRedis(why);
    }
    if (facts.isCluster) this.#isCluster = true;
    // In a cluster a replica is a seed like any other: only the map of slots gives it work.
    else if (!facts.isPrimary) throw new Error('a replica, for now');
    this.durability = weaker(this.durability, facts.durability);
  }

  // ───────────────────────────── the map ─────────────────────────────

  /** Looks at the map now and then, and often while a server is away. */
  #keepMapped(): void {
    this.#timer = setInterval(() => {
      if (!this.#isCluster || (this.isReady && Date.now() - this.#mappedAt < refreshMs)) return;
      void this.refresh();
    }, refreshAwayMs);
    this.#timer.unref();
  }

  /** Until all servers know of a move, the same answer may come again, and so may the reason to ask. */
  #refreshSoon(): void {
    if (this.#soon !== undefined || this.#isClosed) return;
    const waitMs = Math.max(0, this.#mappedAt + refreshSoonMs - Date.now());
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      void this.refresh();
    }, waitMs).unref();
  }

  /** Asks the cluster who serves what. One question at a time. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#ask().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #ask(): Promise<void> {
    if (!this.#isCluster || this.#isClosed) return;
    for (const node of [...this.#nodes.values()].sort((a, b) => Number(b.isUp) - Number(a.isUp))) {
      try {
        const shards: unknown = await Promise.race([node.command(['CLUSTER', 'SLOTS']), silence()]);
        this.#map(node, shards as [number, number, ...[Buffer, number, ...unknown[]][]][]);
        return;
      } catch {
        // Silent, or it answered something else: the next one is asked.
      }
    }
  }

  #map(asked: RedisNode, shards: readonly [number, number, ...[Buffer, number, ...unknown[]][]][]): void {
    if (this.#isClosed) return;
    const { access, seeds } = this.#options.place;
    const slots = new Array<string | undefined>(16_384).fill(undefined);
    const owners = new Set<string>();
    let mapped = 0;
    for (const [from, to, ...servers] of shards) {
      const [primary] = servers;
      if (primary === undefined) continue;
      // No name given: the one that was asked.
      const host = primary[0].toString('latin1') || asked.address.slice(0, asked.address.lastIndexOf(':'));
      const address = `${host}:${String(primary[1])}`;
      this.#node({ host, port: primary[1] }, access);
      owners.add(address);
      mapped += to + 1 - from;
      slots.fill(address, from, to + 1);
    }
    this.#slots = slots;
    this.#mappedAt = Date.now();
    this.#owners = owners;
    this.#isMapped = mapped === slots.length;
    const inUse = new Set(owners);
    for (const { host, port } of seeds) inUse.add(`${host}:${String(port)}`);
    for (const [address, node] of this.#nodes) {
      if (inUse.has(address)) continue;
      node.close();
      this.#nodes.delete(address);
    }
    for (const channel of this.#channels) this.#place(channel);
  }

  /** A channel's wake-ups come from its owner, and from nobody else. */
  #place(channel: string): void {
    const owner = this.#owner(channel);
    for (const node of this.#nodes.values()) if (node !== owner) node.unsubscribe(channel);
    owner?.subscribe(channel);
  }

  #owner(key: string): RedisNode | undefined {
    if (!this.#isCluster) return this.#nodes.values().next().value;
    const address = this.#slots[slotOf(key)];
    return address === undefined ? undefined : this.#nodes.get(address);
  }

  // ───────────────────────────── asking ─────────────────────────────

  /** Runs a script on keys of one slot. @throws Refusal LATER when no server can take it now. */
  async run(
    script: Script,
    keys: readonly [string, ...string[]],
    words: readonly Argument[],
  ): Promise<unknown[]> {
    const reply = await this.#routed(keys[0], (node, asking) => node.run(script, keys, words, asking));
    return reply as unknown[];
  }

  /** One command on one key. @throws Refusal LATER. */
  async command(key: string, words: readonly Argument[]): Promise<unknown> {
    return this.#routed(key, (node, asking) => node.command(words, asking));
  }

  async #routed(key: string, act: (node: RedisNode, asking: boolean) => Promise<unknown>): Promise<unknown> {
    let owner = this.#owner(key);
    let asking = false;
    for (let redirects = 0; ; redirects++) {
      if (owner?.isUp !== true) throw this.#later();
      try {
        return await act(owner, asking);
      } catch (error) {
        const { message } = error as Error;
        const [word, , address] = message.split(' ');
        asking = word === 'ASK';
        if ((word !== 'MOVED' && word !== 'ASK') || redirects >= maxRedirects) {
          if (/^(READONLY|LOADING|MASTERDOWN)/.test(message)) owner.suspect();
          // NOREPLICAS, CLUSTERDOWN, TRYAGAIN, MISCONF, OOM, BUSY, or no answer: whether it was done is not known.
          if (/^ERR/.test(message)) throw error;
          throw this.#later();
        }
        if (word === 'MOVED') await this.refresh();
        owner = asking ? this.#nodes.get(address ?? '') : this.#owner(key);
      }
    }
  }

  #later(): Refusal {
    return new Refusal('LATER', { retryAfterMs });
  }

  /** Settles once as many replicas as were asked for have what was answered so far. @throws Refusal LATER. */
  replicated(base: string): Promise<void> {
    if (this.#options.replicas === 0) return settled;
    const owner = this.#owner(base);
    if (owner?.isUp !== true) return Promise.reject(this.#later());
    return owner.replicated(`${base}f`);
  }

  /** All keys that fit the pattern, of every primary, in slices. */
  async *keys(pattern: string): AsyncGenerator<string[]> {
    const primaries = this.#isCluster ? this.#owners : [...this.#nodes.keys()];
    for (const address of primaries) {
      const node = this.#nodes.get(address);
      if (node === undefined) continue;
      let cursor = '0';
      do {
        const [next, keys] = (await node.command(['SCAN', cursor, 'MATCH', pattern, 'COUNT', '500'])) as [
          Buffer,
          Buffer[],
        ];
        cursor = next.toString('latin1');
        yield keys.map((key) => key.toString('latin1'));
      } while (cursor !== '0');
    }
  }

  // ───────────────────────────── wake-ups ─────────────────────────────

  subscribe(channel: string): void {
    this.#channels.add(channel);
    this.#place(channel);
  }

  unsubscribe(channel: string): void {
    this.#channels.delete(channel);
    for (const node of this.#nodes.values()) node.unsubscribe(channel);
  }

  hears(channel: string): boolean {
    return this.#owner(channel)?.hears(channel) === true;
  }
}
