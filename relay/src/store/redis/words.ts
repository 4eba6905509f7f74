// How grants, keys and bytes are said to a script. Not its concern: which script wants which (lua/).

import type { Grant, KeyChange } from '../channel-store.ts';
import { letters } from './entry.ts';

export type Argument = string | Buffer;

/** The same memory as a Buffer, which is what the client takes. */
export function bytes(from: Uint8Array): Buffer {
  return Buffer.from(from.buffer, from.byteOffset, from.length);
}

/** '' where the key was replaced: it equals no generation. */
export function generationOf(grant: Grant): string {
  return grant.superseded ? '' : String(grant.generation);
}

/** Right, generation, and until when an earlier reader of a log may read. */
export function readWords(grant: Grant): string[] {
  const until = grant.superseded && grant.until !== undefined ? String(grant.until) : '';
  return [letters[grant.right], generationOf(grant), until];
}

/** In the scripts' order; '' for a key that stays. */
export function keyWords(change: KeyChange | undefined): Argument[] {
  return [change?.ownerKey, change?.readerKey, change?.writerKey, change?.joinerKey].map((key) =>
    key === undefined ? '' : bytes(key),
  );
}
