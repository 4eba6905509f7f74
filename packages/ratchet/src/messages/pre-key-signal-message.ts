// The message that begins a session: what the recipient needs for PQXDH, around a SignalMessage.
// Spec: docs/ratchet.md section 6.3. Not here: the agreement itself (../session/pqxdh.ts).
import type { Bytes } from '../bytes.ts';
import { concat, EMPTY } from '../bytes.ts';
import { genericError } from '../errors.ts';
import { PublicKey } from '../keys/ec-keys.ts';
import type { Fields } from './protobuf.ts';
import { ProtobufError, readFields, writeFields } from './protobuf.ts';
import { messageVersion, SignalMessage, VERSION_BYTE } from './signal-message.ts';

/** Everything a first message says. Keys are serialised, 33 bytes; the ciphertext carries its type byte. */
export interface PreKeySignalMessageContent {
  readonly preKeyId: number | undefined;
  readonly baseKey: Bytes;
  readonly identityKey: Bytes;
  readonly message: SignalMessage;
  readonly registrationId: number;
  readonly signedPreKeyId: number;
  readonly kyber: { readonly preKeyId: number; readonly ciphertext: Bytes } | undefined;
}

/** A parsed message of type 3. */
export class PreKeySignalMessage {
  readonly #serialized: Bytes;
  readonly #version: number;
  readonly #content: PreKeySignalMessageContent;

  private constructor(serialized: Bytes, version: number, content: PreKeySignalMessageContent) {
    this.#serialized = serialized;
    this.#version = version;
    this.#content = content;
  }

  /** @throws LibSignalErrorBase Generic for anything that is not a whole message of a known version. */
  static deserialize(buffer: Uint8Array): PreKeySignalMessage {
    const operation = 'PreKeySignalMessage_Deserialize';
    if (buffer.length === 0) throw genericError(operation, 'ciphertext serialized bytes were too short');
    const version = messageVersion(buffer[0]!, operation);
    const serialized = new Uint8Array(buffer);
    let fields: Fields;
    try {
      fields = readFields(serialized.subarray(1), {
        1: 'uint32',
        2: 'bytes',
        3: 'bytes',
        4: 'bytes',
        5: 'uint32',
        6: 'uint32',
        7: 'uint32',
        8: 'bytes',
      });
    } catch (cause) {
      if (!(cause instanceof ProtobufError)) throw cause;
      throw genericError(operation, 'protobuf encoding was invalid');
    }
    return new PreKeySignalMessage(serialized, version, contentOf(fields, operation));
  }

  /** Builds a message of the current version. Not part of libsignal's surface. */
  static _build(content: PreKeySignalMessageContent): PreKeySignalMessage {
    const body = writeFields(
      [1, content.preKeyId],
      [2, content.baseKey],
      [3, content.identityKey],
      [4, content.message.serialize()],
      [5, content.registrationId],
      [6, content.signedPreKeyId],
      [7, content.kyber?.preKeyId],
      [8, content.kyber?.ciphertext],
    );
    return new PreKeySignalMessage(concat(new Uint8Array([VERSION_BYTE]), body), VERSION_BYTE >> 4, content);
  }

  _content(): PreKeySignalMessageContent {
    return this.#content;
  }

  preKeyId(): number | null {
    return this.#content.preKeyId ?? null;
  }

  registrationId(): number {
    return this.#content.registrationId;
  }

  signedPreKeyId(): number {
    return this.#content.signedPreKeyId;
  }

  version(): number {
    return this.#version;
  }

  serialize(): Bytes {
    return this.#serialized.slice();
  }
}

function contentOf(fields: Fields, operation: string): PreKeySignalMessageContent {
  const baseKey = fields.bytes(2);
  const identityKey = fields.bytes(3);
  const message = fields.bytes(4);
  const signedPreKeyId = fields.uint32(6);
  const kyberPreKeyId = fields.uint32(7);
  const ciphertext = fields.bytes(8);
  if (!baseKey || !identityKey || !message || signedPreKeyId === undefined) {
    throw genericError(operation, 'protobuf encoding was invalid');
  }
  if ((kyberPreKeyId === undefined) !== (ciphertext === undefined)) {
    throw genericError(operation, 'a Kyber pre-key id and its ciphertext come together or not at all');
  }
  return {
    preKeyId: fields.uint32(1),
    baseKey: PublicKey.deserialize(baseKey).serialize(),
    identityKey: PublicKey.deserialize(identityKey).serialize(),
    message: SignalMessage.deserialize(message),
    registrationId: fields.uint32(5) ?? 0,
    signedPreKeyId,
    kyber:
      kyberPreKeyId === undefined ? undefined : { preKeyId: kyberPreKeyId, ciphertext: ciphertext ?? EMPTY },
  };
}
