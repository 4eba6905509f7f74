// Files on the disk for the terminal: read for sending, written when saved. A picture is cleaned of metadata first; what
// can't be cleaned goes as a plain file. Nothing is ever overwritten or run.
import { open, readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { hasCode, SottoError } from '../errors.ts';
import {
  type ByteSource,
  cleanPicture,
  type FileDetails,
  MAX_FILE_BYTES,
  type MessageId,
  type Message,
  type SentMessage,
  type StoredFile,
} from '../index.ts';

const PICTURES: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif'];
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

/** What was sent, and whether it was cleaned. `clean: false`: a picture that could not be, sent as a plain file. */
export interface FileSent extends SentMessage {
  readonly clean?: boolean;
}

/** @throws SottoError FILE_TOO_LARGE, SPILL_SOURCE (no such file), and what `Conversation.sendFile` throws. */
export async function sendFrom(place: FilePlace, path: string, description = ''): Promise<FileSent> {
  const { size } = await found(stat(path));
  if (size > MAX_FILE_BYTES) throw new SottoError('FILE_TOO_LARGE');
  const ending = extname(path).toLowerCase();
  const said = { name: basename(path), description };
  if (PICTURES.includes(ending)) {
    try {
      const { bytes, ...picture } = cleanPicture(await found(readFile(path)));
      return {
        ...(await place.sendFile(bytes, { ...said, ...picture, kind: 'picture' })),
        clean: true,
      };
    } catch (error) {
      if (!hasCode(error, 'FILE_METADATA')) throw error;
      return {
        ...(await plain(place, path, size, { ...said, mediaType: 'application/octet-stream' })),
        clean: false,
      };
    }
  }
  return plain(place, path, size, { ...said, mediaType: TYPES[ending] ?? 'application/octet-stream' });
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
