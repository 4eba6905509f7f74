// The plaintext of one session message: a content, and beside it what the two sides need to find and read each other
// (hello) or to begin a new session (restart). The tables are those of content.proto.
import { contentCodec, MAX_NAME_BYTES } from './content.ts';
import {
  type Codec,
  bytes,
  message,
  optional,
  optionalBytes,
  required,
  text,
  type TypeOf,
  uint,
} from './wire-codec.ts';

export const MAX_RELAY_URL_BYTES = 200;

const addressCodec = message({
  relay: text(1, MAX_RELAY_URL_BYTES),
  relayKey: optionalBytes(2, 32),
  writeId: bytes(3, 24),
  writerSeed: bytes(4, 32),
});
/** A mailbox that the peer may secure and write to. */
export type Address = TypeOf<typeof addressCodec>;

const envelopeKeysCodec = message({ toInviter: bytes(1, 32), toAccepter: bytes(2, 32) });

export const helloCodec = message({
  name: text(1, MAX_NAME_BYTES),
  keys: optional(2, envelopeKeysCodec),
  address: optional(3, addressCodec),
  writerKey: optionalBytes(4, 32),
});
/** How to reach and read the sender. */
export type Hello = TypeOf<typeof helloCodec>;

/** Why a session was made anew; shown to both. */
export const RESTART_CAUSES = ['rewound', 'imported', 'engine', 'unreadable'] as const;
export type RestartCause = (typeof RESTART_CAUSES)[number];

const restartCodec = message({ cause: uint(1, 0xffff_ffff), seen: optionalBytes(2, 16) });
/** Announces a new session. */
export type Restart = TypeOf<typeof restartCodec>;

const packetFields = message({
  hello: optional(1, helloCodec),
  restart: optional(2, restartCodec),
  content: required(3, contentCodec),
});
/** One session message's plaintext. */
export type Packet = TypeOf<typeof packetFields>;
export const packetCodec: Codec<Packet> = packetFields;
