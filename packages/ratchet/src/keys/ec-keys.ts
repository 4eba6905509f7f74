// X25519 keys and identity key pairs with libsignal's type byte and call shapes.
// Not here: the arithmetic (../primitives/) and the signature scheme (xeddsa.ts). Spec: docs/ratchet.md section 2.1.
import type { Bytes } from '../bytes.ts';
import { ascii, concat, equal } from '../bytes.ts';
import { genericError } from '../errors.ts';
import { ProtobufError, readFields, writeFields } from '../messages/protobuf.ts';
import { isTorsionFree } from '../primitives/edwards.ts';
import { systemRandom } from '../primitives/random.ts';
import { clamp, x25519, x25519PublicKey } from '../primitives/x25519.ts';
import { type SigningKey, signingKey, xeddsaSign, xeddsaVerify } from './xeddsa.ts';

const KEY_TYPE_DJB = 0x05;
const PUBLIC_KEY_BYTES = 33;
const PRIVATE_KEY_BYTES = 32;
/** Domain of a signature by one identity over another of the same account. */
const ALTERNATE_IDENTITY_PREFIX = concat(new Uint8Array(32).fill(0xff), ascii('Signal_PNI_Signature'));

/** An X25519 public key: `05` ‖ u. Immutable. */
export class PublicKey {
  readonly #serialized: Bytes;

  private constructor(serialized: Bytes) {
    this.#serialized = serialized;
  }

  /**
   * Reads 33 bytes; bytes after them are ignored, as libsignal does.
   * @throws LibSignalErrorBase Generic for another type byte or a short input.
   */
  static deserialize(buf: Uint8Array): PublicKey {
    if (buf.length === 0) throw genericError('PublicKey_Deserialize', 'no key type identifier');
    if (buf[0] !== KEY_TYPE_DJB) throw genericError('PublicKey_Deserialize', 'bad key type');
    if (buf.length < PUBLIC_KEY_BYTES) throw genericError('PublicKey_Deserialize', 'bad key length');
    return new PublicKey(new Uint8Array(buf.subarray(0, PUBLIC_KEY_BYTES)));
  }

  /** Compares the encodings, in constant time. */
  equals(other: PublicKey): boolean {
    return equal(this.#serialized, other.#serialized);
  }

  serialize(): Bytes {
    return this.#serialized.slice();
  }

  /** The 32 bytes without the type. */
  getPublicKeyBytes(): Bytes {
    return this.#serialized.slice(1);
  }

  /** Whether `sig` is an XEdDSA signature over `msg` by this key. */
  verify(msg: Uint8Array, sig: Uint8Array): boolean {
    return xeddsaVerify(this.#serialized.subarray(1), msg, sig);
  }

  /** Whether `other` was signed by this identity with `signAlternateIdentity`. */
  verifyAlternateIdentity(other: PublicKey, signature: Uint8Array): boolean {
    return this.verify(concat(ALTERNATE_IDENTITY_PREFIX, other.#serialized), signature);
  }
}

/**
 * Whether a public key is the one encoding of a point of the prime-order group.
 * Asked of an initiator's base key only. Spec: docs/ratchet.md section 2.3.
 */
export function isCanonical(serialized: Uint8Array): boolean {
  const u = serialized.subarray(1);
  if ((u[31]! & 0x80) !== 0) return false;
  // not below 2^255 − 19: bytes 1–30 all ones, the last 0x7f, the first at least 0xed
  let ones = u[31] === 0x7f && u[0]! >= 0xed;
  for (let i = 1; i < 31; i++) ones &&= u[i] === 0xff;
  return !ones && isTorsionFree(u);
}

/** An X25519 private key: a clamped 32-byte scalar. */
export class PrivateKey {
  readonly #scalar: Bytes;
  #publicKey: PublicKey | undefined;
  #signingKey: SigningKey | undefined;

  private constructor(scalar: Bytes) {
    this.#scalar = scalar;
  }

  static generate(): PrivateKey {
    return new PrivateKey(clamp(systemRandom(PRIVATE_KEY_BYTES)));
  }

  /** @throws LibSignalErrorBase Generic unless there are 32 bytes. They are clamped again. */
  static deserialize(buf: Uint8Array): PrivateKey {
    if (buf.length !== PRIVATE_KEY_BYTES) throw genericError('PrivateKey_Deserialize', 'bad key length');
    return new PrivateKey(clamp(buf));
  }

  serialize(): Bytes {
    return this.#scalar.slice();
  }

  /** A 64-byte XEdDSA signature; two over the same message differ. */
  sign(msg: Uint8Array): Bytes {
    this.#signingKey ??= signingKey(this.#scalar);
    return xeddsaSign(this.#signingKey, msg, systemRandom(64));
  }

  /** @throws LibSignalErrorBase Generic when the result would be all zero. */
  agree(other_key: PublicKey): Bytes {
    const shared = x25519(this.#scalar, other_key.getPublicKeyBytes());
    if (!shared) throw genericError('ECPrivateKey_Agree', 'invalid key agreement');
    return shared;
  }

  getPublicKey(): PublicKey {
    this.#publicKey ??= PublicKey.deserialize(publicFromPrivate(this.#scalar));
    return this.#publicKey;
  }
}

/** The serialised public key of a private scalar. */
export function publicFromPrivate(scalar: Uint8Array): Bytes {
  return concat(new Uint8Array([KEY_TYPE_DJB]), x25519PublicKey(scalar));
}

/** A person's long-term key pair. */
export class IdentityKeyPair {
  readonly publicKey: PublicKey;
  readonly privateKey: PrivateKey;

  constructor(publicKey: PublicKey, privateKey: PrivateKey) {
    this.publicKey = publicKey;
    this.privateKey = privateKey;
  }

  static generate(): IdentityKeyPair {
    const privateKey = PrivateKey.generate();
    return new IdentityKeyPair(privateKey.getPublicKey(), privateKey);
  }

  /** @throws LibSignalErrorBase Generic for anything but a record with both keys. */
  static deserialize(buffer: Uint8Array): IdentityKeyPair {
    try {
      const fields = readFields(buffer, { 1: 'bytes', 2: 'bytes' });
      const publicKey = PublicKey.deserialize(fields.bytes(1) ?? new Uint8Array(0));
      return new IdentityKeyPair(publicKey, PrivateKey.deserialize(fields.bytes(2) ?? new Uint8Array(0)));
    } catch (cause) {
      if (!(cause instanceof ProtobufError)) throw cause;
      throw genericError('IdentityKeyPair_Deserialize', 'protobuf encoding was invalid');
    }
  }

  serialize(): Bytes {
    return writeFields([1, this.publicKey.serialize()], [2, this.privateKey.serialize()]);
  }

  /** Vouches that `other` belongs to the same account. */
  signAlternateIdentity(other: PublicKey): Bytes {
    return this.privateKey.sign(concat(ALTERNATE_IDENTITY_PREFIX, other.serialize()));
  }
}
