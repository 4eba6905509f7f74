// HMAC-SHA-256 and HKDF-SHA-256 by libsodium: where many small ones are made one after another (MLS' key schedule) no
// objects are made, which is some times faster than @noble/hashes. HKDF's extract is HMAC(salt, input) by definition
// (RFC 5869 section 2.2). libsodium-wrappers wraps neither, though its module has them. Needs `ready()`.
import { SottoError } from '../errors.ts';
import { wipe } from './bytes.ts';
import { sodium } from './sodium.ts';

/** What is used of libsodium's module: pointers and lengths are plain numbers. */
interface Module {
  /** Replaced when the memory grows: never kept across a call that allocates. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(length: number): number;
  _free(pointer: number): void;
  _crypto_kdf_hkdf_sha256_extract(
    ...pointers: [prk: number, salt: number, saltBytes: number, input: number, inputBytes: number]
  ): number;
  _crypto_kdf_hkdf_sha256_expand(
    ...pointers: [out: number, outBytes: number, info: number, infoBytes: number, prk: number]
  ): number;
}

const MAC_BYTES = 32;
/** RFC 5869 section 2.3. */
const MAX_EXPANDED_BYTES = 255 * MAC_BYTES;
/** Where small inputs and outputs lie while libsodium works; larger ones get room of their own. */
const SCRATCH_BYTES = 1_024;
let scratch: number | undefined;

/** Lays `inputs` in libsodium's memory behind `outBytes` of output, calls `work`, copies the output, wipes all. */
function inside(
  outBytes: number,
  inputs: readonly [Uint8Array, Uint8Array],
  work: (module: Module, out: number, first: number, second: number) => number,
): Uint8Array {
  const module = (sodium as unknown as { readonly libsodium: Module }).libsodium;
  scratch ??= module._malloc(SCRATCH_BYTES);
  const length = outBytes + inputs[0].length + inputs[1].length;
  const out = length <= SCRATCH_BYTES ? scratch : module._malloc(length);
  if (out === 0) throw new RangeError('out of memory');
  const first = out + outBytes;
  const second = first + inputs[0].length;
  const heap = module.HEAPU8;
  heap.set(inputs[0], first);
  heap.set(inputs[1], second);
  try {
    if (work(module, out, first, second) !== 0) throw new SottoError('CRYPTO_KEY_LENGTH');
    return heap.slice(out, first);
  } finally {
    heap.fill(0, out, out + length);
    if (out !== scratch) module._free(out);
  }
}

/** RFC 2104. @returns 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return inside(MAC_BYTES, [key, message], (module, out, keyAt, at) =>
    module._crypto_kdf_hkdf_sha256_extract(out, keyAt, key.length, at, message.length),
  );
}

/**
 * RFC 5869, expand alone.
 * @param secret - 32 bytes.
 * @param lengthBytes - At most 8,160.
 * @throws SottoError CRYPTO_KEY_LENGTH
 */
export function hkdfExpandSha256(secret: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  if (secret.length !== MAC_BYTES || lengthBytes > MAX_EXPANDED_BYTES)
    throw new SottoError('CRYPTO_KEY_LENGTH');
  return inside(lengthBytes, [secret, info], (module, out, secretAt, at) =>
    module._crypto_kdf_hkdf_sha256_expand(out, lengthBytes, at, info.length, secretAt),
  );
}

/** RFC 5869, extract and expand. @param input.lengthBytes - At most 8,160. @throws SottoError CRYPTO_KEY_LENGTH */
export function hkdfSha256(input: {
  secret: Uint8Array;
  salt: Uint8Array;
  info: Uint8Array;
  lengthBytes: number;
}): Uint8Array {
  const key = hmacSha256(input.salt, input.secret);
  const expanded = hkdfExpandSha256(key, input.info, input.lengthBytes);
  wipe(key);
  return expanded;
}
