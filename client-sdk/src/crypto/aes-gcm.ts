// AES-GCM (RFC 5116) by WebCrypto: in hardware and in constant time, which no AES in JavaScript is. For protocols that
// name it (MLS' mandatory ciphersuite); what we are free to choose is sealed by aead.ts.
import { SottoError } from '../errors.ts';

async function cipher(
  usage: 'encrypt' | 'decrypt',
  input: { key: Uint8Array; nonce: Uint8Array; associated: Uint8Array; bytes: Uint8Array },
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', unshared(input.key), 'AES-GCM', false, [usage]);
  const parameters = {
    name: 'AES-GCM',
    iv: unshared(input.nonce),
    additionalData: unshared(input.associated),
  };
  return new Uint8Array(await crypto.subtle[usage](parameters, key, unshared(input.bytes)));
}

/** WebCrypto copies what it is given and refuses shared memory, which nothing here uses: the type alone is in the way. */
const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

/** @param input.key - 16 or 32 bytes. @param input.nonce - 12 bytes, once per key. @returns ciphertext ‖ tag. */
export function aesGcmSeal(input: {
  key: Uint8Array;
  nonce: Uint8Array;
  associated: Uint8Array;
  plaintext: Uint8Array;
}): Promise<Uint8Array> {
  return cipher('encrypt', { ...input, bytes: input.plaintext });
}

/** @throws SottoError CRYPTO_OPEN */
export async function aesGcmOpen(input: {
  key: Uint8Array;
  nonce: Uint8Array;
  associated: Uint8Array;
  ciphertext: Uint8Array;
}): Promise<Uint8Array> {
  try {
    return await cipher('decrypt', { ...input, bytes: input.ciphertext });
  } catch (cause) {
    throw new SottoError('CRYPTO_OPEN', { cause });
  }
}
