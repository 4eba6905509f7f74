// The store's "no": what a caller may hear, in the wire's own codes. Thrown by every store alike, turned into a
// Refused frame by the connection. Not its concern: faults of the relay itself (../errors.ts).

import type { Reason, RefusalCode } from '@sotto/wire';

/** What a refusal may carry besides its code; see Refused in sotto.proto. */
export interface RefusalDetails {
  /** STALE: the slot's sequence. */
  readonly current?: number;
  readonly retryAfterMs?: number;
  /** BLOCKED: the operator's reason class. */
  readonly reason?: Reason;
}

/**
 * A refused operation. Compare `code`, not `instanceof`. It has no stack: refusals are answers, and a flood of them
 * must stay cheap.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly current?: number;
  readonly retryAfterMs?: number;
  readonly reason?: Reason;

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`refused: ${code}`);
    Error.stackTraceLimit = limit;
    this.name = 'Refusal';
    this.code = code;
    if (details.current !== undefined) this.current = details.current;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.reason !== undefined) this.reason = details.reason;
  }
}
