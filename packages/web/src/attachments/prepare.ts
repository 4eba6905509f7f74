// A picture becomes nothing but its pixels, a sound nothing but its samples: decoded and encoded anew, here on the device.
// Place, time, camera, names, covers and hidden thumbnails don't survive that. Also a picture's small preview.
import type { FileDraft } from '../backend/backend.ts';
import { RATE } from '../voice/change.ts';
import { samplesOf } from '../voice/samples.ts';
import { writeNote } from '../voice/wav.ts';

/** Larger ones are drawn smaller: more than any screen shows. */
const MAX_SIDE = 2_560;
const PREVIEW_SIDE = 48;
const MAX_PREVIEW_BYTES = 2_048;
export const MAX_BYTES = 25 * 1_048_576;

/** @returns what can be sent clean; undefined where it can't be cleaned, or is neither picture nor sound. */
export function prepare(file: File): Promise<FileDraft | undefined> {
  return isSound(file) ? prepareSound(file) : preparePicture(file);
}

/** By its type, or by its name where the system knows no type for it. */
export function isSound(file: File): boolean {
  if (file.type !== '') return file.type.startsWith('audio/');
  return /\.(aac|aiff?|amr|caf|flac|m4a|mp3|oga|ogg|opus|wav|weba|wma)$/i.test(file.name);
}

async function prepareSound(file: File): Promise<FileDraft | undefined> {
  const samples = file.size <= MAX_BYTES ? await samplesOf(file) : undefined;
  if (samples === undefined) return undefined;
  return {
    bytes: new Blob([writeNote(samples)], { type: 'audio/wav' }),
    kind: 'voice',
    mediaType: 'audio/wav',
    // The name may tell who sings, or when it was recorded.
    name: 'sound.wav',
    description: '',
    durationMs: Math.round((1_000 * samples.length) / RATE),
  };
}

/** @returns undefined where it isn't a picture that this browser can read. */
async function preparePicture(file: File): Promise<FileDraft | undefined> {
  if (!/^image\/(jpeg|png|webp|gif|avif|bmp)$/.test(file.type)) return undefined;
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => undefined);
  if (picture === undefined) return undefined;
  try {
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    const [width, height] = [picture.width, picture.height].map((side) =>
      Math.max(1, Math.round(side * scale)),
    );
    // What was drawn without loss (screenshots, drawings) stays sharp where that is small enough.
    const type = file.type === 'image/png' && file.size < 1_048_576 ? 'image/png' : 'image/jpeg';
    const bytes = await draw(picture, { width: width ?? 1, height: height ?? 1 }, { type, quality: 0.85 });
    const small = Math.min(1, PREVIEW_SIDE / Math.max(picture.width, picture.height));
    const side = (length: number) => Math.max(1, Math.round(length * small));
    const previewBlob = await draw(
      picture,
      { width: side(picture.width), height: side(picture.height) },
      { type: 'image/jpeg', quality: 0.5 },
    );
    const preview = new Uint8Array(await previewBlob.arrayBuffer());
    return {
      bytes,
      kind: 'picture',
      mediaType: bytes.type,
      // The name may tell when it was taken.
      name: bytes.type === 'image/png' ? 'picture.png' : 'picture.jpg',
      description: '',
      width: width ?? 1,
      height: height ?? 1,
      ...(preview.length <= MAX_PREVIEW_BYTES ? { preview } : {}),
    };
  } finally {
    picture.close();
  }
}

/** As it is. */
export function plainFile(file: File): FileDraft {
  const mediaType = file.type === '' ? 'application/octet-stream' : file.type;
  return { bytes: file, kind: 'file', mediaType, name: file.name, description: '' };
}

async function draw(
  picture: ImageBitmap,
  size: { width: number; height: number },
  encoding: { type: string; quality: number },
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  if (encoding.type === 'image/jpeg') {
    context.fillStyle = '#fff';
    context.fillRect(0, 0, size.width, size.height);
  }
  context.drawImage(picture, 0, 0, size.width, size.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('not encoded')) : resolve(blob)),
      encoding.type,
      encoding.quality,
    );
  });
}
