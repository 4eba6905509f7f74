// What a word of /room is, and what several of them need: a member by number or name, one word of a few.
import { SottoError } from '../../errors.ts';
import type { Member, Room } from '../../index.ts';
import { needed } from './command.ts';
import { dim } from './format.ts';
import type { Session } from './session.ts';
import { printable } from './text-safety.ts';

export type Act = (session: Session, rest: string) => Promise<unknown>;

export interface RoomWord {
  /** Behind "/room ". */
  readonly usage: string;
  readonly about: string;
  readonly act: Act;
}

export const named = (name: string): string => printable(name) || 'someone';

/** The member that goes by a number of /room members, or by a name that only one has. */
export async function memberIn(room: Room, word: string): Promise<Member> {
  const all = await room.members();
  const byName = all.filter((member) => member.name.toLowerCase() === word.toLowerCase());
  const found = /^\d+$/.test(word) ? all[Number(word) - 1] : byName.length === 1 ? byName[0] : undefined;
  if (found === undefined) throw new SottoError('ROOM_MEMBER');
  return found;
}

export const withMember =
  (act: (room: Room, member: Member) => Promise<unknown>, told: (name: string) => string): Act =>
  async (session, rest) => {
    const member = await memberIn(session.roomOpen(), needed(rest));
    await act(session.roomOpen(), member);
    session.screen.print(dim(told(named(member.name))));
  };

/** @throws SottoError TERMINAL_COMMAND where it is none of them. */
export function oneOf<T extends string>(word: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === word);
  if (found === undefined) throw new SottoError('TERMINAL_COMMAND');
  return found;
}
