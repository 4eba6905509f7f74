// Session and pre-keys of a conversation or invite, read and written inside the transaction of an event.
import { randomBytes, toHex } from '../crypto/index.ts';
import type { SignalEngine } from '../signal/module.ts';
import type { Session } from '../signal/session.ts';
import type { PreKeySecret } from '../signal/staged-stores.ts';
import type { KeyPath, ReadView, Transaction } from '../store/index.ts';
import {
  conversationPath,
  preKeyKindName,
  preKeyKindNumber,
  preKeys,
  type PreKeyRow,
  sessions,
} from './record.ts';

/** Whose keys: a conversation or an invite of a persona. */
export interface KeyOwner {
  readonly personaId: string;
  readonly ownerId: string;
}

function preKeyPath(owner: KeyOwner, key: string): KeyPath {
  return [...conversationPath(owner.personaId, owner.ownerId), `prekey/${key}`];
}

const rowKey = (kind: string, id: number): string => `${kind}-${String(id)}`;

export async function loadSession(view: ReadView, conversationId: string): Promise<Session | undefined> {
  return sessions.get(view, conversationId, 'current');
}

/**
 * Each state of a session lies under a key of its own, and the state before it is erased with its key: whoever takes
 * the device later finds no old state in the store's files from which recorded messages could be opened.
 */
export async function saveSession(tx: Transaction, owner: KeyOwner, session: Session): Promise<void> {
  const base = conversationPath(owner.personaId, owner.ownerId);
  const spent = tx.childKeys(base).filter((name) => name.startsWith('session/'));
  const under = [...base, `session/${toHex(randomBytes(8))}`];
  await sessions.put(tx, { partition: owner.ownerId, key: 'current', value: session }, { under });
  for (const name of spent) tx.eraseKey([...base, name]);
}

/** All pre-keys that this engine made. */
export async function loadPreKeys(
  view: ReadView,
  ownerId: string,
  engine: SignalEngine,
): Promise<readonly (PreKeyRow & { readonly secret: PreKeySecret | undefined })[]> {
  const found = [];
  for await (const { value } of preKeys.scan(view, ownerId)) {
    const kind = preKeyKindName(value.kind);
    const secret = kind === 'box' ? undefined : { kind, id: value.id, record: value.record };
    if (value.engine === engine.name || kind === 'box') found.push({ ...value, secret });
  }
  return found;
}

/** The secrets alone, as a session operation wants them. */
export function secretsOf(rows: readonly { secret: PreKeySecret | undefined }[]): readonly PreKeySecret[] {
  return rows.flatMap((row) => (row.secret === undefined ? [] : [row.secret]));
}

/** Each pre-key under a key of its own, so that using it up erases it. */
export async function savePreKeys(
  tx: Transaction,
  owner: KeyOwner,
  secrets: readonly PreKeySecret[],
  made: { engine: string; atSeconds: number },
): Promise<void> {
  for (const secret of secrets) {
    const key = rowKey(secret.kind, secret.id);
    const value: PreKeyRow = {
      kind: preKeyKindNumber(secret.kind),
      id: secret.id,
      record: secret.record,
      engine: made.engine,
      at: made.atSeconds,
    };
    await preKeys.put(tx, { partition: owner.ownerId, key, value }, { under: preKeyPath(owner, key) });
  }
}

/** The X25519 secret of a standing address' bundle. */
export async function saveBoxKey(
  tx: Transaction,
  owner: KeyOwner,
  secretKey: Uint8Array,
  atSeconds: number,
): Promise<void> {
  const id = atSeconds;
  const key = rowKey('box', id);
  const value: PreKeyRow = {
    kind: preKeyKindNumber('box'),
    id,
    record: secretKey,
    engine: 'box',
    at: atSeconds,
  };
  await preKeys.put(tx, { partition: owner.ownerId, key, value }, { under: preKeyPath(owner, key) });
}

/** Removes pre-keys and the keys that sealed them. */
export async function dropPreKeys(
  tx: Transaction,
  owner: KeyOwner,
  which: (row: PreKeyRow) => boolean,
): Promise<void> {
  const doomed: string[] = [];
  for await (const { value } of preKeys.scan(tx, owner.ownerId)) {
    if (which(value)) doomed.push(rowKey(preKeyKindName(value.kind), value.id));
  }
  for (const key of doomed) {
    preKeys.del(tx, owner.ownerId, key);
    tx.eraseKey(preKeyPath(owner, key));
  }
}

/** Names a (pre-key, base key) pair: a standing address refuses its second use. */
export function firstUseKey(used: { kyberId: number; signedId: number; baseKey: Uint8Array }): string {
  return `${String(used.kyberId)}/${String(used.signedId)}/${toHex(used.baseKey)}`;
}
