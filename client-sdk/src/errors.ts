// Every error that the SDK raises by itself, with one sentence each, and the class that carries them.
// Compare `code`, not `instanceof`. No user text, key, id or address ever stands in a message.

/** Code → meaning. `docs/errors.md` is kept equal to this table by a test. */
export const ClientErrors = {
  CRYPTO_KEY_LENGTH: 'A key, seed or nonce has the wrong length.',
  CRYPTO_OPEN: 'Sealed bytes could not be opened: wrong key, or damaged.',
  CRYPTO_SIGNATURE: 'A signature does not match.',
  CRYPTO_ENCODING: 'A text is not valid base64url, hex or UTF-8.',
} as const;

/** One of the SDK's own error codes. */
export type ClientErrorCode = keyof typeof ClientErrors;

/** Whether trying again can help: never, later with back-off, or after reconnecting. */
export type Retry = 'never' | 'later' | 'reconnect';

/**
 * An error with a stable code. The message is the code's one sentence and nothing else.
 * @param code - From `ClientErrors`.
 * @param options - `retry`: 'never' unless said; `cause`: the underlying error, for developers only.
 */
export class SottoError extends Error {
  override readonly name = 'SottoError';
  readonly code: ClientErrorCode;
  readonly retry: Retry;

  constructor(code: ClientErrorCode, options: { retry?: Retry; cause?: unknown } = {}) {
    super(ClientErrors[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}

/** Whether `error` is a SottoError with this code; works across realms and bundles. */
export function hasCode(error: unknown, code: ClientErrorCode): error is SottoError {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
