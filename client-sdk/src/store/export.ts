// A vault's records as a stream: the key for names, then each record with the path of keys it stands under.
// Sealing and chunks are `export-format.ts`'s concern, putting it all back `import.ts`'s.
import { type Argon2idCost, concatBytes, utf8 } from '../crypto/index.ts';
import { beginExport, CHUNK_BYTES, sealChunk } from './export-format.ts';
import { FIRST_RECORD_KEY } from './meta.ts';
import type { Place } from './place.ts';
import { DIRECTORY_TABLE, LAST_KEY } from './session.ts';
import { keyText } from './record-key.ts';
import { ringLookup, type SessionSource } from './view.ts';

/** record key length u8 ‖ path length u16 ‖ record length u32. */
export const ITEM_HEADER_BYTES = 7;
export const NAME_KEY_BYTES = 32;

/** The stream, header first. The caller keeps transactions away meanwhile. */
export async function* exportSession(input: {
  place: Place;
  session: SessionSource;
  passphrase: string;
  cost: Argon2idCost;
}): AsyncIterableIterator<Uint8Array> {
  const keys = await beginExport(input.passphrase, input.cost);
  yield keys.header;
  let index = 0;
  let parts: Uint8Array[] = [input.session().meta.nameKey.slice()];
  let partsBytes = NAME_KEY_BYTES;
  for await (const item of items(input.place, input.session)) {
    parts.push(item);
    partsBytes += item.length;
    if (partsBytes <= CHUNK_BYTES) continue;
    let held = concatBytes(...parts);
    for (; held.length > CHUNK_BYTES; held = held.subarray(CHUNK_BYTES)) {
      yield sealChunk(keys, { index: index++, last: false, plaintext: held.subarray(0, CHUNK_BYTES) });
    }
    parts = [held];
    partsBytes = held.length;
  }
  yield sealChunk(keys, { index, last: true, plaintext: concatBytes(...parts) });
}

async function* items(place: Place, source: SessionSource): AsyncIterableIterator<Uint8Array> {
  const directory = keyText(source().names.prefix(DIRECTORY_TABLE, '', false));
  for await (const page of place.rows.scan({ from: FIRST_RECORD_KEY, to: LAST_KEY })) {
    for (const [key, row] of page) {
      // The directory is built anew on import, under new keys.
      if (keyText(key.subarray(0, directory.length)) === directory) continue;
      const { seals, ring } = source();
      const serial = seals.serialOf(row);
      const under = ringLookup(source())(serial);
      if (under === undefined) continue;
      const path = utf8(ring.bySerial(serial)?.path ?? '');
      yield encodeItem(key, path, seals.open(key, row, under.sealKey));
    }
  }
}

function encodeItem(key: Uint8Array, path: Uint8Array, record: Uint8Array): Uint8Array {
  const header = new Uint8Array(ITEM_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint8(0, key.length);
  view.setUint16(1, path.length);
  view.setUint32(3, record.length);
  return concatBytes(header, key, path, record);
}
