// A relay's refusal as an error of the SDK. Only refusals that are final for the asker become one: those that mean
// "not now" (QUOTA, RATE, LATER, ORDER, LIMIT) are handled inside the network layer.

import type { Reason, RefusalCode, Refused } from '@sotto/wire';
import { type ClientErrorCode, SottoError } from '../errors.ts';

/** Codes after which the same request can succeed by itself. */
export type PassingCode = 'ORDER' | 'QUOTA' | 'RATE' | 'LATER' | 'LIMIT';
export type FinalCode = Exclude<RefusalCode, PassingCode>;

const CODES: Readonly<Record<FinalCode, ClientErrorCode>> = {
  UNKNOWN: 'NET_LINK_DEAD',
  STALE: 'NET_STALE',
  SUPERSEDED: 'NET_SUPERSEDED',
  BLOCKED: 'NET_BLOCKED',
  TOKEN: 'NET_TOKEN',
  INVALID: 'NET_INVALID',
};

/** The relay said no for good. */
export class NetRefusal extends SottoError {
  /** NET_STALE: the sequence of the slot's present value. */
  readonly current: number;
  /** NET_BLOCKED: the operator's class. */
  readonly reason: Reason | undefined;

  constructor(code: FinalCode, detail: { current?: number; reason?: Reason | undefined } = {}) {
    super(CODES[code]);
    this.current = detail.current ?? 0;
    this.reason = detail.reason;
  }
}

/** Whether waiting helps. */
export function isPassing(code: RefusalCode): code is PassingCode {
  return code === 'ORDER' || code === 'QUOTA' || code === 'RATE' || code === 'LATER' || code === 'LIMIT';
}

/** @param refused - One whose code is not passing. */
export function refusalError(refused: Refused): NetRefusal {
  const code = isPassing(refused.code) ? 'INVALID' : refused.code;
  return new NetRefusal(code, refused);
}
