// A Map that isn't there until something is put in. Channels have several and most are empty most of the time: an
// empty Map costs 200 bytes, of which a relay with many idle connections would hold three for each.

export class LazyMap<Key, Value> {
  private map: Map<Key, Value> | undefined;

  get size(): number {
    return this.map?.size ?? 0;
  }

  get(key: Key): Value | undefined {
    return this.map?.get(key);
  }

  has(key: Key): boolean {
    return this.map?.has(key) ?? false;
  }

  set(key: Key, value: Value): void {
    (this.map ??= new Map()).set(key, value);
  }

  delete(key: Key): void {
    this.map?.delete(key);
  }

  clear(): void {
    this.map = undefined;
  }

  keys(): Iterable<Key> {
    return this.map?.keys() ?? [];
  }

  values(): Iterable<Value> {
    return this.map?.values() ?? [];
  }

  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    return (this.map ?? [])[Symbol.iterator]() as Iterator<readonly [Key, Value]>;
  }
}
