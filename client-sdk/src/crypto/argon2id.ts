// Argon2id (RFC 9106): a key from a passphrase. its WebAssembly is loaded only when a passphrase is first used.
// It runs on the calling thread; browsers run the whole SDK in a worker.
import { asKey, type HashKey } from './keys.ts';

export interface Argon2idCost {
  readonly passes: number;
  readonly memoryKib: number;
}

/** RFC 9106's second recommended option without parallelism: 3 passes over 64 MiB. */
export const DEFAULT_ARGON2ID_COST: Argon2idCost = { passes: 3, memoryKib: 65_536 };

/** What any file may ask of us: a header can't make the device swap or hang. */
export const MAX_ARGON2ID_COST: Argon2idCost = { passes: 16, memoryKib: 1_048_576 };

/** @param salt - 16 bytes, random, never reused. @param passphrase - At least one byte. */
export async function argon2idKey(
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: Argon2idCost,
): Promise<HashKey> {
  const { argon2id } = await import('./argon2id-wasm.ts');
  const hash = await argon2id({
    password: passphrase,
    salt,
    iterations: cost.passes,
    memorySize: cost.memoryKib,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  });
  return asKey('hash', hash);
}
