// From a browser's storage errors to the store's codes.
import { SottoError } from '../errors.ts';

/** The store's error for a DOMException or one that is already ours. */
export function storeError(cause: unknown): SottoError {
  if (cause instanceof SottoError) return cause;
  const name = (cause as { name?: unknown } | undefined)?.name;
  if (name === 'QuotaExceededError') return new SottoError('STORE_FULL', { retry: 'later', cause });
  if (name === 'VersionError') return new SottoError('STORE_VERSION', { cause });
  return new SottoError('STORE_IO', { retry: 'later', cause });
}
