// The tree of erasable keys of an unlocked vault: path → key, serial → key. A key is worth something only together
// with all above it, so erasing one erases everything below. Slots on disk are the key file's concern, the
// directory rows (path → serial) the transaction's.
import {
  asKey,
  concatBytes,
  deriveKey,
  type HashKey,
  keyedHash,
  type SealKey,
  wipe,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { KeySlot } from './key-file.ts';
import { type RowKey, serialBytes } from './row-seal.ts';
import type { KeyPath } from './vault.ts';

/** A key in its place in the tree. */
export interface TreeKey extends RowKey {
  readonly path: string;
  readonly slot: KeySlot;
  readonly treeKey: HashKey;
}

const SEPARATOR = '\0';

/** A path as one text. @throws SottoError STORE_BAD_NAME */
export function pathText(path: KeyPath): string {
  const text = path.join(SEPARATOR);
  const wellFormed = path.every((name) => name.length > 0 && !name.includes(SEPARATOR));
  if (path.length === 0 || !wellFormed || text.length > 16_000) throw new SottoError('STORE_BAD_NAME');
  return text;
}

/** The path above, or undefined for a root. */
export function parentPath(path: string): string | undefined {
  const at = path.lastIndexOf(SEPARATOR);
  return at < 0 ? undefined : path.slice(0, at);
}

/** This path and every one that leads to it, root first. */
export function pathsDownTo(path: string): string[] {
  const parent = parentPath(path);
  return parent === undefined ? [path] : [...pathsDownTo(parent), path];
}

export class KeyRing {
  readonly #root: HashKey;
  readonly #byPath = new Map<string, TreeKey>();
  readonly #bySerial = new Map<string, TreeKey>();
  /** parent path ('' above the roots) → paths directly below. */
  readonly #children = new Map<string, Set<string>>();

  constructor(master: HashKey) {
    this.#root = deriveKey(master, 'hash', 'key-tree');
  }

  get(path: string): TreeKey | undefined {
    return this.#byPath.get(path);
  }

  bySerial(serial: string): TreeKey | undefined {
    return this.#bySerial.get(serial);
  }

  /** A key at a path, not yet in the tree. @param parent - The key above it; undefined for a root. */
  derive(path: string, slot: KeySlot, parent: TreeKey | undefined): TreeKey {
    const above = parent?.treeKey ?? this.#root;
    const treeKey = asKey('hash', keyedHash(above, concatBytes(serialBytes(slot.serial), slot.secret)));
    const sealKey: SealKey = deriveKey(treeKey, 'seal', 'rows');
    return { path, slot, serial: slot.serial, treeKey, sealKey };
  }

  add(key: TreeKey): void {
    this.#byPath.set(key.path, key);
    this.#bySerial.set(key.serial, key);
    const above = parentPath(key.path) ?? '';
    const siblings = this.#children.get(above) ?? new Set<string>();
    siblings.add(key.path);
    this.#children.set(above, siblings);
  }

  /** Takes a key out and wipes what it derived; its slot is the caller's to erase. */
  remove(key: TreeKey): void {
    wipe(key.treeKey, key.sealKey);
    this.#bySerial.delete(key.serial);
    if (this.#byPath.get(key.path) !== key) return;
    this.#byPath.delete(key.path);
    const above = parentPath(key.path) ?? '';
    const siblings = this.#children.get(above);
    siblings?.delete(key.path);
    if (siblings?.size === 0) this.#children.delete(above);
  }

  /** Paths directly below (of '' the roots). */
  childrenOf(path: string): readonly string[] {
    return [...(this.#children.get(path) ?? [])];
  }

  /** The key at this path and all below it. */
  subtree(path: string): TreeKey[] {
    const key = this.#byPath.get(path);
    if (key === undefined) return [];
    return [key, ...this.childrenOf(path).flatMap((child) => this.subtree(child))];
  }

  keys(): IterableIterator<TreeKey> {
    return this.#byPath.values();
  }

  /** Forgets every key in memory. */
  wipe(): void {
    for (const { treeKey, sealKey, slot } of this.#bySerial.values()) wipe(treeKey, sealKey, slot.secret);
    wipe(this.#root);
    this.#byPath.clear();
    this.#bySerial.clear();
    this.#children.clear();
  }
}
