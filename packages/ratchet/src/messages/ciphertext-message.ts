// What signalEncrypt hands out: a message of either kind, with its type number.
import type { Bytes } from '../bytes.ts';
import { PreKeySignalMessage } from './pre-key-signal-message.ts';
import type { SignalMessage } from './signal-message.ts';

/** libsignal's type numbers. This package makes the first two. */
export const CiphertextMessageType = { Whisper: 2, PreKey: 3, SenderKey: 7, Plaintext: 8 } as const;
export type CiphertextMessageType = (typeof CiphertextMessageType)[keyof typeof CiphertextMessageType];

/** Anything that can be sent as a ciphertext message. */
export interface CiphertextMessageConvertible {
  asCiphertextMessage: () => CiphertextMessage;
}

/** A message ready to send. The type travels beside the bytes; the bytes don't say it. */
export class CiphertextMessage {
  readonly #message: SignalMessage | PreKeySignalMessage;

  private constructor(message: SignalMessage | PreKeySignalMessage) {
    this.#message = message;
  }

  static from(message: CiphertextMessageConvertible): CiphertextMessage {
    return message.asCiphertextMessage();
  }

  /** Not part of libsignal's surface. */
  static _of(message: SignalMessage | PreKeySignalMessage): CiphertextMessage {
    return new CiphertextMessage(message);
  }

  serialize(): Bytes {
    return this.#message.serialize();
  }

  type(): number {
    return this.#message instanceof PreKeySignalMessage
      ? CiphertextMessageType.PreKey
      : CiphertextMessageType.Whisper;
  }
}
