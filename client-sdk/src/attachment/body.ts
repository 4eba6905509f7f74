// What stands in an attachment's content besides the ref: kind, media type, name, words about it, a small preview. All
// of it is the sender's word: names and types are made harmless here, on the way out and again on the way in.
import { type Body, CONTENT_VERSION, decodeBody, encodeBody } from '../content/content.ts';
import { SottoError } from '../errors.ts';
import { MAX_FILE_BYTES } from './record.ts';

/** How an attachment is shown. A picture or a voice note was cleaned of metadata; a plain file is sent as it is. */
export const ATTACHMENT_KINDS = ['file', 'picture', 'voice'] as const;
export type AttachmentKind = (typeof ATTACHMENT_KINDS)[number];
export type AttachmentBody = Extract<Body, { type: 'attachment' }>;

export const MAX_PREVIEW_BYTES = 2_048;
/** Of the content. */
export const ATTACHMENT_TYPE = 5;
const MAX_NAME_LENGTH = 80;
const MAX_NAME_BYTES = 200;

/** Media types that are shown as pictures or played; anything else is only kept. Never one that can carry a script. */
export const PICTURE_TYPES: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];
export const VOICE_TYPES: readonly string[] = [
  'audio/webm',
  'audio/ogg',
  'audio/mp4',
  'audio/mpeg',
  'audio/wav',
  'audio/flac',
];

/** What is said about an attachment. */
export interface AttachmentDetails {
  readonly kind: AttachmentKind;
  readonly mediaType: string;
  readonly name: string;
  /** What can be seen or heard, for those who can't. */
  readonly description: string;
  readonly warning: string;
  /** A picture of at most 2,048 bytes. */
  readonly preview?: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
}

// Controls, invisible and direction-changing characters, separators of lines; then what file systems forbid.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const FORBIDDEN = /[\\/:*?"<>|]/g;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A name that can be shown and written anywhere: no path, no hidden or direction-changing characters. */
export function safeFileName(name: string): string {
  const [last = ''] = name.normalize('NFC').split(/[\\/]/).slice(-1);
  const plain = last
    .replace(UNSEEN, '')
    .replace(FORBIDDEN, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const short = shorten(RESERVED.test(plain) ? `_${plain}` : plain);
  return short === '' ? 'file' : short;
}

/** Keeps the ending, cuts before it. */
function shorten(name: string): string {
  const fits = (text: string): boolean =>
    Array.from(text).length <= MAX_NAME_LENGTH && new TextEncoder().encode(text).length <= MAX_NAME_BYTES;
  if (fits(name)) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  const letters = Array.from(name.slice(0, name.length - ending.length));
  while (letters.length > 0 && !fits(`${letters.join('')}…${ending}`)) letters.pop();
  return `${letters.join('')}…${ending}`;
}

/** `type/subtype` in small letters, or the type of unknown bytes. */
export function safeMediaType(mediaType: string): string {
  const [plain = ''] = mediaType.toLowerCase().split(';');
  return /^[a-z0-9]+\/[a-z0-9.+-]{1,80}$/.test(plain.trim()) ? plain.trim() : 'application/octet-stream';
}

/** What may be shown as that kind; else it is a plain file. */
export function kindFor(kind: AttachmentKind, mediaType: string): AttachmentKind {
  if (kind === 'picture' && PICTURE_TYPES.includes(mediaType)) return kind;
  return kind === 'voice' && VOICE_TYPES.includes(mediaType) ? kind : 'file';
}

/** @throws SottoError CONTENT_EMPTY, FILE_TOO_LARGE. */
export function mustBeSendable(length: number): void {
  if (length < 1) throw new SottoError('CONTENT_EMPTY');
  if (length > MAX_FILE_BYTES) throw new SottoError('FILE_TOO_LARGE');
}

/** The content's fields. */
export function bodyOf(details: AttachmentDetails, spill: AttachmentBody['spill']): AttachmentBody {
  const { kind, preview, ...said } = details;
  const mediaType = safeMediaType(said.mediaType);
  return {
    type: 'attachment',
    spill,
    ...said,
    mediaType,
    name: safeFileName(said.name),
    kind: ATTACHMENT_KINDS.indexOf(kindFor(kind, mediaType)),
    ...(preview === undefined || preview.length === 0 || preview.length > MAX_PREVIEW_BYTES
      ? {}
      : { preview }),
  };
}

/** What a received content says, made harmless. A kind of a newer version is a file. */
export function detailsOf(body: AttachmentBody): AttachmentDetails & { readonly length: number } {
  const { spill, kind, mediaType, name, description, warning, preview, width, height, durationMs } = body;
  const type = safeMediaType(mediaType);
  return {
    kind: kindFor(ATTACHMENT_KINDS[kind] ?? 'file', type),
    mediaType: type,
    name: safeFileName(name),
    description,
    warning,
    width,
    height,
    durationMs,
    length: spill.length,
    ...(preview === undefined ? {} : { preview }),
  };
}

/** The content's bytes, as they are queued and kept with the message. */
export function encodeAttachment(body: AttachmentBody): Uint8Array {
  return encodeBody(body).bytes;
}

/** @throws SottoError CONTENT_MALFORMED */
export function decodeAttachment(raw: Uint8Array): AttachmentBody {
  const body = decodeBody(CONTENT_VERSION, ATTACHMENT_TYPE, raw);
  if (body.type !== 'attachment') throw new SottoError('CONTENT_MALFORMED');
  return body;
}
