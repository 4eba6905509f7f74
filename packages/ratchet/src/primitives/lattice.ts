// Polynomials over Z_3329 modulo x^256 + 1: what K-PKE encryption needs and no more (FIPS 203 sections 4.2 and 4.3).
// Secret-dependent steps have no branches, table look-ups or divisions by value: reductions are Montgomery and
// Barrett on 32-bit integers. mlkem768.ts puts them together.
import { shake128, shake256 } from './sha3.ts';

export const Q = 3329;
export const N = 256;

/** 256 coefficients. Ranges are stated where they matter. */
export type Polynomial = Int16Array;

const Q_INVERSE = 62209; // Q^-1 mod 2^16

/** a·2^-16 mod Q, in (−Q, Q), for |a| < Q·2^15. */
function montgomery(a: number): number {
  const factor = (Math.imul(a, Q_INVERSE) << 16) >> 16;
  return (a - Math.imul(factor, Q)) >> 16;
}

/** a mod Q, in [−(Q−1)/2, (Q−1)/2], for a 16-bit a. */
function barrett(a: number): number {
  return a - Math.imul((Math.imul(20159, a) + (1 << 25)) >> 26, Q);
}

/** a mod Q in [0, Q), for a in (−Q, Q). */
function positive(a: number): number {
  return a + ((a >> 31) & Q);
}

/** 17^bitrev7(i)·2^16 mod Q, centred: the twiddle factors in Montgomery form. */
const ZETAS = Int16Array.from({ length: 128 }, (_, i) => {
  let exponent = 0;
  for (let bit = 0; bit < 7; bit++) exponent |= ((i >> bit) & 1) << (6 - bit);
  let value = 65536 % Q;
  for (let n = 0; n < exponent; n++) value = (value * 17) % Q;
  return value > Q / 2 ? value - Q : value;
});

/** Number-theoretic transform, in place. Input |c| < Q; output reduced. */
export function ntt(p: Polynomial): void {
  let k = 1;
  for (let half = 128; half >= 2; half >>= 1) {
    for (let start = 0; start < N; start += 2 * half) {
      const zeta = ZETAS[k++]!;
      for (let j = start; j < start + half; j++) {
        const t = montgomery(zeta * p[j + half]!);
        p[j + half] = p[j]! - t;
        p[j] = p[j]! + t;
      }
    }
  }
  for (let i = 0; i < N; i++) p[i] = barrett(p[i]!);
}

/** Inverse transform, in place, of what `multiplyAdd` left (a factor 2^-16 is undone here). */
export function inverseNtt(p: Polynomial): void {
  let k = 127;
  for (let half = 2; half <= 128; half <<= 1) {
    for (let start = 0; start < N; start += 2 * half) {
      const zeta = ZETAS[k--]!;
      for (let j = start; j < start + half; j++) {
        const t = p[j]!;
        p[j] = barrett(t + p[j + half]!);
        p[j + half] = montgomery(zeta * (p[j + half]! - t));
      }
    }
  }
  const scale = 1441; // 2^32 / 128 mod Q
  for (let i = 0; i < N; i++) p[i] = montgomery(scale * p[i]!);
}

/** sum += a ∘ b in the transformed domain, times 2^-16; `sum` stays reduced. */
export function multiplyAdd(sum: Polynomial, a: Polynomial, b: Polynomial): void {
  for (let at = 0; at < N; at += 2) {
    const root = ZETAS[64 + (at >> 2)]!;
    const zeta = (at & 2) === 0 ? root : -root;
    const a0 = a[at]!;
    const a1 = a[at + 1]!;
    const b0 = b[at]!;
    const b1 = b[at + 1]!;
    sum[at] = barrett(sum[at]! + montgomery(a0 * b0) + montgomery(montgomery(a1 * b1) * zeta));
    sum[at + 1] = barrett(sum[at + 1]! + montgomery(a0 * b1) + montgomery(a1 * b0));
  }
}

/** One entry of the public matrix, already transformed: rejection sampling from SHAKE128(rho ‖ x ‖ y). */
export function sampleUniform(rho: Uint8Array, x: number, y: number): Polynomial {
  const seed = new Uint8Array(34);
  seed.set(rho);
  seed[32] = x;
  seed[33] = y;
  // 4 blocks of 168 bytes are enough but once in about 2^32 tries; then ask for more of the same stream
  for (let blocks = 4; ; blocks *= 2) {
    const stream = shake128(seed, 168 * blocks);
    const p = new Int16Array(N);
    let filled = 0;
    for (let at = 0; at + 2 < stream.length && filled < N; at += 3) {
      const first = stream[at]! | ((stream[at + 1]! & 15) << 8);
      const second = (stream[at + 1]! >> 4) | (stream[at + 2]! << 4);
      if (first < Q) p[filled++] = first;
      if (second < Q && filled < N) p[filled++] = second;
    }
    if (filled === N) return p;
  }
}

/** Centred binomial noise with eta = 2 from SHAKE256(seed ‖ nonce): coefficients −2 … 2. */
export function sampleNoise(seed: Uint8Array, nonce: number): Polynomial {
  const input = new Uint8Array(33);
  input.set(seed);
  input[32] = nonce;
  const bytes = shake256(input, 128);
  const p = new Int16Array(N);
  for (let i = 0; i < 128; i++) {
    const byte = bytes[i]!;
    const pairs = (byte & 0x55) + ((byte >> 1) & 0x55);
    p[2 * i] = (pairs & 3) - ((pairs >> 2) & 3);
    p[2 * i + 1] = ((pairs >> 4) & 3) - ((pairs >> 6) & 3);
  }
  input.fill(0);
  bytes.fill(0);
  return p;
}

/** Reads 256 coefficients of 12 bits. Public data: `inRange` says whether all are below Q. */
export function decode12(bytes: Uint8Array): { polynomial: Polynomial; inRange: boolean } {
  const polynomial = new Int16Array(N);
  let inRange = true;
  for (let i = 0; i < 128; i++) {
    const a = bytes[3 * i]!;
    const b = bytes[3 * i + 1]!;
    const c = bytes[3 * i + 2]!;
    const first = a | ((b & 15) << 8);
    const second = (b >> 4) | (c << 4);
    if (first >= Q || second >= Q) inRange = false;
    polynomial[2 * i] = first;
    polynomial[2 * i + 1] = second;
  }
  return { polynomial, inRange };
}

/** Takes each coefficient to `bits` bits, round(2^bits·c / Q) mod 2^bits, packed little-endian into `out`. */
export function compressInto(out: Uint8Array, p: Polynomial, bits: number): void {
  const mask = (1 << bits) - 1;
  let pending = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < N; i++) {
    const c = positive(barrett(p[i]!));
    // floor((c·2^bits + Q/2) / Q) by multiplying with 2^36/Q rounded up: exact for c < Q and bits ≤ 11, and without a division
    const scaled = Math.floor((((c << bits) + 1664) * 20642679) / 2 ** 36);
    pending |= (scaled & mask) << held;
    held += bits;
    while (held >= 8) {
      out[at++] = pending;
      pending >>>= 8;
      held -= 8;
    }
  }
}

/** 32 message bytes as a polynomial: each bit becomes 0 or (Q+1)/2, without a branch. */
export function decodeMessage(message: Uint8Array): Polynomial {
  const p = new Int16Array(N);
  for (let i = 0; i < N; i++) p[i] = -((message[i >> 3]! >> (i & 7)) & 1) & ((Q + 1) / 2);
  return p;
}

/** p += other, coefficientwise. */
export function addInto(p: Polynomial, other: Polynomial): void {
  for (let i = 0; i < N; i++) p[i] = p[i]! + other[i]!;
}
