// Every number of the protocol, by name (docs/protocol.md says where each holds). Those under `DEFAULT_` an operator
// may change within the promise it publishes; the others are the same everywhere. Not its concern: enforcing them.

/** The one version of the protocol there is. */
export const PROTOCOL_VERSION = 1;
/** WebSocket subprotocol, and the path of the WebSocket below the relay's address. */
export const SUBPROTOCOL = 'sotto.v1';
export const WEBSOCKET_PATH = '/v1';
export const PROMISE_PATH = '/.well-known/sotto';

/** Frames (section 1). */
export const CONTROL_FRAME_BYTES = 512;
export const DATA_FRAME_BYTES = 4480;
export const FRAME_LENGTH_BYTES = 2;

/** Lengths of fields (section 2). */
export const BLOCK_BYTES = 3968;
export const ID_BYTES = 24;
export const APPEND_ID_BYTES = 16;
export const COMMITMENT_BYTES = 32;
export const KEY_BYTES = 32;
export const SALT_BYTES = 32;
export const NONCE_BYTES = 32;
export const SECRET_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const INCARNATION_BYTES = 16;
export const HASH_BYTES = 32;
export const MAX_TOKEN_BYTES = 354;
export const TOKEN_REQUEST_ID_BYTES = 16;
export const MAX_UINT32 = 0xffff_ffff;

/** Bounds inside messages (section 2). */
export const MAX_CREDIT = 64;
export const POOL_CREDIT = 1;
export const MAX_ITEMS = 16;
export const MAX_SLOT_BACK = 16;
export const MIN_LEASE_SECONDS = 10;
export const MAX_LEASE_SECONDS = 600;
export const MAX_STAMP_LEAVES = 2048;
export const MAX_STAMP_DEPTH = 11;

/** What a client holds to (section 4). */
export const MAX_UNANSWERED = 64;

/** Limits of a connection (section 4). */
export const FIRST_FRAME_MS = 10_000;
export const PROOFS_AT_ONCE = 256;
export const PROOFS_PER_MINUTE = 64;
export const MAX_HANDLES = 256;
export const PAUSE_UNSENT_BYTES = 256 * 1024;
export const CLOSE_UNSENT_BYTES = 1024 * 1024;
export const RECONNECTS_PER_SECOND = 1000;

/** What a channel remembers and holds (section 4). */
export const MAILBOX_APPEND_IDS = 1024;
export const LOG_APPEND_IDS = 16_384;
export const DEFAULT_MAILBOX_BLOCKS = 128;
export const DEFAULT_LOG_BLOCKS = 8192;
export const DEFAULT_POOL_BLOCKS = 1024;
export const DEFAULT_MAILBOX_TTL_SECONDS = 14 * 86_400;
export const DEFAULT_LOG_TTL_SECONDS = 86_400;
export const DEFAULT_POOL_TTL_SECONDS = 30 * 60;
export const ORDERED_TTL_SECONDS = 7 * 86_400;
export const SLOT_TTL_SECONDS = 30 * 86_400;
export const CHANNEL_IDLE_SECONDS = 180 * 86_400;
export const MAX_OPERATOR_BLOCKS_PER_DAY = 20;

/** WebSocket close codes (section 4.13). */
export const CloseCodes = {
  draining: 1001,
  malformed: 4400,
  noValidFrame: 4401,
  heartbeat: 4408,
  slowReader: 4413,
  version: 4426,
  flood: 4429,
} as const;
