// The relay's own log: what it is doing, in counts and error classes. Nothing that names a client or a channel is ever
// passed to it (docs/ledger.md, "Logs"). Not its concern: access logs, which don't exist.

import { pino, type Logger } from 'pino';
import type { RelayConfig } from './config/options.ts';

export type { Logger };

/** One JSON object a line on stderr, so that stdout stays for people. */
export function makeLogger(level: RelayConfig['logLevel']): Logger {
  return pino(
    // Neither host name nor process id: a log may be shown to others.
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
