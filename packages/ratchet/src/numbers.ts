// Integers at the surface: libsignal refuses fractions and overflow with a RangeError before anything else.

/** @throws RangeError unless `value` is an integer in [0, 2^32). */
export function u32(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`cannot convert ${value} to u32`);
  return value;
}

/** @throws RangeError unless `value` is an integer in [0, 2^53). */
export function timestamp(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`cannot convert ${value} to Timestamp (u64)`);
  return value;
}
