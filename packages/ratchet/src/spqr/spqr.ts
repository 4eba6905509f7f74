// SPQR as the session sees it: one call per message sent, one per message received, each giving a 32-byte key.
// The braid makes epoch secrets, the chain makes message keys. Spec: docs/ratchet.md section 7.1. Pure.
import type { Bytes } from '../bytes.ts';
import type { RandomSource } from '../primitives/random.ts';
import { braidReceive } from './braid-receive.ts';
import { braidSend } from './braid-send.ts';
import type { BraidState, EpochSecret } from './braid-state.ts';
import { startBraid } from './braid-state.ts';
import type { ChainState, Direction } from './chain.ts';
import { addEpoch, nextSendKey, receiveKey, startChain } from './chain.ts';
import { decodeSpqrMessage, encodeSpqrMessage } from './message.ts';

export interface SpqrState {
  readonly braid: BraidState;
  readonly chain: ChainState;
}

/** @param authKey - 32 bytes from PQXDH. */
export function startSpqr(authKey: Uint8Array, direction: Direction): SpqrState {
  return { braid: startBraid(authKey, direction), chain: startChain(authKey, direction) };
}

/** The bytes for the next message and the key to mix into it. `next` must be kept even if the message is lost. */
export function spqrSend(
  state: SpqrState,
  random: RandomSource,
): { next: SpqrState; message: Bytes; key: Bytes } {
  const { epoch } = state.braid;
  const sent = braidSend(state.braid, random);
  const { next: chain, index, key } = nextSendKey(withSecret(state.chain, sent.secret), epoch - 1);
  const message = encodeSpqrMessage({ epoch, index, payload: sent.payload });
  return { next: { braid: sent.next, chain }, message, key };
}

/**
 * The key to mix into a message that carried `bytes`.
 * @param maxJump - How far ahead of the last one the message may be.
 * @throws Refused; `state` is then still the one to keep.
 */
export function spqrReceive(
  state: SpqrState,
  bytes: Uint8Array,
  maxJump: number,
): { next: SpqrState; key: Bytes } {
  const { epoch, index, payload } = decodeSpqrMessage(bytes);
  const received = braidReceive(state.braid, epoch, payload);
  const { next: chain, key } = receiveKey(
    withSecret(state.chain, received.secret),
    epoch - 1,
    index,
    maxJump,
  );
  return { next: { braid: received.next, chain }, key };
}

function withSecret(chain: ChainState, secret: EpochSecret | undefined): ChainState {
  return secret ? addEpoch(chain, secret.epoch, secret.secret) : chain;
}
