// The commands about rooms and directories: how each is called, what it does, the act. /room has words of its own; what
// is said without a slash goes to whatever is open, a room or a conversation.
import { SottoError } from '../../errors.ts';
import type { Door, Member, Room, RoomMode } from '../../index.ts';
import { type Command, firstWord, needed } from './command.ts';
import { bold, dim } from './format.ts';
import type { Session } from './session.ts';
import { excerpt, printable } from './text-safety.ts';

type Act = (session: Session, rest: string) => Promise<unknown>;

const wrap = (usage: string, about: string, act: Act): Command => ({
  usage,
  about,
  act: async (session, rest) => {
    await act(session, rest);
    return undefined;
  },
});

const named = (name: string): string => printable(name) || 'someone';

/** The member that goes by a number of /room members, or by a name that only one has. */
async function memberIn(room: Room, word: string): Promise<Member> {
  const all = await room.members();
  const byName = all.filter((member) => member.name.toLowerCase() === word.toLowerCase());
  const found = /^\d+$/.test(word) ? all[Number(word) - 1] : byName.length === 1 ? byName[0] : undefined;
  if (found === undefined) throw new SottoError('ROOM_MEMBER');
  return found;
}

const withMember =
  (act: (room: Room, member: Member) => Promise<unknown>, told: (name: string) => string): Act =>
  async (session, rest) => {
    const member = await memberIn(session.roomOpen(), needed(rest));
    await act(session.roomOpen(), member);
    session.screen.print(dim(told(named(member.name))));
  };

const ROOM_WORDS: Readonly<Record<string, { usage: string; about: string; act: Act }>> = {
  create: {
    usage: 'create TITLE',
    about: 'a room of your own, with an open door',
    act: async (session, rest) => {
      const room = await session.persona.createRoom({ title: needed(rest) });
      await session.open(room);
      session.screen.print(`Whoever has this link can come in:\n\n${await room.link()}\n`);
    },
  },
  look: {
    usage: 'look LINK',
    about: "a room's card, before you go in",
    act: async (session, rest) => {
      const { card, door, memberCount } = await session.persona.lookAtRoom(needed(rest));
      const { title, focus, rules, host, hours, language, retentionHours, places } = card;
      session.screen.print(bold(printable(title)));
      if (focus !== '') session.screen.print(printable(focus));
      for (const rule of rules) session.screen.print(`  · ${printable(rule)}`);
      const kept =
        retentionHours >= 48
          ? `${String(Math.round(retentionHours / 24))} days`
          : `${String(retentionHours)} h`;
      const count =
        memberCount === undefined ? '' : `, ${String(memberCount)} of ${String(places)} places taken`;
      session.screen.print(
        dim(
          `host ${named(host)}${hours === '' ? '' : ` (${printable(hours)})`}, door ${door}${count}, ${printable(language)}, the relay keeps messages ${kept}, ${card.postQuantum ? 'post-quantum' : 'not post-quantum'}`,
        ),
      );
    },
  },
  join: {
    usage: 'join LINK [WORDS]',
    about: 'go in, or knock with a few words for the hosts',
    act: async (session, rest) => {
      const [link, words] = firstWord(needed(rest));
      session.screen.print(dim('One moment…'));
      const room = await session.persona.joinRoom(link, words === '' ? {} : { words });
      await session.open(room);
      if (room.state.phase === 'knocking')
        session.screen.print(dim('You have knocked. A host will answer; you may close this meanwhile.'));
    },
  },
  members: {
    usage: 'members',
    about: 'who is here',
    act: async (session) => {
      for (const [i, member] of (await session.roomOpen().members()).entries()) {
        const notes = [
          member.isMe ? 'you' : '',
          member.isHost ? 'host' : '',
          member.isMuted ? 'muted by a host' : '',
          member.isNew ? 'new' : '',
          member.hidden === 'no' ? '' : `${member.hidden} by you`,
        ].filter((note) => note !== '');
        session.screen.print(`${String(i + 1)}  ${named(member.name)}  ${dim(notes.join(', '))}`);
      }
    },
  },
  link: {
    usage: 'link',
    about: 'the link that leads here',
    act: async (session) => {
      session.screen.print(`\n${await session.roomOpen().link()}\n`);
    },
  },
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
  mute: {
    usage: 'mute WHO',
    about: 'not to see what they say, on this device; unmute ends it',
    act: withMember(
      (room, { id }) => room.mute(id),
      (name) => `You don't see what ${name} says. They aren't told.`,
    ),
  },
  unmute: {
    usage: 'unmute WHO',
    about: 'ends it',
    act: withMember(
      (room, { id }) => room.unmute(id),
      (name) => `You see ${name} again.`,
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
  log: {
    usage: 'log',
    about: 'what the hosts did',
    act: async (session) => {
      const { actions, counts, isConsistent } = await session.roomOpen().hostLog();
      for (const { kind, value, at } of actions)
        session.screen.print(
          `${dim(new Date(at).toLocaleString())} ${kind}${value === undefined ? '' : ` ${excerpt(value, 20)}`}`,
        );
      const total = counts.reduce((sum, one) => sum + one.total, 0);
      session.screen.print(
        dim(`${String(total)} in all${isConsistent ? '' : '; they contradict each other'}`),
      );
    },
  },
  talk: {
    usage: 'talk WHO [WORDS]',
    about: 'ask whether they want to talk in private',
    act: async (session, rest) => {
      const [who, words] = firstWord(needed(rest));
      const member = await memberIn(session.roomOpen(), who);
      await session.roomOpen().talkWith(member.id, words);
      session.screen.print(dim(`${named(member.name)} is asked. Nothing comes of it unless they want to.`));
    },
  },
  talks: {
    usage: 'talks [accept|decline N]',
    about: 'who would like to talk with you',
    act: async (session, rest) => {
      const room = session.roomOpen();
      const requests = await room.talkRequests();
      const [verb, number] = firstWord(rest);
      const chosen = requests[Number(number) - 1];
      if (verb === 'accept' && chosen !== undefined) await room.acceptTalk(chosen.id);
      else if (verb === 'decline' && chosen !== undefined) await room.declineTalk(chosen.id);
      else if (requests.length === 0) session.screen.print('Nobody has asked.');
      else
        for (const [i, one] of requests.entries())
          session.screen.print(`${String(i + 1)}  ${named(one.name)}  ${dim(excerpt(one.words))}`);
    },
  },
  break: {
    usage: 'break 30',
    about: 'nothing is told as new for so many minutes',
    act: (session, rest) => session.roomOpen().takeABreak(Number(rest) || 0),
  },
  leave: {
    usage: 'leave',
    about: 'say goodbye, and forget the room with all its messages',
    act: async (session) => {
      const room = session.roomOpen();
      session.forget(room);
      await room.leave();
    },
  },
};

function oneOf<T extends string>(word: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === word);
  if (found === undefined) throw new SottoError('TERMINAL_COMMAND');
  return found;
}

async function knockAt(session: Session, rest: string): Promise<string> {
  const knock = (await session.roomOpen().knocks())[Number(rest) - 1];
  if (knock === undefined) throw new SottoError('ROOM_MEMBER');
  return knock.id;
}

export const ROOM_COMMANDS: Readonly<Record<string, Command>> = {
  rooms: wrap('/rooms', 'the rooms you are in; /room open N goes to one', async (session) => {
    const rooms = await session.persona.rooms();
    if (rooms.length === 0)
      session.screen.print('None yet. /topics LINK shows some, /room join LINK goes in.');
    for (const [i, room] of rooms.entries()) {
      const { phase, memberCount, door } = room.state;
      const unread = session.unreadIn(room);
      const news = unread > 0 ? ` (${String(unread)} new)` : '';
      session.screen.print(
        `${String(i + 1)}  ${printable(room.card.title)}${news}  ${dim(`${phase}, ${String(memberCount)} here, door ${door}`)}`,
      );
    }
  }),
  topics: wrap(
    '/topics LINK',
    "a directory's topics and the rooms that live in them",
    async (session, rest) => {
      const directory = await (await session.persona.topics()).open(needed(rest));
      session.screen.print(`${bold(printable(directory.name))} ${dim(`kept by ${named(directory.keeper)}`)}`);
      for (const { id, title, rooms, suggested } of directory.topics) {
        if (rooms.length === 0) continue;
        session.screen.print(bold(printable(title === '' ? id : title)));
        for (const room of rooms) {
          const mark = room === suggested ? ' ← a place here' : '';
          session.screen.print(
            `  ${printable(room.card.title)} ${dim(`${String(room.memberCount)}/${String(room.card.places)}, door ${room.door}${mark}`)}\n  ${room.link}`,
          );
        }
      }
      if (directory.hasCircles)
        session.screen.print(dim('There are circles: /circle LINK TOPIC vent|advice|company'));
    },
  ),
  circle: wrap('/circle LINK TOPIC WISH', 'a small group: vent, advice or company', async (session, rest) => {
    const [link = '', topic = '', wish = ''] = needed(rest).split(/\s+/);
    const intent = oneOf(wish, ['vent', 'advice', 'company'] as const);
    const language = Intl.DateTimeFormat().resolvedOptions().locale;
    await session.open(await (await session.persona.topics()).joinCircle(link, { topic, language, intent }));
  }),
  directory: wrap(
    '/directory create NAME | add LINK [TOPIC] | drop LINK | refresh',
    'keepers: a directory of rooms',
    async (session, rest) => {
      const [verb, after] = firstWord(needed(rest));
      const topics = await session.persona.topics();
      if (verb === 'create') {
        session.screen.print(`For everyone:\n\n${(await topics.create({ name: needed(after) })).link}\n`);
        return;
      }
      const [keeper] = await topics.list();
      if (keeper === undefined) throw new SottoError('DIRECTORY_GONE');
      const [link, topic] = firstWord(after);
      if (verb === 'add') await keeper.listRoom(needed(link), topic === '' ? {} : { topic });
      else if (verb === 'drop') await keeper.unlist(needed(link));
      else if (verb === 'refresh') await keeper.refresh();
      else throw new SottoError('TERMINAL_COMMAND');
      session.screen.print(dim(`Revision ${String(keeper.revision)}: ${keeper.link}`));
    },
  ),
  room: wrap('/room WORD …', 'all that one does in rooms; /room alone lists it', async (session, rest) => {
    const [word, after] = firstWord(rest);
    if (word === 'open') {
      const room = (await session.persona.rooms())[Number(after) - 1];
      if (room === undefined) throw new SottoError('ROOM_GONE');
      await session.open(room);
      return;
    }
    const entry = ROOM_WORDS[word];
    if (entry !== undefined) {
      await entry.act(session, after);
      return;
    }
    session.screen.print(`  /room ${'open N'.padEnd(32)} ${dim('go to a room of /rooms')}`);
    for (const { usage, about } of Object.values(ROOM_WORDS))
      session.screen.print(`  /room ${usage.padEnd(32)} ${dim(about)}`);
    session.screen.print(dim('  WHO is a number of /room members, or a name.'));
  }),
};
