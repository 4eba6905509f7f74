// Waiting on a relay session for something that goes on by itself across reconnects, until it is done, the caller
// stops it, or the session is over for good.
import { SottoError } from '../errors.ts';
import type { RelaySession, SessionStatus } from '../net/index.ts';

/**
 * Runs `work`; its signal fires once nobody waits for it any more, and it must then let go of all that it holds.
 * @throws SottoError SPILL_STOPPED, the session's own error, or whatever `work` throws.
 */
export async function until<T>(
  session: RelaySession,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw new SottoError('SPILL_STOPPED', { retry: 'later' });
  const stop = new AbortController();
  let unwatch: () => void = () => undefined;
  let onAbort: () => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    const look = ({ state, error }: SessionStatus): void => {
      if (state === 'refused' || state === 'closed') reject(error ?? new SottoError('NET_CLOSED'));
    };
    onAbort = () => {
      reject(new SottoError('SPILL_STOPPED', { retry: 'later' }));
    };
    signal?.addEventListener('abort', onAbort);
    unwatch = session.onState(look);
    look(session.status);
  });
  const done = work(stop.signal);
  try {
    return await Promise.race([done, over]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    unwatch();
    stop.abort();
    // Whoever stopped it has an answer already.
    done.catch(() => undefined);
    over.catch(() => undefined);
  }
}
