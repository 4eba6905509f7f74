// The message of an established session: parsing, building, and its MAC. Spec: docs/ratchet.md section 6.2.
// Not here: keys and decryption (../session/), the SPQR bytes inside it (../spqr/).
import type { Bytes } from '../bytes.ts';
import { concat, EMPTY, equal } from '../bytes.ts';
import { genericError } from '../errors.ts';
import { PublicKey } from '../keys/ec-keys.ts';
import { hmacSha256 } from '../primitives/hmac.ts';
import type { Fields } from './protobuf.ts';
import { ProtobufError, readFields, writeFields } from './protobuf.ts';

/** Session version 4 in the high nibble, own version 4 in the low one, which nobody reads. */
export const VERSION_BYTE = 0x44;
export const MAC_BYTES = 8;
const OLDEST_VERSION = 3;
const NEWEST_VERSION = 4;

/** The high nibble of a message's first byte. Refuses versions that libsignal refuses. */
export function messageVersion(firstByte: number, operation: string): number {
  const version = firstByte >> 4;
  if (version < OLDEST_VERSION) throw genericError(operation, `ciphertext version was too old <${version}>`);
  if (version > NEWEST_VERSION)
    throw genericError(operation, `ciphertext version was unrecognized <${version}>`);
  return version;
}

/** What a sender puts into a message. */
export interface SignalMessageContent {
  readonly ratchetKey: Bytes;
  readonly counter: number;
  readonly previousCounter: number;
  readonly ciphertext: Bytes;
  readonly pqRatchet: Bytes;
  readonly addresses: Bytes | undefined;
}

/** Who a message's MAC is between: serialised identity keys, 33 bytes each. */
export interface MacParties {
  readonly sender: Uint8Array;
  readonly receiver: Uint8Array;
}

/** A parsed message of type 2, with the bytes it came in: the MAC is over those. */
export class SignalMessage {
  readonly #serialized: Bytes;
  readonly #version: number;
  readonly #content: SignalMessageContent;

  private constructor(serialized: Bytes, version: number, content: SignalMessageContent) {
    this.#serialized = serialized;
    this.#version = version;
    this.#content = content;
  }

  /** @throws LibSignalErrorBase Generic for anything that is not a whole message of a known version. */
  static deserialize(buffer: Uint8Array): SignalMessage {
    const operation = 'SignalMessage_Deserialize';
    if (buffer.length < 1 + MAC_BYTES)
      throw genericError(operation, 'ciphertext serialized bytes were too short');
    const version = messageVersion(buffer[0]!, operation);
    const serialized = new Uint8Array(buffer);
    let fields: Fields;
    try {
      const kinds = { 1: 'bytes', 2: 'uint32', 3: 'uint32', 4: 'bytes', 5: 'bytes', 6: 'bytes' } as const;
      fields = readFields(serialized.subarray(1, serialized.length - MAC_BYTES), kinds);
    } catch (cause) {
      if (!(cause instanceof ProtobufError)) throw cause;
      throw genericError(operation, 'protobuf encoding was invalid');
    }
    const ratchetKey = fields.bytes(1);
    const counter = fields.uint32(2);
    const ciphertext = fields.bytes(4);
    if (!ratchetKey || counter === undefined || !ciphertext)
      throw genericError(operation, 'protobuf encoding was invalid');
    return new SignalMessage(serialized, version, {
      ratchetKey: PublicKey.deserialize(ratchetKey).serialize(),
      counter,
      previousCounter: fields.uint32(3) ?? 0,
      ciphertext,
      pqRatchet: fields.bytes(5) ?? EMPTY,
      addresses: fields.bytes(6),
    });
  }

  /** Builds and authenticates a message of the current version. Not part of libsignal's surface. */
  static _seal(content: SignalMessageContent, macKey: Uint8Array, parties: MacParties): SignalMessage {
    const body = writeFields(
      [1, content.ratchetKey],
      [2, content.counter],
      [3, content.previousCounter],
      [4, content.ciphertext],
      [5, content.pqRatchet.length === 0 ? undefined : content.pqRatchet],
      [6, content.addresses],
    );
    const unsigned = concat(new Uint8Array([VERSION_BYTE]), body);
    const mac = hmacSha256(macKey, parties.sender, parties.receiver, unsigned).subarray(0, MAC_BYTES);
    return new SignalMessage(concat(unsigned, mac), NEWEST_VERSION, content);
  }

  /** Whether the MAC over the received bytes is right. */
  _verifyMac(macKey: Uint8Array, parties: MacParties): boolean {
    const end = this.#serialized.length - MAC_BYTES;
    const mac = hmacSha256(macKey, parties.sender, parties.receiver, this.#serialized.subarray(0, end));
    return equal(mac.subarray(0, MAC_BYTES), this.#serialized.subarray(end));
  }

  _content(): SignalMessageContent {
    return this.#content;
  }

  /** The ciphertext. */
  body(): Bytes {
    return this.#content.ciphertext.slice();
  }

  pqRatchet(): Bytes {
    return this.#content.pqRatchet.slice();
  }

  counter(): number {
    return this.#content.counter;
  }

  messageVersion(): number {
    return this.#version;
  }

  serialize(): Bytes {
    return this.#serialized.slice();
  }
}
