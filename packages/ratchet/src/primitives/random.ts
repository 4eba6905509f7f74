// The one source of randomness. Cores take a `RandomSource` as a parameter, so that tests can replay them.
import type { Bytes } from '../bytes.ts';

/** Returns `length` fresh bytes. */
export type RandomSource = (length: number) => Bytes;

/** The platform's generator. */
export const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));
