// A host's word on which state of the group is the one: in a packet that puts the state right, signed for the very place
// in the log where it stands, so that nobody can say it again elsewhere. Whoever has another state comes back. Needed
// since a member that was led astray can open nothing that a host says inside the group.
import { bytes, message, type TypeOf } from '../content/wire-codec.ts';
import { concatBytes, equalBytes, sha256, type SigningKeyPair, utf8 } from '../crypto/index.ts';
import { epochAuthenticator, type GroupState, isHost, roles } from './group/index.ts';
import { checkPaper, signPaper } from './signed.ts';

const WORD = utf8('sotto.v1.room.word\0');
const MARK = utf8('sotto.v1.room.epoch\0');

export const wordCodec = message({
  host: bytes(1, 32),
  /** Says which epoch is meant to those who are in it, and nothing to others. */
  mark: bytes(2, 32),
  signature: bytes(3, 64),
});
export type Word = TypeOf<typeof wordCodec>;

function markOf(state: GroupState): Uint8Array {
  return sha256(concatBytes(MARK, epochAuthenticator(state)));
}

/** @param place - sequence of the ordered packet before this one. */
function contentOf(roomId: Uint8Array, place: number, mark: Uint8Array): Uint8Array[] {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(place));
  return [roomId, number, mark];
}

/** @param place - `expect` of the packet that carries it. */
export function giveWord(
  state: GroupState,
  at: { roomId: Uint8Array; place: number },
  host: SigningKeyPair,
): Word {
  const mark = markOf(state);
  return {
    host: host.publicKey,
    mark,
    signature: signPaper(WORD, host, ...contentOf(at.roomId, at.place, mark)),
  };
}

/**
 * What a host says here of my state of the group: that it is the one, or that there is another; or nothing.
 * @param place - sequence of the ordered packet that I read before this one.
 */
export function wordOn(
  own: GroupState,
  at: { roomId: Uint8Array; place: number },
  { host, mark, signature }: Word,
): 'mine' | 'another' | 'none' {
  if (!isHost(roles(own), host)) return 'none';
  try {
    checkPaper(WORD, { key: host, signature }, ...contentOf(at.roomId, at.place, mark));
  } catch {
    return 'none';
  }
  return equalBytes(mark, markOf(own)) ? 'mine' : 'another';
}
