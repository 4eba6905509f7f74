// The entrance of @sotto/relay: start a relay from code. Its command line is cli/main.ts.

import { checkOptions } from './config/load.ts';
import type { RelayConfig } from './config/options.ts';
import { makeLogger, type Logger } from './log.ts';
import { makeRelay, type Relay } from './relay.ts';

export { RelayError, RelayErrors, type RelayErrorCode } from './errors.ts';
export type { Relay, RelayConfig };

/** Any setting of `sotto-relay --help`, in camelCase. */
export interface RelayOptions extends Partial<RelayConfig> {
  /** Takes the relay's log instead of stderr. */
  readonly logger?: Logger;
}

/**
 * Starts a relay.
 * @param options - what isn't given has the defaults of the command line; `port: 0` takes a free one.
 * @returns once it answers. `close` drains: everything accepted is durable and answered.
 * @throws RelayError RELAY_CONFIG_INVALID, RELAY_DATA_UNUSABLE, RELAY_KEY_DAMAGED, RELAY_ADDRESS_UNUSABLE, …
 */
export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const { logger, ...settings } = options;
  const config = checkOptions(settings);
  return makeRelay(config, logger ?? makeLogger(config.logLevel));
}
