// An attachment's bytes in the store: written row by row in a few transactions, read piece by piece. What lies there is
// sealed under the attachment's own key. Not its concern: where the bytes come from or go to.
import type { HistoryOwner } from '../history/write.ts';
import { type RunningHash, runningSha256 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { type ByteSource, readExactly } from '../spill/plan.ts';
import type { Transaction, Vault } from '../store/index.ts';
import { fileRows, filePath, ROW_BYTES, rowsOf } from './record.ts';

/** Rows written in one transaction: a quarter of a megabyte. */
export const ROWS_AT_ONCE = 4;

/** Cuts `bytes` into rows from row `first` on; all but the file's last row are full. */
export async function putRows(
  tx: Transaction,
  owner: HistoryOwner,
  idHex: string,
  rows: { first: number; bytes: Uint8Array },
): Promise<void> {
  const partition = rowsOf(owner, idHex);
  const under = filePath(owner, idHex);
  for (let at = 0; at < rows.bytes.length; at += ROW_BYTES) {
    const value = { bytes: rows.bytes.slice(at, at + ROW_BYTES) };
    await fileRows.put(tx, { partition, key: rows.first + at / ROW_BYTES, value }, { under });
  }
}

/**
 * Copies a source into the store. @returns its SHA-256.
 * @throws SottoError SPILL_STOPPED, SPILL_SOURCE, STORE_…
 */
export async function takeIn(
  vault: Vault,
  owner: HistoryOwner,
  idHex: string,
  input: { source: ByteSource; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { source, signal } = input;
  const hash: RunningHash = runningSha256();
  const atOnce = ROWS_AT_ONCE * ROW_BYTES;
  for (let at = 0; at < source.length; at += atOnce) {
    if (signal?.aborted === true) throw new SottoError('SPILL_STOPPED', { retry: 'later' });
    const bytes = await readExactly(source, at, Math.min(atOnce, source.length - at));
    hash.update(bytes);
    await vault.transact((tx) => putRows(tx, owner, idHex, { first: at / ROW_BYTES, bytes }));
  }
  return hash.digest();
}

/** A kept attachment as a source. Reading fails with STORE_CORRUPT where rows are missing. */
export function shelfSource(vault: Vault, owner: HistoryOwner, idHex: string, length: number): ByteSource {
  const partition = rowsOf(owner, idHex);
  return {
    length,
    read: (offset, wanted) =>
      vault.read(async (view) => {
        const out = new Uint8Array(wanted);
        for (let at = offset; at < offset + wanted;) {
          const row = await fileRows.get(view, partition, Math.floor(at / ROW_BYTES));
          const from = at % ROW_BYTES;
          const piece = row?.bytes.subarray(from, from + offset + wanted - at);
          if (piece === undefined || piece.length === 0) throw new SottoError('STORE_CORRUPT');
          out.set(piece, at - offset);
          at += piece.length;
        }
        return out;
      }),
  };
}
