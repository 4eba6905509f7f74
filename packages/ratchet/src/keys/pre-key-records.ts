// Private pre-keys as a store keeps them. The bytes are libsignal's own (docs/ratchet.md section 9.2), so a record
// written by one engine is read by the other. Fields are checked when they are asked for, as libsignal does.
import type { Bytes } from '../bytes.ts';
import { EMPTY } from '../bytes.ts';
import { genericError } from '../errors.ts';
import type { Fields } from '../messages/protobuf.ts';
import { ProtobufError, readFields, writeFields } from '../messages/protobuf.ts';
import { timestamp as checkedTimestamp, u32 } from '../numbers.ts';
import { concat } from '../bytes.ts';
import { PrivateKey, PublicKey } from './ec-keys.ts';
import { KEMKeyPair, KEMPublicKey, KEMSecretKey } from './kem-keys.ts';

interface RecordFields {
  readonly id: number;
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
  readonly signature: Bytes;
  readonly timestamp: number;
}

function read(buffer: Uint8Array, operation: string): RecordFields {
  let fields: Fields;
  try {
    fields = readFields(new Uint8Array(buffer), {
      1: 'uint32',
      2: 'bytes',
      3: 'bytes',
      4: 'bytes',
      5: 'fixed64',
    });
  } catch (cause) {
    if (!(cause instanceof ProtobufError)) throw cause;
    throw genericError(operation, 'protobuf encoding was invalid');
  }
  return {
    id: fields.uint32(1) ?? 0,
    publicKey: fields.bytes(2) ?? EMPTY,
    privateKey: fields.bytes(3) ?? EMPTY,
    signature: fields.bytes(4) ?? EMPTY,
    timestamp: fields.uint32(5) ?? 0,
  };
}

/** proto3: zero and empty are left out. */
function write(record: RecordFields): Bytes {
  const body = writeFields(
    [1, record.id === 0 ? undefined : record.id],
    [2, record.publicKey],
    [3, record.privateKey],
    [4, record.signature.length === 0 ? undefined : record.signature],
  );
  if (record.timestamp === 0) return body;
  const tail = new Uint8Array(9);
  tail[0] = (5 << 3) | 1;
  new DataView(tail.buffer).setBigUint64(1, BigInt(record.timestamp), true);
  return concat(body, tail);
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
    return new PreKeyRecord({ id: u32(id), ...keys, signature: EMPTY, timestamp: 0 });
  }

  /** @throws LibSignalErrorBase Generic for bytes that are no record. */
  static deserialize(buffer: Uint8Array): PreKeyRecord {
    return new PreKeyRecord({ ...read(buffer, 'PreKeyRecord_Deserialize'), signature: EMPTY, timestamp: 0 });
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
      timestamp: checkedTimestamp(timestamp),
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
    return this.#fields.timestamp;
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
      timestamp: checkedTimestamp(timestamp),
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
    return this.#fields.timestamp;
  }

  serialize(): Bytes {
    return write(this.#fields);
  }
}
