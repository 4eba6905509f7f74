// One negative test a rule of rooms: what an evil member or stranger commits, rightly signed, is void for every honest
// member alike, and the room goes on. Plain MLS would accept most of it.
import { beforeAll, expect, test } from '@jest/globals';
import type { Proposal } from 'ts-mls';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { randomBytes } from '../../../src/crypto/index.ts';
import { contextExtensions } from '../../../src/room/group/config.ts';
import {
  applyCommit,
  banOf,
  joinExternally,
  leaveNote,
  proposeOrder,
  proposeRemoval,
  proposeRoles,
  proposeUpdate,
  publicState,
  readPublicState,
  roles,
  signOrder,
  signRoles,
  signTicket,
} from '../../../src/room/group/index.ts';
import { decodeLeave, encodePass } from '../../../src/room/group/pass.ts';
import { encodeRoles } from '../../../src/room/group/roles.ts';
import { type Forgery, forgeAsMember, forgeFromOutside, removing } from './forge.ts';
import { applied, comeIn, fullRoom, makeRoom, nextOrder, ORDER, person } from './room.ts';

type Full = Awaited<ReturnType<typeof fullRoom>>;
let open: Full;
let knock: Full;

beforeAll(async () => {
  open = await fullRoom(5);
  const { group, ...room } = await makeRoom({ door: 'knock' });
  knock = { room, people: [room.host], states: [group] };
});

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  if (item === undefined) throw new Error('nothing there');
  return item;
};

/** What all but the author say; they must say the same. */
async function saidBy(full: Full, commit: Uint8Array, relayMs = 0): Promise<string> {
  const verdicts = await Promise.all(full.states.map((state) => applyCommit(state, commit, relayMs)));
  // All members judge alike, whether the commit names them or not.
  const said = new Set(verdicts.map((each) => (each.kind === 'void' ? each.reason : each.kind)));
  expect(said.size).toBe(1);
  return [...said].join();
}

const asMember = async (leaf: number, forgery: Forgery) =>
  saidBy(open, await forgeAsMember(at(open.states, leaf), forgery));

async function stateOf(full: Full) {
  const [first] = full.states;
  if (first === undefined) throw new Error('nobody');
  return readPublicState(await publicState(first), { roomKey: full.room.roomKey.publicKey });
}

const contextProposal = (extensions: ReturnType<typeof contextExtensions>): Proposal => ({
  proposalType: 'group_context_extensions',
  groupContextExtensions: { extensions },
});

test('a member evicts nobody: not another member, not the host, not with someone else’s note', async () => {
  expect(await asMember(2, { proposals: [removing(3)] })).toBe('eviction');
  expect(await asMember(2, { proposals: [removing(0)] })).toBe('eviction');
  const authenticatedData = encodePass({ leaving: [decodeLeave(leaveNote(at(open.states, 4)))] });
  expect(await asMember(2, { proposals: [removing(3)], authenticatedData })).toBe('eviction');
});

test('a note of leaving signed by another than the leaf’s owner takes nobody out', async () => {
  const note = decodeLeave(leaveNote(at(open.states, 4)));
  const authenticatedData = encodePass({ leaving: [{ ...note, leaf: 3 }] });
  expect(await asMember(2, { proposals: [removing(3)], authenticatedData })).toBe('eviction');
});

test('a stranger with the state evicts nobody on the way in', async () => {
  const state = await stateOf(open);
  for (const leaf of [0, 3]) {
    const commit = await forgeFromOutside(state, person(), { proposals: [removing(leaf)] });
    expect(await saidBy(open, commit)).toBe('eviction');
  }
});

test('a pseudonym takes no second leaf', async () => {
  const commit = await forgeFromOutside(await stateOf(open), at(open.people, 3));
  expect(await saidBy(open, commit)).toBe('eviction');
});

test('a member changes neither roles, nor order, nor anything else of the context', async () => {
  const member = at(open.people, 2);
  const now = roles(at(open.states, 0)).signed;
  const own = signOrder({ ...ORDER, counter: 2 }, open.room.roomId, member);
  const forged = contextProposal(contextExtensions(encodeRoles({ ...now, order: own })));
  expect(await asMember(2, { proposals: [forged] })).toBe('roles');
  // A host's own newer order, committed by somebody else.
  const replayed = nextOrder(at(open.states, 0), { mode: 'locked' }, open.room.host);
  const stolen = contextProposal(contextExtensions(encodeRoles({ ...now, order: replayed })));
  expect(await asMember(2, { proposals: [stolen] })).toBe('not-host');
  expect(await asMember(2, { proposals: [contextProposal([])] })).toBe('roles');
  const more = contextExtensions(encodeRoles({ ...now, order: replayed }));
  const hidden = [...more, { extensionType: 0xf0a1, extensionData: new Uint8Array(4) }];
  expect(await asMember(0, { proposals: [contextProposal(hidden)] })).toBe('roles');
});

test('not even a host forges roles, goes back to older ones, or repeats a counter', async () => {
  const { room } = open;
  const host = at(open.states, 0);
  const mine = signRoles({ ...room.rolesPart, revision: 2, hosts: [room.host.publicKey] }, person());
  await expect(proposeRoles(host, mine)).rejects.toMatchObject({ code: 'ROOM_RULES' });
  const other = signRoles({ ...room.rolesPart, revision: 1, places: 9 }, room.roomKey);
  const forged = contextProposal(
    contextExtensions(encodeRoles({ roles: other, order: roles(host).signed.order })),
  );
  expect(await asMember(0, { proposals: [forged] })).toBe('roles');
  const again = signOrder({ ...ORDER, counter: 1, mode: 'slow' }, room.roomId, room.host);
  await expect(proposeOrder(host, again)).rejects.toMatchObject({ code: 'ROOM_RULES' });
});

test('proposals of every other kind are refused: add, update, PSK, reinit, custom, and by reference', async () => {
  const psk: Proposal = {
    proposalType: 'psk',
    psk: {
      preSharedKeyId: { psktype: 'external', pskId: randomBytes(8), pskNonce: randomBytes(32) },
    },
  };
  const reinit: Proposal = {
    proposalType: 'reinit',
    reinit: {
      groupId: randomBytes(32),
      version: 'mls10',
      cipherSuite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
      extensions: [],
    },
  };
  const custom: Proposal = { proposalType: 0xf0b0, proposalData: randomBytes(4) };
  const externalInit: Proposal = {
    proposalType: 'external_init',
    externalInit: { kemOutput: randomBytes(32) },
  };
  for (const proposal of [psk, reinit, custom, externalInit]) {
    expect(await asMember(0, { proposals: [proposal] })).toBe('proposal');
  }
  expect(await asMember(0, { proposals: [removing(3), removing(3)], without: [3] })).toBe('proposal');
  expect(await asMember(0, { proposals: [removing(0)], without: [] })).toBe('proposal');
  expect(await asMember(0, { proposals: [removing(200)] })).toBe('proposal');
});

test('a banned pseudonym comes in by no door, nor back', async () => {
  const { room, people, states } = open;
  const banned = nextOrder(at(states, 0), { banned: [banOf(at(people, 3).publicKey)] }, room.host);
  const { commit, next } = await proposeOrder(at(states, 0), banned);
  const inside = { ...open, states: [next, (await applied(at(states, 1), commit)).next] };
  const state = await stateOf(inside);
  await expect(joinExternally({ state, pseudonym: at(people, 3) })).rejects.toMatchObject({
    code: 'ROOM_REFUSED',
  });
  const forged = await forgeFromOutside(state, at(people, 3), { proposals: [removing(3)] });
  expect(await saidBy(inside, forged)).toBe('banned');
});

test('behind a knock door nobody comes in without a ticket, or with one that is forged, over or another’s', async () => {
  const { room } = knock;
  const state = await stateOf(knock);
  const newcomer = person();
  const said = async (ticket: Uint8Array | undefined, relayMs = 0) => {
    const pass = encodePass({ leaving: [], ...(ticket === undefined ? {} : { ticket }) });
    const commit = await forgeFromOutside(state, newcomer, { authenticatedData: pass });
    return saidBy(knock, commit, relayMs);
  };
  const good = {
    roomId: room.roomId,
    pseudonym: newcomer.publicKey,
    serial: randomBytes(16),
    expiresAt: 100,
  };
  expect(await said(undefined)).toBe('ticket');
  expect(await said(randomBytes(150))).toBe('ticket');
  expect(await said(signTicket(good, person()))).toBe('ticket');
  expect(await said(signTicket(good, room.host), 100_000)).toBe('ticket');
  expect(await said(signTicket({ ...good, pseudonym: person().publicKey }, room.host))).toBe('ticket');
  expect(await said(signTicket({ ...good, roomId: randomBytes(32) }, room.host))).toBe('ticket');
  // Everything right but the confirmation tag, which only members can check.
  expect(await said(signTicket(good, room.host), 99_999)).toBe('confirmation');
});

test('a full or locked room takes no newcomer, but one who has a place comes back', async () => {
  const full = await fullRoom(3, {}, { places: 3 });
  const state = await stateOf(full);
  expect(await saidBy(full, await forgeFromOutside(state, person()))).toBe('full');
  const back = await comeIn(full.room, at(full.states, 0), at(full.people, 2));
  expect((await applied(at(full.states, 1), back.commit)).returned).toHaveLength(1);
  const { group, ...room } = await makeRoom({ mode: 'locked' });
  const locked = { room, people: [room.host], states: [group] };
  expect(await saidBy(locked, await forgeFromOutside(await stateOf(locked), person()))).toBe('locked');
});

const spoiled = (change: (path: UpdatePath) => UpdatePath): Forgery => ({ path: change });

test('a malformed announcement of keys is void for all: missing, short, repeated, or keys that nobody can seal to', async () => {
  const first = (path: UpdatePath) => at(path.nodes, 0);
  const withFirst = (path: UpdatePath, change: Partial<UpdatePath['nodes'][number]>): UpdatePath => ({
    ...path,
    nodes: [{ ...first(path), ...change }, ...path.nodes.slice(1)],
  });
  expect(await asMember(2, { path: () => undefined })).toBe('path');
  const cases: ((path: UpdatePath) => UpdatePath)[] = [
    (path) => ({ ...path, nodes: path.nodes.slice(1) }),
    (path) => withFirst(path, { hpkePublicKey: new Uint8Array(32) }),
    (path) => withFirst(path, { hpkePublicKey: randomBytes(31) }),
    (path) => withFirst(path, { hpkePublicKey: at(path.nodes, 1).hpkePublicKey }),
    (path) => withFirst(path, { hpkePublicKey: path.leafNode.hpkePublicKey }),
    (path) => withFirst(path, { hpkePublicKey: randomBytes(32) }),
    (path) => withFirst(path, { encryptedPathSecret: [] }),
    (path) =>
      withFirst(path, {
        encryptedPathSecret: first(path).encryptedPathSecret.map((each) => ({
          ...each,
          ciphertext: each.ciphertext.slice(1),
        })),
      }),
  ];
  for (const change of cases) expect(await asMember(2, spoiled(change))).toBe('path');
});

test('a leaf keeps its pseudonym, its form and its own signature', async () => {
  const cases: ((path: UpdatePath) => UpdatePath)[] = [
    (path) => ({ ...path, leafNode: { ...path.leafNode, signaturePublicKey: person().publicKey } }),
    (path) => ({ ...path, leafNode: { ...path.leafNode, hpkePublicKey: new Uint8Array(32) } }),
    (path) => ({
      ...path,
      leafNode: { ...path.leafNode, credential: { credentialType: 'basic', identity: randomBytes(32) } },
    }),
    (path) => ({
      ...path,
      leafNode: { ...path.leafNode, extensions: [{ extensionType: 0xf0a0, extensionData: randomBytes(9) }] },
    }),
    (path) => ({ ...path, leafNode: { ...path.leafNode, signature: randomBytes(64) } }),
  ];
  for (const change of cases) expect(await asMember(2, spoiled(change))).toBe('leaf');
});

test('another’s signature, a false membership tag, another epoch and noise are void', async () => {
  const victim = at(open.states, 1);
  const asVictim = {
    ...at(open.states, 2),
    mls: { ...at(open.states, 2).mls, privatePath: victim.mls.privatePath },
  };
  expect(await saidBy(open, await forgeAsMember(asVictim, {}))).toMatch(/signature|leaf/);
  const untagged: Forgery = {
    message: (message) =>
      message.senderType === 'member' ? { ...message, membershipTag: randomBytes(32) } : message,
  };
  expect(await asMember(2, untagged)).toBe('membership');
  expect(await asMember(2, { epoch: 0n })).toBe('epoch');
  expect(await saidBy(open, randomBytes(300))).toBe('malformed');
  const { commit } = await proposeUpdate(at(open.states, 2));
  expect(await saidBy(open, Uint8Array.of(...commit, 0))).toBe('malformed');
});

test('a path sealed falsely to one member is that member’s alone, who learns who did it and comes back', async () => {
  const { room, people, states } = open;
  const forged = await forgeAsMember(at(states, 1), {
    path: (path) => ({
      ...path,
      nodes: path.nodes.map((node) => ({
        ...node,
        encryptedPathSecret: node.encryptedPathSecret.map((each) => ({
          ...each,
          ciphertext: randomBytes(48),
        })),
      })),
    }),
  });
  const verdict = await applyCommit(at(states, 3), forged, 0);
  expect(verdict).toEqual({ kind: 'cannot-open', committer: at(people, 1).publicKey });
  const back = await comeIn(room, at(states, 0), at(people, 3));
  expect((await applied(at(states, 2), back.commit)).returned).toHaveLength(1);
});

test('the room goes on after all of it: the host removes who did it', async () => {
  const { commit, next } = await proposeRemoval(at(open.states, 0), { leaves: [2] });
  const { next: seen } = await applied(at(open.states, 4), commit);
  const update = await proposeUpdate(seen);
  expect((await applied(next, update.commit)).kind).toBe('applied');
});

test('the room key names a new host, who may commit it, where all hosts are gone', async () => {
  const { room, people, states } = open;
  const owner = at(people, 1);
  const named = signRoles({ ...room.rolesPart, revision: 2, hosts: [owner.publicKey] }, room.roomKey);
  const order = nextOrder(at(states, 1), {}, owner);
  const { commit } = await proposeRoles(at(states, 1), named, order);
  expect((await applied(at(states, 2), commit)).rolesChanged).toBe(true);
  const taken = contextProposal(contextExtensions(encodeRoles({ roles: named, order })));
  expect(await asMember(3, { proposals: [taken] })).toBe('not-host');
});
