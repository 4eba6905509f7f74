// A bound on how long a caller waits for the network. What was begun goes on; only the waiting ends.
import { SottoError } from '../errors.ts';

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
