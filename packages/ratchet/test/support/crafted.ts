// Parts for messages that no engine would make: the first message of a session taken apart and put together again.
import { concat, type Bytes } from '../../src/bytes.ts';
import { readFields, writeFields } from '../../src/messages/protobuf.ts';

/** The fields of a PreKeySignalMessage, raw. */
export interface RawPreKeyMessage {
  preKeyId: number | undefined;
  baseKey: Uint8Array;
  identityKey: Uint8Array;
  message: Uint8Array;
  registrationId: number;
  signedPreKeyId: number;
  kyberPreKeyId: number | undefined;
  kyberCiphertext: Uint8Array | undefined;
}

export function takeApart(bytes: Uint8Array): RawPreKeyMessage {
  const fields = readFields(bytes.subarray(1), {
    1: 'uint32',
    2: 'bytes',
    3: 'bytes',
    4: 'bytes',
    5: 'uint32',
    6: 'uint32',
    7: 'uint32',
    8: 'bytes',
  });
  return {
    preKeyId: fields.uint32(1),
    baseKey: fields.bytes(2)!,
    identityKey: fields.bytes(3)!,
    message: fields.bytes(4)!,
    registrationId: fields.uint32(5)!,
    signedPreKeyId: fields.uint32(6)!,
    kyberPreKeyId: fields.uint32(7),
    kyberCiphertext: fields.bytes(8),
  };
}

export function putTogether(raw: RawPreKeyMessage, version = 0x44): Bytes {
  return concat(
    new Uint8Array([version]),
    writeFields(
      [1, raw.preKeyId],
      [2, raw.baseKey],
      [3, raw.identityKey],
      [4, raw.message],
      [5, raw.registrationId],
      [6, raw.signedPreKeyId],
      [7, raw.kyberPreKeyId],
      [8, raw.kyberCiphertext],
    ),
  );
}
