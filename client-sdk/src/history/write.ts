// Changes to a conversation's history, inside the transaction of the event that causes them: add a line, change one,
// remove one for good. Reading is history.ts; when timed lines expire is expiry.ts.
import { eraseFile } from '../attachment/record.ts';
import { toHex } from '../crypto/index.ts';
import { queuedContents, saidContents } from '../outbox/record.ts';
import type { Transaction } from '../store/index.ts';
import {
  type Line,
  linePath,
  linePositions,
  lines,
  type LineKind,
  LINE_KINDS,
  timedLines,
} from './record.ts';

/** Whose history: partition and key path follow from it. */
export interface HistoryOwner {
  readonly personaId: string;
  readonly conversationId: string;
}

/** A line with everything but what the caller says. */
export function blankLine(kind: LineKind, id: Uint8Array, nowMs: number): Line {
  return {
    kind: LINE_KINDS.indexOf(kind),
    id,
    mine: false,
    at: nowMs,
    storedAt: nowMs,
    text: '',
    warning: '',
    number: 0,
    edited: false,
    retracted: false,
    reactions: [],
    timerSeconds: 0,
    expiresAt: 0,
    delivery: 0,
    keptUntil: 0,
    authorName: '',
    mentioned: false,
  };
}

/** Appends a line. @returns the record with its next position, and the position taken. */
export async function addLine<R extends { nextPosition: number }>(
  tx: Transaction,
  owner: HistoryOwner,
  record: R,
  line: Line,
): Promise<{ record: R; position: number }> {
  const position = record.nextPosition + 1;
  await putLine(tx, owner, position, line);
  return { record: { ...record, nextPosition: position }, position };
}

/** Writes a line at its position, with its index and its timer. */
export async function putLine(
  tx: Transaction,
  owner: HistoryOwner,
  position: number,
  line: Line,
): Promise<void> {
  const partition = owner.conversationId;
  const key = toHex(line.id);
  const under = linePath(owner.personaId, partition, key, line);
  await lines.put(tx, { partition, key: position, value: line }, { under });
  await linePositions.put(tx, { partition, key, value: { position } }, { under });
  if (line.expiresAt > 0) {
    await timedLines.put(tx, { partition, key, value: { position, expiresAt: line.expiresAt } }, { under });
  }
}

/** Finds a line by its content id. */
export async function findLine(
  tx: Transaction,
  conversationId: string,
  id: Uint8Array,
): Promise<{ position: number; line: Line } | undefined> {
  const index = await linePositions.get(tx, conversationId, toHex(id));
  if (index === undefined) return undefined;
  const line = await lines.get(tx, conversationId, index.position);
  return line === undefined ? undefined : { position: index.position, line };
}

/** Replaces a line's words so that the old ones can't be opened any more: its day's neighbours get a fresh key. */
export async function overwriteLine(
  tx: Transaction,
  owner: HistoryOwner,
  position: number,
  line: Line,
): Promise<void> {
  await putLine(tx, owner, position, line);
  if (line.expiresAt > 0) return;
  const path = linePath(owner.personaId, owner.conversationId, toHex(line.id), line);
  await tx.renewKey(path, [
    { table: lines, partition: owner.conversationId },
    { table: linePositions, partition: owner.conversationId },
    // What waits to be sent lies under the key of its day as well.
    { table: queuedContents, partition: owner.conversationId },
    { table: saidContents, partition: owner.conversationId },
  ]);
}

/** Removes a line that never left, with its file; its words can't be opened any more. */
export async function removeLine(
  tx: Transaction,
  owner: HistoryOwner,
  found: { position: number; line: Line },
): Promise<void> {
  const { position, line } = found;
  const key = toHex(line.id);
  await overwriteLine(tx, owner, position, {
    ...blankLine('attachment', line.id, line.storedAt),
    retracted: true,
  });
  lines.del(tx, owner.conversationId, position);
  linePositions.del(tx, owner.conversationId, key);
  timedLines.del(tx, owner.conversationId, key);
  await eraseFile(tx, owner, key);
}

/** Removes a timed line with its key, and what is attached to it. */
export async function expireLine(
  tx: Transaction,
  owner: HistoryOwner,
  idHex: string,
): Promise<number | undefined> {
  const partition = owner.conversationId;
  const timed = await timedLines.get(tx, partition, idHex);
  if (timed === undefined) return undefined;
  const line = await lines.get(tx, partition, timed.position);
  lines.del(tx, partition, timed.position);
  linePositions.del(tx, partition, idHex);
  timedLines.del(tx, partition, idHex);
  await eraseFile(tx, owner, idHex);
  if (line !== undefined) tx.eraseKey(linePath(owner.personaId, partition, idHex, line));
  return timed.position;
}
