// The plan of a spill: all keys, the length and the hash, fixed before anything leaves the device, so that writing can
// be stopped and go on in a later run. The caller keeps it in its own store until the spill is written and its ref sent.
import { bytes, type Codec, message, type TypeOf, uint } from '../content/wire-codec.ts';
import { equalBytes, randomBytes, randomKey, ready, runningSha256 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { MAX_SPILL_BLOCKS, MAX_SPILL_BYTES, spillBlocks } from './ref.ts';

/** Read so much of a source at once. */
const READ_BYTES = 256 * 1_024;

/** Bytes that can be read from anywhere, again and again: a file, a Blob, rows of a store. */
export interface ByteSource {
  readonly length: number;
  /** Exactly `length` bytes from `offset`, never asked beyond the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export const spillPlanCodec = message({
  ownerSeed: bytes(1, 32),
  salt: bytes(2, 32),
  readerSeed: bytes(3, 32),
  writerSeed: bytes(4, 32),
  key: bytes(5, 32),
  length: uint(6, MAX_SPILL_BYTES),
  sha256: bytes(7, 32),
  ttlSeconds: uint(8, 0xffff_ffff),
  written: uint(9, MAX_SPILL_BLOCKS),
  keptUntil: uint(10, 0xffff_ffff),
}) satisfies Codec<unknown>;

/**
 * Everything about a spill being written. Plain data; `spillPlanCodec` is its strict byte form. `written`: blocks that
 * the relay has for certain, without a gap; `keptUntil`: Unix seconds when the first of them goes, 0 before. A stored
 * `written` may lag behind: what was written beyond it is only confirmed again.
 */
export type SpillPlan = TypeOf<typeof spillPlanCodec>;

/** A source of bytes in memory. */
export function memorySource(content: Uint8Array): ByteSource {
  return {
    length: content.length,
    read: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
  };
}

/** Fresh keys for this content. Reads it once, for its hash. @throws SottoError SPILL_TOO_LONG, SPILL_STOPPED. */
export async function planSpill(
  source: ByteSource,
  options: { ttlSeconds?: number; signal?: AbortSignal } = {},
): Promise<SpillPlan> {
  spillBlocks(source.length);
  await ready();
  const hash = await hashSource(source, options.signal);
  return planOf({ length: source.length, sha256: hash, ttlSeconds: options.ttlSeconds ?? 0 });
}

/** The same content under fresh keys: where the relay lost the first, or it would expire too soon. */
export function renewPlan(plan: SpillPlan): SpillPlan {
  const { length, sha256, ttlSeconds } = plan;
  return planOf({ length, sha256, ttlSeconds });
}

/** Fresh keys for a content whose hash is known. */
export function planOf(about: { length: number; sha256: Uint8Array; ttlSeconds: number }): SpillPlan {
  return {
    ownerSeed: randomKey('signing-seed'),
    salt: randomBytes(32),
    readerSeed: randomKey('signing-seed'),
    writerSeed: randomKey('signing-seed'),
    key: randomKey('seal'),
    ...about,
    written: 0,
    keptUntil: 0,
  };
}

/** SHA-256 of a source, with bounded memory. @throws SottoError SPILL_STOPPED, SPILL_SOURCE. */
export async function hashSource(source: ByteSource, signal?: AbortSignal): Promise<Uint8Array> {
  const hash = runningSha256();
  for (let at = 0; at < source.length; at += READ_BYTES) {
    if (signal?.aborted === true) throw new SottoError('SPILL_STOPPED', { retry: 'later' });
    hash.update(await readExactly(source, at, Math.min(READ_BYTES, source.length - at)));
    // One long file must not hold up everything else.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return hash.digest();
}

/** @throws SottoError SPILL_SOURCE where the source fails or gives another length. */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  let content: Uint8Array;
  try {
    content = await source.read(offset, length);
  } catch (cause) {
    throw new SottoError('SPILL_SOURCE', { cause });
  }
  if (content.length !== length) throw new SottoError('SPILL_SOURCE');
  return content;
}

/** @throws SottoError SPILL_SOURCE: it is not the content that was planned. */
export async function checkSource(source: ByteSource, plan: SpillPlan, signal?: AbortSignal): Promise<void> {
  const same = source.length === plan.length && equalBytes(await hashSource(source, signal), plan.sha256);
  if (!same) throw new SottoError('SPILL_SOURCE');
}
