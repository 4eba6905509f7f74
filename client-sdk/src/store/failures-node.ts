// From Node's and LevelDB's errors to the store's codes.
import { hasCode, SottoError } from '../errors.ts';

const FULL = /No space left|File too large|Disk quota|ENOSPC|EFBIG|EDQUOT/;
const CORRUPT = /Corruption|LEVEL_CORRUPTION|does not exist \(create_if_missing/;

/** The store's error for a failure of the disk, of LevelDB, or for one that is already ours. */
export function storeError(cause: unknown): SottoError {
  const text = describe(cause);
  if (isOurs(cause)) return cause;
  if (FULL.test(text)) return new SottoError('STORE_FULL', { retry: 'later', cause });
  if (text.includes('LEVEL_LOCKED')) return new SottoError('STORE_IN_USE', { retry: 'later', cause });
  if (CORRUPT.test(text)) return new SottoError('STORE_CORRUPT', { cause });
  return new SottoError('STORE_IO', { retry: 'later', cause });
}

function isOurs(error: unknown): error is SottoError {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code.startsWith('STORE_') && hasCode(error, code as 'STORE_IO');
}

/** Code and message of an error and its causes; only matched against, never shown. */
function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  return `${String(code)} ${String(message)} ${cause === undefined ? '' : describe(cause)}`;
}
