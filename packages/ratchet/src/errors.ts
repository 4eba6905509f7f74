// The errors of the package: libsignal-client's class, names and code numbers, so that code written against one
// engine reads the other's failures. Codes of services that this package has no part in are left out.
// Spec: docs/ratchet.md section 12. Texts never carry keys, ids of people or message content.

/** libsignal's numbers. A failed decryption is `Generic` on purpose: outwardly every cause looks the same. */
export const ErrorCode = {
  /** An input, key or message that can't be used; every failed decryption but a duplicate. */
  Generic: 0,
  /** The message was decrypted before, or its key was dropped because too many came after it. */
  DuplicatedMessage: 1,
  /** Reserved for sealed sender, which this package does not implement. */
  SealedSenderSelfSend: 2,
  /** The identity store does not trust the key that this peer uses. */
  UntrustedIdentity: 3,
  /** Reserved for sealed sender, which this package does not implement. */
  InvalidRegistrationId: 4,
  /** A device id outside 1 to 127. */
  InvalidProtocolAddress: 5,
  /** Reserved for zero-knowledge proofs, which this package does not implement. */
  VerificationFailed: 6,
  /** A stored session that can't be read: damaged, or another engine's. */
  InvalidSession: 7,
  /** Reserved for sender keys, which this package does not implement. */
  InvalidSenderKeySession: 8,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** What every function of this package throws when an input or a state is refused. */
export class LibSignalErrorBase extends Error {
  readonly code: ErrorCode;
  /** The call that failed, in libsignal's naming. */
  readonly operation: string;
  readonly #addr: unknown;

  constructor(
    message: string,
    name: keyof typeof ErrorCode | undefined,
    operation: string,
    extra: { readonly addr?: unknown; readonly cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = name ?? 'LibSignalError';
    this.code = name === undefined ? ErrorCode.Generic : ErrorCode[name];
    this.operation = operation;
    this.#addr = extra.addr;
  }

  /** The address concerned; only on `UntrustedIdentity` (its name) and `InvalidRegistrationId`. */
  get addr(): unknown {
    if (this.code === ErrorCode.UntrustedIdentity || this.code === ErrorCode.InvalidRegistrationId)
      return this.#addr;
    throw new TypeError('cannot get address from this error');
  }

  override toString(): string {
    return `${this.name} - ${this.operation}: ${this.message}`;
  }

  /** `error.code === code`, as a type guard. */
  is<E extends ErrorCode>(code: E): this is LibSignalErrorBase & { code: E } {
    return this.code === code;
  }

  /** The same for a value that may be anything. */
  static is<E extends ErrorCode>(error: unknown, code: E): error is LibSignalErrorBase & { code: E } {
    return error instanceof LibSignalErrorBase && error.is(code);
  }
}
export type LibSignalError = LibSignalErrorBase;

/** An input that can't be parsed or used: libsignal's nameless kind. */
export function genericError(operation: string, message: string, cause?: unknown): LibSignalErrorBase {
  return new LibSignalErrorBase(message, undefined, operation, { cause });
}

/** A stored state that can't be read, or can't be used for what was asked. */
export function invalidSession(operation: string, message: string): LibSignalErrorBase {
  return new LibSignalErrorBase(`invalid session: ${message}`, 'InvalidSession', operation);
}

/**
 * A message that the pure cores refuse. Never leaves the package: the session layer turns every refusal into the
 * same outward error, so `reason` is for tests and debuggers.
 */
export class Refused extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** A message whose key was used, or dropped because too many came after it. */
export class Duplicate extends Refused {
  readonly expected: number;
  readonly received: number;

  constructor(expected: number, received: number) {
    super('message with old counter');
    this.expected = expected;
    this.received = received;
  }
}
