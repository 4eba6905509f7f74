// Kyber-1024 keys with libsignal's type byte and call shapes. Spec: docs/ratchet.md section 2.2.
// Not here: the KEM itself (../primitives/kyber1024.ts) and SPQR's other KEM.
import type { Bytes } from '../bytes.ts';
import { concat } from '../bytes.ts';
import { genericError } from '../errors.ts';
import {
  KYBER1024_CIPHERTEXT_BYTES,
  KYBER1024_PUBLIC_KEY_BYTES,
  KYBER1024_SECRET_KEY_BYTES,
  kyber1024Decapsulate,
  kyber1024Encapsulate,
  kyber1024KeyPair,
} from '../primitives/kyber1024.ts';
import type { RandomSource } from '../primitives/random.ts';
import { systemRandom } from '../primitives/random.ts';

const KEM_TYPE_KYBER1024 = 0x08;

function checked(buf: Uint8Array, length: number, operation: string): Bytes {
  if (buf.length === 0) throw genericError(operation, 'no key type identifier');
  if (buf[0] !== KEM_TYPE_KYBER1024) throw genericError(operation, 'bad KEM key type');
  if (buf.length !== 1 + length) throw genericError(operation, 'bad KEM key length');
  return new Uint8Array(buf);
}

function typed(bytes: Uint8Array): Bytes {
  return concat(new Uint8Array([KEM_TYPE_KYBER1024]), bytes);
}

/** `08` ‖ 1568 bytes. */
export class KEMPublicKey {
  readonly #serialized: Bytes;

  private constructor(serialized: Bytes) {
    this.#serialized = serialized;
  }

  /** @throws LibSignalErrorBase Generic for another type or length. */
  static deserialize(buf: Uint8Array): KEMPublicKey {
    return new KEMPublicKey(checked(buf, KYBER1024_PUBLIC_KEY_BYTES, 'KyberPublicKey_Deserialize'));
  }

  serialize(): Bytes {
    return this.#serialized.slice();
  }
}

/** `08` ‖ 3168 bytes. */
export class KEMSecretKey {
  readonly #serialized: Bytes;

  private constructor(serialized: Bytes) {
    this.#serialized = serialized;
  }

  /** @throws LibSignalErrorBase Generic for another type or length. */
  static deserialize(buf: Uint8Array): KEMSecretKey {
    return new KEMSecretKey(checked(buf, KYBER1024_SECRET_KEY_BYTES, 'KyberSecretKey_Deserialize'));
  }

  serialize(): Bytes {
    return this.#serialized.slice();
  }
}

/** A public key and its secret. */
export class KEMKeyPair {
  readonly #publicKey: KEMPublicKey;
  readonly #secretKey: KEMSecretKey;

  private constructor(publicKey: KEMPublicKey, secretKey: KEMSecretKey) {
    this.#publicKey = publicKey;
    this.#secretKey = secretKey;
  }

  static generate(): KEMKeyPair {
    const { publicKey, secretKey } = kyber1024KeyPair(systemRandom(64));
    return KEMKeyPair._fromKeys(
      KEMPublicKey.deserialize(typed(publicKey)),
      KEMSecretKey.deserialize(typed(secretKey)),
    );
  }

  /** Joins two halves that belong together (a stored record's). Not part of libsignal's surface. */
  static _fromKeys(publicKey: KEMPublicKey, secretKey: KEMSecretKey): KEMKeyPair {
    return new KEMKeyPair(publicKey, secretKey);
  }

  getPublicKey(): KEMPublicKey {
    return this.#publicKey;
  }

  getSecretKey(): KEMSecretKey {
    return this.#secretKey;
  }
}

/** Encapsulates to a key; the ciphertext carries the type byte. `undefined` for a key out of range. */
export function kemEncapsulate(
  publicKey: KEMPublicKey,
  random: RandomSource,
): { ciphertext: Bytes; sharedSecret: Bytes } | undefined {
  const made = kyber1024Encapsulate(publicKey.serialize().subarray(1), random(32));
  return made && { ciphertext: typed(made.ciphertext), sharedSecret: made.sharedSecret };
}

/** Decapsulates a typed ciphertext; `undefined` for another type or length, or a damaged secret key. */
export function kemDecapsulate(secretKey: KEMSecretKey, ciphertext: Uint8Array): Bytes | undefined {
  if (ciphertext[0] !== KEM_TYPE_KYBER1024 || ciphertext.length !== 1 + KYBER1024_CIPHERTEXT_BYTES)
    return undefined;
  return kyber1024Decapsulate(ciphertext.subarray(1), secretKey.serialize().subarray(1));
}
