// A bound on how long a caller waits for the network. What was begun goes on; only the waiting ends.
import { SottoError } from '../errors.ts';
import type { RelaySession, SessionStatus } from '../net/index.ts';

/** @throws SottoError NET_UNREACHABLE after `ms`. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SottoError('NET_UNREACHABLE', { retry: 'later' }));
    }, ms);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

/** Ends the waiting where the relay turns out to be another one, or of another version. @throws its error. */
export function unlessRefused<T>(session: RelaySession, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (status: SessionStatus): void => {
      if (status.state === 'refused') reject(status.error ?? new SottoError('NET_UNREACHABLE'));
    };
    const stop = session.onState(look);
    look(session.status);
    work.then(resolve, reject).finally(stop);
  });
}
