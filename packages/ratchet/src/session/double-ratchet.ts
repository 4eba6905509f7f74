// One message out, one message in: the Double Ratchet with SPQR's keys mixed in. Spec: docs/ratchet.md section 5.
// Pure, though AES makes it wait: (state, input) → { next, output, spent }. Not here: stores, which session a message is for, framing of
// first messages.
import type { Bytes } from '../bytes.ts';
import { equal } from '../bytes.ts';
import { Duplicate, Refused } from '../errors.ts';
import { publicFromPrivate } from '../keys/ec-keys.ts';
import { SignalMessage } from '../messages/signal-message.ts';
import type { RandomSource } from '../primitives/random.ts';
import { clamp, x25519 } from '../primitives/x25519.ts';
import { spqrReceive, spqrSend } from '../spqr/spqr.ts';
import { aesCbcDecrypt, aesCbcEncrypt } from '#symmetric';
import { messageKeys, messageSeed, nextChainKey, nextRoot } from './key-schedule.ts';
import type { ReceivingChain, SendingChain, SessionState, SkippedSeed } from './state.ts';

/** The furthest a message may be ahead of the last one of its chain. */
export const MAX_JUMP = 25_000;
/** The same between one's own devices. Departs: libsignal sets no limit there, so that one forged counter could keep
 * a device busy for hours. */
export const MAX_JUMP_WITH_SELF = 1_000_000;
/** Seeds kept per chain for messages that were passed over. */
export const MAX_SKIPPED = 2_000;
/** Ratchet keys of the peer whose late messages can still be read. */
export const MAX_RECEIVING_CHAINS = 5;

/** A fresh ratchet key pair. */
export function newRatchetKeyPair(random: RandomSource): { privateKey: Bytes; publicKey: Bytes } {
  const privateKey = clamp(random(32));
  return { privateKey, publicKey: publicFromPrivate(privateKey) };
}

/** X25519 with a serialised public key; all-zero results are refused. */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Bytes {
  const shared = x25519(privateKey, publicKey.subarray(1));
  if (!shared) throw new Refused('all-zero key agreement');
  return shared;
}

export interface Encrypted {
  readonly next: SessionState;
  readonly message: SignalMessage;
  /** Keys of this one message, to wipe. */
  readonly spent: readonly Uint8Array[];
}

/**
 * Encrypts with the next key of the sending chain.
 * @param addresses - Bound into the MAC where the caller has them; only in first messages.
 * @returns next: to be stored before the message leaves, even if it is then lost.
 */
export async function encrypt(
  state: SessionState,
  plaintext: Uint8Array,
  addresses: Bytes | undefined,
  random: RandomSource,
): Promise<Encrypted> {
  const { sending } = state;
  const pq = spqrSend(state.spqr, random);
  const seed = messageSeed(sending.chainKey);
  const keys = messageKeys(seed, pq.key);
  const message = SignalMessage._seal(
    {
      ratchetKey: sending.publicKey,
      counter: sending.index,
      previousCounter: state.previousCounter,
      ciphertext: await aesCbcEncrypt(keys.cipherKey, keys.iv, plaintext),
      pqRatchet: pq.message,
      addresses,
    },
    keys.macKey,
    { sender: state.localIdentity, receiver: state.remoteIdentity },
  );
  const advanced = { ...sending, chainKey: nextChainKey(sending.chainKey), index: sending.index + 1 };
  return { next: { ...state, sending: advanced, spqr: pq.next }, message, spent: [seed, keys.all] };
}

/** How this device sees the addresses that a message may carry, and whether it is another of one's own devices. */
export interface ReceiveContext {
  readonly addresses: Bytes | undefined;
  readonly withSelf: boolean;
}

export interface Decrypted {
  readonly next: SessionState;
  readonly plaintext: Bytes;
  /** Keys of this one message, to wipe. */
  readonly spent: readonly Uint8Array[];
}

/**
 * Decrypts a message of this session.
 * @throws Duplicate when its key is gone; Refused for anything else. `state` then stays as it was.
 */
export async function decrypt(
  state: SessionState,
  message: SignalMessage,
  context: ReceiveContext,
  random: RandomSource,
): Promise<Decrypted> {
  if (message.messageVersion() !== 4) throw new Refused('session version');
  const content = message._content();
  const known = state.receiving.findIndex((chain) => equal(chain.ratchetKey, content.ratchetKey));
  const stepped = known >= 0 ? state : ratchetStep(state, content.ratchetKey, random);
  const at = known >= 0 ? known : stepped.receiving.length - 1;
  const maxJump = context.withSelf ? MAX_JUMP_WITH_SELF : MAX_JUMP;
  const { chain, seed } = takeSeed(stepped.receiving[at]!, content.counter, maxJump);
  const pq = spqrReceive(stepped.spqr, content.pqRatchet, maxJump);
  const keys = messageKeys(seed, pq.key);
  if (!message._verifyMac(keys.macKey, { sender: state.remoteIdentity, receiver: state.localIdentity })) {
    throw new Refused('MAC');
  }
  if (content.addresses && !(context.addresses && equal(content.addresses, context.addresses))) {
    throw new Refused('addresses');
  }
  const plaintext = await aesCbcDecrypt(keys.cipherKey, keys.iv, content.ciphertext);
  if (!plaintext) throw new Refused('padding');
  const receiving = stepped.receiving.map((old, i) => (i === at ? chain : old));
  // Whoever can answer has the session: first messages are over
  const next = { ...stepped, receiving, spqr: pq.next, pending: undefined };
  return { next, plaintext, spent: [seed, keys.all] };
}

/** The peer has a new ratchet key: finish the receiving half with our old key, the sending half with a new one. */
function ratchetStep(state: SessionState, theirKey: Bytes, random: RandomSource): SessionState {
  const received = nextRoot(state.rootKey, agree(state.sending.privateKey, theirKey));
  const pair = newRatchetKeyPair(random);
  const sent = nextRoot(received.rootKey, agree(pair.privateKey, theirKey));
  const chain: ReceivingChain = { ratchetKey: theirKey, chainKey: received.chainKey, index: 0, skipped: [] };
  const sending: SendingChain = { ...pair, chainKey: sent.chainKey, index: 0 };
  return {
    ...state,
    rootKey: sent.rootKey,
    previousCounter: Math.max(0, state.sending.index - 1),
    sending,
    receiving: [...state.receiving, chain].slice(-MAX_RECEIVING_CHAINS),
  };
}

/** The seed of message `counter`, and the chain without it. */
function takeSeed(
  chain: ReceivingChain,
  counter: number,
  maxJump: number,
): { chain: ReceivingChain; seed: Bytes } {
  if (counter < chain.index) {
    const held = chain.skipped.find((skipped) => skipped.index === counter);
    if (!held) throw new Duplicate(chain.index, counter);
    return {
      chain: { ...chain, skipped: chain.skipped.filter((skipped) => skipped !== held) },
      seed: held.seed,
    };
  }
  if (counter - chain.index > maxJump) throw new Refused('jump too far');
  let { chainKey, skipped } = chain;
  if (counter > chain.index) {
    const passed: SkippedSeed[] = [...skipped];
    for (let index = chain.index; index < counter; index++) {
      if (counter - index <= MAX_SKIPPED) passed.push({ index, seed: messageSeed(chainKey) });
      chainKey = nextChainKey(chainKey);
    }
    skipped = passed.slice(-MAX_SKIPPED);
  }
  const seed = messageSeed(chainKey);
  return { chain: { ...chain, chainKey: nextChainKey(chainKey), index: counter + 1, skipped }, seed };
}
