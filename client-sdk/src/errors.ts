// Every error that the SDK raises by itself, with one sentence each, and the class that carries them.
// Compare `code`, not `instanceof`. No user text, key, id or address ever stands in a message.

/** Code → meaning. `docs/errors.md` is kept equal to this table by a test. */
export const ClientErrors = {
  CRYPTO_KEY_LENGTH: 'A key, seed or nonce has the wrong length.',
  CRYPTO_OPEN: 'Sealed bytes could not be opened: wrong key, or damaged.',
  CRYPTO_SIGNATURE: 'A signature does not match.',
  CRYPTO_ENCODING: 'A text is not valid base64url, hex or UTF-8.',
  STORE_PASSPHRASE: 'The passphrase or key file is missing or does not open this store.',
  STORE_IN_USE: 'Another process or tab holds this store.',
  STORE_FENCED: 'Another process or tab took this store over; this one must stop.',
  STORE_LOCKED: 'The store is locked.',
  STORE_CLOSED: 'The store was closed.',
  STORE_WIPED: 'The store was wiped.',
  STORE_CORRUPT: 'A part of the store is damaged or missing; nothing was changed.',
  STORE_FOREIGN: 'The location holds something that is not a store; nothing was changed.',
  STORE_VERSION: 'The store was written by a newer version.',
  STORE_FULL: 'There is no space left to store this; nothing was changed.',
  STORE_IO: 'The device failed to read or write the store; nothing was changed.',
  STORE_LOST: 'The store that was here has been removed by the browser or by hand.',
  STORE_NOT_EMPTY: 'Only an empty store can take an import.',
  STORE_TRANSACTION_OVER: 'A transaction was used after its end.',
  STORE_BAD_NAME: 'A table, key or key path is not one that the store can hold.',
  EXPORT_DAMAGED: 'The export is damaged, cut short or not an export; nothing was imported.',
  EXPORT_VERSION: 'The export was written by a newer version.',
  CIRCLE_NONE: 'No circle has a place for this at the moment.',
  CONTENT_EMPTY: 'There is nothing in it to be sent.',
  CONTENT_MALFORMED: 'A content does not follow its format.',
  CONTENT_TARGET: 'The message that this is about is not there, or not yours to change.',
  CONTENT_TOO_LONG: 'The text is too long to be sent.',
  CONTENT_UNSIGNED: 'A content lacks the signature that this conversation demands.',
  DIRECTORY_BAD: 'The directory is damaged, forged or older than one seen before.',
  DIRECTORY_GONE: 'There is no such directory any more.',
  FILE_ABSENT: 'There is no such attachment here, or it was not fetched yet.',
  FILE_METADATA:
    'The file can not be cleaned of what it says about its maker; it can be sent as a plain file.',
  FILE_TOO_LARGE: 'The file is larger than 25 MiB.',
  ENVELOPE_TOO_LONG: 'A session message does not fit into a block.',
  INVITE_DAMAGED: 'What lies behind the link was changed or damaged.',
  INVITE_EXPIRED: 'The invite has expired; ask for a new one.',
  INVITE_GONE: 'The invite no longer exists: it was withdrawn, or used long ago.',
  INVITE_KIND: 'The link is not an invite to a conversation.',
  INVITE_OWN: 'The invite was made by this very client.',
  INVITE_PATIENCE: 'No more can be sent to this address before its first answer.',
  INVITE_USED: 'The invite was already used by someone else.',
  INVITE_VERSION: 'The invite was made by a newer version.',
  CONVERSATION_CLOSED: 'The conversation is over; nothing more can be sent.',
  CONVERSATION_GONE: 'There is no such conversation.',
  PERSONA_MOVED:
    'This profile was imported elsewhere and lives on there; this copy must not be used any more.',
  PERSONA_NO_RELAY: 'The persona has no relay of its own on which an invite could be made.',
  PERSONA_OFFLINE: 'The persona is not online.',
  PERSONA_RETIRED: 'The persona is retired.',
  ROOM_CARD_BAD: 'The card of the room is damaged, forged or not a card that can be.',
  ROOM_CLOSED: 'The room is over, or you are no longer in it.',
  ROOM_DOOR: 'The door of the room does not let anyone in this way.',
  ROOM_ENTERING: 'Nobody in the room has let your device in yet; it goes on by itself.',
  ROOM_FULL: 'The room has no place left.',
  ROOM_GONE: 'There is no such room, or its link no longer opens it.',
  ROOM_KIND: 'The link does not lead to a room.',
  ROOM_MEMBER: 'There is no such member in the room.',
  ROOM_MUTED: 'A host has muted you in this room.',
  ROOM_NEWCOMER: 'So soon after coming in this is not possible yet.',
  ROOM_NO_FILES: 'In this room only hosts send files.',
  ROOM_NOT_HOST: 'Only hosts can do this.',
  ROOM_READ_ONLY: 'At the moment only hosts write in this room.',
  ROOM_REFUSED: 'The hosts did not let you in.',
  ROOM_RULES: 'The rules of the room do not allow this change.',
  ROOM_SLOW: 'The room is slow: a little later it will take your next message.',
  ROOM_STATE_BAD: 'The state of a room is damaged, forged or not of this room.',
  ROOM_UNHOSTED: 'No host is there at the moment, and without one nobody can write here.',
  ROOM_UNREADABLE: 'A message of the room could not be opened.',
  SESSION_BUNDLE: 'The keys offered for a new session were refused.',
  SESSION_DUPLICATE: 'A message was opened before.',
  SESSION_ENGINE: 'The session was made by another engine and must start anew.',
  SESSION_KEYS: 'A key that the session needs is not there.',
  SESSION_STALE: 'The session can no longer be used to send.',
  SESSION_UNREADABLE: 'A message could not be opened.',
  NET_URL: 'The address of the relay cannot be used, or is not encrypted.',
  NET_UNREACHABLE: 'The relay could not be reached, or the connection broke.',
  NET_SILENT: 'The relay stopped answering on this connection.',
  NET_HEARTBEAT: 'The relay had not heard from this device in time.',
  NET_NO_HELLO: 'The relay did not get a first message in time.',
  NET_TOO_SLOW: 'This device read more slowly than the relay waits for.',
  NET_FLOOD: 'The relay closed the connection because too much came at once.',
  NET_DRAINING: 'The relay is shutting down or restarting.',
  NET_RELAY_KEY: 'The relay is not the one that the link names: its key differs.',
  NET_VERSION: 'This device and the relay have no protocol version in common.',
  NET_MALFORMED: 'The relay did not understand a message of this device.',
  NET_PROTOCOL: 'The relay sent something that has no meaning here.',
  NET_CLOSED: 'The connection was closed on this device.',
  NET_LINK_DEAD: 'There is no such channel, or this key no longer opens it.',
  NET_SUPERSEDED: 'The key of this device for the channel was replaced.',
  NET_BLOCKED: 'The operator of the relay closed this channel.',
  NET_STALE: 'Someone else changed the slot first.',
  NET_TOKEN: 'The relay asks for a valid admission token.',
  NET_INVALID: 'The relay sees no meaning in this request.',
  NET_STUCK: 'A received block could not be stored on this device, several times.',
  NET_REWOUND: 'This profile was rewound: it was used elsewhere since, and must not send old keys again.',
  NET_PROMISE: 'The published promise of the relay is missing, malformed or not signed by its key.',
  SPILL_DAMAGED: 'What was fetched is not what its sender announced.',
  SPILL_GONE: 'It is no longer at the relay, or was never completely there.',
  SPILL_LOST: 'The relay lost what was being written; it must be written anew.',
  SPILL_SOURCE: 'The file could not be read, or changed meanwhile.',
  SPILL_STOPPED: 'The transfer was stopped.',
  SPILL_TOO_LONG: 'It is longer than the relay keeps in one piece.',
  TERMINAL_COMMAND: 'The command is not known, or lacks something; see the help.',
  TERMINAL_KEY_FILE: 'The key file is missing or empty.',
  TERMINAL_PASSPHRASE: 'A passphrase is needed: set SOTTO_PASSPHRASE or name a key file.',
} as const;

/** One of the SDK's own error codes. */
export type ClientErrorCode = keyof typeof ClientErrors;

/** Whether trying again can help: never, later with back-off, or after reconnecting. */
export type Retry = 'never' | 'later' | 'reconnect';

/**
 * An error with a stable code. The message is the code's one sentence and nothing else.
 * @param code - From `ClientErrors`.
 * @param options - `retry`: 'never' unless said; `cause`: the underlying error, for developers only.
 */
export class SottoError extends Error {
  override readonly name = 'SottoError';
  readonly code: ClientErrorCode;
  readonly retry: Retry;

  constructor(code: ClientErrorCode, options: { retry?: Retry; cause?: unknown } = {}) {
    super(ClientErrors[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}

/** Whether `error` is a SottoError with this code; works across realms and bundles. */
export function hasCode(error: unknown, code: ClientErrorCode): error is SottoError {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
