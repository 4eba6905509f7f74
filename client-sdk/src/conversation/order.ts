// The order in which a peer's contents are shown: by its sequence numbers within a stream, each once, a hole as a hole.
// Pure. Where held contents lie and how long a hole may stay open is the receiver's concern (receive.ts).
import { equalBytes } from '../crypto/index.ts';
import { bytes, message, repeated, type TypeOf, uint } from '../content/wire-codec.ts';

const MAX_HOLES = 32;

const holeCodec = message({ from: uint(1), to: uint(2) });
export const orderCodec = message({
  /** Empty until the first content. */
  stream: bytes(1, 0, 8),
  expected: uint(2),
  /** Numbers that were given up, and may still come late. */
  holes: repeated(3, holeCodec, MAX_HOLES),
});
/** How far one peer's stream was shown. */
export type Order = TypeOf<typeof orderCodec>;

export const FRESH_ORDER: Order = { stream: new Uint8Array(0), expected: 1, holes: [] };

/** `show` now · `hold` until what is missing came or was given up · `repeat`: it was there already. */
export type Verdict = 'show' | 'hold' | 'repeat';

/**
 * Places one content.
 * @returns `restarted`: it opens a new stream, and whatever was held of the old one won't be completed.
 */
export function place(
  order: Order,
  at: { stream: Uint8Array; sequence: number },
): { verdict: Verdict; next: Order; restarted: boolean } {
  const known = equalBytes(order.stream, at.stream);
  const base: Order = known ? order : { stream: at.stream, expected: 1, holes: [] };
  const restarted = !known && order.stream.length > 0;
  if (at.sequence > base.expected) return { verdict: 'hold', next: base, restarted };
  if (at.sequence === base.expected) {
    return { verdict: 'show', next: { ...base, expected: base.expected + 1 }, restarted };
  }
  const holes = without(base.holes, at.sequence);
  if (holes === undefined) return { verdict: 'repeat', next: base, restarted };
  return { verdict: 'show', next: { ...base, holes }, restarted };
}

/** The holes without this number; undefined where it is in none. */
function without(holes: Order['holes'], sequence: number): Order['holes'] | undefined {
  const index = holes.findIndex((hole) => hole.from <= sequence && sequence <= hole.to);
  const hole = holes[index];
  if (hole === undefined) return undefined;
  const left = [
    { from: hole.from, to: sequence - 1 },
    { from: sequence + 1, to: hole.to },
  ].filter((part) => part.from <= part.to);
  return [...holes.slice(0, index), ...left, ...holes.slice(index + 1)].slice(-MAX_HOLES);
}

/** Goes on behind a hole: everything before `sequence` is given up. @returns how many numbers are missing. */
export function giveUpBefore(order: Order, sequence: number): { missing: number; next: Order } {
  const missing = sequence - order.expected;
  if (missing <= 0) return { missing: 0, next: order };
  const holes = [...order.holes, { from: order.expected, to: sequence - 1 }].slice(-MAX_HOLES);
  return { missing, next: { ...order, expected: sequence, holes } };
}
