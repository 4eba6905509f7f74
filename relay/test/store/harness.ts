// What the store's tests have in common: a clock that is moved by hand, channels and blocks made from random bytes.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AppendRequest,
  ChannelId,
  ChannelSpec,
  ChannelStore,
  Grant,
  StoreLimits,
} from '../../src/store/channel-store.ts';

/** Noon on a day long after the epoch, so that no test starts near the end of an hour or a day. */
export const START = 1_800_014_400;

export interface Clock {
  seconds: number;
}

/** One store implementation under test. A directory stands for whatever outlives the store's process. */
export interface StoreAdapter {
  readonly name: string;
  newPlace(): string;
  open(place: string, clock: Clock, limits?: Partial<StoreLimits>): Promise<ChannelStore>;
  dispose(place: string): void;
}

/** A new directory in memory where there is such a file system: these tests ask nothing of the disk itself. */
export function quickDirectory(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sotto-store-'));
}

const id = (): ChannelId => randomBytes(24).toString('hex') as ChannelId;
export const key = (): Uint8Array => new Uint8Array(randomBytes(32));

export function spec(policy: ChannelSpec['policy'], more: Partial<ChannelSpec> = {}): ChannelSpec {
  return {
    readId: id(),
    writeId: id(),
    policy,
    securing: policy === 'mailbox' ? 'once' : 'never',
    ttlSeconds: 0,
    ownerKey: key(),
    readerKey: key(),
    writerKey: key(),
    ...more,
  };
}

export function request(more: Partial<AppendRequest> = {}): AppendRequest {
  return {
    appendId: new Uint8Array(randomBytes(16)),
    block: new Uint8Array(randomBytes(3968)),
    commitment: new Uint8Array(randomBytes(32)),
    ...more,
  };
}

/** A channel with a grant for each of its rights. */
export interface Made {
  readonly spec: ChannelSpec;
  readonly owner: Grant;
  readonly reader: Grant;
  readonly writer: Grant;
}

export async function make(
  store: ChannelStore,
  policy: ChannelSpec['policy'],
  more: Partial<ChannelSpec> = {},
): Promise<Made> {
  const made = spec(policy, more);
  await store.create(made);
  return grants(store, made);
}

export async function grants(store: ChannelStore, made: ChannelSpec): Promise<Made> {
  return {
    spec: made,
    owner: await store.grant('owner', made.readId, made.ownerKey),
    reader: await store.grant('reader', made.readId, made.readerKey),
    writer: await store.grant('writer', made.writeId, made.writerKey),
  };
}

/** The code of the refusal, or `accepted`. */
export async function outcome(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
