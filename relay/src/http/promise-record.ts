// Which promise was published last, in a file of the data folder: for a relay of one process. Where several share a
// store, the store keeps it. Not its concern: what the promise says (promise.ts).

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RelayError } from '../errors.ts';
import type { PromiseRecord } from '../store/channel-store.ts';

const recordFile = 'promise.json';

interface Published {
  readonly version: number;
  /** Of the content without version and time. */
  readonly digest: string;
}

/** @throws RelayError RELAY_PROMISE_DAMAGED, RELAY_DATA_UNUSABLE, when it is asked. */
export function fileRecord(dataDir: string): PromiseRecord {
  const path = join(dataDir, recordFile);
  return {
    async version(digest) {
      const last = read(path);
      if (last?.digest === digest) return last.version;
      const version = (last?.version ?? 0) + 1;
      write(path, { version, digest });
      return version;
    },
    publish: () => Promise.resolve(),
    published: () => Promise.resolve(undefined),
  };
}

function read(path: string): Published | undefined {
  try {
    const { version, digest } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Published>;
    if (!Number.isSafeInteger(version) || typeof digest !== 'string') throw new Error('malformed');
    return { version: version as number, digest };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Starting again at 1 would look like an older promise to every client.
    throw new RelayError('RELAY_PROMISE_DAMAGED', { detail: `(${recordFile})`, cause });
  }
}

function write(path: string, published: Published): void {
  const draft = `${path}.new`;
  try {
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(published)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (cause) {
    throw new RelayError('RELAY_DATA_UNUSABLE', { detail: `(${recordFile} cannot be written)`, cause });
  }
}
