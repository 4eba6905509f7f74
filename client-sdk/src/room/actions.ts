// What hosts do, as a log that everyone in the room can follow: each host's actions are numbered, chained by hash and
// signed, and its beacon says how many there are and where the chain stands. Whoever was away knows how much was
// missed, and nobody can be told of another past later.
import {
  asKey,
  concatBytes,
  equalBytes,
  sha256,
  sign,
  type SigningKeyPair,
  toHex,
  utf8,
  verify,
} from '../crypto/index.ts';
import type { ReadView } from '../store/index.ts';
import type { Action, Beacon } from './control.ts';
import { memberIdOf } from './pseudonym.ts';
import { actionRows, memberRows } from './record.ts';
import { memberOf, putMember, roomPath, type RoomStep } from './step.ts';
import { DOORS, HOST_ACTIONS, type HostAction, type HostActionKind, type HostLog, MODES } from './types.ts';

const DOMAIN = utf8('sotto.v1.room.action\0');
/** A device keeps so many; counts go on. */
const MAX_KEPT = 1_000;

/** What an action is about, before it is chained and signed. */
export interface ActionWish {
  readonly kind: HostActionKind;
  readonly member?: Uint8Array;
  readonly target?: Uint8Array;
  readonly number?: number;
}

function preimage(roomId: Uint8Array, host: Uint8Array, action: Omit<Action, 'signature'>): Uint8Array {
  const head = new Uint8Array(21);
  const view = new DataView(head.buffer);
  view.setUint8(0, action.kind);
  view.setUint32(1, action.index);
  view.setUint32(5, action.number);
  view.setBigUint64(9, BigInt(action.at));
  view.setUint16(17, action.member?.length ?? 0);
  view.setUint16(19, action.target?.length ?? 0);
  const member = action.member ?? new Uint8Array(0);
  const target = action.target ?? new Uint8Array(0);
  return concatBytes(DOMAIN, roomId, host, action.previous, head, member, target);
}

/** Chains and signs one's own next action. @returns the record's new index and head with it. */
export function makeAction(
  step: RoomStep,
  roomId: Uint8Array,
  pair: SigningKeyPair,
  wish: ActionWish,
): Action {
  const unsigned = {
    kind: HOST_ACTIONS.indexOf(wish.kind),
    index: step.record.actionIndex + 1,
    previous: step.record.actionHead,
    number: wish.number ?? 0,
    at: step.nowMs,
    ...(wish.member === undefined ? {} : { member: wish.member }),
    ...(wish.target === undefined ? {} : { target: wish.target }),
  };
  const signed = preimage(roomId, pair.publicKey, unsigned);
  step.record = { ...step.record, actionIndex: unsigned.index, actionHead: sha256(signed) };
  return { ...unsigned, signature: sign(pair, signed) };
}

/** Notes another host's action. @returns what it was, or undefined where it isn't signed or not new. */
export async function hearAction(
  step: RoomStep,
  heard: { roomId: Uint8Array; host: Uint8Array; action: Action },
): Promise<HostAction | undefined> {
  const { roomId, host, action } = heard;
  const signed = preimage(roomId, host, action);
  try {
    verify(asKey('verify', host), signed, action.signature);
  } catch {
    return undefined;
  }
  const row = await memberOf(step, host);
  if (action.index <= row.actionIndex) return undefined;
  const follows =
    row.actionHead === undefined ||
    action.index > row.actionIndex + 1 ||
    equalBytes(action.previous, row.actionHead);
  const isInconsistent = row.isInconsistent || !follows;
  await putMember(step, host, {
    ...row,
    actionIndex: action.index,
    actionHead: sha256(signed),
    isInconsistent,
  });
  return noteAction(step, host, action);
}

/** Puts an action into this device's log. */
export async function noteAction(step: RoomStep, host: Uint8Array, action: Action): Promise<HostAction> {
  const partition = step.owner.conversationId;
  let last = 0;
  for await (const { key } of actionRows.scan(step.tx, partition, { reverse: true, limit: 1 })) last = key;
  const { kind, number, at, member, target } = action;
  const value = {
    host,
    kind,
    number,
    at,
    ...(member === undefined ? {} : { member }),
    ...(target === undefined ? {} : { target }),
  };
  await actionRows.put(step.tx, { partition, key: last + 1, value }, { under: roomPath(step.owner) });
  if (last >= MAX_KEPT) actionRows.del(step.tx, partition, last + 1 - MAX_KEPT);
  const shown = toAction(value);
  step.effects.push({ type: 'hostAction', action: shown });
  return shown;
}

/** A host is there: what it says of its chain is compared with what was seen. */
export async function hearBeacon(
  step: RoomStep,
  heard: { host: Uint8Array; at: number; epoch: number; beacon: Beacon },
): Promise<void> {
  const { host, at, beacon } = heard;
  if (at > step.record.beaconAt) step.record = { ...step.record, beaconAt: at };
  step.effects.push({ type: 'state' });
  const row = await memberOf(step, host);
  if (beacon.actions < row.claimedIndex || beacon.actions < row.actionIndex) {
    await putMember(step, host, { ...row, isInconsistent: true });
    return;
  }
  const differs =
    row.actionIndex === beacon.actions &&
    row.actionHead !== undefined &&
    !equalBytes(row.actionHead, beacon.head);
  await putMember(step, host, {
    ...row,
    claimedIndex: beacon.actions,
    claimedHead: beacon.head,
    isInconsistent: row.isInconsistent || differs,
  });
}

/** The log as people see it. */
export async function readHostLog(
  view: ReadView,
  room: string,
  me: { pseudonym: Uint8Array; actions: number; isHost: boolean },
): Promise<HostLog> {
  const actions: HostAction[] = [];
  for await (const { value } of actionRows.scan(view, room)) actions.push(toAction(value));
  const counts: { host: HostAction['host']; total: number; seen: number }[] = [];
  let isConsistent = true;
  for await (const { key, value } of memberRows.scan(view, room)) {
    const total = Math.max(value.actionIndex, value.claimedIndex);
    if (value.isInconsistent) isConsistent = false;
    if (total === 0) continue;
    const host = key as HostAction['host'];
    counts.push({ host, total, seen: actions.filter((one) => one.host === host).length });
  }
  if (me.isHost && me.actions > 0) {
    const host = memberIdOf(me.pseudonym);
    counts.push({ host, total: me.actions, seen: actions.filter((one) => one.host === host).length });
  }
  return { actions, counts, isConsistent };
}

function toAction(row: {
  host: Uint8Array;
  kind: number;
  number: number;
  at: number;
  member?: Uint8Array;
  target?: Uint8Array;
}): HostAction {
  const kind = HOST_ACTIONS[row.kind] ?? 'card';
  const value = valueOf(kind, row.number, row.target);
  return {
    kind,
    host: memberIdOf(row.host),
    at: row.at,
    ...(row.member === undefined ? {} : { member: memberIdOf(row.member) }),
    ...(value === undefined ? {} : { value }),
  };
}

function valueOf(kind: HostActionKind, number: number, target: Uint8Array | undefined): string | undefined {
  if (kind === 'door') return DOORS[number];
  if (kind === 'mode') return MODES[number];
  return target === undefined ? undefined : toHex(target);
}
