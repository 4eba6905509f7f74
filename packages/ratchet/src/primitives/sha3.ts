// The Keccak family by libsodium: what ML-KEM and Kyber hash with.
import type { Bytes } from '../bytes.ts';
import { sodium } from './sodium.ts';

export function sha3_256(message: Uint8Array): Bytes {
  return sodium.crypto_hash_sha3256(message) as Bytes;
}

export function sha3_512(message: Uint8Array): Bytes {
  return sodium.crypto_hash_sha3512(message) as Bytes;
}

export function shake128(message: Uint8Array, length: number): Bytes {
  return sodium.crypto_xof_shake128(length, message) as Bytes;
}

export function shake256(message: Uint8Array, length: number): Bytes {
  return sodium.crypto_xof_shake256(length, message) as Bytes;
}
