// A group's state as bytes, for the device's store only: version ‖ suite ‖ ts-mls' encoding. Strict on reading, though
// nobody else writes it. When it is written, and under which key, is the room's runner's concern.
import { decodeGroupState, encodeGroupState } from 'ts-mls';
import { concatBytes, equalBytes } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { clientConfig } from './config.ts';
import { type GroupState, groupState } from './group.ts';
import { ROOM_SUITES, SUITE_NAMES, suiteOf } from './suite.ts';

const VERSION = 1;

export function encodeGroup({ mls, suite }: GroupState): Uint8Array {
  return concatBytes(Uint8Array.of(VERSION, ROOM_SUITES.indexOf(suite.kind)), encodeGroupState(mls));
}

/** @throws SottoError STORE_CORRUPT */
export async function decodeGroup(bytes: Uint8Array): Promise<GroupState> {
  try {
    const kind = ROOM_SUITES[bytes[1] ?? -1];
    const body = bytes.slice(2);
    const [mls, length] = decodeGroupState(body, 0) ?? [];
    const isWhole =
      bytes[0] === VERSION &&
      kind !== undefined &&
      mls !== undefined &&
      length === body.length &&
      mls.groupContext.cipherSuite === SUITE_NAMES[kind] &&
      equalBytes(encodeGroupState(mls), body);
    if (!isWhole) throw new SottoError('STORE_CORRUPT');
    return groupState(await suiteOf(kind), { ...mls, clientConfig });
  } catch (cause) {
    throw new SottoError('STORE_CORRUPT', { cause });
  }
}
