// Where a vault rests, seen from above: two small files overwritten in place, and a set of ordered rows.
// `place-node.ts` and `place-browser.ts` provide it (package.json `imports` picks); nothing here knows of keys.

import type { PresenceMarker } from './vault.ts';

/** A small file changed only in place, so that what is overwritten is gone from it. */
export interface ByteFile {
  /** The whole content; undefined where the file does not exist. */
  read(): Promise<Uint8Array | undefined>;
  /** Overwrites or extends; made when missing. Not durable before `sync`. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
}

export type RowOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

export interface RowRange {
  readonly from: Uint8Array;
  /** Exclusive. */
  readonly to: Uint8Array;
  readonly reverse?: boolean;
}

/** A commit goes through only while this row has exactly this value: whoever takes the place over changes it. */
export interface Fence {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Ordered bytes to bytes. */
export interface Rows {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** In key order, in lots, so that one turn serves many rows. */
  scan(range: RowRange): AsyncIterableIterator<readonly (readonly [Uint8Array, Uint8Array])[]>;
  /**
   * Atomic and durable. After a failure nothing is applied and the next call works as soon as the cause is gone.
   * @throws SottoError STORE_FENCED, STORE_FULL, STORE_IO
   */
  commit(operations: readonly RowOperation[], fence: Fence | undefined): Promise<void>;
  /** Rewrites the files without what was deleted. */
  compact(): Promise<void>;
}

/** A location held for this process or tab alone. */
export interface Place {
  /** Nothing was here, or what was here never got past its making. */
  readonly isNew: boolean;
  readonly header: ByteFile;
  readonly keys: ByteFile;
  readonly rows: Rows;
  /** Marks the making as finished, or removes traces of it: only browsers keep a mark outside. */
  settle(): Promise<void>;
  /** Frees the place for others. Idempotent. */
  release(): Promise<void>;
  /** Removes all of it, then frees the place. The keys are overwritten by the caller before. Idempotent. */
  destroy(): Promise<void>;
}

export interface HoldOptions {
  readonly location: string;
  readonly takeOver: boolean;
  /** Called when another tab took the place. */
  readonly onLost: () => void;
  /** Browser: where it is noted that a store exists. */
  readonly marker?: PresenceMarker;
}
