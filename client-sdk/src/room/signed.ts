// How the papers of rooms and directories are signed: over a domain of the paper's own and its parts, so that a signature
// under one paper never holds under another. What stands in a paper, and who may sign it, is the paper's concern.
import { asKey, concatBytes, sign, type SigningKeyPair, verify } from '../crypto/index.ts';

/** @param parts - Of fixed lengths, but for the last: they are joined as they are. */
export function signPaper(
  domain: Uint8Array,
  signer: SigningKeyPair,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return sign(signer, concatBytes(domain, ...parts));
}

/** A paper and whose signature it bears. */
export interface SignedBy {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
}

/** @throws SottoError for a key that is none and a signature that does not hold. */
export function checkPaper(domain: Uint8Array, by: SignedBy, ...parts: readonly Uint8Array[]): void {
  verify(asKey('verify', by.key), concatBytes(domain, ...parts), by.signature);
}
