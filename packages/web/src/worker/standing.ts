// What the platform says of where this device stands: whether the browser has what is needed, whether another tab holds
// the store, and what an error at opening means. Not its concern: what is done about it (desk.ts).
import type { Boot, DamageKind } from '../backend/backend.ts';
import { codeOf } from './session.ts';

export const STORE = 'sotto';
/** The SDK's lock on a store (docs/store-format.md section 7). */
const STORE_LOCK = `sotto-store/${STORE}`;
/** The worker of a page that was just left or reloaded frees its lock a moment late. */
const LEFT_BEHIND_MS = 1_000;

const DAMAGES: Readonly<Record<string, DamageKind>> = {
  STORE_CORRUPT: 'corrupt',
  STORE_VERSION: 'newer-version',
  STORE_FOREIGN: 'foreign',
};

/** What an error at opening says about where this device stands. */
export function bootOf(error: unknown): Boot {
  const code = codeOf(error);
  const kind = DAMAGES[code];
  if (kind !== undefined) return { state: 'damaged', kind, code };
  if (code === 'STORE_LOST') return { state: 'lost' };
  if (code === 'STORE_IN_USE' || code === 'STORE_FENCED') return { state: 'elsewhere' };
  // Private windows of some browsers offer a storage that fails when used.
  if (code === 'STORE_IO' || code === 'STORE_FULL') return { state: 'unsupported', what: 'storage' };
  throw error;
}

/** What this browser lacks. */
export function missingPlatform(): 'storage' | 'wasm' | undefined {
  if (typeof WebAssembly === 'undefined') return 'wasm';
  // Both are optional: a browser or a private window may be without.
  const { locks, storage } = navigator as Partial<Navigator>;
  return typeof indexedDB === 'undefined' || locks === undefined || storage === undefined
    ? 'storage'
    : undefined;
}

/** Whether another tab has the store open. */
export async function isHeldElsewhere(): Promise<boolean> {
  const end = Date.now() + LEFT_BEHIND_MS;
  for (;;) {
    const { held = [] } = await navigator.locks.query();
    if (!held.some(({ name }) => name === STORE_LOCK)) return false;
    if (Date.now() > end) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
