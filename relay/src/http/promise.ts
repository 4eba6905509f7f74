// The promise that this relay publishes: what it is set to do, signed by its root key. Its version rises whenever its
// content changes, over restarts too. Served by app.ts, named in each Welcome. Not its concern: keeping the promise.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  BLOCK_BYTES,
  CONTROL_FRAME_BYTES,
  DATA_FRAME_BYTES,
  MAX_HANDLES,
  MAX_UNANSWERED,
  ORDERED_TTL_SECONDS,
  PROMISE_PATH,
  PROOFS_AT_ONCE,
  PROOFS_PER_MINUTE,
  PROTOCOL_VERSION,
  SLOT_TTL_SECONDS,
  encodePromise,
  type RelayPromise,
} from '@sotto/wire';
import type { RelayConfig } from '../config/options.ts';
import type { RelayKeys } from '../crypto/key-files.ts';
import { sha256 } from '../crypto/hash.ts';
import { RelayError } from '../errors.ts';

export { PROMISE_PATH };

const recordFile = 'promise.json';

interface Published {
  readonly version: number;
  /** Of the content without version and time. */
  readonly digest: string;
}

type Content = Omit<RelayPromise, 'version' | 'time'>;

/** Everything that the promise is made from. */
export interface PromiseInput {
  readonly config: RelayConfig;
  readonly keys: RelayKeys;
  readonly software: string;
  readonly blocked: number;
}

/** The current promise, as served. */
export class PublishedPromise {
  readonly #dataDir: string;
  #version = 0;
  #document = '';

  /** @throws RelayError RELAY_PROMISE_DAMAGED, RELAY_DATA_UNUSABLE. */
  constructor(dataDir: string, input: PromiseInput) {
    this.#dataDir = dataDir;
    this.update(input);
  }

  get version(): number {
    return this.#version;
  }

  get document(): string {
    return this.#document;
  }

  /** Signs anew. The version rises when the content changed since it was last published. */
  update(input: PromiseInput): void {
    const content = contentOf(input);
    const digest = sha256(Buffer.from(JSON.stringify(content))).toString('base64url');
    const last = this.#read();
    if (last?.digest !== digest) this.#write({ version: (last?.version ?? 0) + 1, digest });
    this.#version = last?.digest === digest ? last.version : (last?.version ?? 0) + 1;
    const promise = { version: this.#version, ...content, time: Math.floor(Date.now() / 1000) };
    this.#document = encodePromise(promise, (preimage) => input.keys.root.sign(preimage));
  }

  #read(): Published | undefined {
    try {
      const { version, digest } = JSON.parse(readFileSync(this.#path(), 'utf8')) as Partial<Published>;
      if (!Number.isSafeInteger(version) || typeof digest !== 'string') throw new Error('malformed');
      return { version: version as number, digest };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      // Starting again at 1 would look like an older promise to every client.
      throw new RelayError('RELAY_PROMISE_DAMAGED', { detail: `(${recordFile})`, cause });
    }
  }

  #write(published: Published): void {
    const draft = `${this.#path()}.new`;
    try {
      const file = openSync(draft, 'w', 0o600);
      try {
        writeSync(file, `${JSON.stringify(published)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, this.#path());
    } catch (cause) {
      throw new RelayError('RELAY_DATA_UNUSABLE', { detail: `(${recordFile} cannot be written)`, cause });
    }
  }

  #path(): string {
    return join(this.#dataDir, recordFile);
  }
}

function contentOf({ config, keys, software, blocked }: PromiseInput): Content {
  return {
    protocol: [PROTOCOL_VERSION],
    software,
    relayKey: base64url(keys.root.publicKey),
    stampKey: base64url(keys.stamp.publicKey),
    sizes: { block: BLOCK_BYTES, control: CONTROL_FRAME_BYTES, data: DATA_FRAME_BYTES },
    ttlSeconds: {
      mailbox: config.ttlMailbox,
      log: config.ttlLog,
      pool: config.ttlPool,
      ordered: ORDERED_TTL_SECONDS,
      slot: SLOT_TTL_SECONDS,
      caps: { mailbox: config.maxTtlMailbox, log: config.maxTtlLog, pool: config.maxTtlPool },
    },
    quotas: { mailbox: config.quotaMailbox, log: config.quotaLog, pool: config.quotaPool },
    rates: {
      framesPerSecond: config.rateConnection,
      appendsPerSecond: config.rateChannel,
      proofsAtOnce: PROOFS_AT_ONCE,
      proofsPerMinute: PROOFS_PER_MINUTE,
      handles: MAX_HANDLES,
      unanswered: MAX_UNANSWERED,
    },
    logs: 'none',
    durability: 'fsync',
    admission: 'open',
    blocked,
    operator: {
      ...(config.operatorName === '' ? {} : { name: config.operatorName }),
      ...(config.operatorContact === '' ? {} : { contact: config.operatorContact }),
    },
  };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}
