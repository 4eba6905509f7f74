// One handle's subscription: how far it was delivered, what is unacked, how much credit is left. State only; the
// reading and sending is delivery.ts.

import type { ChannelEvent, ChannelWatcher, StoredBlock } from '../store/channel-store.ts';
import type { Handle } from '../connection/handle.ts';

/** A 16-byte append id as a string: a quarter of a Uint8Array's memory, and it compares by ===. */
export function appendKey(appendId: Uint8Array): string {
  return Buffer.from(appendId.buffer, appendId.byteOffset, appendId.length).toString('latin1');
}

export class Subscription implements ChannelWatcher {
  readonly handle: Handle;
  readonly credit: number;
  /** Pool: the length of each lease. */
  readonly leaseSeconds: number;
  /** Everything up to this sequence was delivered to this subscription. */
  cursor: number;
  isOver = false;
  /** Waits for the end of the turn, or for its own read. */
  isAwake = false;
  isReading = false;
  isWokenWhileReading = false;
  /** Pool: this reader put a block back, and would be given the same one again; it subscribes anew for more. */
  isResting = false;
  /** Pool: until when its claim holds. */
  leasedUntil = 0;
  /** The block whose way to its ack is timed, one after the other; 0: none now. */
  #timed = 0;
  #timedSinceMs = 0;
  #unacked: Map<number, string> | undefined;

  constructor(handle: Handle, wants: { credit: number; after: number; leaseSeconds: number }) {
    this.handle = handle;
    this.credit = wants.credit;
    this.cursor = wants.after;
    this.leaseSeconds = wants.leaseSeconds;
  }

  /** A mailbox's subscription watches for the one that evicts it; the rest it hears by its channel. */
  hear(event: ChannelEvent): void {
    if (event.type === 'evicted') this.handle.connection.context.channels.evict(this);
  }

  /** How many more blocks may be delivered now. */
  get room(): number {
    return this.credit - (this.#unacked?.size ?? 0);
  }

  delivered(block: StoredBlock, nowMs: number): void {
    if (this.#timed === 0) {
      this.#timed = block.sequence;
      this.#timedSinceMs = nowMs;
    }
    this.cursor = Math.max(this.cursor, block.sequence);
    this.leasedUntil = block.leasedUntil ?? 0;
    (this.#unacked ??= new Map()).set(block.sequence, appendKey(block.appendId));
  }

  /** Takes an ack's credit back. A mismatch is ignored. @returns whether it matched. */
  acked(sequence: number, appendId: Uint8Array): boolean {
    const unacked = this.#unacked;
    if (unacked?.get(sequence) !== appendKey(appendId)) return false;
    const isLog = this.handle.grant.policy === 'log';
    if (this.#timed !== 0 && (isLog ? sequence >= this.#timed : sequence === this.#timed)) this.#timedNow();
    if (!isLog) return unacked.delete(sequence);
    for (const earlier of unacked.keys()) if (earlier <= sequence) unacked.delete(earlier);
    return true;
  }

  #timedNow(): void {
    const { latencies } = this.handle.connection.context;
    latencies.acked.observe((performance.now() - this.#timedSinceMs) / 1000);
    this.#timed = 0;
  }

  /** Pool: the claim is over without an ack. */
  released(sequence?: number): void {
    this.#timed = 0;
    if (sequence === undefined) this.#unacked?.clear();
    else this.#unacked?.delete(sequence);
  }
}
