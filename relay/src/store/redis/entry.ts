// What one process knows of a channel that it was asked about: its hidden name in Redis, and as much of its state as
// tells new events from old ones. Never decides anything: the scripts do. Not its concern: wake-ups (watching.ts).

import type { Reason, Right } from '@sotto/wire';
import type { ChannelEvent, ChannelRef, ChannelWatcher } from '../channel-store.ts';

/** The letters under which scripts know the rights. */
export const letters = { owner: 'o', reader: 'r', writer: 'w', joiner: 'j' } as const;
const rights: Readonly<Record<string, Right>> = { o: 'owner', r: 'reader', w: 'writer', j: 'joiner' };

export interface Generations {
  o: number;
  r: number;
  w: number;
  j: number;
}

export class Entry {
  readonly ref: ChannelRef;
  /** All its keys in Redis, and its wake-ups, begin with this. */
  readonly base: string;
  readonly incarnation: Buffer;
  watchers: readonly ChannelWatcher[] = [];
  /** The mailbox's subscription, which the next one evicts. */
  exclusive: ChannelWatcher | undefined;
  isGone = false;
  /** The exclusive watcher's place in the row of takers; undefined until Redis has given it. */
  fence: number | undefined;
  /** The latest other's place heard while one's own wasn't known yet. */
  heardFence = 0;
  /** Something was asked for that may only be read once the place is known and heard about. */
  isHeldBack = false;
  #head: number;
  readonly #generations: Generations;
  #blocked = false;

  constructor(
    ref: ChannelRef,
    base: string,
    incarnation: Buffer,
    state: { head: number; generations: Generations },
  ) {
    this.ref = ref;
    this.base = base;
    this.incarnation = incarnation;
    this.#head = state.head;
    this.#generations = { ...state.generations };
  }

  /** Told by Redis or by one's own append; only what is new wakes. */
  appendedUpTo(head: number): void {
    if (head <= this.#head) return;
    this.#head = head;
    this.tell({ type: 'appended' });
  }

  /** @param ended - rights with their new generations, as scripts tell them: "r2w3". */
  keysChanged(ended: string, at: number): void {
    const now: Right[] = [];
    for (const [, letter, digits] of ended.matchAll(/([orwj])(\d+)/g)) {
      const right = letter as keyof Generations;
      if (Number(digits) <= this.#generations[right]) continue;
      this.#generations[right] = Number(digits);
      now.push(rights[right] as Right);
    }
    if (now.length > 0) this.tell({ type: 'keys', rights: now, at });
  }

  deleted(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.tell({ type: 'deleted' });
  }

  blocked(reason: Reason): void {
    if (this.#blocked) return;
    this.#blocked = true;
    this.tell({ type: 'blocked', reason });
  }

  tell(event: ChannelEvent): void {
    for (const watcher of this.watchers) watcher.hear(event);
  }

  evict(): void {
    const evicted = this.exclusive;
    if (evicted === undefined) return;
    this.exclusive = undefined;
    this.fence = undefined;
    this.watchers = this.watchers.filter((watcher) => watcher !== evicted);
    evicted.hear({ type: 'evicted' });
  }
}

/** Nobody watches these; beyond so many the longest unused are forgotten. */
const maxUnwatched = 16_384;

/** All channels that this process knows, by reference and by name. */
export class Entries {
  readonly #byRef = new Map<ChannelRef, Entry>();
  readonly #byName = new Map<string, Entry>();
  #lastRef = 0;

  get(ref: ChannelRef): Entry | undefined {
    return this.#byRef.get(ref);
  }

  /** The channel of this name and incarnation; made known with `state` when it wasn't. */
  know(base: string, incarnation: Buffer, state: { head: number; generations: Generations }): Entry {
    const name = base + incarnation.toString('latin1');
    let entry = this.#byName.get(name);
    if (entry === undefined) {
      entry = new Entry(++this.#lastRef as ChannelRef, base, incarnation, state);
      this.#byName.set(name, entry);
      this.#trim();
    } else if (entry.watchers.length === 0) {
      // It becomes the youngest; nobody was there to hear what changed since.
      this.#byRef.delete(entry.ref);
      entry = new Entry(entry.ref, base, incarnation, state);
      this.#byName.set(name, entry);
    }
    this.#byRef.set(entry.ref, entry);
    return entry;
  }

  #trim(): void {
    if (this.#byRef.size <= maxUnwatched) return;
    let looked = 0;
    for (const [ref, entry] of this.#byRef) {
      this.#byRef.delete(ref);
      if (entry.watchers.length > 0) this.#byRef.set(ref, entry);
      else this.#byName.delete(entry.base + entry.incarnation.toString('latin1'));
      if (++looked === 2) return;
    }
  }
}
