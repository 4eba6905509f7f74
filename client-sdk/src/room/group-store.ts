// The group's state on disk: written whole with each commit and now and then between, each time under a key of its own
// whose predecessor is erased, so that no old state can be found in the store's files. An own commit that waits for the
// log, with the state that it leads to, lies under another one, which goes when it is decided and not before. What is
// opened between two writes is noted apart, and refused a second time after a restart.
import { randomBytes, toHex } from '../crypto/index.ts';
import type { ReadView } from '../store/index.ts';
import { decodeGroup, encodeGroup, type GroupState } from './group/index.ts';
import { consumed, groupStates, type PendingCommit, pendingCommits } from './record.ts';
import { type RoomStep, roomPath } from './step.ts';

/** Messages after which the state is written again, commit or not. */
export const CHECKPOINT_EVERY = 64;
/** Epochs back for which it is remembered what was opened: as far as messages are still opened at all. */
const REMEMBERED_EPOCHS = 32;
const PENDING_KEY = 'group/pending';

export async function loadGroup(view: ReadView, room: string): Promise<GroupState | undefined> {
  const row = await groupStates.get(view, room, 'state');
  return row === undefined ? undefined : await decodeGroup(row.state);
}

export async function saveGroup(step: RoomStep, state: GroupState): Promise<void> {
  const base = roomPath(step.owner);
  const old = step.tx.childKeys(base).filter((name) => name.startsWith('group/') && name !== PENDING_KEY);
  const under = [...base, `group/${toHex(randomBytes(8))}`];
  const entry = { partition: step.owner.conversationId, key: 'state', value: { state: encodeGroup(state) } };
  await groupStates.put(step.tx, entry, { under });
  for (const name of old) step.tx.eraseKey([...base, name]);
}

/** Forgets the state: one is no longer in the group. */
export function dropGroup(step: RoomStep): void {
  const base = roomPath(step.owner);
  groupStates.del(step.tx, step.owner.conversationId, 'state');
  for (const name of step.tx.childKeys(base))
    if (name.startsWith('group/')) step.tx.eraseKey([...base, name]);
}

export function loadPending(view: ReadView, room: string): Promise<PendingCommit | undefined> {
  return pendingCommits.get(view, room, 'commit');
}

export async function savePending(step: RoomStep, value: PendingCommit): Promise<void> {
  const entry = { partition: step.owner.conversationId, key: 'commit', value };
  await pendingCommits.put(step.tx, entry, { under: [...roomPath(step.owner), PENDING_KEY] });
}

/** It was decided: by this very commit, or by another one that took its place. */
export function dropPending(step: RoomStep): void {
  const base = roomPath(step.owner);
  pendingCommits.del(step.tx, step.owner.conversationId, 'commit');
  if (step.tx.childKeys(base).includes(PENDING_KEY)) step.tx.eraseKey([...base, PENDING_KEY]);
}

/** Notes that a message was opened. @returns false where it had been, before the stored state was written. */
export async function consume(
  step: RoomStep,
  message: { epoch: number; leaf: number; generation: number },
): Promise<boolean> {
  const partition = step.owner.conversationId;
  const key = `${String(message.epoch)}/${String(message.leaf)}/${String(message.generation)}`;
  if ((await consumed.get(step.tx, partition, key)) !== undefined) return false;
  const value = { at: message.epoch };
  await consumed.put(step.tx, { partition, key, value }, { under: roomPath(step.owner) });
  return true;
}

/** Forgets what was opened in epochs from which nothing opens any more. */
export async function forgetConsumed(step: RoomStep, epoch: number): Promise<void> {
  const partition = step.owner.conversationId;
  const old: string[] = [];
  for await (const { key, value } of consumed.scan(step.tx, partition)) {
    if (value.at + REMEMBERED_EPOCHS < epoch) old.push(key);
  }
  for (const key of old) consumed.del(step.tx, partition, key);
}
