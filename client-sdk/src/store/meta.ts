// The vault's own two rows: the fence, whose bytes each commit must still find, and the meta record with the
// generation and the flags that outlive a restart. Layout: docs/store-format.md section 6.
import { SottoError } from '../errors.ts';
import type { RowSeal } from './row-seal.ts';

/** Zeros, and shorter than any record key: below all records, whatever their hashed prefix begins with. */
export const FENCE_KEY = Uint8Array.of(0);
export const META_KEY = Uint8Array.of(0, 0);
/** All records lie from here on: the least one has 16 zeros in front. */
export const FIRST_RECORD_KEY = Uint8Array.of(0, 0, 0);

const NAME_KEY_BYTES = 32;
const META_BYTES = 17 + NAME_KEY_BYTES;
const FLAGS = { rewound: 1, imported: 2, importing: 4 } as const;

export interface Meta {
  /** Rises with every commit; the key file holds it too. */
  readonly generation: number;
  /** The key file is known to have been durable at this generation or a later one. */
  readonly keyFloor: number;
  /** Hashes names into record keys. Travels with an export, so that rows keep their keys. */
  readonly nameKey: Uint8Array;
  readonly rewound: boolean;
  readonly imported: boolean;
  /** An import has begun and not ended: what is here is void. */
  readonly importing: boolean;
}

export function sealMeta(rows: RowSeal, meta: Meta): Uint8Array {
  const bytes = new Uint8Array(META_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(meta.generation));
  view.setBigUint64(8, BigInt(meta.keyFloor));
  let flags = 0;
  for (const name of ['rewound', 'imported', 'importing'] as const) if (meta[name]) flags |= FLAGS[name];
  view.setUint8(16, flags);
  bytes.set(meta.nameKey, 17);
  return rows.seal(META_KEY, bytes, rows.own);
}

/** @throws SottoError STORE_CORRUPT */
export function openMeta(rows: RowSeal, row: Uint8Array | undefined): Meta {
  if (row === undefined || rows.serialOf(row) !== rows.own.serial) throw new SottoError('STORE_CORRUPT');
  const bytes = rows.open(META_KEY, row, rows.own.sealKey);
  if (bytes.length !== META_BYTES) throw new SottoError('STORE_CORRUPT');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const flags = view.getUint8(16);
  return {
    generation: Number(view.getBigUint64(0)),
    keyFloor: Number(view.getBigUint64(8)),
    nameKey: bytes.slice(17),
    rewound: (flags & FLAGS.rewound) !== 0,
    imported: (flags & FLAGS.imported) !== 0,
    importing: (flags & FLAGS.importing) !== 0,
  };
}

/** A new fence row: the number of openings so far, sealed, so that its bytes never repeat. */
export function sealFence(rows: RowSeal, openings: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(openings));
  return rows.seal(FENCE_KEY, bytes, rows.own);
}

/** @throws SottoError STORE_CORRUPT */
export function openFence(rows: RowSeal, row: Uint8Array | undefined): number {
  if (row === undefined || rows.serialOf(row) !== rows.own.serial) throw new SottoError('STORE_CORRUPT');
  const bytes = rows.open(FENCE_KEY, row, rows.own.sealKey);
  if (bytes.length !== 8) throw new SottoError('STORE_CORRUPT');
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
}
