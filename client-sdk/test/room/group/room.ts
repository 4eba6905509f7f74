// A room for tests of its group: a room key, a host, and people who come in, over an ordered log in memory.
import { randomKey, ready, signingKeyPair, type SigningKeyPair } from '../../../src/crypto/index.ts';
import {
  applyCommit,
  createGroup,
  type GroupState,
  joinExternally,
  type OrderPart,
  type Proposed,
  proposeRoles,
  publicState,
  readPublicState,
  roles,
  type RolesPart,
  type RoomSuite,
  signOrder,
  signRoles,
  type Verdict,
} from '../../../src/room/group/index.ts';
import { roomIdOf } from '../../../src/room/pseudonym.ts';

export const person = (): SigningKeyPair => signingKeyPair(randomKey('signing-seed'));

export const ORDER: OrderPart = {
  counter: 1,
  door: 'open',
  mode: 'open',
  slowSeconds: 30,
  banned: [],
  muted: [],
};

export interface TestRoom {
  readonly roomKey: SigningKeyPair;
  readonly roomId: Uint8Array;
  readonly host: SigningKeyPair;
  readonly rolesPart: RolesPart;
}

export async function makeRoom(
  order: Partial<OrderPart> = {},
  more: Partial<RolesPart> & { suite?: RoomSuite } = {},
): Promise<TestRoom & { group: GroupState }> {
  await ready();
  const { suite = 'x25519', ...part } = more;
  const roomKey = person();
  const host = person();
  const roomId = roomIdOf(roomKey.publicKey);
  const rolesPart = {
    revision: 1,
    cardHash: new Uint8Array(32),
    places: 200,
    hosts: [host.publicKey],
    ...part,
  };
  const signed = {
    roles: signRoles(rolesPart, roomKey),
    order: signOrder({ ...ORDER, ...order }, roomId, host),
  };
  const group = await createGroup({ roomKey, pseudonym: host, roles: signed, suite });
  return { roomKey, roomId, host, rolesPart, group };
}

/** The order part of a state with some changes, counted up and signed. */
export function nextOrder(state: GroupState, change: Partial<OrderPart>, signer: SigningKeyPair): Uint8Array {
  const now = roles(state);
  const { counter, door, mode, slowSeconds, banned, muted } = now;
  const part = { counter: counter + 1, door, mode, slowSeconds, banned, muted, ...change };
  return signOrder(part, roomIdOf(now.roomKey), signer);
}

/** Comes in from the state of somebody who is in. */
export async function comeIn(
  room: TestRoom,
  from: GroupState,
  pseudonym: SigningKeyPair,
  ticket?: Uint8Array,
): Promise<Proposed> {
  const state = await readPublicState(await publicState(from), { roomKey: room.roomKey.publicKey });
  return joinExternally({ state, pseudonym, ...(ticket === undefined ? {} : { ticket }) });
}

export async function applied(state: GroupState, commit: Uint8Array, at = 0) {
  const verdict: Verdict = await applyCommit(state, commit, at);
  if (verdict.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(verdict)}`);
  return verdict;
}

/** A room of so many, everybody at the same epoch; the host is first. */
export async function fullRoom(
  count: number,
  order: Partial<OrderPart> = {},
  more: Partial<RolesPart> & { suite?: RoomSuite } = {},
) {
  const { group, ...room } = await makeRoom(order, more);
  const people = [room.host];
  let states = [group];
  for (let i = 1; i < count; i++) {
    const pseudonym = person();
    const [first] = states;
    if (first === undefined) throw new Error('unreachable');
    const { commit, next } = await comeIn(room, first, pseudonym);
    states = [...(await Promise.all(states.map(async (state) => (await applied(state, commit)).next))), next];
    people.push(pseudonym);
  }
  return { room, people, states };
}

/** The room key names another host instead; what the first host ordered is signed anew by the next. */
export function handTo(room: TestRoom, from: GroupState, pseudonym: SigningKeyPair): Promise<Proposed> {
  const hosts = [pseudonym.publicKey];
  const signed = signRoles({ ...room.rolesPart, revision: 2, hosts }, room.roomKey);
  return proposeRoles(from, signed, nextOrder(from, {}, pseudonym));
}
