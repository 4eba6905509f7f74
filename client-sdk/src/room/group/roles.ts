// Who may do what in a room: two signed papers in the group context, so that every member has the same ones. The roles
// part (who the hosts are, which card holds) is signed by the room's key, the order part (who is banned, how the door
// stands) by a host. Which commit is allowed under them is rules.ts.
import {
  bytes,
  message,
  optionalBytes,
  repeated,
  required,
  type TypeOf,
  uint,
} from '../../content/wire-codec.ts';
import { concatBytes, equalBytes, sha256, type SigningKeyPair, utf8 } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { roomIdOf } from '../pseudonym.ts';
import { type Door, DOORS, MODES, type RoomMode } from '../types.ts';
import { checkPaper, signPaper } from '../signed.ts';

const ROLES_DOMAIN = utf8('sotto.v1.room.roles\0');
const ORDER_DOMAIN = utf8('sotto.v1.room.order\0');
const BAN_DOMAIN = utf8('sotto.v1.room.ban\0');
const VERSION = 1;
export const MAX_HOSTS = 16;
export const MAX_BANNED = 512;
export const MAX_MUTED = 64;
export const MAX_MEMBERS = 200;
const BAN_BYTES = 16;
/** Both parts with signatures; bounds what travels in every state. */
export const MAX_ROLES_BYTES = 16_384;

const key32 = message({ key: bytes(1, 32) });
const ban16 = message({ hash: bytes(1, BAN_BYTES) });

const rolesPart = message({
  version: uint(1, 0xffff),
  revision: uint(2, 0xffff_ffff),
  roomKey: bytes(3, 32),
  cardHash: bytes(4, 32),
  places: uint(5, MAX_MEMBERS),
  hosts: repeated(6, key32, MAX_HOSTS),
});

const orderPart = message({
  version: uint(1, 0xffff),
  counter: uint(2, 0xffff_ffff),
  door: uint(3, DOORS.length - 1),
  mode: uint(4, MODES.length - 1),
  slowSeconds: uint(5, 3_600),
  ticketKey: optionalBytes(6, 32),
  banned: repeated(7, ban16, MAX_BANNED),
  muted: repeated(8, key32, MAX_MUTED),
});

const signedRoles = message({ part: bytes(1, 1, MAX_ROLES_BYTES), signature: bytes(2, 64) });
const signedOrder = message({
  part: bytes(1, 1, MAX_ROLES_BYTES),
  signer: bytes(2, 32),
  signature: bytes(3, 64),
});
const extensionCodec = message({ roles: required(1, signedRoles), order: required(2, signedOrder) });
type Extension = TypeOf<typeof extensionCodec>;

/** What the room's key signs. */
export interface RolesPart {
  /** Rises with each change. */
  readonly revision: number;
  readonly cardHash: Uint8Array;
  readonly places: number;
  readonly hosts: readonly Uint8Array[];
}

/** What hosts sign. */
export interface OrderPart {
  /** Rises with each change. */
  readonly counter: number;
  readonly door: Door;
  readonly mode: RoomMode;
  readonly slowSeconds: number;
  /** A key besides the hosts' own that may sign tickets. */
  readonly ticketKey?: Uint8Array;
  /** `banOf` each pseudonym. */
  readonly banned: readonly Uint8Array[];
  readonly muted: readonly Uint8Array[];
}

/** Both signed parts, as `signRoles` and `signOrder` made them. */
export interface RolesInput {
  readonly roles: Uint8Array;
  readonly order: Uint8Array;
}

declare const verified: unique symbol;
/** Decoded and checked against the room's key: `openRoles` alone makes it. */
export interface Roles extends RolesPart, OrderPart {
  readonly roomKey: Uint8Array;
  /** The host, or the room's key, that signed the order part. */
  readonly orderedBy: Uint8Array;
  /** The signed parts, to be carried on unchanged. */
  readonly signed: RolesInput;
  readonly [verified]: true;
}

/** How a banned pseudonym is written: newcomers can't read from it who it was. */
export function banOf(pseudonym: Uint8Array): Uint8Array {
  return sha256(concatBytes(BAN_DOMAIN, pseudonym)).slice(0, BAN_BYTES);
}

/** @throws SottoError CONTENT_MALFORMED where a list or number is out of bounds. */
export function signRoles(part: RolesPart, roomKey: SigningKeyPair): Uint8Array {
  const encoded = rolesPart.encode({
    version: VERSION,
    revision: part.revision,
    roomKey: roomKey.publicKey,
    cardHash: part.cardHash,
    places: part.places,
    hosts: part.hosts.map((key) => ({ key })),
  });
  const signature = signPaper(ROLES_DOMAIN, roomKey, encoded);
  return signedRoles.encode({ part: encoded, signature });
}

/** @param signer - A host's pseudonym or the room's key. @throws SottoError CONTENT_MALFORMED */
export function signOrder(part: OrderPart, roomId: Uint8Array, signer: SigningKeyPair): Uint8Array {
  const { door, mode, banned, muted, ticketKey, counter, slowSeconds } = part;
  const encoded = orderPart.encode({
    version: VERSION,
    counter,
    slowSeconds,
    door: DOORS.indexOf(door),
    mode: MODES.indexOf(mode),
    banned: banned.map((hash) => ({ hash })),
    muted: muted.map((key) => ({ key })),
    ...(ticketKey === undefined ? {} : { ticketKey }),
  });
  const signature = signPaper(ORDER_DOMAIN, signer, roomId, encoded);
  return signedOrder.encode({ part: encoded, signer: signer.publicKey, signature });
}

/** The extension's bytes. @throws SottoError CONTENT_MALFORMED */
export function encodeRoles(input: RolesInput): Uint8Array {
  return extensionCodec.encode({
    roles: signedRoles.decode(input.roles),
    order: signedOrder.decode(input.order),
  });
}

/**
 * The climb from an extension's bytes to roles that may be believed.
 * @throws SottoError ROOM_STATE_BAD where anything is malformed, forged or not of this room.
 */
export function openRoles(encoded: Uint8Array, expected: { roomId: Uint8Array }): Roles {
  try {
    if (encoded.length > MAX_ROLES_BYTES) throw new SottoError('ROOM_STATE_BAD');
    const { roles, order } = extensionCodec.decode(encoded);
    const made: Omit<Roles, typeof verified> = {
      ...readRoles(roles, expected.roomId),
      ...readOrder({ roles, order }, expected.roomId),
    };
    return made as Roles;
  } catch (cause) {
    throw new SottoError('ROOM_STATE_BAD', { cause });
  }
}

function readRoles(roles: Extension['roles'], roomId: Uint8Array) {
  const { version, revision, roomKey, cardHash, places, hosts } = rolesPart.decode(roles.part);
  const keys = hosts.map(({ key }) => key);
  const isSound =
    version === VERSION && revision >= 1 && places >= 2 && keys.length >= 1 && areDistinct(keys);
  if (!isSound || !equalBytes(roomIdOf(roomKey), roomId)) throw new SottoError('ROOM_STATE_BAD');
  checkPaper(ROLES_DOMAIN, { key: roomKey, signature: roles.signature }, roles.part);
  return { roomKey, revision, cardHash, places, hosts: keys };
}

function readOrder({ roles, order }: Extension, roomId: Uint8Array) {
  const { version, door, mode, banned, muted, ...rest } = orderPart.decode(order.part);
  const { roomKey, hosts } = rolesPart.decode(roles.part);
  const maySign = [roomKey, ...hosts.map(({ key }) => key)].some((key) => equalBytes(key, order.signer));
  const bans = banned.map(({ hash }) => hash);
  const mutes = muted.map(({ key }) => key);
  const isSound = version === VERSION && rest.counter >= 1 && areDistinct(bans) && areDistinct(mutes);
  if (!maySign || !isSound) throw new SottoError('ROOM_STATE_BAD');
  checkPaper(ORDER_DOMAIN, { key: order.signer, signature: order.signature }, roomId, order.part);
  return {
    ...rest,
    door: DOORS[door] ?? 'closed',
    mode: MODES[mode] ?? 'locked',
    banned: bans,
    muted: mutes,
    orderedBy: order.signer,
    signed: { roles: signedRoles.encode(roles), order: signedOrder.encode(order) },
  };
}

function areDistinct(items: readonly Uint8Array[]): boolean {
  return new Set(items.map((item) => item.join())).size === items.length;
}

export function isListed(list: readonly Uint8Array[], item: Uint8Array): boolean {
  return list.some((listed) => equalBytes(listed, item));
}

export function isHost(roles: RolesPart, pseudonym: Uint8Array): boolean {
  return isListed(roles.hosts, pseudonym);
}

export function isBanned(roles: OrderPart, pseudonym: Uint8Array): boolean {
  return isListed(roles.banned, banOf(pseudonym));
}
