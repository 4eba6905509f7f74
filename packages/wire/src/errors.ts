// The errors of this package: one code for each way a frame, link or promise can be wrong. docs/errors.md is made
// from the map below. Not its concern: refusals, which are well-formed answers of a relay (messages.ts).

/** Code → what it means. */
export const WireErrors = {
  WIRE_FRAME_SIZE: 'The frame has neither of the two sizes, or not the size that its content asks for.',
  WIRE_FRAME_LENGTH: 'The length at the head of the frame is zero or more than the frame holds.',
  WIRE_FRAME_PADDING: 'The bytes after the message are not all zero.',
  WIRE_FRAME_ENCODING:
    'The message is not in the one canonical encoding: cut short, unknown field, wrong order, repeated field, default value, or a number longer than it need be.',
  WIRE_FRAME_VALUE: 'A field of the message is missing, has the wrong length, or is out of bounds.',
  WIRE_VALUE: 'A value to be encoded is missing, has the wrong length or type, or is out of bounds.',
  WIRE_LINK_DAMAGED: 'The link was changed or cut on its way; ask for it again.',
  WIRE_LINK_VERSION: 'The link was made by a newer version.',
  WIRE_LINK_INVALID: 'This is not a Sotto link.',
  WIRE_PROMISE_INVALID: 'The promise of the relay is not in the form that the protocol describes.',
} as const;

export type WireErrorCode = keyof typeof WireErrors;

/**
 * Every failure of this package. Compare `code`, not `instanceof`. The message is the fixed sentence of the code and
 * the name of a field at most, never a value.
 */
export class WireError extends Error {
  readonly code: WireErrorCode;
  /** A malformed frame ends its connection, so the way on is a new one; all else stays wrong when repeated. */
  readonly retry: 'never' | 'later' | 'reconnect';

  constructor(code: WireErrorCode, field?: string) {
    super(field === undefined ? WireErrors[code] : `${WireErrors[code]} (${field})`);
    this.name = 'WireError';
    this.code = code;
    this.retry = code.startsWith('WIRE_FRAME_') ? 'reconnect' : 'never';
  }
}
