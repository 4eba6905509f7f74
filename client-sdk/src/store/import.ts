// Fills an empty vault from an export, all or nothing: rows go in under a mark that makes them void until the last
// chunk has proved whole. What an import means for sessions (it is a move) is the client's concern.
import { concatBytes, fromUtf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { ITEM_HEADER_BYTES, NAME_KEY_BYTES } from './export.ts';
import { openChunks } from './export-format.ts';
import { pathsDownTo, type TreeKey } from './key-ring.ts';
import { FIRST_RECORD_KEY, type Meta, META_KEY, sealMeta } from './meta.ts';
import type { Place, RowOperation } from './place.ts';
import { decodeRecord, RecordKeys } from './record-key.ts';
import { deleteAll, directoryRow, LAST_KEY, type Session } from './session.ts';

const LOT_BYTES = 1_048_576;

/** @throws SottoError STORE_NOT_EMPTY, STORE_PASSPHRASE, EXPORT_DAMAGED, EXPORT_VERSION, STORE_FULL; empty again then. */
export async function importInto(input: {
  place: Place;
  session: Session;
  stream: AsyncIterable<Uint8Array>;
  passphrase: string;
}): Promise<void> {
  const { place, session } = input;
  for await (const page of place.rows.scan({ from: FIRST_RECORD_KEY, to: LAST_KEY })) {
    if (page.length > 0) throw new SottoError('STORE_NOT_EMPTY');
  }
  const chunks = openChunks(input.stream, input.passphrase);
  // A wrong passphrase or a foreign file is found out before anything is written.
  const first = await chunks.next();
  if (first.done === true || first.value.length < NAME_KEY_BYTES) throw new SottoError('EXPORT_DAMAGED');
  const before = session.meta;
  const made: TreeKey[] = [];
  try {
    await commitMeta(input, [], { importing: true });
    const head = first.value;
    session.names = new RecordKeys(head.slice(0, NAME_KEY_BYTES));
    await putItems(input, head.subarray(NAME_KEY_BYTES), chunks, made);
    const directory = made.map(({ path, serial }) => directoryRow(session, path, serial));
    await commitMeta(input, directory, {
      importing: false,
      imported: true,
      nameKey: head.slice(0, NAME_KEY_BYTES),
    });
  } catch (error) {
    session.names = new RecordKeys(before.nameKey);
    for (const key of made) session.ring.remove(key);
    // Should this fail too, the mark stays and the next opening does it.
    await deleteAll(place.rows, session.fence);
    await session.keyFile.erase(made.map(({ slot }) => slot));
    await commitMeta(input, [], { importing: false });
    throw error;
  } finally {
    await chunks.return?.();
  }
}

async function putItems(
  input: { place: Place; session: Session },
  start: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
  made: TreeKey[],
): Promise<void> {
  const { place, session } = input;
  let held = start;
  let lot: RowOperation[] = [];
  let lotBytes = 0;
  const drain = async (): Promise<void> => {
    for (let item = takeItem(held); item !== undefined; item = takeItem(held)) {
      held = item.rest;
      decodeRecord(item.key, item.record);
      const under = item.path === '' ? session.seals.own : await keyAt(session, item.path, made);
      const value = session.seals.seal(item.key, item.record, under);
      lot.push({ type: 'put', key: item.key, value });
      lotBytes += value.length;
      if (lotBytes < LOT_BYTES) continue;
      await place.rows.commit(lot, session.fence);
      lot = [];
      lotBytes = 0;
    }
  };
  await drain();
  for await (const chunk of chunks) {
    held = concatBytes(held, chunk);
    await drain();
  }
  if (held.length > 0) throw new SottoError('EXPORT_DAMAGED');
  if (lot.length > 0) await place.rows.commit(lot, session.fence);
}

function takeItem(
  held: Uint8Array,
): { key: Uint8Array; path: string; record: Uint8Array; rest: Uint8Array } | undefined {
  if (held.length < ITEM_HEADER_BYTES) return undefined;
  const view = new DataView(held.buffer, held.byteOffset, held.byteLength);
  const pathAt = ITEM_HEADER_BYTES + view.getUint8(0);
  const recordAt = pathAt + view.getUint16(1);
  const end = recordAt + view.getUint32(3);
  if (held.length < end) return undefined;
  return {
    key: held.slice(ITEM_HEADER_BYTES, pathAt),
    path: fromUtf8(held.subarray(pathAt, recordAt)),
    record: held.slice(recordAt, end),
    rest: held.subarray(end),
  };
}

async function keyAt(session: Session, path: string, made: TreeKey[]): Promise<TreeKey> {
  let parent: TreeKey | undefined;
  for (const step of pathsDownTo(path)) {
    let key = session.ring.get(step);
    if (key === undefined) {
      key = session.ring.derive(step, await session.keyFile.take(), parent);
      session.ring.add(key);
      made.push(key);
    }
    parent = key;
  }
  if (parent === undefined) throw new SottoError('EXPORT_DAMAGED');
  return parent;
}

async function commitMeta(
  { place, session }: { place: Place; session: Session },
  operations: readonly RowOperation[],
  change: Partial<Meta>,
): Promise<void> {
  const meta = { ...session.meta, ...change, generation: session.meta.generation + 1 };
  const row = { type: 'put', key: META_KEY, value: sealMeta(session.seals, meta) } as const;
  await place.rows.commit([...operations, row], session.fence);
  session.meta = meta;
  await session.keyFile.writeGeneration(meta.generation);
}
