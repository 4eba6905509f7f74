// Every libsodium function that the packages call, run over fixed inputs: in Node with the package as published, in the
// browser with what the build leaves of it. Equal transcripts mean that nothing that matters was left out.
import { ready, sodium } from '../../../../../client-sdk/src/crypto/sodium.ts';
import { hkdfSha256, hmacSha256 } from '../../../../ratchet/src/primitives/hmac.ts';

const bytes = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i * 7) & 255);
const hex = (value: Uint8Array): string =>
  Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @returns what is done → what came of it, as hex. */
export async function transcript(): Promise<Record<string, string>> {
  await ready();
  const text = bytes(5_000, 1);
  const [key, nonce, seed, extra] = [bytes(32, 2), bytes(24, 3), bytes(32, 4), bytes(9, 5)];
  const signing = sodium.crypto_sign_seed_keypair(seed);
  const signature = sodium.crypto_sign_detached(text, signing.privateKey);
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, extra, null, nonce, key);
  const point = sodium.crypto_scalarmult_base(key);
  const box = sodium.crypto_box_keypair();
  const boxed = sodium.crypto_box_seal(text, box.publicKey);
  const kem = sodium.crypto_kem_mlkem768_seed_keypair(bytes(64, 6));
  const refused = (work: () => unknown): string => {
    try {
      work();
      return 'accepted';
    } catch {
      return 'refused';
    }
  };
  return {
    keypair: hex(signing.publicKey) + hex(signing.privateKey),
    sign: hex(signature),
    verify: String(sodium.crypto_sign_verify_detached(signature, text, signing.publicKey)),
    forged: String(sodium.crypto_sign_verify_detached(signature, extra, signing.publicKey)),
    toMontgomery:
      hex(sodium.crypto_sign_ed25519_pk_to_curve25519(signing.publicKey)) +
      hex(sodium.crypto_sign_ed25519_sk_to_curve25519(signing.privateKey)),
    seal: hex(sealed),
    open: hex(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, extra, nonce, key)),
    spoiled: refused(() =>
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed.fill(0, 0, 1), extra, nonce, key),
    ),
    base: hex(point),
    shared: hex(sodium.crypto_scalarmult(seed, point)),
    zeroPoint: refused(() => sodium.crypto_scalarmult(seed, new Uint8Array(32))),
    box: hex(sodium.crypto_box_seal_open(boxed, box.publicKey, box.privateKey)),
    boxSpoiled: refused(() =>
      sodium.crypto_box_seal_open(boxed.fill(0, 40, 50), box.publicKey, box.privateKey),
    ),
    hash: hex(sodium.crypto_generichash(32, text, key)) + hex(sodium.crypto_generichash(16, text, null)),
    sha3: hex(sodium.crypto_hash_sha3256(text)) + hex(sodium.crypto_hash_sha3512(text)),
    kem: hex(kem.publicKey) + hex(kem.privateKey),
    kemOpened: hex(sodium.crypto_kem_mlkem768_dec(bytes(1_088, 7), kem.privateKey)),
    hmac: hex(hmacSha256(key, text, extra)),
    // crypto_kdf_hkdf_sha256_extract and crypto_kdf_hkdf_sha256_expand
    hkdf: hex(hkdfSha256(seed, text, extra, 400)),
    shake128: hex(sodium.crypto_xof_shake128(400, text)),
    shake256: hex(sodium.crypto_xof_shake256(400, text)),
  };
}
