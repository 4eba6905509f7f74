// Who is in a room, as people see it: the group's members with what this device knows of each. Who may be in is group/'s.
import { equalBytes } from '../crypto/index.ts';
import { isNewcomer } from './conduct.ts';
import { members, roles } from './group/index.ts';
import { memberIdOf, pictureSeedOf } from './pseudonym.ts';
import { type MemberRow, memberRows, UNKNOWN_MEMBER } from './record.ts';
import type { RoomRunner } from './runner.ts';
import type { Member } from './types.ts';

/** Hosts first, then by name. */
export async function rosterOf(runner: RoomRunner): Promise<Member[]> {
  const group = runner.group();
  if (group === undefined) return [];
  const rows = await runner.host.context.vault.read(async (view) => {
    const found = new Map<string, MemberRow>();
    for await (const { key, value } of memberRows.scan(view, runner.id)) found.set(key, value);
    return found;
  });
  const { muted } = roles(group);
  const list = members(group).map(({ pseudonym }) => {
    const isMuted = muted.some((key) => equalBytes(key, pseudonym));
    return memberOf(runner, { pseudonym, isMuted }, rows.get(memberIdOf(pseudonym)) ?? UNKNOWN_MEMBER);
  });
  return list.sort((a, b) => Number(b.isHost) - Number(a.isHost) || a.name.localeCompare(b.name));
}

function memberOf(
  runner: RoomRunner,
  { pseudonym, isMuted }: { pseudonym: Uint8Array; isMuted: boolean },
  row: MemberRow,
): Member {
  const isMe = equalBytes(pseudonym, runner.me.publicKey);
  const isHost = runner.isHostKey(pseudonym);
  const { joinedAt, name } = runner.record();
  const speaker = { isHost, isMuted, since: isMe ? joinedAt : row.since, lastAt: row.at };
  return {
    id: memberIdOf(pseudonym),
    name: isMe ? name : row.name,
    isMe,
    isHost,
    isMuted,
    isNew: isNewcomer(runner.house(), speaker, runner.host.context.now()),
    hidden: row.hidden === 2 ? 'blocked' : row.hidden === 1 ? 'muted' : 'no',
    pictureSeed: pictureSeedOf(pseudonym),
  };
}
