// Before anything connects: a store that was imported, rewound or written under another engine must not use one of its
// ratchet states again. Marks what has to begin anew; the runners do it, visibly, once they are online.
import type { Context } from '../context.ts';
import { slotBlocks } from '../conversation/mailbox.ts';
import { randomKey } from '../crypto/index.ts';
import { withFreshKeys } from '../conversation/owned-mailbox.ts';
import { conversationPath, conversations, PHASES, preKeys, sessions } from '../conversation/record.ts';
import { wantRestart } from '../conversation/send.ts';
import type { RestartCause } from '../content/packet.ts';
import { INVITE_STATES, invites } from '../invite/record.ts';
import { saidContents } from '../outbox/record.ts';
import { personas } from '../persona/record.ts';
import { ALIVE, answerRows, doorRows, ROOM_PHASES, type RoomRecord, rooms } from '../room/record.ts';
import type { KeyPath, Transaction } from '../store/index.ts';

/** Call once after the vault is open and before any persona connects. */
export async function prepareStore(context: Context): Promise<void> {
  const { vault } = context;
  const ids: string[] = [];
  await vault.read(async (view) => {
    for await (const { key } of personas.scan(view, '')) ids.push(key);
  });
  for (const personaId of ids) {
    await vault.transact((tx) => prepareConversations(tx, context, personaId));
    await vault.transact((tx) => prepareInvites(tx, context, personaId));
    await vault.transact((tx) => prepareRooms(tx, context, personaId));
  }
  if (vault.rewound) await vault.acceptRewind();
  if (vault.imported) await vault.acceptImport();
}

async function prepareConversations(tx: Transaction, context: Context, personaId: string): Promise<void> {
  const { vault, engine } = context;
  const all = [];
  for await (const entry of conversations.scan(tx, personaId)) all.push(entry);
  for (const { key, value } of all) {
    if (value.phase === PHASES.closed) continue;
    const session = await sessions.get(tx, key, 'current');
    const otherEngine = session !== undefined && session.engine !== engine.name;
    const cause = causeOf(vault, otherEngine);
    if (cause === undefined) continue;
    let record = wantRestart(value, cause);
    if (vault.imported && record.own.made) record = { ...record, own: withFreshKeys(record.own) };
    const under = conversationPath(personaId, key);
    await conversations.put(tx, { partition: personaId, key, value: record }, { under });
  }
}

function causeOf(vault: Context['vault'], otherEngine: boolean): RestartCause | undefined {
  if (vault.imported) return 'imported';
  if (vault.rewound) return 'rewound';
  return otherEngine ? 'engine' : undefined;
}

async function prepareInvites(tx: Transaction, context: Context, personaId: string): Promise<void> {
  const { vault, engine } = context;
  const all = [];
  for await (const entry of invites.scan(tx, personaId)) all.push(entry);
  for (const { key, value } of all) {
    if (value.state > INVITE_STATES.open) continue;
    let { own } = value;
    if (vault.imported && own.made) own = withFreshKeys(own);
    let foreign = false;
    for await (const row of preKeys.scan(tx, key)) {
      if (row.value.engine !== engine.name && row.value.engine !== 'box') foreign = true;
    }
    if (foreign) {
      // Keys of another engine can't be used: the same link leads to a bundle of new ones.
      own = { ...own, bundleAt: 0 };
      slotBlocks.del(tx, key, 'slot');
    }
    if (own === value.own) continue;
    const under = conversationPath(personaId, key);
    await invites.put(tx, { partition: personaId, key, value: { ...value, own } }, { under });
  }
}

/** A group's state may have been used since: come back into each room before anything is said there. */
async function prepareRooms(tx: Transaction, context: Context, personaId: string): Promise<void> {
  if (!context.vault.imported && !context.vault.rewound) return;
  const all = [];
  for await (const entry of rooms.scan(tx, personaId)) all.push(entry);
  for (const { key, value } of all) {
    const under = conversationPath(personaId, key);
    if (context.vault.imported) await prepareDoors(tx, key, under);
    if (!ALIVE.includes(value.phase)) continue;
    const moved = context.vault.imported ? withFreshOwner(value) : value;
    const record = { ...moved, rejoinWanted: true, rejoinAt: 0, phase: ROOM_PHASES.rejoining };
    await rooms.put(tx, { partition: personaId, key, value: record }, { under });
    // It comes back since it moved, not since it was led astray: nobody hears its words anew.
    await tx.clear(saidContents, key);
  }
}

/** The copy that stays behind may change the keys of a room's log no more. */
function withFreshOwner(record: RoomRecord): RoomRecord {
  const { ownership } = record;
  if (ownership === undefined) return record;
  return { ...record, ownership: { ...ownership, nextOwnerSeed: randomKey('signing-seed') } };
}

/** Nor read what comes to its doors, or the answer to its own knock. */
async function prepareDoors(tx: Transaction, room: string, under: KeyPath): Promise<void> {
  const doors = [];
  for await (const entry of doorRows.scan(tx, room)) doors.push(entry);
  for (const { key, value } of doors) {
    if (!value.own.made) continue;
    const fresh = { ...value, own: withFreshKeys(value.own) };
    await doorRows.put(tx, { partition: room, key, value: fresh }, { under });
  }
  const waiting = await answerRows.get(tx, room, 'mailbox');
  if (waiting?.own.made !== true) return;
  const fresh = { ...waiting, own: withFreshKeys(waiting.own) };
  await answerRows.put(tx, { partition: room, key: 'mailbox', value: fresh }, { under });
}
