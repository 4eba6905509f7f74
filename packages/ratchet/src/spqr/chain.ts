// SPQR's symmetric half: one link per epoch, each with a sending and a receiving chain of one-message keys.
// Spec: docs/ratchet.md section 7.3. Not here: where epoch secrets come from (braid.ts).
import type { Bytes } from '../bytes.ts';
import { ascii, concat, u32be } from '../bytes.ts';
import { Refused } from '../errors.ts';
import { hkdfSha256 } from '../primitives/hmac.ts';

/** Fixed by who began the session, not by who sends. */
export type Direction = 'A2B' | 'B2A';

/** How far back skipped keys are kept. */
export const MAX_OUT_OF_ORDER = 2_000;
const LINKS_BEHIND_SENDING = 1;

const NO_SALT = new Uint8Array(32);
const START = ascii('Signal PQ Ratchet V1 Chain  Start'); // two blanks: it is what the peer hashes
const ADD_EPOCH = ascii('Signal PQ Ratchet V1 Chain Add Epoch');
const NEXT = ascii('Signal PQ Ratchet V1 Chain Next');

/** A key that was passed over, for a message that may still come. */
export interface SkippedKey {
  readonly index: number;
  readonly key: Bytes;
}

export interface SendChain {
  readonly index: number;
  readonly key: Bytes;
}

export interface ReceiveChain extends SendChain {
  /** Rising by index, none more than MAX_OUT_OF_ORDER behind. */
  readonly skipped: readonly SkippedKey[];
}

export interface Link {
  readonly epoch: number;
  /** Gone once a newer epoch has been used for sending. */
  readonly send: SendChain | undefined;
  readonly receive: ReceiveChain;
}

export interface ChainState {
  readonly direction: Direction;
  readonly sendEpoch: number;
  readonly nextRoot: Bytes;
  /** Rising by epoch, without gaps; the last is the current one. */
  readonly links: readonly Link[];
}

/** The chain of a new session: epoch 0, from the agreed authentication key. */
export function startChain(authKey: Uint8Array, direction: Direction): ChainState {
  const okm = hkdfSha256(NO_SALT, authKey, START, 96);
  return { direction, sendEpoch: 0, nextRoot: okm.subarray(0, 32), links: [newLink(0, okm, direction)] };
}

/** Appends the next epoch. */
export function addEpoch(state: ChainState, epoch: number, secret: Uint8Array): ChainState {
  if (epoch !== state.links.at(-1)!.epoch + 1) throw new Refused('chain epoch out of order');
  const okm = hkdfSha256(state.nextRoot, secret, ADD_EPOCH, 96);
  return {
    ...state,
    nextRoot: okm.subarray(0, 32),
    links: [...state.links, newLink(epoch, okm, state.direction)],
  };
}

function newLink(epoch: number, okm: Bytes, direction: Direction): Link {
  const [send, receive] = direction === 'A2B' ? [32, 64] : [64, 32];
  return {
    epoch,
    send: { index: 0, key: okm.subarray(send, send + 32) },
    receive: { index: 0, key: okm.subarray(receive, receive + 32), skipped: [] },
  };
}

/** The next key for sending in `epoch`; older epochs are trimmed when it is a new one. */
export function nextSendKey(
  state: ChainState,
  epoch: number,
): { next: ChainState; index: number; key: Bytes } {
  if (epoch < state.sendEpoch) throw new Refused('sending epoch decreased');
  const kept = epoch === state.sendEpoch ? state.links : trimmed(state.links, epoch);
  const link = kept.find((candidate) => candidate.epoch === epoch);
  if (!link?.send) throw new Refused('no such sending epoch');
  const step = advance(link.send);
  const changed: Link = { ...link, send: step.chain };
  return {
    next: { ...state, sendEpoch: epoch, links: replaced(kept, changed) },
    index: step.chain.index,
    key: step.key,
  };
}

function trimmed(links: readonly Link[], sendEpoch: number): Link[] {
  return links
    .filter((link) => link.epoch >= sendEpoch - LINKS_BEHIND_SENDING)
    .map((link) => (link.epoch < sendEpoch ? { ...link, send: undefined } : link));
}

function replaced(links: readonly Link[], changed: Link): Link[] {
  return links.map((link) => (link.epoch === changed.epoch ? changed : link));
}

/**
 * The key of message `index` of `epoch`; each key is given once.
 * @param maxJump - How far ahead of the last one the message may be.
 */
export function receiveKey(
  state: ChainState,
  epoch: number,
  index: number,
  maxJump: number,
): { next: ChainState; key: Bytes } {
  const link = state.links.find((candidate) => candidate.epoch === epoch);
  if (!link) throw new Refused('no such receiving epoch');
  const { chain, key } =
    index > link.receive.index ? forward(link.receive, index, maxJump) : backward(link.receive, index);
  return { next: { ...state, links: replaced(state.links, { ...link, receive: chain }) }, key };
}

function backward(chain: ReceiveChain, index: number): { chain: ReceiveChain; key: Bytes } {
  const held = chain.skipped.find((skipped) => skipped.index === index);
  if (!held)
    throw new Refused(index + MAX_OUT_OF_ORDER < chain.index ? 'key trimmed' : 'key already requested');
  return { chain: { ...chain, skipped: chain.skipped.filter((skipped) => skipped !== held) }, key: held.key };
}

function forward(chain: ReceiveChain, index: number, maxJump: number): { chain: ReceiveChain; key: Bytes } {
  if (index - chain.index > maxJump) throw new Refused('jump too far');
  const oldest = index - MAX_OUT_OF_ORDER;
  let skipped = chain.skipped;
  if (skipped.length > 0 && skipped[0]!.index < oldest)
    skipped = skipped.filter((held) => held.index >= oldest);
  let position: SendChain = chain;
  if (index - chain.index > 1) {
    const passed = [...skipped];
    while (position.index < index - 1) {
      const step = advance(position);
      position = step.chain;
      if (position.index >= oldest) passed.push({ index: position.index, key: step.key });
    }
    skipped = passed;
  }
  const last = advance(position);
  return { chain: { ...last.chain, skipped }, key: last.key };
}

function advance(chain: SendChain): { chain: SendChain; key: Bytes } {
  const index = chain.index + 1;
  const okm = hkdfSha256(NO_SALT, chain.key, concat(u32be(index), NEXT), 64);
  return { chain: { index, key: okm.subarray(0, 32) }, key: okm.subarray(32) };
}
