// What the device keeps of one attachment beside its message: the bytes in rows, sealed under a key of its own, so that
// they can be erased alone, and how far their sending or fetching is. Not its concern: the message itself (history/).
import { bytes, message, optional, optionalBytes, type TypeOf, uint } from '../content/wire-codec.ts';
import { conversationPath } from '../conversation/record.ts';
import type { HistoryOwner } from '../history/write.ts';
import { type SpillPlan, spillPlanCodec } from '../spill/plan.ts';
import { type KeyPath, namedTable, orderedTable, type Transaction } from '../store/index.ts';

/** Largest attachment. */
export const MAX_FILE_BYTES = 25 * 1_048_576;
/** Bytes in a row: 16 pieces of a spill, below what one record of an export holds. */
export const ROW_BYTES = 16 * 3_928;

/**
 * taking: being copied into the store · sending: not yet whole at the relay · sent · fetching: some rows are here ·
 * here: fetched, checked and kept.
 */
export const FILE_PHASES = { taking: 1, sending: 2, sent: 3, fetching: 4, here: 5 } as const;

const fileCodec = message({
  phase: uint(1, 5),
  /** Unix milliseconds: what was begun first is sent first. */
  at: uint(2),
  /** sending, sent (or given up): the spill and the means to remove it. */
  plan: optional(3, spillPlanCodec),
  /** fetching: how far, in which incarnation of the relay's channel. */
  incarnation: optionalBytes(4, 16),
  blocks: uint(5),
});
export type FileRecord = TypeOf<typeof fileCodec>;

/** Partition: conversation id; key: content id (hex). */
export const files = namedTable('file', fileCodec);

const rowBytes = message({ bytes: bytes(1, 1, ROW_BYTES) });
/** Partition: `rowsOf`; key: number of the row. */
export const fileRows = orderedTable('file-row', rowBytes);

/** The partition of one attachment's rows. */
export function rowsOf(owner: HistoryOwner, idHex: string): string {
  return `${owner.conversationId}/${idHex}`;
}

/** The key that seals one attachment's rows. */
export function filePath(owner: HistoryOwner, idHex: string): KeyPath {
  return [...conversationPath(owner.personaId, owner.conversationId), `file/${idHex}`];
}

/** Writes the record under the attachment's own key. */
export function putFile(
  tx: Transaction,
  owner: HistoryOwner,
  idHex: string,
  value: FileRecord,
): Promise<void> {
  const entry = { partition: owner.conversationId, key: idHex, value };
  return files.put(tx, entry, { under: filePath(owner, idHex) });
}

/** The relay has it whole, and its message is on its way, by the same transaction. */
export async function fileSent(
  tx: Transaction,
  owner: HistoryOwner,
  idHex: string,
  plan: SpillPlan,
): Promise<void> {
  const record = await files.get(tx, owner.conversationId, idHex);
  if (record === undefined) return;
  await putFile(tx, owner, idHex, { ...record, plan, phase: FILE_PHASES.sent });
}

/** Erases one attachment's bytes for good. Its message is the caller's. No-op where there are none. */
export async function eraseFile(tx: Transaction, owner: HistoryOwner, idHex: string): Promise<void> {
  await tx.clear(fileRows, rowsOf(owner, idHex));
  files.del(tx, owner.conversationId, idHex);
  tx.eraseKey(filePath(owner, idHex));
}

/** Erases all attachments of a conversation. */
export async function eraseFiles(tx: Transaction, owner: HistoryOwner): Promise<void> {
  const ids = new Set<string>();
  const prefix = 'file/';
  for (const name of tx.childKeys(conversationPath(owner.personaId, owner.conversationId))) {
    if (name.startsWith(prefix)) ids.add(name.slice(prefix.length));
  }
  for await (const { key } of files.scan(tx, owner.conversationId)) ids.add(key);
  for (const id of ids) await eraseFile(tx, owner, id);
}
