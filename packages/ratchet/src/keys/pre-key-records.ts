// Private pre-keys as a store keeps them. The bytes are libsignal's own (docs/ratchet.md section 9.2), so a record
// written by one engine is read by the other. Fields are checked when they are asked for, as libsignal does.
import type { Bytes } from '../bytes.ts';
import { genericError } from '../errors.ts';
import type { FieldKind, Fields } from '../messages/protobuf.ts';
import { ProtobufError, readFields, writeFields } from '../messages/protobuf.ts';
import { timestamp as checkedTimestamp, u32 } from '../numbers.ts';
import { concat, EMPTY, isAllZero } from '../bytes.ts';
import { PrivateKey, PublicKey } from './ec-keys.ts';
import { KEMKeyPair, KEMPublicKey, KEMSecretKey } from './kem-keys.ts';

interface RecordFields {
  readonly id: number;
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
  readonly signature: Bytes;
  /** 8 bytes, little-endian, as stored; none for zero. */
  readonly timestamp: Bytes;
}

const ONE_TIME_KINDS = { 1: 'uint32', 2: 'bytes', 3: 'bytes' } as const;
const SIGNED_KINDS = { ...ONE_TIME_KINDS, 4: 'bytes', 5: 'fixed64' } as const;

function read(
  buffer: Uint8Array,
  operation: string,
  kinds: Readonly<Record<number, FieldKind>> = SIGNED_KINDS,
): RecordFields {
  let fields: Fields;
  try {
    fields = readFields(new Uint8Array(buffer), kinds);
  } catch (cause) {
    if (!(cause instanceof ProtobufError)) throw cause;
    throw genericError(operation, 'protobuf encoding was invalid');
  }
  return {
    id: fields.uint32(1) ?? 0,
    publicKey: fields.bytes(2) ?? EMPTY,
    privateKey: fields.bytes(3) ?? EMPTY,
    signature: fields.bytes(4) ?? EMPTY,
    timestamp: fields.bytes(5) ?? EMPTY,
  };
}

/** proto3: zero and empty are left out. */
function write(record: RecordFields): Bytes {
  const unlessEmpty = (bytes: Bytes) => (bytes.length === 0 ? undefined : bytes);
  const body = writeFields(
    [1, record.id === 0 ? undefined : record.id],
    [2, unlessEmpty(record.publicKey)],
    [3, unlessEmpty(record.privateKey)],
    [4, unlessEmpty(record.signature)],
  );
  return isAllZero(record.timestamp) ? body : concat(body, TIMESTAMP_TAG, record.timestamp);
}

/** Field 5, 8 fixed bytes. */
const TIMESTAMP_TAG = new Uint8Array([(5 << 3) | 1]);

function timestampBytes(value: number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(checkedTimestamp(value)), true);
  return out;
}

function timestampOf({ timestamp }: RecordFields): number {
  let value = 0;
  for (let i = timestamp.length - 1; i >= 0; i--) value = value * 256 + timestamp[i]!;
  return value;
}

/** The public information of a {@link SignedPreKeyRecord}. */
export interface SignedPublicPreKey {
  id: () => number;
  publicKey: () => PublicKey;
  signature: () => Bytes;
}

/** A one-time EC pre-key. */
export class PreKeyRecord {
  readonly #fields: RecordFields;

  private constructor(fields: RecordFields) {
    this.#fields = fields;
  }

  static new(id: number, pubKey: PublicKey, privKey: PrivateKey): PreKeyRecord {
    const keys = { publicKey: pubKey.serialize(), privateKey: privKey.serialize() };
    return new PreKeyRecord({ id: u32(id), ...keys, signature: EMPTY, timestamp: EMPTY });
  }

  /** @throws LibSignalErrorBase Generic for bytes that are no record. */
  static deserialize(buffer: Uint8Array): PreKeyRecord {
    return new PreKeyRecord(read(buffer, 'PreKeyRecord_Deserialize', ONE_TIME_KINDS));
  }

  id(): number {
    return this.#fields.id;
  }

  privateKey(): PrivateKey {
    return PrivateKey.deserialize(this.#fields.privateKey);
  }

  publicKey(): PublicKey {
    return PublicKey.deserialize(this.#fields.publicKey);
  }

  serialize(): Bytes {
    return write(this.#fields);
  }
}

/** A medium-term EC pre-key, signed by the identity key. */
export class SignedPreKeyRecord implements SignedPublicPreKey {
  readonly #fields: RecordFields;

  private constructor(fields: RecordFields) {
    this.#fields = fields;
  }

  /** @param timestamp - Milliseconds since 1970; kept, not interpreted. */
  // eslint-disable-next-line max-params -- libsignal's call shape
  static new(
    id: number,
    timestamp: number,
    pubKey: PublicKey,
    privKey: PrivateKey,
    signature: Uint8Array,
  ): SignedPreKeyRecord {
    return new SignedPreKeyRecord({
      id: u32(id),
      publicKey: pubKey.serialize(),
      privateKey: privKey.serialize(),
      signature: new Uint8Array(signature),
      timestamp: timestampBytes(timestamp),
    });
  }

  /** @throws LibSignalErrorBase Generic for bytes that are no record. */
  static deserialize(buffer: Uint8Array): SignedPreKeyRecord {
    return new SignedPreKeyRecord(read(buffer, 'SignedPreKeyRecord_Deserialize'));
  }

  id(): number {
    return this.#fields.id;
  }

  privateKey(): PrivateKey {
    return PrivateKey.deserialize(this.#fields.privateKey);
  }

  publicKey(): PublicKey {
    return PublicKey.deserialize(this.#fields.publicKey);
  }

  signature(): Bytes {
    return this.#fields.signature.slice();
  }

  timestamp(): number {
    return timestampOf(this.#fields);
  }

  serialize(): Bytes {
    return write(this.#fields);
  }
}

/** The public information of a {@link KyberPreKeyRecord}. */
export interface SignedKyberPublicPreKey {
  id: () => number;
  publicKey: () => KEMPublicKey;
  signature: () => Bytes;
}

/** A Kyber pre-key, one-time or last-resort, signed by the identity key. */
export class KyberPreKeyRecord implements SignedKyberPublicPreKey {
  readonly #fields: RecordFields;

  private constructor(fields: RecordFields) {
    this.#fields = fields;
  }

  /** @param timestamp - Milliseconds since 1970; kept, not interpreted. */
  static new(id: number, timestamp: number, keyPair: KEMKeyPair, signature: Uint8Array): KyberPreKeyRecord {
    return new KyberPreKeyRecord({
      id: u32(id),
      publicKey: keyPair.getPublicKey().serialize(),
      privateKey: keyPair.getSecretKey().serialize(),
      signature: new Uint8Array(signature),
      timestamp: timestampBytes(timestamp),
    });
  }

  /** @throws LibSignalErrorBase Generic for bytes that are no record. */
  static deserialize(buffer: Uint8Array): KyberPreKeyRecord {
    return new KyberPreKeyRecord(read(buffer, 'KyberPreKeyRecord_Deserialize'));
  }

  id(): number {
    return this.#fields.id;
  }

  keyPair(): KEMKeyPair {
    return KEMKeyPair._fromKeys(this.publicKey(), this.secretKey());
  }

  publicKey(): KEMPublicKey {
    return KEMPublicKey.deserialize(this.#fields.publicKey);
  }

  secretKey(): KEMSecretKey {
    return KEMSecretKey.deserialize(this.#fields.privateKey);
  }

  signature(): Bytes {
    return this.#fields.signature.slice();
  }

  timestamp(): number {
    return timestampOf(this.#fields);
  }

  serialize(): Bytes {
    return write(this.#fields);
  }
}
