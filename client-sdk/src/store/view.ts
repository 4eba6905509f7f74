// Reads of committed state: row → plaintext record, where the row's key still exists. A transaction lays its own
// writes over this (`transaction.ts`).
import { SottoError } from '../errors.ts';
import type { RowKey } from './row-seal.ts';
import { decodeRecord } from './record-key.ts';
import type { Place } from './place.ts';
import type { Session } from './session.ts';
import type { RawRecord, ReadView, RecordAddress, ScanOptions } from './vault.ts';

/** Gives the session, or throws what the vault's state calls for. */
export type SessionSource = () => Session;

/** The key that opens a row; undefined where it was erased. */
export type KeyLookup = (serial: string) => RowKey | undefined;

/** A `ReadView` on what is committed. @param session - Asked anew at each row, so that a lock ends a scan. */
export function committedView(place: Place, session: SessionSource): ReadView {
  return {
    async getRaw(address: RecordAddress) {
      const key = session().names.of(address.table, address.partition, address.key);
      const row = await place.rows.get(key);
      return row && openRow(session(), key, row, ringLookup(session()))?.value;
    },
    async *scanRaw(range, options: ScanOptions<string | number> = {}) {
      let left = options.limit ?? Infinity;
      if (left <= 0) return;
      for await (const page of place.rows.scan(session().names.range(range, options))) {
        for (const [key, row] of page) {
          options.signal?.throwIfAborted();
          const record = openRow(session(), key, row, ringLookup(session()));
          if (record === undefined) continue;
          yield record;
          if (--left <= 0) return;
        }
      }
    },
  };
}

/** Looks among the vault's own key and the ring's. */
export function ringLookup({ ring, seals }: Session): KeyLookup {
  return (serial) => (serial === seals.own.serial ? seals.own : ring.bySerial(serial));
}

/** @returns undefined where the row's key was erased. @throws SottoError STORE_CORRUPT */
export function openRow(
  session: Session,
  recordKey: Uint8Array,
  row: Uint8Array,
  lookup: KeyLookup,
): RawRecord | undefined {
  const key = lookup(session.seals.serialOf(row));
  if (key === undefined) return undefined;
  return decodeRecord(recordKey, session.seals.open(recordKey, row, key.sealKey));
}

/** Guards a view (or transaction) against use after its end. */
export function endable<V extends object>(view: V): { view: V; end: () => void } {
  let over = false;
  const guarded = new Proxy(view, {
    get(target, name) {
      if (over) throw new SottoError('STORE_TRANSACTION_OVER');
      const member = Reflect.get(target, name, target) as unknown;
      // Bound, because private fields are not reachable through a proxy.
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return {
    view: guarded,
    end: () => {
      over = true;
    },
  };
}
