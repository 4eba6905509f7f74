// Files on the disk for the terminal: read for sending, written when saved. Pictures and sounds are cleaned of metadata
// first; what can't be cleaned goes only when somebody said that it shall, as it is. Nothing is ever overwritten or run.
import { open, readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { hasCode, SottoError } from '../errors.ts';
import {
  type ByteSource,
  cleanPicture,
  cleanSound,
  type FileDetails,
  MAX_FILE_BYTES,
  type MessageId,
  type Message,
  type SentMessage,
  type StoredFile,
} from '../index.ts';

/** What is cleaned, by its ending; what the bytes are is then found out from themselves. */
const CLEANERS: readonly {
  readonly endings: readonly string[];
  clean(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly details: FileDetails };
}[] = [
  {
    endings: ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.heic', '.avif', '.tif', '.tiff'],
    clean: (dirty) => {
      const { bytes, ...details } = cleanPicture(dirty);
      return { bytes, details: { ...details, kind: 'picture' } };
    },
  },
  {
    endings: [
      ...['.mp3', '.wav', '.flac', '.ogg', '.oga', '.opus', '.m4a'],
      ...['.aac', '.weba', '.aif', '.aiff', '.wma', '.amr', '.caf'],
    ],
    clean: (dirty) => {
      const { bytes, ...details } = cleanSound(dirty);
      return { bytes, details: { ...details, kind: 'voice' } };
    },
  },
];
const TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.zip': 'application/zip',
};

/** A conversation or a room, as far as files go. */
export interface FilePlace {
  sendFile(input: Uint8Array | ByteSource, details: FileDetails): Promise<SentMessage>;
  message(id: MessageId): Promise<Message | undefined>;
  download(id: MessageId): Promise<void>;
  openFile(id: MessageId): Promise<StoredFile>;
}

/** What was sent, and whether it was cleaned. `clean: false`: it could not be, and was sent as a plain file. */
export interface FileSent extends SentMessage {
  readonly clean?: boolean;
}

/**
 * Pictures and sounds go cleaned. `asIs`: what can't be cleaned goes as a plain file, with all that it says.
 * @throws SottoError FILE_METADATA without `asIs`; FILE_TOO_LARGE, SPILL_SOURCE (no such file), and what `sendFile` throws.
 */
export async function sendFrom(
  place: FilePlace,
  path: string,
  { description = '', asIs = false }: { readonly description?: string; readonly asIs?: boolean } = {},
): Promise<FileSent> {
  const { size } = await found(stat(path));
  if (size > MAX_FILE_BYTES) throw new SottoError('FILE_TOO_LARGE');
  const ending = extname(path).toLowerCase();
  const said = { name: basename(path), description };
  const clean = CLEANERS.find(({ endings }) => endings.includes(ending));
  if (clean === undefined)
    return plain(place, path, size, { ...said, mediaType: TYPES[ending] ?? 'application/octet-stream' });
  try {
    const { bytes, details } = clean.clean(await found(readFile(path)));
    return { ...(await place.sendFile(bytes, { ...said, ...details })), clean: true };
  } catch (error) {
    if (!hasCode(error, 'FILE_METADATA') || !asIs) throw error;
    const sent = await plain(place, path, size, { ...said, mediaType: 'application/octet-stream' });
    return { ...sent, clean: false };
  }
}

async function plain(
  place: FilePlace,
  path: string,
  length: number,
  details: FileDetails,
): Promise<SentMessage> {
  const file = await found(open(path));
  const source: ByteSource = {
    length,
    read: async (offset, wanted) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(wanted), 0, wanted, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
  try {
    return await place.sendFile(source, details);
  } finally {
    await file.close();
  }
}

/** Fetches the file where that is still to be done, and writes it where nothing is yet. */
export async function saveTo(place: FilePlace, id: MessageId, path: string): Promise<void> {
  const message = await place.message(id);
  if (message?.kind !== 'attachment') throw new SottoError('FILE_ABSENT');
  if (message.file?.isHere !== true) await place.download(id);
  const stored = await place.openFile(id);
  const file = await found(open(path, 'wx', 0o600));
  try {
    for await (const piece of stored.pieces()) await file.write(piece);
  } finally {
    await file.close();
  }
}

async function found<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new SottoError('SPILL_SOURCE', { cause });
  }
}
