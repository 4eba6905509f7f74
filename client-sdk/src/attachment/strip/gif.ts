// GIF: keeps the pictures, their timing and the looping; comments, plain text and other applications' blocks go.
import { ByteReader, must, type Stripped } from './reader.ts';

export function stripGif(bytes: Uint8Array): Stripped {
  const reader = new ByteReader(bytes);
  must(/^GIF8[79]a$/.test(reader.ascii(6)));
  const width = reader.u16(true);
  const height = reader.u16(true);
  const flags = reader.u8();
  reader.take(2 + colours(flags));
  reader.keepFrom(0);
  let pictures = 0;
  for (;;) {
    const start = reader.at;
    const what = reader.u8();
    if (what === 0x3b) {
      reader.keepFrom(start);
      break;
    }
    if (what === 0x2c) {
      reader.take(8);
      reader.take(colours(reader.u8()));
      reader.u8();
      skipBlocks(reader);
      reader.keepFrom(start);
      pictures++;
      continue;
    }
    must(what === 0x21);
    const label = reader.u8();
    const from = reader.at;
    skipBlocks(reader);
    // Looping is 19 bytes for every maker of GIFs; anything longer could say more.
    const name = String.fromCharCode(...bytes.subarray(from + 1, from + 12));
    const loops = label === 0xff && name === 'NETSCAPE2.0' && reader.at - from === 17;
    const timing = label === 0xf9 && reader.at - from === 6;
    if (loops || timing) reader.keepFrom(start);
  }
  must(pictures > 0 && width > 0 && height > 0);
  return { bytes: reader.result(), width, height };
}

/** Bytes of a colour table. */
function colours(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function skipBlocks(reader: ByteReader): void {
  for (let length = reader.u8(); length > 0; length = reader.u8()) reader.take(length);
}
