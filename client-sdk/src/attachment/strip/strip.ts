// Takes out of a picture what it says about its maker: place, device, time, names, comments, thumbnails, edit history.
// Strict: only what is known to be needed for showing it stays; a file that isn't read to its last byte is refused, so
// that nothing hides behind the end. Works on the bytes, without decoding; browsers encode pictures anew instead.
// Not its concern: what can be seen in the picture.
import { SottoError } from '../../errors.ts';
import { stripJpeg } from './jpeg.ts';
import { stripGif } from './gif.ts';
import { stripPng } from './png.ts';
import { stripWebp } from './webp.ts';

/** A picture without metadata. `mediaType` follows from the bytes, not from a name. */
export interface CleanPicture {
  readonly bytes: Uint8Array;
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';
  readonly width: number;
  readonly height: number;
}

/**
 * @throws SottoError FILE_METADATA for anything but a well-formed JPEG, PNG, WebP or GIF: it can be sent as a plain file,
 *   with all that it says.
 */
export function cleanPicture(bytes: Uint8Array): CleanPicture {
  try {
    if (startsWith(bytes, [0xff, 0xd8, 0xff])) return { ...stripJpeg(bytes), mediaType: 'image/jpeg' };
    if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47])) return { ...stripPng(bytes), mediaType: 'image/png' };
    if (startsWith(bytes, [0x52, 0x49, 0x46, 0x46])) return { ...stripWebp(bytes), mediaType: 'image/webp' };
    if (startsWith(bytes, [0x47, 0x49, 0x46, 0x38])) return { ...stripGif(bytes), mediaType: 'image/gif' };
  } catch (cause) {
    throw new SottoError('FILE_METADATA', { cause });
  }
  throw new SottoError('FILE_METADATA');
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}
