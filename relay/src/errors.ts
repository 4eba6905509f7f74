// Every error the relay's own code throws at whoever runs or embeds it, by code. What a client is refused is a
// refusal of the wire (store/refusal.ts) or a close code (connection/close-codes.ts), not one of these.

/** Code → what it means, in one sentence. A test keeps docs/errors.md equal to it. */
export const RelayErrors = {
  RELAY_CONFIG_INVALID:
    'A flag, environment variable or configuration file holds a value the relay cannot use.',
  RELAY_CONFIG_UNREADABLE: 'The configuration file cannot be read or is not JSON.',
  RELAY_ADDRESS_UNUSABLE: 'The relay cannot listen on the given host and port.',
  RELAY_TLS_UNUSABLE: 'The certificate or its key cannot be read, or the two do not belong together.',
  RELAY_DATA_UNUSABLE: 'The data folder cannot be created, read or written.',
  RELAY_KEY_DAMAGED: 'A key file in the data folder has the wrong size.',
  RELAY_PROMISE_DAMAGED: 'The promise record in the data folder cannot be read.',
  RELAY_STORE_LOCKED: 'Another process works on this data folder: stop it, or name another folder by --data.',
  RELAY_STORE_FOREIGN: 'The store folder holds files that are not of a Sotto relay; nothing was changed.',
  RELAY_STORE_VERSION: 'The store was written by another version of the relay; nothing was changed.',
  RELAY_STORE_KEYS: 'The key file of the store is missing or damaged, so what is stored cannot be opened.',
  RELAY_STORE_DAMAGED: 'The store holds data that fails its checks.',
  RELAY_STORE_IO: 'The store cannot read or write its files.',
  RELAY_STORE_CLOSED: 'The store has been closed.',
  RELAY_REDIS_UNREACHABLE: 'Redis cannot be reached, or some of its channels have no server.',
  RELAY_REDIS_UNFIT: 'Redis is not set up to keep what the relay promises.',
  RELAY_CONTROL_FAILED: 'The running relay did not carry out the operator command.',
  RELAY_CHECK_FAILED: 'The probed relay did not do what a client expects of it.',
} as const;

export type RelayErrorCode = keyof typeof RelayErrors;

/** Whether the same call can succeed without anything else changing. */
export type Retry = 'never' | 'later' | 'reconnect';

/**
 * An error of the relay. Compare `code`, never the class: two copies of the package may be loaded.
 * The message holds no id, key, address or content.
 */
export class RelayError extends Error {
  readonly code: RelayErrorCode;
  readonly retry: Retry;

  constructor(code: RelayErrorCode, options: { detail?: string; retry?: Retry; cause?: unknown } = {}) {
    super(options.detail === undefined ? RelayErrors[code] : `${RelayErrors[code]} ${options.detail}`, {
      cause: options.cause,
    });
    this.name = 'RelayError';
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}
