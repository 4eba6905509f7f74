// Content: what one person says to the other, typed and versioned, before any encryption. The tables are those of
// content.proto. Cutting long bodies into parts is parts.ts; who may say what when is the conversation's concern.
import { randomBytes } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { spillRefCodec } from '../spill/ref.ts';
import {
  bytes,
  type Codec,
  flag,
  message,
  optional,
  optionalBytes,
  required,
  repeated,
  text,
  type TypeOf,
  uint,
} from './wire-codec.ts';

export const CONTENT_VERSION = 1;
export const CONTENT_ID_BYTES = 16;
export const STREAM_BYTES = 8;
export const MAX_PARTS = 16;
export const MAX_NAME_BYTES = 64;
export const MAX_MENTIONS = 16;
/** What fits into 16 parts whatever the state of the session. */
export const MAX_TEXT_BYTES = 25_600;
const MAX_BODY_BYTES = 4_096;
const UINT32 = 0xffff_ffff;

declare const contentIdBrand: unique symbol;
/** 16 random bytes as 32 hex digits: names a message on both sides. */
export type ContentId = string & { readonly [contentIdBrand]: true };

/** The support set: what may be said to a message with one tap. */
export const REACTIONS = ['with-you', 'me-too', 'thank-you', 'take-your-time', 'a-hug'] as const;
export type Reaction = (typeof REACTIONS)[number];

export const authorCodec = message({
  publicKey: bytes(1, 32),
  epoch: uint(2, UINT32),
  previous: bytes(3, 32),
  opening: bytes(4, 32),
  signature: bytes(5, 64),
});
/** The author's signature, where the conversation demands one (author.ts). */
export type Author = TypeOf<typeof authorCodec>;

const contentCodecRaw = message({
  version: uint(1, UINT32),
  id: bytes(2, CONTENT_ID_BYTES),
  stream: bytes(3, STREAM_BYTES),
  sequence: uint(4, UINT32),
  at: uint(5),
  type: uint(6, UINT32),
  part: uint(7, MAX_PARTS - 1),
  parts: uint(8, MAX_PARTS),
  timerSeconds: uint(9, UINT32),
  body: bytes(10, 0, MAX_BODY_BYTES),
  author: optional(15, authorCodec),
});
/** One part of one content, as a session message carries it. */
export type Content = TypeOf<typeof contentCodecRaw>;

/** Strict; a higher version is left to the reader, who keeps it unopened. */
export const contentCodec: Codec<Content> = {
  encode: (value) => contentCodecRaw.encode(value),
  decode: (encoded) => {
    const content = contentCodecRaw.decode(encoded);
    const sound =
      content.version >= 1 && content.sequence >= 1 && content.type >= 1 && content.part < content.parts;
    if (!sound) throw new SottoError('CONTENT_MALFORMED');
    return content;
  },
};

const mentionsCodec = message({
  members: repeated(1, message({ member: bytes(1, 32) }), MAX_MENTIONS),
});
const textCodec = message({
  text: text(1, MAX_TEXT_BYTES),
  replyTo: optionalBytes(2, CONTENT_ID_BYTES),
  warning: text(3, 200),
  /** Rooms: pseudonyms of those who are named. */
  mentions: optional(4, mentionsCodec),
});
const reactionCodec = message({
  target: bytes(1, CONTENT_ID_BYTES),
  reaction: uint(2, UINT32),
  removed: flag(3),
});
const editCodec = message({ target: bytes(1, CONTENT_ID_BYTES), text: text(2, MAX_TEXT_BYTES) });
const retractCodec = message({ target: bytes(1, CONTENT_ID_BYTES) });
const attachmentCodec = message({
  spill: required(1, spillRefCodec),
  /** attachment/body.ts names them. */
  kind: uint(2, UINT32),
  mediaType: text(3, 100),
  name: text(4, 200),
  warning: text(5, 200),
  /** What can be seen or heard in it. */
  description: text(6, 1_000),
  preview: optionalBytes(7, 1, 2_048),
  width: uint(8, 65_535),
  height: uint(9, 65_535),
  durationMs: uint(10, UINT32),
});
const timerCodec = message({ seconds: uint(1, UINT32) });
const controlCodec = message({
  renewedKey: optionalBytes(1, 32),
  retired: flag(2),
  left: flag(3),
  name: text(4, MAX_NAME_BYTES),
});

/** Each type's number on the wire and its table. */
const TYPES = {
  text: { number: 1, codec: textCodec },
  reaction: { number: 2, codec: reactionCodec },
  edit: { number: 3, codec: editCodec },
  retract: { number: 4, codec: retractCodec },
  attachment: { number: 5, codec: attachmentCodec },
  timer: { number: 6, codec: timerCodec },
  control: { number: 7, codec: controlCodec },
} as const;

type BodyTypes = typeof TYPES;
export type BodyType = keyof BodyTypes;
/** A content's meaning: a tagged union, one member a type. */
export type Body = { [T in BodyType]: { readonly type: T } & TypeOf<BodyTypes[T]['codec']> }[BodyType];
/** What was understood, or kept as it came because a newer version made it. */
export type ReadBody = Body | { readonly type: 'unsupported'; readonly number: number };

/** The body's type number and bytes. @throws SottoError CONTENT_TOO_LONG, CONTENT_MALFORMED */
export function encodeBody(body: Body): { type: number; bytes: Uint8Array } {
  const { number, codec } = TYPES[body.type];
  return { type: number, bytes: (codec as Codec<unknown>).encode(body) };
}

/**
 * Reads a whole body (all parts joined).
 * @returns 'unsupported' for a version or type that this build doesn't know.
 * @throws SottoError CONTENT_MALFORMED where a known type doesn't parse.
 */
export function decodeBody(version: number, type: number, encoded: Uint8Array): ReadBody {
  const known = Object.entries(TYPES).find(([, entry]) => entry.number === type);
  if (version > CONTENT_VERSION || known === undefined) return { type: 'unsupported', number: type };
  const value = (known[1].codec as Codec<object>).decode(encoded);
  const body = { type: known[0], ...value } as Body;
  if (body.type === 'reaction' && reactionName(body.reaction) === undefined) {
    return { type: 'unsupported', number: type };
  }
  return body;
}

/** The reaction's number on the wire, from 1. */
export function reactionNumber(reaction: Reaction): number {
  return REACTIONS.indexOf(reaction) + 1;
}

/** undefined where a newer version named one that this build doesn't know. */
export function reactionName(number: number): Reaction | undefined {
  return REACTIONS[number - 1];
}

/** A fresh content id. */
export function newContentId(): Uint8Array {
  return randomBytes(CONTENT_ID_BYTES);
}
