// What one session remembers. Immutable: every step makes a new one that shares what did not change, so that a
// refused message leaves nothing to undo. Spec: docs/ratchet.md sections 4.3 and 5. The stored form is codec.ts.
import type { Bytes } from '../bytes.ts';
import type { SpqrState } from '../spqr/spqr.ts';

/** The chain that our messages come from. */
export interface SendingChain {
  /** Our ratchet key pair: 32 bytes, and 33 serialised. */
  readonly privateKey: Bytes;
  readonly publicKey: Bytes;
  readonly chainKey: Bytes;
  /** Counter of the next message. */
  readonly index: number;
}

/** The seed of a message key that was passed over. */
export interface SkippedSeed {
  readonly index: number;
  readonly seed: Bytes;
}

/** The chain of one ratchet key of the peer. */
export interface ReceivingChain {
  /** 33 bytes. */
  readonly ratchetKey: Bytes;
  readonly chainKey: Bytes;
  /** Counter of the next message in order. */
  readonly index: number;
  /** Oldest first. */
  readonly skipped: readonly SkippedSeed[];
}

/** What goes with every message until the peer has answered. */
export interface PendingPreKey {
  readonly preKeyId: number | undefined;
  readonly signedPreKeyId: number;
  readonly kyberPreKeyId: number;
  readonly kyberCiphertext: Bytes;
  readonly createdSeconds: number;
}

/** An established session. Keys are serialised public keys of 33 bytes unless said otherwise. */
export interface SessionState {
  readonly localIdentity: Bytes;
  readonly remoteIdentity: Bytes;
  readonly localRegistrationId: number;
  readonly remoteRegistrationId: number;
  /** The initiator's: it names the session. */
  readonly baseKey: Bytes;
  /** 32 bytes. */
  readonly rootKey: Bytes;
  readonly previousCounter: number;
  readonly sending: SendingChain;
  /** Oldest first, at most 5. */
  readonly receiving: readonly ReceivingChain[];
  readonly pending: PendingPreKey | undefined;
  readonly spqr: SpqrState;
}
