// All that exists only while a vault is unlocked: keys, the tree of erasable keys, the generation. Made from the
// unwrapped root by `startSession`, which also judges whether the parts fit together; wiped by `endSession`.
import { randomBytes, wipe } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { VaultRoot } from './header.ts';
import { KeyFile, type KeySlot } from './key-file.ts';
import { KeyRing, parentPath } from './key-ring.ts';
import {
  FENCE_KEY,
  FIRST_RECORD_KEY,
  type Meta,
  META_KEY,
  openFence,
  openMeta,
  sealFence,
  sealMeta,
} from './meta.ts';
import type { Fence, Place, RowOperation, Rows } from './place.ts';
import { decodeRecord, encodeRecord, RecordKeys } from './record-key.ts';
import { keySerial, RowSeal, serialBytes } from './row-seal.ts';

/** The table of the tree of keys: path → serial. */
export const DIRECTORY_TABLE = '\0keys';
export const LAST_KEY = new Uint8Array(64).fill(0xff);
const DELETE_LOT = 1_000;

export interface Session {
  readonly root: VaultRoot;
  readonly seals: RowSeal;
  readonly ring: KeyRing;
  readonly keyFile: KeyFile;
  readonly fence: Fence;
  names: RecordKeys;
  meta: Meta;
  /** Keys whose rows are gone but whose overwriting failed; tried again at each commit and at the next start. */
  unerased: KeySlot[];
}

/** Fills a new place: key file, meta and fence rows. The header comes last and is the caller's. */
export async function createSession(place: Place, root: VaultRoot): Promise<Session> {
  const keyFile = await KeyFile.create(place.keys, root.master, root.vaultId);
  const seals = new RowSeal(root.master);
  const nameKey = randomBytes(32);
  const meta = { generation: 1, keyFloor: 1, nameKey, rewound: false, imported: false, importing: false };
  const fence = { key: FENCE_KEY, value: sealFence(seals, 1) };
  await deleteAll(place.rows, undefined);
  await place.rows.commit(
    [
      { type: 'put', ...fence },
      { type: 'put', key: META_KEY, value: sealMeta(seals, meta) },
    ],
    undefined,
  );
  return sessionOf({ root, seals, keyFile, fence, meta, ring: new KeyRing(root.master) });
}

/**
 * Reads keys and meta, notices parts that are older than others, takes the fence, sweeps leftovers of a crash.
 * @param held - The fence of an earlier session of the same holder, kept while locked; undefined at opening.
 * @throws SottoError STORE_CORRUPT, STORE_FENCED, STORE_FULL, STORE_IO
 */
export async function startSession(place: Place, root: VaultRoot, held?: Fence): Promise<Session> {
  const seals = new RowSeal(root.master);
  // Before the rows, whose first use has LevelDB rewrite its files: a damaged key file is refused untouched.
  const { keys: keyFile, slots } = await KeyFile.load(place.keys, root.master, root.vaultId);
  const found = openMeta(seals, await place.rows.get(META_KEY));
  const keyGeneration = keyFile.generation;
  const fenceRow = await place.rows.get(FENCE_KEY);
  const before: Fence | undefined = held ?? (fenceRow && { key: FENCE_KEY, value: fenceRow });
  const fence = { key: FENCE_KEY, value: sealFence(seals, openFence(seals, fenceRow) + 1) };
  const ring = new KeyRing(root.master);
  const names = new RecordKeys(found.nameKey);
  if (found.importing) await deleteAll(place.rows, before);
  const { spare, lost } = await loadDirectory({ rows: place.rows, seals, names, ring, slots });

  const rewound = found.generation < keyGeneration || keyGeneration < found.keyFloor || lost.length > 0;
  const meta: Meta = {
    ...found,
    generation: Math.max(found.generation, keyGeneration) + 1,
    keyFloor: keyGeneration,
    rewound: found.rewound || rewound,
    importing: false,
  };
  await place.rows.commit(
    [
      { type: 'put', ...fence },
      { type: 'put', key: META_KEY, value: sealMeta(seals, meta) },
      // What stood under them is lost; their paths become free for new keys.
      ...lost.map((key) => ({ type: 'del', key }) as const),
    ],
    before,
  );
  await keyFile.writeGeneration(meta.generation);
  await keyFile.sync();
  await keyFile.erase(spare);
  return sessionOf({ root, seals, keyFile, fence, ring, meta: { ...meta, keyFloor: meta.generation } });
}

/** Wipes every key of the session from memory. */
export function endSession(session: Session): void {
  session.ring.wipe();
  session.keyFile.wipe();
  session.seals.wipe();
  wipe(session.root.master, session.meta.nameKey);
}

/** Deletes every record, the directory of keys included. @param fence - Undefined only while a vault is being made. */
export async function deleteAll(rows: Rows, fence: Fence | undefined): Promise<void> {
  let lot: RowOperation[] = [];
  for await (const page of rows.scan({ from: FIRST_RECORD_KEY, to: LAST_KEY })) {
    for (const [key] of page) lot.push({ type: 'del', key });
    if (lot.length >= DELETE_LOT) {
      await rows.commit(lot, fence);
      lot = [];
    }
  }
  if (lot.length > 0) await rows.commit(lot, fence);
}

/** A directory row that says which key stands at a path. */
export function directoryRow(session: Session, path: string, serial: string): RowOperation {
  const key = session.names.of(DIRECTORY_TABLE, '', path);
  const record = encodeRecord(path, serialBytes(serial));
  return { type: 'put', key, value: session.seals.seal(key, record, session.seals.own) };
}

function sessionOf(parts: Omit<Session, 'names' | 'unerased'>): Session {
  return { ...parts, names: new RecordKeys(parts.meta.nameKey), unerased: [] };
}

/** Builds the tree. @returns keys in the file that nothing uses, and directory rows whose key is not in the file. */
async function loadDirectory(input: {
  rows: Rows;
  seals: RowSeal;
  names: RecordKeys;
  ring: KeyRing;
  slots: readonly KeySlot[];
}): Promise<{ spare: KeySlot[]; lost: Uint8Array[] }> {
  const { rows, seals, names, ring } = input;
  const unused = new Map(input.slots.map((slot) => [slot.serial, slot] as const));
  const found: { row: Uint8Array; path: string; serial: string }[] = [];
  const range = names.range({ table: DIRECTORY_TABLE, partition: '', ordered: false });
  for await (const page of rows.scan(range)) {
    for (const [key, row] of page) {
      const { key: path, value } = decodeRecord(key, seals.open(key, row, seals.own.sealKey));
      if (typeof path !== 'string') throw new SottoError('STORE_CORRUPT');
      found.push({ row: key, path, serial: keySerial(value) });
    }
  }
  // Parents before children.
  found.sort((a, b) => a.path.length - b.path.length);
  const lost: Uint8Array[] = [];
  for (const { row, path, serial } of found) {
    const slot = unused.get(serial);
    const above = parentPath(path);
    const parent = above === undefined ? undefined : ring.get(above);
    if (slot === undefined || (above !== undefined && parent === undefined)) {
      lost.push(row);
      continue;
    }
    ring.add(ring.derive(path, slot, parent));
    unused.delete(serial);
  }
  return { spare: [...unused.values()], lost };
}
