// The handles of one connection, by number. Most connections have one or two and there are very many connections: the
// first is kept without a Map. Not its concern: what ends a handle (connection.ts), what it may do.

import { isTombstone, type Handle, type HandleEntry } from './handle.ts';

export class HandleTable {
  #firstNumber = 0;
  #first: HandleEntry | undefined;
  #others: Map<number, HandleEntry> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get(number: number): HandleEntry | undefined {
    return number === this.#firstNumber && this.#first !== undefined
      ? this.#first
      : this.#others?.get(number);
  }

  set(number: number, entry: HandleEntry): void {
    if (number === this.#firstNumber || (this.#first === undefined && this.#others?.has(number) !== true)) {
      this.#firstNumber = number;
      this.#first = entry;
    } else (this.#others ??= new Map()).set(number, entry);
  }

  delete(number: number): void {
    if (number === this.#firstNumber) this.#first = undefined;
    else this.#others?.delete(number);
  }

  /** Those with a right. */
  live(): Handle[] {
    const all = this.#first === undefined ? [] : [this.#first];
    return [...all, ...(this.#others?.values() ?? [])].filter(
      (entry): entry is Handle => !isTombstone(entry),
    );
  }

  clear(): void {
    this.#first = this.#others = undefined;
  }
}
