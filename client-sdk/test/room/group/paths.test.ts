// What a member can do with an update path that passes for one: everyone sees it as it is in public, and whoever can't
// open it, or finds other keys in it than were announced, says so and comes back. And our own making and opening of
// commits, beside ts-mls' whole.
import { expect, test } from '@jest/globals';
import { acceptAll, decodeMlsMessage, emptyPskIndex, encodeMlsMessage, processMessage } from 'ts-mls';
import { validateRatchetTree } from 'ts-mls/clientState.js';
import { createContentCommitSignature } from 'ts-mls/framedContent.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { clientConfig } from '../../../src/room/group/config.ts';
import { decodeCommit, follow } from '../../../src/room/group/public.ts';
import { publicSideOf } from '../../../src/room/group/group.ts';
import { checkTree } from '../../../src/room/group/tree-check.ts';
import { isUsableKey } from '../../../src/room/group/tree.ts';
import {
  applyCommit,
  epochAuthenticator,
  type GroupState,
  joinExternally,
  members,
  nextGeneration,
  openApp,
  proposeRemoval,
  proposeUpdate,
  readPublicState,
  sealApp,
} from '../../../src/room/group/index.ts';
import { randomBytes, utf8 } from '../../../src/crypto/index.ts';
import { forgeCommit } from './mischief.ts';
import { applied, comeIn, fullRoom, nextOrder, person } from './room.ts';

type Path = NonNullable<ReturnType<typeof pathOf>>;

function pathOf(commit: Uint8Array) {
  const { content } = decodeCommit(commit).publicMessage;
  return content.contentType === 'commit' ? content.commit.path : undefined;
}

/** A member's update with its path changed, signed, tagged and confirmed as if nothing had happened. */
async function bent(own: GroupState, bend: (path: Path) => Path): Promise<Uint8Array> {
  const { commit } = await proposeUpdate(own);
  const path = pathOf(commit);
  if (path === undefined) throw new Error('unreachable');
  const { mls, suite } = own;
  const { impl } = suite;
  const { signature, framedContent } = await createContentCommitSignature(
    mls.groupContext,
    'mls_public_message',
    { proposals: [], path: bend(path) },
    { senderType: 'member', leafIndex: mls.privatePath.leafIndex },
    new Uint8Array(),
    mls.signaturePrivateKey,
    impl.signature,
  );
  const draft = {
    wireformat: 'mls_public_message' as const,
    content: framedContent,
    auth: { contentType: 'commit' as const, signature, confirmationTag: randomBytes(32) },
  };
  const publicMessage = await protectPublicMessage(
    mls.keySchedule.membershipKey,
    mls.groupContext,
    draft,
    impl,
  );
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
}

/** One ciphertext of a path spoilt. */
const spoil = (path: Path, level: number): Path => ({
  ...path,
  nodes: path.nodes.map((node, i) =>
    i === level
      ? {
          ...node,
          encryptedPathSecret: node.encryptedPathSecret.map((sealed) => ({
            ...sealed,
            ciphertext: randomBytes(sealed.ciphertext.length),
          })),
        }
      : node,
  ),
});

test('a path spoilt towards some: they cannot open it, and come back; for the others a false confirmation is void', async () => {
  const { room, people, states } = await fullRoom(4);
  const [host, ann, bob, eve] = states as [GroupState, GroupState, GroupState, GroupState];
  // Eve's path has a node over {Bob, Eve} and the root: the second one is what host and Ann open.
  const commit = await bent(eve, (path) => spoil(path, 1));
  const committer = people[3]!.publicKey;
  expect(await applyCommit(host, commit, 0)).toEqual({ kind: 'cannot-open', committer });
  expect(await applyCommit(ann, commit, 0)).toEqual({ kind: 'cannot-open', committer });
  expect(await applyCommit(bob, commit, 0)).toEqual({ kind: 'void', reason: 'confirmation' });
  // Whoever couldn't open it still follows the epoch that it had, and can come back from Bob's state.
  const { commit: good, next } = await proposeUpdate(bob);
  expect(epochAuthenticator((await applied(ann, good)).next)).toEqual(epochAuthenticator(next));
  const back = await comeIn(room, next, people[0]!);
  expect((await applied(next, back.commit)).returned).toHaveLength(1);
});

test('keys in a path that its secrets do not lead to, or that nobody can seal to', async () => {
  const { states } = await fullRoom(4);
  const [host, , bob, eve] = states as [GroupState, GroupState, GroupState, GroupState];
  const swap = (key: Uint8Array) => (path: Path) => ({
    ...path,
    nodes: path.nodes.map((node, i) => (i === 0 ? { ...node, hpkePublicKey: key } : node)),
  });
  // The leaf's parent hash names the path's keys, so another key is seen by all.
  const { publicKey } = await host.suite.impl.hpke.deriveKeyPair(randomBytes(32));
  const other = await host.suite.impl.hpke.exportPublicKey(publicKey);
  for (const key of [other, new Uint8Array(32), randomBytes(31)]) {
    const commit = await bent(eve, swap(key));
    expect(await applyCommit(host, commit, 0)).toEqual({ kind: 'void', reason: 'path' });
    expect(await applyCommit(bob, commit, 0)).toEqual({ kind: 'void', reason: 'path' });
  }
  expect(isUsableKey(other, 'x25519')).toBe(true);
});

test('a path whose secrets lead to other keys than it announces, its parent hashes right', async () => {
  const { states } = await fullRoom(4);
  const [host, ann, bob, eve] = states as [GroupState, GroupState, GroupState, GroupState];
  const { impl } = eve.suite;
  // Asked for in this order: the leaf's pair, the one of {Bob, Eve}, the root's.
  for (const [wrong, cannot] of [
    [1, [bob]],
    [2, [host, ann, bob]],
  ] as const) {
    let asked = 0;
    const deriveKeyPair = (ikm: Uint8Array) =>
      impl.hpke.deriveKeyPair(asked++ === wrong ? randomBytes(32) : ikm);
    const suite = { ...eve.suite, impl: { ...impl, hpke: { ...impl.hpke, deriveKeyPair } } };
    const { commit } = await forgeCommit({ ...eve, suite }, {});
    for (const state of [host, ann, bob]) {
      const { kind } = await applyCommit(state, commit, 0);
      expect(kind).toBe((cannot as readonly GroupState[]).includes(state) ? 'cannot-open' : 'applied');
    }
  }
});

test('paths of another shape are void', async () => {
  const { states } = await fullRoom(4);
  const [host, , , eve] = states as [GroupState, GroupState, GroupState, GroupState];
  const bends: ((path: Path) => Path)[] = [
    (path) => ({ ...path, nodes: path.nodes.slice(1) }),
    (path) => ({ ...path, nodes: [...path.nodes, ...path.nodes] }),
    (path) => ({ ...path, nodes: path.nodes.map((node) => ({ ...node, encryptedPathSecret: [] })) }),
  ];
  for (const bend of bends) {
    expect(await applyCommit(host, await bent(eve, bend), 0)).toEqual({ kind: 'void', reason: 'path' });
  }
  const leaf = (path: Path): Path => ({
    ...path,
    leafNode: { ...path.leafNode, signature: randomBytes(64) },
  });
  expect(await applyCommit(host, await bent(eve, leaf), 0)).toEqual({ kind: 'void', reason: 'leaf' });
});

test('our opening of commits and checking of trees agree with ts-mls', async () => {
  const { room, people, states } = await fullRoom(7);
  const [host, ann] = states as [GroupState, GroupState];
  const commits = [
    await proposeUpdate(states[3]!),
    await proposeRemoval(host, { leaves: [4] }),
    await comeIn(room, host, person()),
    await comeIn(room, host, people[5]!),
  ];
  for (const { commit, next } of commits) {
    const [decoded] = decodeMlsMessage(commit, 0)!;
    if (decoded.wireformat !== 'mls_public_message') throw new Error('unreachable');
    const theirs = await processMessage(decoded, ann.mls, emptyPskIndex, acceptAll, ann.suite.impl);
    const ours = await applied(ann, commit);
    expect(theirs.newState.keySchedule.epochAuthenticator).toEqual(epochAuthenticator(ours.next));
    expect(theirs.newState.keySchedule.epochAuthenticator).toEqual(epochAuthenticator(next));
    const group = publicSideOf(ours.next);
    const { lifetimeConfig, authService } = clientConfig;
    const fault = await validateRatchetTree(
      group.tree,
      group.context,
      lifetimeConfig,
      authService,
      group.context.treeHash,
      group.suite.impl,
    );
    expect(fault).toBeUndefined();
    await checkTree(group);
    for (const index of group.tree.keys()) {
      const node = group.tree[index];
      if (node === undefined) continue;
      const changed = [...group.tree];
      changed[index] =
        node.nodeType === 'parent'
          ? { ...node, parent: { ...node.parent, parentHash: randomBytes(32) } }
          : { ...node, leaf: { ...node.leaf, hpkePublicKey: randomBytes(32) } };
      await expect(checkTree({ ...group, tree: changed })).rejects.toMatchObject({ code: 'ROOM_STATE_BAD' });
    }
  }
  // New extensions and a path in one commit: ts-mls seals such a path to another context than it opens it with.
  const order = nextOrder(host, { mode: 'slow' }, room.host);
  const both = await proposeRemoval(host, { leaves: [4], order });
  const [decoded] = decodeMlsMessage(both.commit, 0)!;
  if (decoded.wireformat !== 'mls_public_message') throw new Error('unreachable');
  const theirs = await processMessage(decoded, ann.mls, emptyPskIndex, acceptAll, ann.suite.impl);
  expect(theirs.newState.keySchedule.epochAuthenticator).toEqual(epochAuthenticator(both.next));
});

test('who only reads the log follows commits as members do', async () => {
  const { states } = await fullRoom(3);
  const [host, ann] = states as [GroupState, GroupState];
  const { commit, next, publicState } = await proposeUpdate(ann);
  const followed = await follow(publicSideOf(host), commit, 0);
  expect(followed.next.context).toEqual(next.mls.groupContext);
  const read = await readPublicState(publicState, { roomKey: host.roles.roomKey });
  expect(read.group.context).toEqual(followed.next.context);
  expect((await joinExternally({ state: read, pseudonym: person() })).commit.length).toBeLessThan(1_000);
});

test('messages: late ones within bounds, forged jumps refused at a bounded cost', async () => {
  const { states } = await fullRoom(2);
  let [host, ann] = states as [GroupState, GroupState];
  const sent: Uint8Array[] = [];
  for (let i = 0; i < 66; i++) {
    const { next, message } = await sealApp(ann, utf8(String(i)));
    ann = next;
    sent.push(message);
  }
  const opens = async (state: GroupState, i: number): Promise<GroupState> => {
    const { next, generation } = await openApp(state, sent[i]!);
    expect(generation).toBe(i);
    return next;
  };
  // The last one first; of those before it the 64 newest still open, the older ones no more.
  host = await opens(host, 65);
  await expect(openApp(host, sent[0]!)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
  for (const i of [1, 40, 64]) host = await opens(host, i);
  await expect(openApp(host, sent[40]!)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
  expect(nextGeneration(ann)).toBe(66);
  for (const bytes of [new Uint8Array(0), randomBytes(300), sent[0]!.slice(1), new Uint8Array(9_000)]) {
    await expect(openApp(host, bytes)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
  }
  expect(members(host)).toHaveLength(2);
});

test('the steps that one message may ask for are bounded', async () => {
  const { states } = await fullRoom(2);
  const [host, ann] = states as [GroupState, GroupState];
  const jump = (generation: number): GroupState => {
    const index = 2;
    const secretTree = [...ann.mls.secretTree];
    const node = secretTree[index]!;
    secretTree[index] = { ...node, application: { ...node.application, generation } };
    return { ...ann, mls: { ...ann.mls, secretTree } };
  };
  // Anyone in the room can claim any generation of anyone; its key they can't have, and beyond the bound nobody counts.
  for (const generation of [1_000, 1_001, 2 ** 32 - 1]) {
    const { message } = await sealApp(jump(generation), utf8('far'));
    const spent: number[] = [];
    const counted = {
      ...host.suite.impl,
      kdf: {
        ...host.suite.impl.kdf,
        expand: (...input: Parameters<typeof host.suite.impl.kdf.expand>) => {
          spent.push(1);
          return host.suite.impl.kdf.expand(...input);
        },
      },
    };
    const counting = { ...host, suite: { ...host.suite, impl: counted } };
    await expect(openApp(counting, message)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
    expect(spent.length).toBeLessThan(generation === 1_000 ? 1_020 : 20);
  }
});
