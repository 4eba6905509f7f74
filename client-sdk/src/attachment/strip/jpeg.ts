// JPEG (ITU-T T.81): keeps frame, tables and scans; of the application segments only JFIF without its thumbnail and
// Adobe's colour transform. Exif goes, but the turn that it asks for is said in a fresh, empty Exif block, or the
// picture would lie on its side. Whatever stands behind the end (motion photos) goes too.
import { concatBytes } from '../../crypto/index.ts';
import { ByteReader, must, type Stripped } from './reader.ts';

const SOI = Uint8Array.of(0xff, 0xd8);
const EOI = Uint8Array.of(0xff, 0xd9);
/** JFIF 1.01, no unit, 1:1, no thumbnail. */
const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);

export function stripJpeg(bytes: Uint8Array): Stripped {
  const reader = new ByteReader(bytes);
  must(reader.u16() === 0xffd8);
  let size: { width: number; height: number } | undefined;
  let turn = 1;
  let [jfif, scans] = [false, 0];
  for (;;) {
    const start = reader.at;
    must(reader.u8() === 0xff);
    let marker = reader.u8();
    while (marker === 0xff) marker = reader.u8();
    if (marker === 0xd9) break;
    // No parameters, and no place outside a scan.
    must(marker >= 0xc0 && marker !== 0xd8 && !(marker >= 0xd0 && marker <= 0xd7));
    const length = reader.u16();
    must(length >= 2);
    const body = reader.take(length - 2);
    if (isFrame(marker)) {
      must(size === undefined && body.length >= 6);
      size = {
        height: ((body[1] ?? 0) << 8) | (body[2] ?? 0),
        width: ((body[3] ?? 0) << 8) | (body[4] ?? 0),
      };
    }
    if (marker === 0xe0 && startsAs(body, 'JFIF\0')) jfif = true;
    if (marker === 0xe1 && startsAs(body, 'Exif\0\0')) turn = orientation(body.subarray(6)) ?? turn;
    if (stays(marker, body))
      reader.keep(Uint8Array.of(0xff, marker), bytes.subarray(reader.at - length, reader.at));
    if (marker !== 0xda) continue;
    must(size !== undefined && start > 0);
    scans++;
    const from = reader.at;
    skipScan(reader);
    reader.keepFrom(from);
  }
  must(size !== undefined && size.width > 0 && size.height > 0 && scans > 0);
  const head = [SOI, ...(jfif ? [JFIF] : []), ...(turn > 1 ? [exifOfTurn(turn)] : [])];
  const turned = turn >= 5;
  return {
    bytes: concatBytes(...head, reader.result(), EOI),
    width: turned ? size.height : size.width,
    height: turned ? size.width : size.height,
  };
}

/** SOF0 … SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Tables, frames, scans, restart interval; Adobe's colour transform (its 12 bytes and no more). */
function stays(marker: number, body: Uint8Array): boolean {
  if (marker === 0xee) return startsAs(body, 'Adobe') && body.length === 12;
  return isFrame(marker) || [0xc4, 0xcc, 0xda, 0xdb, 0xdc, 0xdd].includes(marker);
}

function startsAs(body: Uint8Array, name: string): boolean {
  return Array.from(name).every((letter, i) => body[i] === letter.charCodeAt(0));
}

/** Entropy-coded data ends at the first marker that is neither a stuffed byte nor a restart. */
function skipScan(reader: ByteReader): void {
  const { bytes } = reader;
  for (let at = bytes.indexOf(0xff, reader.at); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    must(next !== undefined);
    if (next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)) continue;
    reader.at = at;
    return;
  }
  must(false);
}

/** Tag 0x0112 of the first directory; anything odd counts as upright. */
function orientation(tiff: Uint8Array): number | undefined {
  try {
    const reader = new ByteReader(tiff);
    const little = reader.u16() === 0x4949;
    must(reader.u16(little) === 42);
    reader.at = reader.u32(little);
    for (let left = reader.u16(little); left > 0; left--) {
      const [tag, type, count, value] = [
        reader.u16(little),
        reader.u16(little),
        reader.u32(little),
        reader.u16(little),
      ];
      reader.at += 2;
      if (tag === 0x0112) return type === 3 && count === 1 && value >= 1 && value <= 8 ? value : undefined;
    }
  } catch {
    // Damaged metadata is no reason to refuse: it goes anyway.
  }
  return undefined;
}

/** An Exif segment that says nothing but how to turn the picture. */
function exifOfTurn(turn: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0, 0, 0, 0, 0];
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.of(0xff, 0xe1, 0, body.length + 2, ...body);
}
