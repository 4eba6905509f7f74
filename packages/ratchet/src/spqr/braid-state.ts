// The eleven states of the braid: how far this side and the other are in one epoch's KEM exchange.
// Each epoch one side owns the key pair (the key side), the other encapsulates (the ciphertext side); then they swap.
// Spec: docs/ratchet.md section 7.4. The steps between them are braid-send.ts and braid-receive.ts.
import type { Bytes } from '../bytes.ts';
import type { Authenticator } from './authenticator.ts';
import { AUTHENTICATOR_MAC_BYTES, startAuthenticator } from './authenticator.ts';
import type { Decoder, Encoder } from './erasure.ts';
import { newDecoder } from './erasure.ts';
import type { Direction } from './chain.ts';
import { CT1_BYTES, CT2_BYTES, EK_VECTOR_BYTES, HEADER_BYTES } from '../primitives/mlkem768.ts';

/** Lengths of what travels in chunks. */
export const HEADER_MESSAGE_BYTES = HEADER_BYTES + AUTHENTICATOR_MAC_BYTES;
export const EK_MESSAGE_BYTES = EK_VECTOR_BYTES;
export const CT1_MESSAGE_BYTES = CT1_BYTES;
export const CT2_MESSAGE_BYTES = CT2_BYTES + AUTHENTICATOR_MAC_BYTES;

interface Base<Kind extends string> {
  readonly kind: Kind;
  readonly epoch: number;
  readonly authenticator: Authenticator;
}

// ---- key side ----

/** Nothing made yet for this epoch. */
export type KeysUnsampled = Base<'keysUnsampled'>;

/** Sending the header. The key pair is kept as the 64-byte seed it grows from. */
export interface KeysSampled extends Base<'keysSampled'> {
  readonly keySeed: Bytes;
  readonly header: Encoder;
}

/** The first ct1 chunk showed that the header arrived: sending the key. */
export interface HeaderSent extends Base<'headerSent'> {
  readonly keySeed: Bytes;
  readonly ek: Encoder;
  readonly ct1: Decoder;
}

/** ct1 is whole: acknowledging it while still sending the key. */
export interface Ct1Received extends Base<'ct1Received'> {
  readonly keySeed: Bytes;
  readonly ek: Encoder;
  readonly ct1: Bytes;
}

/** The first ct2 chunk showed that the key arrived. */
export interface EkSentCt1Received extends Base<'ekSentCt1Received'> {
  readonly keySeed: Bytes;
  readonly ct1: Bytes;
  readonly ct2: Decoder;
}

// ---- ciphertext side ----

/** Collecting the header. */
export interface NoHeaderReceived extends Base<'noHeaderReceived'> {
  readonly header: Decoder;
}

/** The header is whole and authentic. */
export interface HeaderReceived extends Base<'headerReceived'> {
  readonly header: Bytes;
}

/** What the ciphertext side needs to finish its encapsulation. */
interface Encapsulating {
  readonly header: Bytes;
  /** The 32-byte KEM message. */
  readonly secret: Bytes;
}

/** Sending ct1, collecting the key. */
export interface Ct1Sampled extends Base<'ct1Sampled'>, Encapsulating {
  readonly ct1: Encoder;
  readonly ek: Decoder;
}

/** The key is whole; ct1 not yet acknowledged. */
export interface EkReceivedCt1Sampled extends Base<'ekReceivedCt1Sampled'>, Encapsulating {
  readonly ct1: Encoder;
  readonly ek: Bytes;
}

/** ct1 is acknowledged; the key is not yet whole. */
export interface Ct1Acknowledged extends Base<'ct1Acknowledged'>, Encapsulating {
  readonly ct1: Bytes;
  readonly ek: Decoder;
}

/** Sending ct2 until the other side moves to the next epoch. */
export interface Ct2Sampled extends Base<'ct2Sampled'> {
  readonly ct2: Encoder;
}

export type BraidState =
  | KeysUnsampled
  | KeysSampled
  | HeaderSent
  | Ct1Received
  | EkSentCt1Received
  | NoHeaderReceived
  | HeaderReceived
  | Ct1Sampled
  | EkReceivedCt1Sampled
  | Ct1Acknowledged
  | Ct2Sampled;

/** An epoch's secret, on its way into the chain. */
export interface EpochSecret {
  readonly epoch: number;
  readonly secret: Bytes;
}

/** The braid of a new session: who began it owns the first key pair. */
export function startBraid(authKey: Uint8Array, direction: Direction): BraidState {
  const base = { epoch: 1, authenticator: startAuthenticator(authKey) };
  return direction === 'A2B' ? { kind: 'keysUnsampled', ...base } : awaitHeader(base);
}

/** The ciphertext side's first state in an epoch. */
export function awaitHeader(base: { epoch: number; authenticator: Authenticator }): NoHeaderReceived {
  const { epoch, authenticator } = base;
  return { kind: 'noHeaderReceived', epoch, authenticator, header: newDecoder(HEADER_MESSAGE_BYTES) };
}
