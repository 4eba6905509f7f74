// WebP: keeps the chunks that pixels need and clears the flags of what went (EXIF, XMP, colour profile).
import { concatBytes } from '../../crypto/index.ts';
import { ByteReader, must, type Stripped } from './reader.ts';

const STAYS = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM']);
/** Of VP8X: colour profile, Exif, XMP. */
const FLAGS_GONE = 0x20 | 0x08 | 0x04;

export function stripWebp(bytes: Uint8Array): Stripped {
  const reader = new ByteReader(bytes);
  must(reader.ascii(4) === 'RIFF');
  const total = reader.u32(true);
  must(total + 8 <= bytes.length && reader.ascii(4) === 'WEBP');
  const inside = new ByteReader(bytes.subarray(12, total + 8));
  let size: { width: number; height: number } | undefined;
  let pixels = false;
  while (inside.left > 0) {
    const start = inside.at;
    const type = inside.ascii(4);
    const length = inside.u32(true);
    const body = inside.take(length);
    inside.take(length % 2);
    size ??= sizeOf(type, body);
    if (type === 'VP8X') {
      must(start === 0 && length === 10);
      const extended = bytes.slice(12 + start, 12 + inside.at);
      extended[8] = (extended[8] ?? 0) & ~FLAGS_GONE;
      inside.keep(extended);
      continue;
    }
    if (type === 'ANMF') inside.keep(frame(body));
    else if (STAYS.has(type)) inside.keepFrom(start);
    if (type === 'VP8 ' || type === 'VP8L' || type === 'ANMF') pixels = true;
  }
  must(pixels && size !== undefined && size.width > 0 && size.height > 0);
  const kept = inside.result();
  return { bytes: concatBytes(chunkHead('RIFF', kept.length + 4), ascii('WEBP'), kept), ...size };
}

/** An animation's frame may hold chunks of its own. */
function frame(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  const head = reader.take(16);
  while (reader.left > 0) {
    const start = reader.at;
    const type = reader.ascii(4);
    const length = reader.u32(true);
    reader.take(length + (length % 2));
    if (type === 'VP8 ' || type === 'VP8L' || type === 'ALPH') reader.keepFrom(start);
  }
  const kept = reader.result();
  return concatBytes(chunkHead('ANMF', 16 + kept.length), head, kept);
}

function sizeOf(type: string, body: Uint8Array): { width: number; height: number } | undefined {
  const reader = new ByteReader(body);
  const u24 = (): number => reader.u8() | (reader.u8() << 8) | (reader.u8() << 16);
  if (type === 'VP8X') {
    reader.take(4);
    return { width: u24() + 1, height: u24() + 1 };
  }
  if (type === 'VP8L') {
    must(reader.u8() === 0x2f);
    const bits = reader.u32(true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (type !== 'VP8 ') return undefined;
  reader.take(3);
  must(reader.u8() === 0x9d && reader.u8() === 0x01 && reader.u8() === 0x2a);
  return { width: reader.u16(true) & 0x3fff, height: reader.u16(true) & 0x3fff };
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function chunkHead(type: string, length: number): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, length, true);
  return concatBytes(ascii(type), size);
}
