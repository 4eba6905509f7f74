// Packets that exceed a block, as far as a room needs spills: written whole before the packet that names them, against
// the quota of the room's log, and read once. Bounds and hash are checked before anything is made of the bytes.
import { SottoError } from '../errors.ts';
import type { RelaySession, WriterHandle } from '../net/index.ts';
import { memorySource, planSpill, readSpill, type SpillRef, spillRef, writeSpill } from '../spill/index.ts';
import { MAX_COMMIT_BYTES, MAX_STATE_BYTES } from './packet.ts';

/** As long as a slot is kept: newcomers begin from it. */
const TTL_SECONDS = 30 * 86_400;
const MAX_BYTES = MAX_COMMIT_BYTES + MAX_STATE_BYTES + 8_192;

/** @param against - a right on the room's log. @returns what names it, for the same relay. */
export async function writeSpilled(
  session: RelaySession,
  bytes: Uint8Array,
  against: WriterHandle,
): Promise<SpillRef> {
  const source = memorySource(bytes);
  const plan = await planSpill(source, { ttlSeconds: TTL_SECONDS });
  return spillRef(await writeSpill(session, { against, source, plan }));
}

/** @throws SottoError SPILL_…, NET_…; CONTENT_MALFORMED for what no room would write. */
export async function readSpilled(session: RelaySession, ref: SpillRef): Promise<Uint8Array> {
  // Another relay's address in a room's packet would lead members' devices elsewhere.
  if (ref.length > MAX_BYTES || ref.relay !== '') throw new SottoError('CONTENT_MALFORMED');
  const bytes = new Uint8Array(ref.length);
  await readSpill(session, ref, {
    onPiece: ({ offset, bytes: piece }) => {
      bytes.set(piece, offset);
      return Promise.resolve();
    },
  });
  return bytes;
}
