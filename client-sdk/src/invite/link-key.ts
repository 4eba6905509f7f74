// The envelope key that follows from a link's secret: it hides the bundle in the slot and the first blocks.
import { asKey, deriveKey } from '../crypto/index.ts';

/** 32 bytes. */
export function linkKeyOf(secret: Uint8Array): Uint8Array {
  return deriveKey(asKey('hash', secret), 'seal', 'link');
}
