// What the end of a WebSocket means: a named error and whether to come back. Not its concern: when (backoff.ts).

import { CloseCodes } from '@sotto/wire';
import { SottoError } from '../errors.ts';

/**
 * The error for a close code. 4400 and 4426 mean that this client and this relay don't speak the same protocol: coming
 * back would only repeat it. All else is the network's or the moment's fault.
 */
export function closeError(code: number): SottoError {
  switch (code) {
    case CloseCodes.malformed:
      return new SottoError('NET_MALFORMED', { retry: 'never' });
    case CloseCodes.version:
      return new SottoError('NET_VERSION', { retry: 'never' });
    case CloseCodes.noValidFrame:
      return new SottoError('NET_NO_HELLO', { retry: 'reconnect' });
    case CloseCodes.heartbeat:
      return new SottoError('NET_HEARTBEAT', { retry: 'reconnect' });
    case CloseCodes.slowReader:
      return new SottoError('NET_TOO_SLOW', { retry: 'reconnect' });
    case CloseCodes.flood:
      return new SottoError('NET_FLOOD', { retry: 'later' });
    case CloseCodes.draining:
      return new SottoError('NET_DRAINING', { retry: 'reconnect' });
    default:
      return new SottoError('NET_UNREACHABLE', { retry: 'reconnect' });
  }
}
