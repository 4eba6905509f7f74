// The commands about rooms and directories: how each is called, what it does, the act. The words of /room are
// member-words.ts and host-words.ts; what is said without a slash goes to whatever is open, a room or a conversation.
import { SottoError } from '../../errors.ts';
import { type Command, firstWord, needed } from './command.ts';
import { bold, dim } from './format.ts';
import { HOST_WORDS } from './host-words.ts';
import { MEMBER_WORDS } from './member-words.ts';
import { type Act, named, oneOf, type RoomWord } from './room-word.ts';
import { printable } from './text-safety.ts';

const ROOM_WORDS: Readonly<Record<string, RoomWord>> = { ...MEMBER_WORDS, ...HOST_WORDS };

const wrap = (usage: string, about: string, act: Act): Command => ({
  usage,
  about,
  act: async (session, rest) => {
    await act(session, rest);
    return undefined;
  },
});

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
    const entry = Object.hasOwn(ROOM_WORDS, word) ? ROOM_WORDS[word] : undefined;
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
