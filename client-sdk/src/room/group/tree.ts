// Reading a room's ratchet tree: who is in it, where, and whether its nodes are ones that can be used. What the tree's
// hashes and signatures say is checked by public.ts.
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { asKey, agree, boxKeyOfVerifyKey, equalBytes, sha256, utf8 } from '../../crypto/index.ts';
import { isRoomLeaf } from './config.ts';
import { isHost, MAX_MEMBERS, type Roles } from './roles.ts';
import { KEM_PUBLIC_BYTES, type RoomSuite } from './suite.ts';

/** Somebody in the group, as the present roles see them. */
export interface Member {
  readonly leaf: number;
  /** 32 bytes. */
  readonly pseudonym: Uint8Array;
  readonly isHost: boolean;
}

/** The least power of two that holds every member: left holes are filled first, so a tree never needs more leaves. */
const MAX_LEAVES = 2 ** Math.ceil(Math.log2(MAX_MEMBERS));
const MAX_NODES = 2 * MAX_LEAVES - 1;

/** @returns undefined where the leaf is blank or beyond the tree. */
export function leafAt(tree: RatchetTree, leaf: number): LeafNode | undefined {
  const node = tree[2 * leaf];
  return node?.nodeType === 'leaf' ? node.leaf : undefined;
}

/** All leaves that are not blank, from left to right. */
export function* leavesOf(tree: RatchetTree): Generator<{ leaf: number; node: LeafNode }> {
  for (let leaf = 0; 2 * leaf < tree.length; leaf++) {
    const node = leafAt(tree, leaf);
    if (node !== undefined) yield { leaf, node };
  }
}

/** Everybody in the group. */
export function membersOf(tree: RatchetTree, roles: Roles): Member[] {
  return Array.from(leavesOf(tree), ({ leaf, node }) => memberOf(leaf, node, roles));
}

/** One of them. */
export function memberOf(leaf: number, node: LeafNode, roles: Roles): Member {
  return { leaf, pseudonym: node.signaturePublicKey, isHost: isHost(roles, node.signaturePublicKey) };
}

/** @returns where a pseudonym's leaf is, or undefined. */
export function leafOf(tree: RatchetTree, pseudonym: Uint8Array): number | undefined {
  for (const { leaf, node } of leavesOf(tree)) {
    if (equalBytes(node.signaturePublicKey, pseudonym)) return leaf;
  }
  return undefined;
}

const PROBE = asKey('box-secret', sha256(utf8('sotto.v1.room.probe')));

/**
 * Whether something can be sealed to a tree's public key: a length or a point that can't be would stop everyone who
 * commits after it from sealing to anyone.
 */
export function isUsableKey(publicKey: Uint8Array, suite: RoomSuite): boolean {
  if (publicKey.length !== KEM_PUBLIC_BYTES[suite]) return false;
  try {
    // X-Wing's public key ends with the one of X25519; ML-KEM's part may be any bytes that decode, see below.
    agree(PROBE, asKey('box-public', publicKey.slice(-32)));
  } catch {
    return false;
  }
  return suite === 'x25519' || hasReducedCoefficients(publicKey);
}

/** FIPS 203, section 7.2, the modulus check: 768 coefficients of 12 bits, each below q = 3329. */
function hasReducedCoefficients(publicKey: Uint8Array): boolean {
  for (let at = 0; at < 1_152; at += 3) {
    const [a = 0, b = 0, c = 0] = publicKey.subarray(at, at + 3);
    if ((a | ((b & 15) << 8)) >= 3_329 || ((b >> 4) | (c << 4)) >= 3_329) return false;
  }
  return true;
}

/** Whether an Ed25519 key is a point that signatures can be checked against. */
function isUsablePseudonym(pseudonym: Uint8Array): boolean {
  try {
    boxKeyOfVerifyKey(asKey('verify', pseudonym));
    return true;
  } catch {
    return false;
  }
}

/** Whether a leaf may stand in a room's tree at all, whoever's it is. */
export function isUsableLeaf(leaf: LeafNode, suite: RoomSuite): boolean {
  return (
    isRoomLeaf(leaf, suite) &&
    isUsablePseudonym(leaf.signaturePublicKey) &&
    isUsableKey(leaf.hpkePublicKey, suite)
  );
}

/**
 * Whether every node may stand in a room's tree. All come in by commits with a path, so no node has unmerged leaves.
 */
export function isRoomTree(tree: RatchetTree, suite: RoomSuite): boolean {
  if (tree.length > MAX_NODES) return false;
  const pseudonyms = new Set<string>();
  let members = 0;
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue;
    if ((node.nodeType === 'leaf') !== (index % 2 === 0)) return false;
    if (node.nodeType === 'leaf') {
      if (!isUsableLeaf(node.leaf, suite)) return false;
      pseudonyms.add(node.leaf.signaturePublicKey.join());
      members++;
    } else {
      const { unmergedLeaves, hpkePublicKey, parentHash } = node.parent;
      if (unmergedLeaves.length > 0 || parentHash.length > 64) return false;
      if (!isUsableKey(hpkePublicKey, suite)) return false;
    }
  }
  return members >= 1 && members <= MAX_MEMBERS && pseudonyms.size === members;
}
