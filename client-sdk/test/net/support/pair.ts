// What the tests of sessions share: a relay's key, sessions, mailboxes with both their sides, blocks that name themselves.

import { afterAll, afterEach } from '@jest/globals';
import { BLOCK_BYTES, COMMITMENT_BYTES, parsePromise } from '@sotto/wire';
import {
  asKey,
  randomBytes,
  randomKey,
  ready,
  signingKeyPair,
  toHex,
  type VerifyKey,
} from '../../../src/crypto/index.ts';
import {
  type AppendInput,
  channelIds,
  type ChannelSpec,
  openRelaySession,
  type ReceivedBlock,
  type RelaySession,
  type SessionOptions,
} from '../../../src/net/index.ts';
import { RelayProcess } from './relay-process.ts';

export async function relayKeyOf(url: string): Promise<VerifyKey> {
  const response = await fetch(`${url}/.well-known/sotto`);
  return asKey('verify', parsePromise(await response.text()).key);
}

const opened: RelaySession[] = [];

export function openSession(options: SessionOptions): RelaySession {
  const session = openRelaySession(options);
  opened.push(session);
  return session;
}

/** For afterEach: no test leaves a session behind. */
export async function closeSessions(): Promise<void> {
  await Promise.all(opened.splice(0).map((session) => session.close()));
}

/** A relay of a file's own with small mailboxes, and sessions with it that end after each test. */
export async function sessionHouse() {
  await ready();
  const relay = await RelayProcess.start({ quotaMailbox: 16 });
  const relayKey = await relayKeyOf(relay.url);
  afterEach(closeSessions);
  afterAll(() => relay.stop());
  return { relay, relayKey, open: (): RelaySession => openSession({ url: relay.url, relayKey }) };
}

export function newChannel(policy: 'mailbox' | 'log' = 'mailbox', securing: 'once' | 'never' = 'once') {
  const ownerSeed = randomKey('signing-seed');
  const readerSeed = randomKey('signing-seed');
  const writerSeed = randomKey('signing-seed');
  const salt = randomBytes(32);
  const ids = channelIds(signingKeyPair(ownerSeed).publicKey, salt);
  const spec: ChannelSpec = {
    policy,
    securing,
    ownerSeed,
    salt,
    readerKey: signingKeyPair(readerSeed).publicKey,
    writerKey: signingKeyPair(writerSeed).publicKey,
  };
  return { ...ids, policy, spec, ownerSeed, readerSeed, writerSeed };
}
export type TestChannel = ReturnType<typeof newChannel>;

/** What a reader opens its right with. */
export const rightToRead = ({ readId, readerSeed, policy }: TestChannel) => ({
  readId,
  keySeed: readerSeed,
  policy,
});

/** An append whose block holds its number. */
export function numbered(n: number): AppendInput {
  const block = new Uint8Array(BLOCK_BYTES);
  new DataView(block.buffer).setUint32(0, n);
  return { appendId: randomBytes(16), block, commitment: new Uint8Array(COMMITMENT_BYTES) };
}
export function numberIn(block: Uint8Array): number {
  return new DataView(block.buffer, block.byteOffset).getUint32(0);
}

/** A device's store, as far as the network layer can tell: keeps each append id once, in order of arrival. */
export class Inbox {
  readonly numbers: number[] = [];
  readonly #seen = new Set<string>();
  repeats = 0;
  readonly onBlock = (block: ReceivedBlock): Promise<void> => {
    const name = toHex(block.appendId);
    if (this.#seen.has(name)) this.repeats++;
    else {
      this.#seen.add(name);
      this.numbers.push(numberIn(block.block));
    }
    return Promise.resolve();
  };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Waits for something to become true. */
export async function until(what: () => boolean, ms = 30_000): Promise<void> {
  const end = performance.now() + ms;
  while (!what()) {
    if (performance.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
