// Whether a connection still lives, judged from what came and what is awaited: TCP alone notices a half-open peer only
// after many minutes. Pure: time comes in; connection.ts sends the ping and closes.

export interface Liveness {
  readonly receivedAt: number;
  readonly answeredAt: number;
  /** Since when something has been awaited without a break; undefined: nothing is. */
  readonly awaitingSince: number | undefined;
}

export type Judgement =
  | { readonly verdict: 'dead' }
  | { readonly verdict: 'ping' }
  | { readonly verdict: 'alive'; readonly againInMs: number };

export function aliveAt(now: number): Liveness {
  return { receivedAt: now, answeredAt: now, awaitingSince: undefined };
}

/** A frame that wants an answer was sent. */
export function awaited(state: Liveness, now: number): Liveness {
  return state.awaitingSince === undefined ? { ...state, awaitingSince: now } : state;
}

/** A frame came that answers nothing (a delivery). */
export function received(state: Liveness, now: number): Liveness {
  return { ...state, receivedAt: now };
}

/** An answer came. @param unanswered - How many are still awaited. */
export function answered(state: Liveness, now: number, unanswered: number): Liveness {
  return {
    receivedAt: now,
    answeredAt: now,
    awaitingSince: unanswered === 0 ? undefined : state.awaitingSince,
  };
}

/**
 * The verdict now, and when to ask again. Silence is what kills: as long as frames come, a slow line is given
 * `answerMs` for the answers that queue behind them.
 */
export function judge(
  state: Liveness,
  now: number,
  timing: { readonly idleMs: number; readonly silentMs: number; readonly answerMs: number },
): Judgement {
  const { awaitingSince } = state;
  if (awaitingSince === undefined) {
    const leftMs = state.receivedAt + timing.idleMs - now;
    return leftMs <= 0 ? { verdict: 'ping' } : { verdict: 'alive', againInMs: leftMs };
  }
  const silentLeftMs = Math.max(state.receivedAt, awaitingSince) + timing.silentMs - now;
  const answerLeftMs = Math.max(state.answeredAt, awaitingSince) + timing.answerMs - now;
  const leftMs = Math.min(silentLeftMs, answerLeftMs);
  return leftMs <= 0 ? { verdict: 'dead' } : { verdict: 'alive', againInMs: leftMs };
}
