// MP3 (ISO 11172-3 and 13818-3, layer III): walks from frame to frame and keeps them, but for the first where it holds no
// sound and only says which program made it (Xing, Info, VBRI). Tags in front are gone already; whatever stands behind the
// last frame goes: ID3v1, APE, lyrics.
import { ByteReader, must } from './reader.ts';
import type { StrippedSound } from './sound.ts';

/** In kilobits a second, by index from 1. */
const RATES_1 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const HERTZ = [44_100, 48_000, 32_000];
/** What only looks like a frame once doesn't do so three times in a row. */
const FEWEST_FRAMES = 3;
const TAGS = /^(TAG|APETAGEX|LYRICSBEGIN|ID3)/;

interface Frame {
  readonly length: number;
  readonly hertz: number;
  readonly samples: number;
  /** How long the part between head and sound is. */
  readonly side: number;
}

export function stripMp3(bytes: Uint8Array): StrippedSound {
  const reader = new ByteReader(bytes);
  let [frames, milliseconds, hertz] = [0, 0, 0];
  while (reader.left >= 4) {
    const start = reader.at;
    const frame = frameAt(bytes, start);
    if (frame === undefined) {
      const rest = bytes.subarray(start);
      must(TAGS.test(String.fromCharCode(...rest.subarray(0, 11))) || rest.every((byte) => byte === 0));
      break;
    }
    // The last one is often cut.
    if (frame.length > reader.left) break;
    reader.take(frame.length);
    must(hertz === 0 || frame.hertz === hertz);
    hertz = frame.hertz;
    frames++;
    if (frames === 1 && isSilentHead(bytes.subarray(start, reader.at), frame)) continue;
    reader.keepFrom(start);
    milliseconds += (1_000 * frame.samples) / frame.hertz;
  }
  must(frames >= FEWEST_FRAMES);
  return { bytes: reader.result(), durationMs: Math.round(milliseconds) };
}

function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  const version = (second >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const isLayer3 = ((second >> 1) & 3) === 1;
  if (first !== 0xff || second < 0xe0 || version === 1 || !isLayer3) return undefined;
  const isFirst = version === 3;
  const rate = (isFirst ? RATES_1 : RATES_2)[(third >> 4) - 1];
  const base = HERTZ[(third >> 2) & 3];
  if (rate === undefined || base === undefined) return undefined;
  const hertz = base / (isFirst ? 1 : version === 2 ? 2 : 4);
  const samples = isFirst ? 1_152 : 576;
  const isMono = fourth >> 6 === 3;
  return {
    hertz,
    samples,
    length: Math.floor((samples * 125 * rate) / hertz) + ((third >> 1) & 1),
    side: isFirst ? (isMono ? 17 : 32) : isMono ? 9 : 17,
  };
}

function isSilentHead(frame: Uint8Array, { side }: Frame): boolean {
  const word = (at: number): string => String.fromCharCode(...frame.subarray(at, at + 4));
  return ['Xing', 'Info'].includes(word(4 + side)) || word(36) === 'VBRI';
}
