// Looks into a relay's store on disk, as whoever seizes it would: how many rows of blocks it holds. lmdb is the relay's
// dependency, so it is reached by its path.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Table {
  getKeys(): Iterable<unknown>;
}
interface Lmdb {
  open(options: object): { openDB(options: object): Table; close(): Promise<void> };
}

const path = new URL('../../../../node_modules/lmdb/index.js', import.meta.url).href;

export async function rowsAtRest(data: string): Promise<number> {
  const names = readdirSync(data, { recursive: true }).map(String);
  const file = names.find((name) => name.endsWith('data.mdb'));
  if (file === undefined) throw new Error('no store there');
  const lmdb = (await import(path)) as Lmdb;
  const root = lmdb.open({ path: join(data, file), noSubdir: true, maxDbs: 16, readOnly: true });
  try {
    const rows = root.openDB({ name: 'rows', encoding: 'binary', keyEncoding: 'binary' });
    return [...rows.getKeys()].length;
  } finally {
    await root.close();
  }
}
