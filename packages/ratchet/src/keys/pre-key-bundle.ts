// What one publishes so that strangers can begin a session: identity, signed pre-key, Kyber pre-key, and perhaps a
// one-time key. Only a carrier: signatures are checked where it is used (../session/pqxdh.ts).
import type { Bytes } from '../bytes.ts';
import { genericError, LibSignalErrorBase } from '../errors.ts';
import { u32 } from '../numbers.ts';
import type { PublicKey } from './ec-keys.ts';
import type { KEMPublicKey } from './kem-keys.ts';

/** A bundle with everything PQXDH needs; the one-time key is the only optional part. */
export class PreKeyBundle {
  readonly #registrationId: number;
  readonly #deviceId: number;
  readonly #preKey: { readonly id: number; readonly key: PublicKey } | undefined;
  readonly #signed: { readonly id: number; readonly key: PublicKey; readonly signature: Bytes };
  readonly #identityKey: PublicKey;
  readonly #kyber: { readonly id: number; readonly key: KEMPublicKey; readonly signature: Bytes };

  // eslint-disable-next-line max-params -- libsignal's call shape
  private constructor(
    registrationId: number,
    deviceId: number,
    preKey: { readonly id: number; readonly key: PublicKey } | undefined,
    signed: { readonly id: number; readonly key: PublicKey; readonly signature: Bytes },
    identityKey: PublicKey,
    kyber: { readonly id: number; readonly key: KEMPublicKey; readonly signature: Bytes },
  ) {
    this.#registrationId = registrationId;
    this.#deviceId = deviceId;
    this.#preKey = preKey;
    this.#signed = signed;
    this.#identityKey = identityKey;
    this.#kyber = kyber;
  }

  /**
   * @param prekey_id - And `prekey`: both or neither.
   * @throws LibSignalErrorBase for half a one-time key or a device outside 1–127.
   */
  // eslint-disable-next-line max-params -- libsignal's call shape
  static new(
    registration_id: number,
    device_id: number,
    prekey_id: number | null,
    prekey: PublicKey | null,
    signed_prekey_id: number,
    signed_prekey: PublicKey,
    signed_prekey_signature: Uint8Array,
    identity_key: PublicKey,
    kyber_prekey_id: number,
    kyber_prekey: KEMPublicKey,
    kyber_prekey_signature: Uint8Array,
  ): PreKeyBundle {
    if (u32(device_id) < 1 || device_id > 127) {
      throw new LibSignalErrorBase('invalid device id', 'InvalidProtocolAddress', 'PreKeyBundle_New');
    }
    if ((prekey_id === null) !== (prekey === null)) {
      throw genericError('PreKeyBundle_New', 'a one-time pre-key needs both its id and its key');
    }
    return new PreKeyBundle(
      u32(registration_id),
      device_id,
      prekey_id === null || prekey === null ? undefined : { id: u32(prekey_id), key: prekey },
      { id: u32(signed_prekey_id), key: signed_prekey, signature: new Uint8Array(signed_prekey_signature) },
      identity_key,
      { id: u32(kyber_prekey_id), key: kyber_prekey, signature: new Uint8Array(kyber_prekey_signature) },
    );
  }

  deviceId(): number {
    return this.#deviceId;
  }

  identityKey(): PublicKey {
    return this.#identityKey;
  }

  preKeyId(): number | null {
    return this.#preKey?.id ?? null;
  }

  preKeyPublic(): PublicKey | null {
    return this.#preKey?.key ?? null;
  }

  registrationId(): number {
    return this.#registrationId;
  }

  signedPreKeyId(): number {
    return this.#signed.id;
  }

  signedPreKeyPublic(): PublicKey {
    return this.#signed.key;
  }

  signedPreKeySignature(): Bytes {
    return this.#signed.signature.slice();
  }

  kyberPreKeyId(): number {
    return this.#kyber.id;
  }

  kyberPreKeyPublic(): KEMPublicKey {
    return this.#kyber.key;
  }

  kyberPreKeySignature(): Bytes {
    return this.#kyber.signature.slice();
  }
}
