// What the relay holds about client addresses: counts, in memory, under a key that is thrown away each hour. Called at
// connect, at a failed proof and at close. Nothing of it is logged or stored (docs/ledger.md, "Addresses").

import { addressTag, random } from '../crypto/hash.ts';

const hourMs = 3_600_000;

/** Counts open connections and failed proofs by address tag. */
export class Addresses {
  #key = random(32);
  #until: number;
  readonly #failures = new Map<number, number>();
  readonly #open = new Map<number, number>();
  readonly #maxFailures: number;
  readonly #maxOpen: number;

  constructor(limits: { maxFailures: number; maxOpen: number }, nowMs: number) {
    this.#maxFailures = limits.maxFailures;
    this.#maxOpen = limits.maxOpen;
    this.#until = nowMs + hourMs;
  }

  /** What stands for the address while the connection lives. */
  tag(address: string): number {
    return addressTag(this.#key, address);
  }

  /** @returns false when the address has too many connections already. */
  opened(tag: number): boolean {
    if (this.#maxOpen === 0) return true;
    const count = this.#open.get(tag) ?? 0;
    if (count >= this.#maxOpen) return false;
    this.#open.set(tag, count + 1);
    return true;
  }

  closed(tag: number): void {
    if (this.#maxOpen === 0) return;
    const count = this.#open.get(tag) ?? 0;
    if (count > 1) this.#open.set(tag, count - 1);
    else this.#open.delete(tag);
  }

  failed(tag: number): void {
    this.#failures.set(tag, (this.#failures.get(tag) ?? 0) + 1);
  }

  /** Many people may share an address (Tor, a proxy): it is slowed down, never shut out. */
  isSuspect(tag: number): boolean {
    return (this.#failures.get(tag) ?? 0) >= this.#maxFailures;
  }

  /** Called by the global timer: a new hour has a new key and no failures. */
  tick(nowMs: number): void {
    if (nowMs < this.#until) return;
    this.#until = nowMs + hourMs;
    this.#key.fill(0);
    this.#key = random(32);
    this.#failures.clear();
  }
}
