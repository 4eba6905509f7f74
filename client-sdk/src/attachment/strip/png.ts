// PNG (and APNG): keeps the chunks that pixels need. Text, time, Exif, colour profiles by name, and every chunk that is
// not known go; so does whatever stands behind IEND.
import { ByteReader, must, type Stripped } from './reader.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const STAYS = new Set([
  'IHDR',
  'PLTE',
  'tRNS',
  'IDAT',
  'IEND',
  'gAMA',
  'sRGB',
  'cHRM',
  'sBIT',
  'bKGD',
  'acTL',
  'fcTL',
  'fdAT',
]);

export function stripPng(bytes: Uint8Array): Stripped {
  const reader = new ByteReader(bytes);
  must(SIGNATURE.every((byte) => reader.u8() === byte));
  reader.keepFrom(0);
  let size: { width: number; height: number } | undefined;
  let pixels = false;
  for (;;) {
    const start = reader.at;
    const length = reader.u32();
    const type = reader.ascii(4);
    must(/^[A-Za-z]{4}$/.test(type));
    const body = new ByteReader(reader.take(length));
    reader.take(4);
    if (type === 'IHDR') {
      must(size === undefined && length === 13);
      size = { width: body.u32(), height: body.u32() };
    }
    must(size !== undefined);
    // A critical chunk that isn't known: without it the picture isn't the picture.
    must(STAYS.has(type) || /^[a-z]/.test(type));
    if (type === 'IDAT') pixels = true;
    if (STAYS.has(type)) reader.keepFrom(start);
    if (type === 'IEND') break;
  }
  must(pixels && size.width > 0 && size.height > 0);
  return { bytes: reader.result(), ...size };
}
