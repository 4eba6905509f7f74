// The words of /room that anybody has: making and finding rooms, going in and out, who is here, whom one wants to hear.
import { SottoError } from '../../errors.ts';
import { firstWord, needed } from './command.ts';
import { bold, dim } from './format.ts';
import { memberIn, named, type RoomWord, withMember } from './room-word.ts';
import type { Session } from './session.ts';
import { excerpt, printable } from './text-safety.ts';

export const MEMBER_WORDS: Readonly<Record<string, RoomWord>> = {
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
    act: (session, rest) => showCard(session, needed(rest)),
  },
  join: {
    usage: 'join LINK [WORDS]',
    about: 'see the card and the rules, then go in, or knock with a few words for the hosts',
    act: async (session, rest) => {
      const [link, words] = firstWord(needed(rest));
      await showCard(session, link);
      session.entering = { link, words };
      session.screen.print('To go in by these rules: /room yes');
    },
  },
  yes: {
    usage: 'yes',
    about: 'the rules are accepted: go in',
    act: async (session) => {
      const { entering } = session;
      if (entering === undefined) throw new SottoError('TERMINAL_COMMAND');
      session.screen.print(dim('One moment…'));
      const { link, words } = entering;
      const room = await session.persona.joinRoom(link, words === '' ? {} : { words });
      session.entering = undefined;
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
  block: {
    usage: 'block WHO',
    about: 'nor their reactions and requests to talk; unmute ends it',
    act: withMember(
      (room, { id }) => room.block(id),
      (name) => `You hear nothing of ${name} any more. They aren't told.`,
    ),
  },
  filter: {
    usage: 'filter [WORD WORD …]',
    about: 'messages with one of these words stay behind a warning; none ends it',
    act: async (session, rest) => {
      const words = rest.split(/[\s,]+/).filter((word) => word !== '');
      await session.roomOpen().setFilters({ words });
      const told =
        words.length === 0 ? 'Nothing is filtered.' : `Behind a warning: ${words.map(printable).join(', ')}`;
      session.screen.print(dim(told));
    },
  },
  name: {
    usage: 'name NAME',
    about: 'go by another name here, from your next message on',
    act: async (session, rest) => {
      await session.roomOpen().rename(needed(rest));
      session.screen.print(dim(`You are ${printable(session.roomOpen().name)} here.`));
    },
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

/** What one reads before going in. */
async function showCard(session: Session, link: string): Promise<void> {
  const { card, door, memberCount } = await session.persona.lookAtRoom(link);
  const { title, focus, rules, host, hours, language, retentionHours, places } = card;
  session.screen.print(bold(printable(title)));
  if (focus !== '') session.screen.print(printable(focus));
  for (const rule of rules) session.screen.print(`  · ${printable(rule)}`);
  const kept =
    retentionHours >= 48 ? `${String(Math.round(retentionHours / 24))} days` : `${String(retentionHours)} h`;
  const count = memberCount === undefined ? '' : `, ${String(memberCount)} of ${String(places)} places taken`;
  session.screen.print(
    dim(
      `host ${named(host)}${hours === '' ? '' : ` (${printable(hours)})`}, door ${door}${count}, ${printable(language)}, the relay keeps messages ${kept}, ${card.postQuantum ? 'post-quantum' : 'not post-quantum'}`,
    ),
  );
}
