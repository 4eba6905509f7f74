// All open connections, and the one timer that watches over them: heartbeat, the deadline for a first frame, and
// whoever else wants to be called once a second. Not its concern: what a connection does.

import { CloseCodes, FIRST_FRAME_MS } from '@sotto/wire';
import type { Connection } from './connection.ts';

const tickMs = 1000;
const maxMissedHeartbeats = 2;

export class Roster {
  /** At each tick one slice is pinged, so that pings never come in a burst. */
  readonly #slices: Set<Connection>[];
  /** In order of arrival, so that a tick looks only at those that are due. */
  readonly #awaitingFirstFrame = new Set<Connection>();
  readonly #onTick: ((nowMs: number) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #size = 0;

  constructor(heartbeatSeconds: number) {
    this.#slices = Array.from({ length: heartbeatSeconds }, () => new Set());
    this.#timer = setInterval(() => {
      this.tick(Date.now());
    }, tickMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#size;
  }

  add(connection: Connection): void {
    this.#slices[connection.slice]?.add(connection);
    this.#awaitingFirstFrame.add(connection);
    this.#size++;
  }

  /** Which slice the next connection joins. */
  nextSlice(): number {
    return this.#size % this.#slices.length;
  }

  gotFirstFrame(connection: Connection): void {
    this.#awaitingFirstFrame.delete(connection);
  }

  delete(connection: Connection): void {
    this.#awaitingFirstFrame.delete(connection);
    if (this.#slices[connection.slice]?.delete(connection) === true) this.#size--;
  }

  /** The newest `count`, newest first. */
  youngest(count: number): Connection[] {
    return [...this.all()].sort((a, b) => b.openedAtMs - a.openedAtMs).slice(0, count);
  }

  *all(): Generator<Connection> {
    for (const slice of this.#slices) yield* slice;
  }

  /** Called at every tick, about once a second. */
  everySecond(callback: (nowMs: number) => void): void {
    this.#onTick.push(callback);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One tick of the timer. */
  tick(nowMs: number): void {
    for (const connection of this.#awaitingFirstFrame) {
      if (nowMs - connection.openedAtMs < FIRST_FRAME_MS) break;
      this.#awaitingFirstFrame.delete(connection);
      connection.close(CloseCodes.noValidFrame);
    }
    const slice = this.#slices[this.#ticks++ % this.#slices.length];
    for (const connection of slice ?? []) {
      if (connection.heartbeat() >= maxMissedHeartbeats) connection.terminate(CloseCodes.heartbeat);
    }
    for (const callback of this.#onTick) callback(nowMs);
  }
}
