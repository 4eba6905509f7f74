// Pre-key bundles: the public keys from which a peer begins a session, signed by the identity key and bound to the
// mailbox in whose slot they lie. Sealing them is envelope/slot.ts; making the keys is signal/.
import { concatBytes, sha256, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { bytes, message, optional, optionalBytes, required, type TypeOf, uint } from './wire-codec.ts';

export const BUNDLE_VERSION = 1;
const EC_KEY_BYTES = 33;
const KYBER_KEY_BYTES = 1_569;
const UINT32 = 0xffff_ffff;
const SIGNING_DOMAIN = utf8('sotto.v1.bundle\0');

function preKey(keyBytes: number) {
  return message({ id: uint(1, UINT32), publicKey: bytes(2, keyBytes), signature: bytes(3, 64) });
}

const bundleFields = message({
  version: uint(1, UINT32),
  expires: uint(2),
  identityKey: bytes(3, EC_KEY_BYTES),
  registrationId: uint(4, UINT32),
  signedPreKey: required(5, preKey(EC_KEY_BYTES)),
  kyberPreKey: required(6, preKey(KYBER_KEY_BYTES)),
  oneTimeKey: optional(7, message({ id: uint(1, UINT32), publicKey: bytes(2, EC_KEY_BYTES) })),
  boxKey: optionalBytes(8, 32),
});
/** A bundle's content; trusted only as `VerifiedBundle`. */
export type Bundle = TypeOf<typeof bundleFields>;

const signedCodec = message({ bundle: bytes(1, 1, 3_500), signature: bytes(2, 64) });

declare const verified: unique symbol;
/** A bundle whose signature, identity and expiry were checked: `openBundle` alone makes it. */
export type VerifiedBundle = Bundle & { readonly [verified]: true };

/** Verifies an XEdDSA signature; supplied by the engine. */
export type VerifySignature = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

function signingPreimage(writeId: Uint8Array, bundle: Uint8Array): Uint8Array {
  return concatBytes(SIGNING_DOMAIN, writeId, bundle);
}

/** What a link carries of the identity key. */
export function identityHash(identityKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8('sotto.v1.identity\0'), identityKey));
}

/** The bytes to seal into the slot of the mailbox `writeId`. */
export function signBundle(
  bundle: Bundle,
  writeId: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const encoded = bundleFields.encode(bundle);
  return signedCodec.encode({ bundle: encoded, signature: sign(signingPreimage(writeId, encoded)) });
}

/**
 * The climb from bytes to a bundle that may be used.
 * @param expected - `identityHash`: from the link, or of the identity known already.
 * @throws SottoError INVITE_DAMAGED (bytes, signature or identity), INVITE_VERSION, INVITE_EXPIRED.
 */
export function openBundle(
  signed: Uint8Array,
  expected: { identityHash: Uint8Array; writeId: Uint8Array; nowSeconds: number; verify: VerifySignature },
): VerifiedBundle {
  const { bundle, encoded, signature } = parse(signed);
  if (bundle.version > BUNDLE_VERSION) throw new SottoError('INVITE_VERSION');
  const hash = identityHash(bundle.identityKey);
  const matches = hash.every((byte, i) => byte === expected.identityHash[i]);
  const preimage = signingPreimage(expected.writeId, encoded);
  if (!matches || !expected.verify(bundle.identityKey, preimage, signature)) {
    throw new SottoError('INVITE_DAMAGED');
  }
  if (bundle.expires <= expected.nowSeconds) throw new SottoError('INVITE_EXPIRED');
  return bundle as VerifiedBundle;
}

function parse(signed: Uint8Array): { bundle: Bundle; encoded: Uint8Array; signature: Uint8Array } {
  try {
    const { bundle: encoded, signature } = signedCodec.decode(signed);
    return { bundle: bundleFields.decode(encoded), encoded, signature };
  } catch (cause) {
    throw new SottoError('INVITE_DAMAGED', { cause });
  }
}
