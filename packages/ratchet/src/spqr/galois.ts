// Arithmetic in GF(2^16) modulo x^16 + x^12 + x^3 + x + 1, by logarithm tables. Everything computed here is public
// (it is on the wire or about to be), so table look-ups leak nothing. Spec: docs/ratchet.md section 7.7.

const POLYNOMIAL = 0x1100b;
/** Order of the multiplicative group; 2 generates it. */
export const GROUP_ORDER = 65535;

/** 2^i; doubled so that the sum of two logarithms needs no reduction. */
export const EXP = new Uint16Array(2 * GROUP_ORDER);
/** The inverse of EXP; LOG[0] is meaningless. */
export const LOG = new Uint16Array(65536);

for (let i = 0, value = 1; i < GROUP_ORDER; i++) {
  EXP[i] = value;
  EXP[i + GROUP_ORDER] = value;
  LOG[value] = i;
  value <<= 1;
  if (value > 0xffff) value ^= POLYNOMIAL;
}
