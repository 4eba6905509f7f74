// Errors that the web client raises by itself; all others come from the SDK with codes of their own.

/** Code → meaning. `docs/errors.md` is kept equal to this table by a test. */
export const WebErrors = {
  WEB_ENDED: 'The part of the page that holds keys and connections was ended.',
  WEB_INTERNAL: 'Something failed that nobody foresaw.',
  WEB_NOT_OPEN: 'Nothing is open here: it is locked, or not begun.',
} as const;

export type WebErrorCode = keyof typeof WebErrors;

/** Compare `code`, not `instanceof`. */
export class WebError extends Error {
  override readonly name = 'WebError';
  readonly code: WebErrorCode;
  readonly retry: 'never' | 'later';

  constructor(code: WebErrorCode, options: { retry?: 'never' | 'later'; cause?: unknown } = {}) {
    super(WebErrors[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}
