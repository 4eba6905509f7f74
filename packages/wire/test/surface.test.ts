// Pins what the package exports: a name that goes or comes is a decision, seen here.

import { expect, test } from '@jest/globals';
import * as wire from '../src/index.ts';

test('functions and classes', () => {
  const names = Object.entries(wire)
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name)
    .sort();
  expect(names).toEqual([
    'WireError',
    'clientFrameBytes',
    'createPreimage',
    'decodeClientFrame',
    'decodeLink',
    'decodeRelayFrame',
    'encodeClientFrame',
    'encodeClientFrameInto',
    'encodeLink',
    'encodePromise',
    'encodeRelayFrame',
    'encodeRelayFrameInto',
    'fromBase64url',
    'idPreimage',
    'linkPreimage',
    'parsePromise',
    'promisePreimage',
    'provePreimage',
    'relayFrameBytes',
    'stampLeafPreimage',
    'stampNodePreimage',
    'stampRootOf',
    'stampRootPreimage',
    'toBase64url',
    'withdrawPreimage',
  ]);
});

test('numbers of the protocol', () => {
  const numbers = Object.fromEntries(Object.entries(wire).filter(([, value]) => typeof value !== 'function'));
  expect(numbers).toMatchInlineSnapshot(`
    {
      "APPEND_ID_BYTES": 16,
      "BLOCK_BYTES": 3968,
      "CHANNEL_IDLE_SECONDS": 15552000,
      "CLOSE_UNSENT_BYTES": 1048576,
      "COMMITMENT_BYTES": 32,
      "CONTROL_FRAME_BYTES": 512,
      "CloseCodes": {
        "draining": 1001,
        "flood": 4429,
        "heartbeat": 4408,
        "malformed": 4400,
        "noValidFrame": 4401,
        "slowReader": 4413,
        "version": 4426,
      },
      "DATA_FRAME_BYTES": 4480,
      "DEFAULT_LOG_BLOCKS": 8192,
      "DEFAULT_LOG_TTL_SECONDS": 86400,
      "DEFAULT_MAILBOX_BLOCKS": 128,
      "DEFAULT_MAILBOX_TTL_SECONDS": 1209600,
      "DEFAULT_POOL_BLOCKS": 1024,
      "DEFAULT_POOL_TTL_SECONDS": 1800,
      "FIRST_FRAME_MS": 10000,
      "FRAME_LENGTH_BYTES": 2,
      "HASH_BYTES": 32,
      "ID_BYTES": 24,
      "INCARNATION_BYTES": 16,
      "KEY_BYTES": 32,
      "LOG_APPEND_IDS": 16384,
      "MAILBOX_APPEND_IDS": 1024,
      "MAX_CREDIT": 64,
      "MAX_HANDLES": 256,
      "MAX_ITEMS": 16,
      "MAX_LEASE_SECONDS": 600,
      "MAX_OPERATOR_BLOCKS_PER_DAY": 20,
      "MAX_SLOT_BACK": 16,
      "MAX_STAMP_DEPTH": 11,
      "MAX_STAMP_LEAVES": 2048,
      "MAX_TOKEN_BYTES": 354,
      "MAX_UINT32": 4294967295,
      "MAX_UNANSWERED": 64,
      "MIN_LEASE_SECONDS": 10,
      "NONCE_BYTES": 32,
      "ORDERED_TTL_SECONDS": 604800,
      "PAUSE_UNSENT_BYTES": 262144,
      "POOL_CREDIT": 1,
      "PROMISE_PATH": "/.well-known/sotto",
      "PROOFS_AT_ONCE": 256,
      "PROOFS_PER_MINUTE": 64,
      "PROTOCOL_VERSION": 1,
      "RECONNECTS_PER_SECOND": 1000,
      "SALT_BYTES": 32,
      "SECRET_BYTES": 32,
      "SIGNATURE_BYTES": 64,
      "SLOT_TTL_SECONDS": 2592000,
      "SUBPROTOCOL": "sotto.v1",
      "TOKEN_REQUEST_ID_BYTES": 16,
      "WEBSOCKET_PATH": "/v1",
      "WireErrors": {
        "WIRE_FRAME_ENCODING": "The message is not in the one canonical encoding: cut short, unknown field, wrong order, repeated field, default value, or a number longer than it need be.",
        "WIRE_FRAME_LENGTH": "The length at the head of the frame is zero or more than the frame holds.",
        "WIRE_FRAME_PADDING": "The bytes after the message are not all zero.",
        "WIRE_FRAME_SIZE": "The frame has neither of the two sizes, or not the size that its content asks for.",
        "WIRE_FRAME_VALUE": "A field of the message is missing, has the wrong length, or is out of bounds.",
        "WIRE_LINK_DAMAGED": "The link was changed or cut on its way; ask for it again.",
        "WIRE_LINK_INVALID": "This is not a Sotto link.",
        "WIRE_LINK_VERSION": "The link was made by a newer version.",
        "WIRE_PROMISE_INVALID": "The promise of the relay is not in the form that the protocol describes.",
        "WIRE_VALUE": "A value to be encoded is missing, has the wrong length or type, or is out of bounds.",
      },
    }
  `);
});
