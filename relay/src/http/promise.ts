// The promise that this relay publishes: what it is set to do, signed by its root key. Its version rises whenever its
// content changes, over restarts too. Served by app.ts, named in each Welcome. Not its concern: keeping the promise.

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
import type { Durability, PromiseRecord } from '../store/channel-store.ts';

export { PROMISE_PATH };

type Content = Omit<RelayPromise, 'version' | 'time'>;

/** Everything that the promise is made from. */
export interface PromiseInput {
  readonly config: RelayConfig;
  readonly keys: RelayKeys;
  readonly software: string;
  readonly durability: Durability;
  readonly blocked: number;
}

/** How old what other processes have published may get here. */
const lookEveryMs = 5_000;

/** The current promise, as served. */
export class PublishedPromise {
  readonly #record: PromiseRecord;
  #version = 0;
  #document = '';
  #lookedAt = 0;

  private constructor(record: PromiseRecord) {
    this.#record = record;
  }

  /** @throws RelayError RELAY_PROMISE_DAMAGED, RELAY_DATA_UNUSABLE, those of the store. */
  static async open(record: PromiseRecord, input: PromiseInput): Promise<PublishedPromise> {
    const promise = new PublishedPromise(record);
    await promise.update(input);
    return promise;
  }

  get version(): number {
    return this.#version;
  }

  get document(): string {
    return this.#document;
  }

  /** Signs anew. The version rises when the content changed since it was last published. */
  async update(input: PromiseInput): Promise<void> {
    const content = contentOf(input);
    const digest = sha256(Buffer.from(JSON.stringify(content))).toString('base64url');
    const version = await this.#record.version(digest);
    const promise = { version, ...content, time: Math.floor(Date.now() / 1000) };
    const document = encodePromise(promise, (preimage) => input.keys.root.sign(preimage));
    await this.#record.publish(version, document);
    this.#serve(version, document);
  }

  /** Called once a second: other processes of this address may have published since. */
  tick(nowMs: number): void {
    if (nowMs - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = nowMs;
    this.#record.published().then(
      (last) => {
        if (last !== undefined) this.#serve(last.version, last.document);
      },
      // The store is away: what was published still holds.
      () => undefined,
    );
  }

  #serve(version: number, document: string): void {
    if (version < this.#version) return;
    this.#version = version;
    this.#document = document;
  }
}

function contentOf({ config, keys, software, durability, blocked }: PromiseInput): Content {
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
    durability,
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
