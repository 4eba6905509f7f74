// Who in this process hears what happens to a channel in any process. Redis' pub/sub only wakes, and may lose messages:
// so the channel's state is looked at whenever a subscription begins to stand, and once a minute besides; what was
// missed is told then. Also the row of those who take a mailbox, of whom only the last may read. Not its concern: reading.
//
// A message: 4 bytes of the channel's incarnation, a letter, and text (docs/redis.md, "Wake-ups").

import type { Reason } from '@sotto/wire';
import type { ChannelWatcher } from '../channel-store.ts';
import { Codes } from './lua/parts.ts';
import type { Entry } from './entry.ts';
import { Scripts, type Script } from './script.ts';
import type { Topology } from './topology.ts';

const prefixBytes = 4;
const lookEveryMs = 60_000;
const slices = 60;
/** How many looks may be under way at once, after a reconnect with many channels. */
const maxLooks = 256;

export type Ask = (script: Script, entry: Entry, words: readonly (string | Buffer)[]) => Promise<unknown[]>;

export class Watching {
  readonly #topology: Topology;
  readonly #ask: Ask;
  readonly #onFault: (error: unknown) => void;
  /** By pub/sub channel: those who are watched. Two only while a channel was deleted and made again. */
  readonly #watched = new Map<string, Set<Entry>>();
  readonly #toLook = new Set<Entry>();
  #looks = 0;
  readonly #timer: NodeJS.Timeout;
  #round: IterableIterator<Set<Entry>> | undefined;

  constructor(topology: Topology, ask: Ask, onFault: (error: unknown) => void) {
    this.#topology = topology;
    this.#ask = ask;
    this.#onFault = onFault;
    this.#timer = setInterval(() => {
      this.#lookAtSome();
    }, lookEveryMs / slices);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#toLook.clear();
  }

  // ───────────────────────────── watchers ─────────────────────────────

  watch(entry: Entry, watcher: ChannelWatcher, exclusive: boolean): void {
    // Evicting must not end the subscription that the new watcher needs.
    const isFirst = entry.watchers.length === 0;
    if (exclusive) entry.evict();
    entry.watchers = [...entry.watchers, watcher];
    if (isFirst) this.#begin(entry);
    if (!exclusive) return;
    entry.exclusive = watcher;
    this.#take(entry);
  }

  unwatch(entry: Entry, watcher: ChannelWatcher): void {
    if (!entry.watchers.includes(watcher)) return;
    entry.watchers = entry.watchers.filter((one) => one !== watcher);
    if (entry.exclusive === watcher) entry.exclusive = entry.fence = undefined;
    if (entry.watchers.length === 0) this.#end(entry);
  }

  #begin(entry: Entry): void {
    const entries = this.#watched.get(entry.base);
    if (entries !== undefined) {
      entries.add(entry);
      this.look(entry);
      return;
    }
    this.#watched.set(entry.base, new Set([entry]));
    this.#topology.subscribe(entry.base);
  }

  #end(entry: Entry): void {
    this.#toLook.delete(entry);
    const entries = this.#watched.get(entry.base);
    if (entries === undefined) return;
    entries.delete(entry);
    if (entries.size > 0) return;
    this.#watched.delete(entry.base);
    this.#topology.unsubscribe(entry.base);
  }

  /** The watched channels of this name. */
  at(base: string): readonly Entry[] {
    return [...(this.#watched.get(base) ?? [])];
  }

  // ───────────────────────────── what Redis tells ─────────────────────────────

  message(message: Buffer, channel: string): void {
    const entries = this.#watched.get(channel);
    if (entries === undefined || message.length <= prefixBytes) return;
    for (const entry of [...entries]) {
      if (entry.incarnation.compare(message, 0, prefixBytes, 0, prefixBytes) === 0) {
        this.#heard(entry, message.toString('latin1', prefixBytes));
      }
    }
  }

  #heard(entry: Entry, text: string): void {
    const rest = text.slice(1);
    switch (text[0]) {
      case 'a':
        entry.appendedUpTo(Number(rest));
        return;
      case 'p':
        entry.tell({ type: 'appended' });
        return;
      case 'k': {
        const [at = '', ended = ''] = rest.split(';');
        entry.keysChanged(ended, Number(at));
        return;
      }
      case 'd':
        entry.deleted();
        return;
      case 'b':
        entry.blocked(rest as Reason);
        return;
      case 'e':
        this.#taken(entry, Number(rest));
        return;
      default:
        return;
    }
  }

  /** The subscription stands (again): what went by before is made up for. */
  subscribed(channel: string): void {
    for (const entry of this.#watched.get(channel) ?? []) {
      this.look(entry);
      if (entry.exclusive !== undefined && entry.fence !== undefined) this.#claimAgain(entry, entry.fence);
      this.#release(entry);
    }
  }

  /** What was held back may be read now. */
  #release(entry: Entry): void {
    if (!entry.isHeldBack || !this.mayRead(entry)) return;
    entry.isHeldBack = false;
    entry.tell({ type: 'appended' });
  }

  #lookAtSome(): void {
    const count = Math.ceil(this.#watched.size / slices);
    for (let i = 0; i < count; i++) {
      this.#round ??= this.#watched.values();
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = undefined;
        return;
      }
      for (const entry of next.value) this.look(entry);
    }
  }

  /** Asks Redis how the channel stands and tells what is news. */
  look(entry: Entry): void {
    this.#toLook.add(entry);
    this.#lookOn();
  }

  #lookOn(): void {
    for (const entry of this.#toLook) {
      if (this.#looks >= maxLooks) return;
      this.#toLook.delete(entry);
      this.#looks++;
      this.#lookAt(entry)
        // Redis went away again: the next subscription looks anew.
        .catch(this.#onFault)
        .finally(() => {
          this.#looks--;
          this.#lookOn();
        });
    }
  }

  async #lookAt(entry: Entry): Promise<void> {
    const [, code, ...state] = await this.#ask(Scripts.state, entry, []);
    if (code === Codes.UNKNOWN) entry.deleted();
    else if (code === Codes.BLOCKED) entry.blocked(String(state[0]) as Reason);
    else {
      const [head, o, r, w, j] = state as number[];
      entry.keysChanged(`o${o}r${r}w${w}j${j}`, head as number);
      entry.appendedUpTo(head as number);
    }
  }

  // ───────────────────────────── one reader a mailbox ─────────────────────────────

  /** Takes the mailbox: everyone whose place is older hears of it and stops. */
  #take(entry: Entry): void {
    const taker = entry.exclusive;
    const isMine = (): boolean => entry.exclusive === taker && entry.fence === undefined;
    entry.heardFence = 0;
    this.#ask(Scripts.fence, entry, [''])
      .then(([, , fence]) => {
        if (!isMine()) return;
        entry.fence = Number(fence);
        // A later one may have been heard before this answer.
        if (entry.heardFence > entry.fence) entry.evict();
        this.#release(entry);
      })
      .catch((error: unknown) => {
        // Taken once Redis is back: until then nothing is read either.
        this.#onFault(error);
        setTimeout(() => {
          if (isMine()) this.#take(entry);
        }, 1_000).unref();
      });
  }

  /** Someone's place is heard: the older one goes. */
  #taken(entry: Entry, fence: number): void {
    if (entry.exclusive === undefined || fence === entry.fence) return;
    if (entry.fence === undefined) entry.heardFence = Math.max(entry.heardFence, fence);
    else if (fence > entry.fence) entry.evict();
    // The other doesn't know that it is late.
    else this.#claimAgain(entry, entry.fence);
  }

  #claimAgain(entry: Entry, fence: number): void {
    this.#ask(Scripts.fence, entry, [String(fence)]).catch(this.#onFault);
  }

  /** May what is read now be delivered? Not while another may have taken the mailbox unheard. */
  mayRead(entry: Entry): boolean {
    if (entry.exclusive === undefined || (entry.fence !== undefined && this.#topology.hears(entry.base)))
      return true;
    entry.isHeldBack = true;
    return false;
  }
}
