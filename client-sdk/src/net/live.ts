// The handles of one connection while it is up: numbers, who owns them, and who waits for one when all 256 are taken.
// Made for each connection, thrown away with it. Not its concern: what a handle proves (held-right.ts).

import { type Deliver, type Ended, MAX_HANDLES } from '@sotto/wire';
import type { Connection } from './connection.ts';

export interface HandleOwner {
  /** Nothing is under way on its handle: it may be asked to give it back. */
  readonly idle: boolean;
  /** Give the handle back for someone who needs it more. */
  park(): void;
  /** A handle is free now; asked for in vain before. */
  onHandleFree(): void;
  onDeliver(frame: Deliver): void;
  onEnded(frame: Ended): void;
}

export class Live {
  readonly connection: Connection;
  readonly #owners = new Map<number, HandleOwner>();
  readonly #waiting = new Set<HandleOwner>();
  #lastHandle = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Someone waits for a handle. */
  get contended(): boolean {
    return this.#waiting.size > 0;
  }

  /** A handle number, never used before on this connection; undefined: `onHandleFree` will be called. */
  claim(owner: HandleOwner): number | undefined {
    if (this.#owners.size >= MAX_HANDLES) this.#parkOne();
    if (this.#owners.size >= MAX_HANDLES) {
      this.#waiting.add(owner);
      return undefined;
    }
    this.#waiting.delete(owner);
    const handle = ++this.#lastHandle;
    this.#owners.set(handle, owner);
    return handle;
  }

  /** Gives a handle back to the relay; also one that ended: its number counts until it is dropped. */
  release(handle: number): void {
    if (!this.#owners.delete(handle)) return;
    this.connection.tell({ type: 'drop', handle });
    this.#wakeOne();
  }

  abandon(owner: HandleOwner): void {
    this.#waiting.delete(owner);
  }

  route(frame: Deliver | Ended): void {
    // Unknown: it crossed our `drop` on the way.
    const owner = this.#owners.get(frame.handle);
    if (frame.type === 'deliver') owner?.onDeliver(frame);
    else owner?.onEnded(frame);
  }

  /** The newest idle one: taking the oldest would, when all become busy one after the other, make each evict the next. */
  #parkOne(): void {
    let newest: HandleOwner | undefined;
    for (const owner of this.#owners.values()) if (owner.idle) newest = owner;
    newest?.park();
  }

  /** The first of those who wait that still wants it takes the handle. */
  #wakeOne(): void {
    for (const owner of [...this.#waiting]) {
      if (this.#owners.size >= MAX_HANDLES) return;
      if (this.#waiting.delete(owner)) owner.onHandleFree();
    }
  }
}
