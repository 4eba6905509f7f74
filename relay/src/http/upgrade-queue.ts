// Takes new connections at the pace at which their first proofs can be served. When thousands come back at once, those
// that can't be served yet wait here, as sockets and nothing more, instead of making every turn of the event loop
// seconds long for everyone, or being sent away to wait longer than they must. Between node:http and websockets.ts.
// Not its concern: who is refused for other reasons.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** An upgrade request that node:http has read. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Waiting {
  readonly upgrade: Upgrade;
  readonly sinceMs: number;
}

const tickMs = 20;
/**
 * From one tick to the next the process may use so much CPU; beyond it, those who were taken are too many at a time. Not
 * judged by how late a tick is: on a machine with other work a relay that only has to wait would take hardly anyone.
 */
const mostCpuMs = 30;
/** With less than this it may take more at a time. */
const fewCpuMs = 15;
/**
 * Taken in one tick: at first (a thousand a second), at least and at most. It rises slowly: what those who were taken
 * will ask for comes a few ticks later, and a turn with too many of them keeps all from their first answer.
 */
const pace = { start: 20, min: 2, max: 512, step: 1 };
const maxWaiting = 20_000;
/** Clients give up after twenty seconds or so: whoever waited for most of that is told to come again. */
const maxWaitMs = 15_000;

/** What this process has used until now. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export class UpgradeQueue {
  readonly #accept: (upgrade: Upgrade) => void;
  readonly #turnAway: (upgrade: Upgrade) => void;
  /** First come, first served; taken from `#first` on. */
  #waiting: Waiting[] = [];
  #first = 0;
  #perTick = pace.start;
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;
  #cpuMs = 0;

  constructor(accept: (upgrade: Upgrade) => void, turnAway: (upgrade: Upgrade) => void) {
    this.#accept = accept;
    this.#turnAway = turnAway;
  }

  get size(): number {
    return this.#waiting.length - this.#first;
  }

  add(upgrade: Upgrade): void {
    if (this.#timer === undefined) this.#arm();
    if (this.size === 0 && this.#taken < this.#perTick) {
      this.#taken++;
      this.#accept(upgrade);
    } else if (this.size >= maxWaiting) this.#turnAway(upgrade);
    else this.#waiting.push({ upgrade, sinceMs: performance.now() });
  }

  /** The relay is stopping: nobody waits any longer. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { upgrade } of this.#waiting.slice(this.#first)) this.#turnAway(upgrade);
    this.#waiting = [];
    this.#first = 0;
  }

  #arm(): void {
    this.#cpuMs = cpuMs();
    this.#timer = setTimeout(this.#tick, tickMs);
    this.#timer.unref();
  }

  readonly #tick = (): void => {
    const nowMs = performance.now();
    const usedMs = cpuMs() - this.#cpuMs;
    if (usedMs > mostCpuMs) this.#perTick = Math.max(pace.min, this.#perTick >> 1);
    else if (usedMs < fewCpuMs) this.#perTick = Math.min(pace.max, this.#perTick + pace.step);
    const isQuiet = this.#taken === 0;
    this.#taken = 0;
    while (this.size > 0 && this.#taken < this.#perTick) this.#takeFirst(nowMs);
    this.#waiting.splice(0, this.#first);
    this.#first = 0;
    this.#timer = undefined;
    if (isQuiet && this.#taken === 0) this.#perTick = pace.start;
    else this.#arm();
  };

  #takeFirst(nowMs: number): void {
    const { upgrade, sinceMs } = this.#waiting[this.#first++] as Waiting;
    // Gone meanwhile: nothing to answer.
    if (upgrade.socket.destroyed) return;
    if (nowMs - sinceMs > maxWaitMs) {
      this.#turnAway(upgrade);
      return;
    }
    this.#taken++;
    this.#accept(upgrade);
  }
}
