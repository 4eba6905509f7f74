// Long bodies travel as up to 16 contents under one content id, each with its own sequence number, and are read when
// all are there. Pure; where parts wait for each other is the receiver's concern.
import { concatBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { MAX_PARTS } from './content.ts';

/** Cuts a body so that each part has at most `capacity` bytes. @throws SottoError CONTENT_TOO_LONG beyond 16 parts. */
export function splitBody(body: Uint8Array, capacity: number): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += capacity) parts.push(body.slice(at, at + capacity));
  if (parts.length === 0) parts.push(new Uint8Array(0));
  if (parts.length > MAX_PARTS) throw new SottoError('CONTENT_TOO_LONG');
  return parts;
}

/** The whole body, or undefined while a part is missing. */
export function joinParts(parts: ReadonlyMap<number, Uint8Array>, count: number): Uint8Array | undefined {
  const all: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const part = parts.get(i);
    if (part === undefined) return undefined;
    all.push(part);
  }
  return concatBytes(...all);
}
