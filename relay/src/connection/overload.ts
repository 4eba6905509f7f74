// What a relay does that has more to do than it can: it serves those who are there and turns new ones away, each with
// a time to come back; only where that doesn't help does it send some away, the youngest first. Decided by how late the
// event loop is, and by memory. Asked by http/websockets.ts, ticked by ../relay.ts. Not its concern: one client's
// floods (rates of connection.ts).

import { getHeapStatistics } from 'node:v8';
import { CloseCodes } from '@sotto/wire';
import type { LoopLag } from '../metrics/loop-lag.ts';
import type { Roster } from './roster.ts';

/** How often it looks. */
export const overloadTickMs = 500;
/** Late windows in a row before new ones are turned away: for less, taking them more slowly (http/upgrade-queue.ts) helps. */
const lateWindows = 4;
/** Windows in a row with shedding on before connections are sent away. */
const patience = 10;
/** Windows in a row below half the bounds before new ones are taken again. */
const calmWindows = 2;
/** A window sends away at most this part of all connections. */
const sentAway = 1 / 50;
const heapFull = 0.85;
/** Those turned away come back spread over so long, and no earlier than the first. */
const retryAfterSeconds = { min: 2, max: 12 };

export interface OverloadBounds {
  /** Mean lateness of the event loop; 0: not looked at. */
  readonly maxLagMs: number;
  /** Resident memory; 0: only the heap is looked at, which has a limit of its own. */
  readonly maxMemoryMiB: number;
}

export class Overload {
  /** Connections turned away or sent away. */
  shed = 0;
  isShedding = false;
  readonly #bounds: OverloadBounds;
  readonly #lag: LoopLag;
  readonly #heapLimit = getHeapStatistics().heap_size_limit;
  #late = 0;
  #windows = 0;
  #calm = 0;

  constructor(bounds: OverloadBounds, lag: LoopLag) {
    this.#bounds = bounds;
    this.#lag = lag;
  }

  /** Turns a new connection away. @returns in how many seconds it may come back: each another time. */
  turnAway(): number {
    this.shed++;
    return randomBetween(retryAfterSeconds.min, retryAfterSeconds.max);
  }

  /** Ends a window: looks, decides, and where patience is over sends some away. */
  tick(roster: Roster): void {
    this.#lag.roll();
    const pressure = this.#pressure();
    this.#late = pressure.lag >= 1 ? this.#late + 1 : 0;
    if (pressure.memory >= 1 || this.#late >= lateWindows) {
      this.isShedding = true;
      this.#calm = 0;
    } else if (
      this.isShedding &&
      Math.max(pressure.lag, pressure.memory) < 0.5 &&
      ++this.#calm >= calmWindows
    )
      this.isShedding = false;
    const isPressed = Math.max(pressure.lag, pressure.memory) >= 1;
    this.#windows = this.isShedding && isPressed ? this.#windows + 1 : 0;
    if (this.#windows > patience) this.#sendAway(roster, Math.ceil(roster.size * sentAway));
  }

  /** 1: at a bound. */
  #pressure(): { lag: number; memory: number } {
    const { maxLagMs, maxMemoryMiB } = this.#bounds;
    const heapUsed = getHeapStatistics().used_heap_size;
    const resident = maxMemoryMiB === 0 ? 0 : process.memoryUsage.rss() / (maxMemoryMiB * 2 ** 20);
    return {
      lag: maxLagMs === 0 ? 0 : this.#lag.meanMs / maxLagMs,
      memory: Math.max(resident, heapUsed / (heapFull * this.#heapLimit)),
    };
  }

  #sendAway(roster: Roster, count: number): void {
    for (const connection of roster.youngest(count)) {
      const retryAfterMs = this.turnAway() * 1000;
      connection.send({ request: 0, type: 'closing', retryAfterMs });
      connection.close(CloseCodes.draining);
    }
  }
}

function randomBetween(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}
