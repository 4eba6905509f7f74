// The life of a group: coming in, talking, leaving, being removed, coming back, storing. Rules against misuse are
// rules.test.ts, schedules split.props.test.ts.
import { expect, test } from '@jest/globals';
import {
  decodeGroup,
  encodeGroup,
  epoch,
  epochAuthenticator,
  exportSecret,
  joinExternally,
  leaveNote,
  members,
  nextGeneration,
  openApp,
  ownLeaf,
  proposeOrder,
  proposeRemoval,
  proposeRoles,
  proposeUpdate,
  publicState,
  readPublicState,
  roles,
  sealApp,
  signRoles,
  banOf,
  applyCommit,
  isStateOf,
} from '../../../src/room/group/index.ts';
import { utf8, fromUtf8 } from '../../../src/crypto/index.ts';
import { applied, comeIn, fullRoom, makeRoom, nextOrder, person } from './room.ts';

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  if (item === undefined) throw new Error('no such item');
  return item;
};

test('members come in by external commit and share epoch, secret and roll', async () => {
  const { people, states } = await fullRoom(5);
  const names = states.map((state) => epochAuthenticator(state));
  expect(new Set(names.map(String)).size).toBe(1);
  expect(new Set((await Promise.all(states.map((state) => exportSecret(state, 'x')))).map(String)).size).toBe(
    1,
  );
  for (const [i, state] of states.entries()) {
    expect(epoch(state)).toBe(4);
    expect(ownLeaf(state)).toBe(i);
    expect(members(state).map(({ pseudonym }) => pseudonym)).toEqual(
      people.map(({ publicKey }) => publicKey),
    );
    expect(members(state).map((member) => member.isHost)).toEqual([true, false, false, false, false]);
  }
});

test('everyone opens a message once, also after storing, and knows who sent it', async () => {
  const { states } = await fullRoom(3);
  const [host, ann, bob] = [at(states, 0), at(states, 1), at(states, 2)];
  expect(nextGeneration(ann)).toBe(0);
  const { message, next, generation } = await sealApp(ann, utf8('hello'), utf8('aad'));
  expect(generation).toBe(0);
  expect(nextGeneration(next)).toBe(1);
  for (const state of [host, await decodeGroup(encodeGroup(bob))]) {
    const opened = await openApp(state, message);
    expect(fromUtf8(opened.plaintext)).toBe('hello');
    expect(fromUtf8(opened.aad)).toBe('aad');
    expect(opened.sender).toEqual({ ...at(members(state), 1) });
    expect([opened.generation, opened.epoch]).toEqual([0, 2]);
    await expect(openApp(opened.next, message)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
  }
  await expect(openApp(next, message)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
});

test('an update renews keys for all; a late message of an earlier epoch still opens', async () => {
  const { states } = await fullRoom(4);
  const late = await sealApp(at(states, 3), utf8('late'));
  const { commit, next, publicState: packet } = await proposeUpdate(at(states, 1));
  const others = await Promise.all([0, 2, 3].map(async (i) => (await applied(at(states, i), commit)).next));
  for (const state of others) expect(epochAuthenticator(state)).toEqual(epochAuthenticator(next));
  const opened = await openApp(at(others, 0), late.message);
  expect([fromUtf8(opened.plaintext), opened.epoch]).toEqual(['late', 3]);
  const read = await readPublicState(packet, { roomKey: roles(next).roomKey });
  expect(await isStateOf(at(others, 1), read)).toBe(true);
  expect(await isStateOf(at(states, 0), read)).toBe(false);
});

test('a host removes and bans in one commit; the removed can read nothing more', async () => {
  const { room, people, states } = await fullRoom(4);
  const order = nextOrder(at(states, 0), { banned: [banOf(at(people, 2).publicKey)] }, room.host);
  const { commit, next } = await proposeRemoval(at(states, 0), { leaves: [2], order });
  const seen = await applied(at(states, 1), commit);
  expect(seen.removed.map(({ pseudonym }) => pseudonym)).toEqual([at(people, 2).publicKey]);
  expect(seen.rolesChanged).toBe(true);
  expect(roles(seen.next).counter).toBe(2);
  expect(epochAuthenticator(seen.next)).toEqual(epochAuthenticator(next));
  const out = await applied(at(states, 2), commit);
  expect(out.selfRemoved).toBe(true);
  const { message } = await sealApp(next, utf8('without you'));
  await expect(openApp(at(states, 2), message)).rejects.toMatchObject({ code: 'ROOM_UNREADABLE' });
  expect(fromUtf8((await openApp(seen.next, message)).plaintext)).toBe('without you');
  await expect(comeIn(room, next, at(people, 2))).rejects.toMatchObject({ code: 'ROOM_REFUSED' });
});

test('who leaves signs a note, and anyone may take the leaf away; the note is worth nothing after coming back', async () => {
  const { room, people, states } = await fullRoom(4);
  const note = leaveNote(at(states, 3));
  const { commit, next } = await proposeRemoval(at(states, 1), { leaves: [3], notes: [note] });
  const seen = await applied(at(states, 0), commit);
  expect(seen.removed).toHaveLength(1);
  expect(members(next)).toHaveLength(3);
  const back = await comeIn(room, next, at(people, 3));
  const host = (await applied(seen.next, back.commit)).next;
  expect(members(host)).toHaveLength(4);
  await expect(
    proposeRemoval((await applied(next, back.commit)).next, { leaves: [3], notes: [note] }),
  ).rejects.toMatchObject({
    code: 'ROOM_NOT_HOST',
  });
});

test('who comes back takes the place of the former leaf, also behind a closed door', async () => {
  const { room, people, states } = await fullRoom(3);
  const closed = await proposeOrder(
    at(states, 0),
    nextOrder(at(states, 0), { door: 'closed', mode: 'locked' }, room.host),
  );
  const ann = (await applied(at(states, 1), closed.commit)).next;
  const back = await comeIn(room, closed.next, at(people, 2));
  const verdict = await applied(ann, back.commit);
  expect(verdict.returned.map(({ pseudonym }) => pseudonym)).toEqual([at(people, 2).publicKey]);
  expect([verdict.joined, verdict.removed]).toEqual([[], []]);
  expect(members(verdict.next)).toHaveLength(3);
  expect(epochAuthenticator(back.next)).toEqual(epochAuthenticator(verdict.next));
  // The copy of the device that came back sees that it has been replaced.
  const twin = (await applied(at(states, 2), closed.commit)).next;
  expect((await applied(twin, back.commit)).selfRemoved).toBe(true);
});

test('a pending commit survives storing, and the state it was made from still applies another one', async () => {
  const { states } = await fullRoom(3);
  const mine = await proposeUpdate(at(states, 1));
  const theirs = await proposeUpdate(at(states, 2));
  const [pending, before] = [encodeGroup(mine.next), encodeGroup(at(states, 1))];
  const accepted = await applied(at(states, 0), mine.commit);
  expect(epochAuthenticator(await decodeGroup(pending))).toEqual(epochAuthenticator(accepted.next));
  const stale = await applied(await decodeGroup(before), theirs.commit);
  expect(epochAuthenticator(stale.next)).toEqual(epochAuthenticator(theirs.next));
  expect(await applyCommit(stale.next, mine.commit, 0)).toEqual({ kind: 'void', reason: 'epoch' });
  // Wiping what a state leaves behind spoils neither the next one nor what it can still open.
  const late = await sealApp(at(states, 2), utf8('late'));
  const moved = await applied(await decodeGroup(before), theirs.commit);
  for (const secret of moved.spent) secret.fill(0);
  expect(fromUtf8((await openApp(moved.next, late.message)).plaintext)).toBe('late');
  expect(epochAuthenticator(moved.next)).toEqual(epochAuthenticator(theirs.next));
});

test('other hosts and another card take the room key and a newer revision', async () => {
  const { room, people, states } = await fullRoom(3);
  const part = { ...room.rolesPart, revision: 2, hosts: [room.host.publicKey, at(people, 1).publicKey] };
  const { commit, next } = await proposeRoles(at(states, 0), signRoles(part, room.roomKey));
  const ann = (await applied(at(states, 1), commit)).next;
  expect(members(ann).map((member) => member.isHost)).toEqual([true, true, false]);
  const removal = await proposeRemoval(ann, { leaves: [2] });
  expect((await applied(next, removal.commit)).removed).toHaveLength(1);
});

test('a state is refused where anything in it was changed', async () => {
  const { group, roomKey } = await makeRoom();
  const packet = await publicState(group);
  const read = await readPublicState(packet, { roomKey: roomKey.publicKey });
  expect(read.members).toHaveLength(1);
  await expect(readPublicState(packet, { roomKey: person().publicKey })).rejects.toMatchObject({
    code: 'ROOM_STATE_BAD',
  });
  for (let i = 0; i < packet.length; i += 7) {
    const bad = packet.slice();
    bad[i] = at([...bad], i) ^ 1;
    await expect(
      readPublicState(bad, { roomKey: roomKey.publicKey }).then((state) =>
        joinExternally({ state, pseudonym: person() }),
      ),
    ).rejects.toMatchObject({ code: 'ROOM_STATE_BAD' });
  }
});

test('stored states are read strictly', async () => {
  const { group } = await makeRoom();
  const stored = encodeGroup(group);
  expect(encodeGroup(await decodeGroup(stored))).toEqual(stored);
  for (const bad of [
    stored.slice(0, -1),
    Uint8Array.of(...stored, 0),
    Uint8Array.of(9, ...stored.slice(1)),
    new Uint8Array(0),
  ]) {
    await expect(decodeGroup(bad)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  }
});
