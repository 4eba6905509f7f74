// One step of the braid when a message arrives. What a state has no use for is ignored; what is wrong is refused,
// and then the whole message with it. Spec: docs/ratchet.md section 7.4. Pure.
import type { Bytes } from '../bytes.ts';
import { concat, equal } from '../bytes.ts';
import { Refused } from '../errors.ts';
import {
  CT2_BYTES,
  HEADER_BYTES,
  matchesHeader,
  mlkem768Decapsulate,
  mlkem768Encapsulate2,
  mlkem768PublicKey,
} from '../primitives/mlkem768.ts';
import { ciphertextMac, epochSecret, headerMac, updateAuthenticator } from './authenticator.ts';
import type {
  BraidState,
  Ct1Acknowledged,
  Ct1Sampled,
  Ct2Sampled,
  EkReceivedCt1Sampled,
  EkSentCt1Received,
  EpochSecret,
  NoHeaderReceived,
} from './braid-state.ts';
import { awaitHeader, CT1_MESSAGE_BYTES, CT2_MESSAGE_BYTES } from './braid-state.ts';
import type { Chunk } from './erasure.ts';
import { addChunk, newDecoder, newEncoder } from './erasure.ts';
import type { BraidPayload } from './message.ts';

export interface BraidReceived {
  readonly next: BraidState;
  /** An epoch whose secret this step completed. */
  readonly secret: EpochSecret | undefined;
}

/**
 * Takes in what a message carried.
 * @throws Refused for an epoch that can't be, a wrong MAC or a key that isn't the promised one.
 */
export function braidReceive(state: BraidState, epoch: number, payload: BraidPayload): BraidReceived {
  if (epoch < state.epoch) return moved(state);
  if (epoch > state.epoch) {
    // Only the ciphertext side can be overtaken: the key side moves on as soon as it has ct2
    if (state.kind !== 'ct2Sampled' || epoch !== state.epoch + 1) throw new Refused('epoch out of range');
    return moved({ kind: 'keysUnsampled', epoch, authenticator: state.authenticator });
  }
  switch (state.kind) {
    case 'keysUnsampled':
    case 'headerReceived':
    case 'ct2Sampled':
      return moved(state);
    case 'keysSampled': {
      if (payload.kind !== 'ct1') return moved(state);
      const { keySeed, authenticator } = state;
      const ek = newEncoder(mlkem768PublicKey(keySeed).ekVector);
      const ct1 = addChunk(newDecoder(CT1_MESSAGE_BYTES), payload.chunk).next;
      return moved({ kind: 'headerSent', epoch, authenticator, keySeed, ek, ct1 });
    }
    case 'headerSent': {
      if (payload.kind !== 'ct1') return moved(state);
      const { next, message } = addChunk(state.ct1, payload.chunk);
      if (!message) return moved({ ...state, ct1: next });
      const { authenticator, keySeed, ek } = state;
      return moved({ kind: 'ct1Received', epoch, authenticator, keySeed, ek, ct1: message });
    }
    case 'ct1Received': {
      if (payload.kind !== 'ct2') return moved(state);
      const { authenticator, keySeed, ct1 } = state;
      const ct2 = addChunk(newDecoder(CT2_MESSAGE_BYTES), payload.chunk).next;
      return moved({ kind: 'ekSentCt1Received', epoch, authenticator, keySeed, ct1, ct2 });
    }
    case 'ekSentCt1Received':
      return payload.kind === 'ct2' ? collectCt2(state, payload.chunk) : moved(state);
    case 'noHeaderReceived':
      return moved(payload.kind === 'header' ? collectHeader(state, payload.chunk) : state);
    case 'ct1Sampled':
      return moved(isEk(payload) ? collectEk(state, payload) : state);
    case 'ekReceivedCt1Sampled': {
      const acknowledged = payload.kind === 'ct1Ack' || payload.kind === 'ekAndCt1Ack';
      return moved(acknowledged ? sampleCt2(state, state.ct1.message, state.ek) : state);
    }
    case 'ct1Acknowledged': {
      if (!isEk(payload)) return moved(state);
      const { next, message } = addChunk(state.ek, payload.chunk);
      return moved(message ? sampleCt2(state, state.ct1, message) : { ...state, ek: next });
    }
  }
}

function moved(next: BraidState): BraidReceived {
  return { next, secret: undefined };
}

type EkPayload = Extract<BraidPayload, { chunk: Chunk }>;

function isEk(payload: BraidPayload): payload is EkPayload {
  return payload.kind === 'ek' || payload.kind === 'ekAndCt1Ack';
}

function collectHeader(state: NoHeaderReceived, chunk: Chunk): BraidState {
  const { epoch, authenticator } = state;
  const { next, message } = addChunk(state.header, chunk);
  if (!message) return { ...state, header: next };
  const header = message.slice(0, HEADER_BYTES);
  if (!equal(headerMac(authenticator, epoch, header), message.subarray(HEADER_BYTES)))
    throw new Refused('header MAC');
  return { kind: 'headerReceived', epoch, authenticator, header };
}

function collectEk(state: Ct1Sampled, payload: EkPayload): BraidState {
  const { epoch, authenticator, header, secret } = state;
  const { next, message: ek } = addChunk(state.ek, payload.chunk);
  const acknowledged = payload.kind === 'ekAndCt1Ack';
  if (acknowledged) {
    const ct1 = state.ct1.message;
    if (ek) return sampleCt2(state, ct1, ek);
    return { kind: 'ct1Acknowledged', epoch, authenticator, header, secret, ct1, ek: next };
  }
  if (!ek) return { ...state, ek: next };
  requireMatch(header, ek);
  return { kind: 'ekReceivedCt1Sampled', epoch, authenticator, header, secret, ct1: state.ct1, ek };
}

function requireMatch(header: Bytes, ek: Bytes): void {
  if (!matchesHeader(header, ek)) throw new Refused('key does not match its header');
}

function sampleCt2(
  state: Ct1Sampled | EkReceivedCt1Sampled | Ct1Acknowledged,
  ct1: Bytes,
  ek: Bytes,
): Ct2Sampled {
  const { epoch, authenticator, header, secret } = state;
  if (state.kind !== 'ekReceivedCt1Sampled') requireMatch(header, ek);
  const ct2 = mlkem768Encapsulate2(header, ek, secret);
  const mac = ciphertextMac(authenticator, epoch, ct1, ct2);
  return { kind: 'ct2Sampled', epoch, authenticator, ct2: newEncoder(concat(ct2, mac)) };
}

/** The end of an epoch on the key side: the secret is out, and the roles swap. */
function collectCt2(state: EkSentCt1Received, chunk: Chunk): BraidReceived {
  const { epoch, keySeed, ct1 } = state;
  const { next, message } = addChunk(state.ct2, chunk);
  if (!message) return moved({ ...state, ct2: next });
  const ct2 = message.subarray(0, CT2_BYTES);
  const secret = epochSecret(epoch, mlkem768Decapsulate(keySeed, ct1, ct2));
  const authenticator = updateAuthenticator(state.authenticator, epoch, secret);
  if (!equal(ciphertextMac(authenticator, epoch, ct1, ct2), message.subarray(CT2_BYTES))) {
    throw new Refused('ciphertext MAC');
  }
  return { next: awaitHeader({ epoch: epoch + 1, authenticator }), secret: { epoch, secret } };
}
