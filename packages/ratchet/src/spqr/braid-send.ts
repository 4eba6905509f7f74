// One step of the braid when a message leaves: every state has something to say, two of them also move on.
// Spec: docs/ratchet.md section 7.4. Pure: randomness comes in.
import { concat } from '../bytes.ts';
import { KEY_SEED_BYTES, mlkem768Encapsulate1, mlkem768PublicKey } from '../primitives/mlkem768.ts';
import type { RandomSource } from '../primitives/random.ts';
import { epochSecret, headerMac, updateAuthenticator } from './authenticator.ts';
import type { BraidState, EpochSecret, HeaderReceived, KeysUnsampled } from './braid-state.ts';
import { EK_MESSAGE_BYTES } from './braid-state.ts';
import { newDecoder, newEncoder, nextChunk } from './erasure.ts';
import type { BraidPayload } from './message.ts';

export interface BraidSent {
  readonly next: BraidState;
  readonly payload: BraidPayload;
  /** An epoch whose secret this step made. */
  readonly secret: EpochSecret | undefined;
}

/** What to put into the next message. */
export function braidSend(state: BraidState, random: RandomSource): BraidSent {
  switch (state.kind) {
    case 'keysUnsampled':
      return sampleKeys(state, random);
    case 'headerReceived':
      return sampleCt1(state, random);
    case 'keysSampled': {
      const { next, chunk } = nextChunk(state.header);
      return said({ ...state, header: next }, { kind: 'header', chunk });
    }
    case 'headerSent': {
      const { next, chunk } = nextChunk(state.ek);
      return said({ ...state, ek: next }, { kind: 'ek', chunk });
    }
    case 'ct1Received': {
      const { next, chunk } = nextChunk(state.ek);
      return said({ ...state, ek: next }, { kind: 'ekAndCt1Ack', chunk });
    }
    case 'ekSentCt1Received':
      return said(state, { kind: 'ct1Ack' });
    case 'noHeaderReceived':
    case 'ct1Acknowledged':
      return said(state, { kind: 'nothing' });
    case 'ct1Sampled': {
      const { next, chunk } = nextChunk(state.ct1);
      return said({ ...state, ct1: next }, { kind: 'ct1', chunk });
    }
    case 'ekReceivedCt1Sampled': {
      const { next, chunk } = nextChunk(state.ct1);
      return said({ ...state, ct1: next }, { kind: 'ct1', chunk });
    }
    case 'ct2Sampled': {
      const { next, chunk } = nextChunk(state.ct2);
      return said({ ...state, ct2: next }, { kind: 'ct2', chunk });
    }
  }
}

function said(next: BraidState, payload: BraidPayload): BraidSent {
  return { next, payload, secret: undefined };
}

function sampleKeys(state: KeysUnsampled, random: RandomSource): BraidSent {
  const { epoch, authenticator } = state;
  const keySeed = random(KEY_SEED_BYTES);
  const { header } = mlkem768PublicKey(keySeed);
  const { next, chunk } = nextChunk(newEncoder(concat(header, headerMac(authenticator, epoch, header))));
  return said(
    { kind: 'keysSampled', epoch, authenticator, keySeed, header: next },
    { kind: 'header', chunk },
  );
}

/** The secret exists from here on, though the other side learns it only with ct2. */
function sampleCt1(state: HeaderReceived, random: RandomSource): BraidSent {
  const { epoch, header } = state;
  const message = random(32);
  const { ct1, sharedSecret } = mlkem768Encapsulate1(header, message);
  const secret = epochSecret(epoch, sharedSecret);
  const { next, chunk } = nextChunk(newEncoder(ct1));
  return {
    next: {
      kind: 'ct1Sampled',
      epoch,
      authenticator: updateAuthenticator(state.authenticator, epoch, secret),
      header,
      secret: message,
      ct1: next,
      ek: newDecoder(EK_MESSAGE_BYTES),
    },
    payload: { kind: 'ct1', chunk },
    secret: { epoch, secret },
  };
}
