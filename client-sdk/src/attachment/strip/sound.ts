// Takes out of a sound file what it says about its maker: names, titles, places, times, covers, the program it was made
// with. Strict, like pictures (strip.ts): only what is needed for playing stays. Ogg, MP4 and WebM aren't read here, and so
// refused; browsers turn whatever they can play into samples instead. Not its concern: what can be heard.
import { concatBytes } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { stripMp3 } from './mp3.ts';
import { ByteReader, must } from './reader.ts';

/** A sound without metadata. `mediaType` follows from the bytes, not from a name. */
export interface CleanSound {
  readonly bytes: Uint8Array;
  readonly mediaType: 'audio/wav' | 'audio/mpeg' | 'audio/flac';
  readonly durationMs: number;
}

export type StrippedSound = Omit<CleanSound, 'mediaType'>;

/**
 * @throws SottoError FILE_METADATA for anything but a well-formed WAVE, MP3 or FLAC file: it can be sent as a plain file,
 *   with all that it says.
 */
export function cleanSound(bytes: Uint8Array): CleanSound {
  try {
    const start = startOf(bytes);
    const head = String.fromCharCode(...bytes.subarray(start, start + 4));
    if (head === 'RIFF' && start === 0) return { ...stripWave(bytes), mediaType: 'audio/wav' };
    if (head === 'fLaC') return { ...stripFlac(bytes.subarray(start)), mediaType: 'audio/flac' };
    if (bytes[start] === 0xff) return { ...stripMp3(bytes.subarray(start)), mediaType: 'audio/mpeg' };
  } catch (cause) {
    throw new SottoError('FILE_METADATA', { cause });
  }
  throw new SottoError('FILE_METADATA');
}

/** Behind the ID3v2 tags in front: their length is told in four times seven bits. */
function startOf(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  while (reader.left >= 10 && String.fromCharCode(...bytes.subarray(reader.at, reader.at + 3)) === 'ID3') {
    reader.take(5);
    const flags = reader.u8();
    let length = 0;
    for (let i = 0; i < 4; i++) {
      const seven = reader.u8();
      must(seven < 0x80);
      length = length * 128 + seven;
    }
    reader.take(length + ((flags & 0x10) === 0 ? 0 : 10));
  }
  return reader.at;
}

/** What plays: PCM, floats, A-law, µ-law, and the form that names one of them at length. */
const WAVE_FORMATS: readonly number[] = [1, 3, 6, 7, 0xfffe];

function stripWave(bytes: Uint8Array): StrippedSound {
  const reader = new ByteReader(bytes);
  must(reader.ascii(4) === 'RIFF');
  const total = reader.u32(true);
  must(total + 8 <= bytes.length && reader.ascii(4) === 'WAVE');
  const inside = new ByteReader(bytes.subarray(12, total + 8));
  let [bytesPerSecond, samples] = [0, 0];
  while (inside.left > 0) {
    const start = inside.at;
    const type = inside.ascii(4);
    const length = inside.u32(true);
    const body = inside.take(length);
    // Some writers leave out the last chunk's padding.
    if (length % 2 === 1 && inside.left > 0) inside.take(1);
    const isFormat = type === 'fmt ';
    if (isFormat) {
      const format = new ByteReader(body);
      must(bytesPerSecond === 0 && [16, 18, 40].includes(length) && WAVE_FORMATS.includes(format.u16(true)));
      format.take(6);
      bytesPerSecond = format.u32(true);
      must(bytesPerSecond > 0);
    }
    if (type === 'data') {
      must(bytesPerSecond > 0 && samples === 0 && length > 0);
      samples = length;
    }
    if (isFormat || type === 'data' || (type === 'fact' && length === 4)) inside.keepFrom(start);
  }
  must(samples > 0);
  const kept = inside.result();
  const head = new Uint8Array(12);
  head.set([0x52, 0x49, 0x46, 0x46]);
  new DataView(head.buffer).setUint32(4, kept.length + 4, true);
  head.set([0x57, 0x41, 0x56, 0x45], 8);
  return { bytes: concatBytes(head, kept), durationMs: Math.round((1_000 * samples) / bytesPerSecond) };
}

const STREAM_INFO = 0;
const SEEK_TABLE = 3;

/** FLAC keeps how it is to be read and where to jump to; comments, covers, cue sheets and other programs' blocks go. */
function stripFlac(bytes: Uint8Array): StrippedSound {
  const reader = new ByteReader(bytes);
  must(reader.ascii(4) === 'fLaC');
  const kept: { type: number; body: Uint8Array }[] = [];
  for (let isLast = false; !isLast;) {
    const head = reader.u8();
    isLast = (head & 0x80) !== 0;
    const body = reader.take((reader.u8() << 16) | reader.u16());
    const type = head & 0x7f;
    must((type === STREAM_INFO) === (kept.length === 0));
    if (type === STREAM_INFO || (type === SEEK_TABLE && kept.length === 1)) kept.push({ type, body });
  }
  const info = kept[0]?.body ?? new Uint8Array(0);
  must(info.length === 34);
  const facts = new ByteReader(info.subarray(10));
  const rate = (facts.u16() << 4) | ((info[12] ?? 0) >> 4);
  facts.take(1);
  const samples = (facts.u8() & 15) * 2 ** 32 + facts.u32();
  must(rate > 0);
  // An ID3v1 tag behind the end.
  const tail = bytes.length - 128;
  const end =
    tail > reader.at && String.fromCharCode(...bytes.subarray(tail, tail + 3)) === 'TAG'
      ? tail
      : bytes.length;
  must(reader.u8() === 0xff && (reader.u8() & 0xfe) === 0xf8);
  const blocks = kept.flatMap(({ type, body }, i) => [
    Uint8Array.of(
      type | (i + 1 === kept.length ? 0x80 : 0),
      body.length >> 16,
      body.length >> 8,
      body.length,
    ),
    body,
  ]);
  return {
    bytes: concatBytes(bytes.subarray(0, 4), ...blocks, bytes.subarray(reader.at - 2, end)),
    durationMs: Math.round((1_000 * samples) / rate),
  };
}
