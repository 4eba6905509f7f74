// Small files on Node, written in place with pwrite and made durable with fdatasync.
import { open, readFile } from 'node:fs/promises';
import { storeError } from './failures-node.ts';
import type { ByteFile } from './place.ts';

/** The file is opened for each change: changes are rare, and nothing is left to close. */
export function nodeByteFile(path: string): ByteFile {
  return {
    async read() {
      try {
        return new Uint8Array(await readFile(path));
      } catch (cause) {
        const { code } = cause as { code?: unknown };
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
        throw storeError(cause);
      }
    },
    async write(offset, bytes) {
      await withHandle(async (handle) => {
        for (let at = 0; at < bytes.length;) {
          at += (await handle.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
        }
      });
    },
    async sync() {
      await withHandle((handle) => handle.datasync());
    },
  };

  async function withHandle(use: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
    try {
      // 'r+' keeps what is there; 'a' would ignore offsets.
      const handle = await open(path, 'r+').catch(async (cause: unknown) => {
        if ((cause as { code?: unknown }).code !== 'ENOENT') throw cause;
        return open(path, 'wx+', 0o600);
      });
      try {
        await use(handle);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw storeError(cause);
    }
  }
}
