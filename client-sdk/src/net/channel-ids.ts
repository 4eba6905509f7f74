// The two names of a channel, made from its owner's public key and its salt: nobody can choose them.
// Spec: docs/protocol.md section 3.1.

import { ID_BYTES, idPreimage } from '@sotto/wire';
import { sha256, type VerifyKey } from '../crypto/index.ts';

export interface ChannelIds {
  readonly readId: Uint8Array;
  readonly writeId: Uint8Array;
}

/** @param salt - 32 bytes. @returns 24 bytes each. */
export function channelIds(ownerKey: VerifyKey, salt: Uint8Array): ChannelIds {
  const id = (right: 'read' | 'write'): Uint8Array =>
    sha256(idPreimage(right, ownerKey, salt)).slice(0, ID_BYTES);
  return { readId: id('read'), writeId: id('write') };
}
