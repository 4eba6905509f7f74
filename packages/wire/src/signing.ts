// The exact bytes that are hashed or signed (docs/protocol.md section 3). Each begins with an ASCII domain and a zero
// byte, so that bytes made for one purpose never serve another. Not its concern: hashing, signing, checking.

import { enums } from './generated/schema.gen.ts';
import {
  COMMITMENT_BYTES,
  HASH_BYTES,
  ID_BYTES,
  KEY_BYTES,
  MAX_STAMP_DEPTH,
  MAX_UINT32,
  NONCE_BYTES,
  SALT_BYTES,
  SECRET_BYTES,
} from './limits.ts';
import { WireError } from './errors.ts';
import type { Create, Right } from './messages.ts';
import { utf8 } from './text.ts';

/** What binds a signature to one connection. */
export interface Handshake {
  relayKey: Uint8Array;
  serverNonce: Uint8Array;
  clientNonce: Uint8Array;
}

/** A Create without what isn't signed. */
export type UnsignedCreate = Omit<Create, 'type' | 'signature'>;

/**
 * What an id is the hash of: readId and writeId are the first 24 bytes of its SHA-256.
 * Spec: docs/protocol.md section 3.1.
 */
export function idPreimage(right: 'read' | 'write', ownerKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return layout('id', [u8(right === 'read' ? 1 : 2), exact(ownerKey, KEY_BYTES), exact(salt, SALT_BYTES)]);
}

/** What a Prove signs. Spec: docs/protocol.md section 3.2. */
export function provePreimage(input: Handshake & { right: Right; id: Uint8Array }): Uint8Array {
  const right = enums.Right.indexOf(input.right);
  if (right < 1) throw new WireError('WIRE_VALUE', 'right');
  return layout('prove', [...handshake(input), u8(right), exact(input.id, ID_BYTES)]);
}

/** What a Create signs with the owner key. Spec: docs/protocol.md section 3.3. */
export function createPreimage(input: Handshake & { create: UnsignedCreate }): Uint8Array {
  const { create } = input;
  const policy = enums.Policy.indexOf(create.policy);
  const securing = enums.Securing.indexOf(create.securing);
  if (policy < 1 || securing < 1) throw new WireError('WIRE_VALUE', 'create');
  return layout('create', [
    ...handshake(input),
    u32(create.handle),
    u8(policy),
    u8(securing),
    u32(create.ttlSeconds),
    exact(create.ownerKey, KEY_BYTES),
    exact(create.salt, SALT_BYTES),
    exact(create.readerKey, KEY_BYTES),
    exact(create.writerKey, KEY_BYTES),
    u8(create.joinerKey === undefined ? 0 : 1),
    create.joinerKey === undefined ? new Uint8Array(0) : exact(create.joinerKey, KEY_BYTES),
    u32(create.spillHandle),
    u32(create.spillBlocks),
  ]);
}

/** In a pool the append id is the first 16 bytes of its SHA-256. Spec: docs/protocol.md section 3.4. */
export function withdrawPreimage(secret: Uint8Array): Uint8Array {
  return layout('withdraw', [exact(secret, SECRET_BYTES)]);
}

/** A leaf of the stamp's tree is its SHA-256. Spec: docs/protocol.md section 3.5. */
export function stampLeafPreimage(commitment: Uint8Array): Uint8Array {
  return layout('stamp-leaf', [exact(commitment, COMMITMENT_BYTES)]);
}

/** A node of the stamp's tree is its SHA-256; a node that has no child on one side takes 32 zero bytes there. */
export function stampNodePreimage(left: Uint8Array, right: Uint8Array): Uint8Array {
  return layout('stamp-node', [exact(left, HASH_BYTES), exact(right, HASH_BYTES)]);
}

/** What the stamp key signs. Spec: docs/protocol.md section 3.5. */
export function stampRootPreimage(input: { root: Uint8Array; hour: number }): Uint8Array {
  return layout('stamp-root', [exact(input.root, HASH_BYTES), u32(input.hour)]);
}

/**
 * Climbs from a commitment to the root that a stamp signs.
 * Spec: docs/protocol.md section 3.5.
 * @param path - sibling hashes, leaf to root; bit i of `index` says on which side the climber stands at level i.
 */
export function stampRootOf(
  input: { commitment: Uint8Array; index: number; path: Uint8Array },
  sha256: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const { path, index } = input;
  const depth = path.length / HASH_BYTES;
  if (!Number.isInteger(depth) || depth > MAX_STAMP_DEPTH) throw new WireError('WIRE_VALUE', 'path');
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** depth)
    throw new WireError('WIRE_VALUE', 'index');
  let hash = sha256(stampLeafPreimage(input.commitment));
  for (let level = 0; level < depth; level++) {
    const sibling = path.subarray(level * HASH_BYTES, (level + 1) * HASH_BYTES);
    const isRight = ((index >> level) & 1) === 1;
    hash = sha256(isRight ? stampNodePreimage(sibling, hash) : stampNodePreimage(hash, sibling));
  }
  return hash;
}

/** What the relay's root key signs over the payload of its promise. Spec: docs/protocol.md section 6. */
export function promisePreimage(payload: Uint8Array): Uint8Array {
  return layout('promise', [payload]);
}

/** The checksum of a link is the first 4 bytes of its SHA-256. Spec: docs/protocol.md section 5. */
export function linkPreimage(body: Uint8Array): Uint8Array {
  return layout('link', [body]);
}

function layout(name: string, parts: readonly Uint8Array[]): Uint8Array {
  const all = [utf8(`sotto.v1.${name}\0`), ...parts];
  const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function handshake(input: Handshake): Uint8Array[] {
  return [
    exact(input.relayKey, KEY_BYTES),
    exact(input.serverNonce, NONCE_BYTES),
    exact(input.clientNonce, NONCE_BYTES),
  ];
}

function exact(bytes: Uint8Array, length: number): Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) throw new WireError('WIRE_VALUE');
  return bytes;
}

function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > MAX_UINT32) throw new WireError('WIRE_VALUE');
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
