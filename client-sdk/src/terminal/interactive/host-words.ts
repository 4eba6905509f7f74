// The words of /room for hosts and owners: the door, who is in, what is shown, the card.
import { SottoError } from '../../errors.ts';
import type { Door, RoomMode } from '../../index.ts';
import { needed } from './command.ts';
import { dim } from './format.ts';
import { named, oneOf, type RoomWord, withMember } from './room-word.ts';
import type { Session } from './session.ts';
import { excerpt } from './text-safety.ts';

export const HOST_WORDS: Readonly<Record<string, RoomWord>> = {
  invite: {
    usage: 'invite',
    about: 'hosts: a link that lets one person in',
    act: async (session) => {
      session.screen.print(`This lets one person in, once:\n\n${(await session.roomOpen().invite()).link}\n`);
    },
  },
  knocks: {
    usage: 'knocks',
    about: 'hosts: who is before the door',
    act: async (session) => {
      const knocks = await session.roomOpen().knocks();
      if (knocks.length === 0) session.screen.print('Nobody is before the door.');
      for (const [i, knock] of knocks.entries())
        session.screen.print(`${String(i + 1)}  ${named(knock.name)}  ${dim(excerpt(knock.words))}`);
    },
  },
  admit: {
    usage: 'admit N',
    about: 'hosts: let the Nth of them in',
    act: async (session, rest) => {
      await session.roomOpen().admit(await knockAt(session, rest));
    },
  },
  refuse: {
    usage: 'refuse N',
    about: 'hosts: or not',
    act: async (session, rest) => {
      await session.roomOpen().refuse(await knockAt(session, rest));
    },
  },
  remove: {
    usage: 'remove WHO',
    about: 'hosts: take somebody out',
    act: withMember(
      (room, { id }) => room.remove(id),
      (name) => `${name} is out.`,
    ),
  },
  ban: {
    usage: 'ban WHO',
    about: 'hosts: and keep them out',
    act: withMember(
      (room, { id }) => room.ban(id),
      (name) => `${name} is out, and stays out under this name.`,
    ),
  },
  erase: {
    usage: 'erase WHO',
    about: 'hosts: take out all that they said, for everyone',
    act: withMember(
      (room, { id }) => room.removeEverythingFrom(id),
      (name) => `What ${name} said is taken out.`,
    ),
  },
  silence: {
    usage: 'silence WHO',
    about: 'hosts: nobody shows what they say; unsilence ends it',
    act: withMember(
      (room, { id }) => room.muteForAll(id),
      (name) => `${name} is muted for everyone.`,
    ),
  },
  unsilence: {
    usage: 'unsilence WHO',
    about: 'hosts: ends it',
    act: withMember(
      (room, { id }) => room.unmuteForAll(id),
      (name) => `${name} may speak again.`,
    ),
  },
  door: {
    usage: 'door open|knock|invite|closed',
    about: 'hosts: how people come in',
    act: (session, rest) =>
      session.roomOpen().setDoor(oneOf<Door>(rest, ['open', 'knock', 'invite', 'closed'])),
  },
  mode: {
    usage: 'mode open|slow|read-only|locked',
    about: 'hosts: who may write',
    act: (session, rest) =>
      session.roomOpen().setMode(oneOf<RoomMode>(rest, ['open', 'slow', 'read-only', 'locked'])),
  },
  pin: {
    usage: 'pin N',
    about: 'hosts: show message N to whoever looks in',
    act: async (session, rest) => {
      await session.roomOpen().pin((await session.byNumber(rest)).id);
    },
  },
  host: {
    usage: 'host WHO',
    about: 'owner: make them a host beside you; unhost ends it',
    act: withMember(
      (room, { id }) => room.addHost(id),
      (name) => `${name} is a host now.`,
    ),
  },
  unhost: {
    usage: 'unhost WHO',
    about: 'owner: ends it',
    act: withMember(
      (room, { id }) => room.removeHost(id),
      (name) => `${name} is no host any more.`,
    ),
  },
  'hand-over': {
    usage: 'hand-over WHO',
    about: 'owner: the room is theirs from then on',
    act: withMember(
      (room, { id }) => room.handOver(id),
      (name) => `The room is ${name}'s now.`,
    ),
  },
  slow: {
    usage: 'slow SECONDS',
    about: 'hosts: one message each in so many seconds; 0 ends it',
    act: async (session, rest) => {
      if (!/^\d{1,4}$/.test(rest)) throw new SottoError('TERMINAL_COMMAND');
      const slowSeconds = Number(rest);
      await session
        .roomOpen()
        .setMode(slowSeconds === 0 ? 'open' : 'slow', slowSeconds === 0 ? {} : { slowSeconds });
    },
  },
  unpin: {
    usage: 'unpin',
    about: 'hosts: take it down',
    act: (session) => session.roomOpen().pin(undefined),
  },
  topic: {
    usage: 'topic WORD',
    about: 'owner: what the room is about, as directories sort it',
    act: (session, rest) => session.roomOpen().setCard({ topic: needed(rest) }),
  },
  rules: {
    usage: 'rules RULE; RULE …',
    about: 'owner: what one agrees to before coming in',
    act: async (session, rest) => {
      const rules = needed(rest)
        .split(';')
        .map((rule) => rule.trim())
        .filter((rule) => rule !== '');
      await session.roomOpen().setCard({ rules });
      session.screen.print(dim(`${String(rules.length)} rules on the card.`));
    },
  },
};

async function knockAt(session: Session, rest: string): Promise<string> {
  const knock = (await session.roomOpen().knocks())[Number(rest) - 1];
  if (knock === undefined) throw new SottoError('ROOM_MEMBER');
  return knock.id;
}
