// Everything that begins with a slash. One entry a command: how it's called, what it does, the act.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasCode, SottoError } from '../../errors.ts';
import type { Content, Reaction } from '../../index.ts';
import { saveTo, sendFrom } from '../files.ts';
import { type Command, firstWord, needed } from './command.ts';
import { ROOM_COMMANDS } from './room-commands.ts';
import { dim, nameOf, parseSeconds, REACTIONS, seconds } from './format.ts';
import type { Session } from './session.ts';
import { excerpt, printable } from './text-safety.ts';

type Act = (session: Session, rest: string) => Promise<unknown>;
const command = (usage: string, about: string, act: Act): Command => ({
  usage,
  about,
  act: async (session, rest) => {
    await act(session, rest);
    return undefined;
  },
});

const MIN_EXPORT_PASSPHRASE = 8;

export const COMMANDS: Readonly<Record<string, Command>> = {
  ...ROOM_COMMANDS,
  invite: command(
    '/invite [standing]',
    'make a link: for one person, or one that many may use',
    async (session, rest) => {
      const kind = rest === 'standing' ? 'standing' : 'once';
      const { link } = await session.persona.createInvite({ kind });
      session.screen.print(
        `${kind === 'once' ? 'This link works once. Give it to one person, by a way you trust:' : 'Whoever has this link can write to you:'}\n\n${link}\n`,
      );
    },
  ),
  accept: command('/accept LINK', 'talk to whoever gave you the link', async (session, rest) => {
    const link = needed(rest);
    session.screen.print(dim('One moment…'));
    session.meeting = true;
    try {
      await session.open(await session.persona.accept(link));
    } finally {
      session.meeting = false;
    }
  }),
  list: command('/list', 'your conversations', async (session) => {
    if (session.conversations.length === 0)
      session.screen.print('Nobody yet. /invite makes a link, /accept takes one.');
    for (const [i, conversation] of session.conversations.entries()) {
      const [last] = (await conversation.history({ limit: 1 })).slice(-1);
      const unread = session.unreadIn(conversation);
      const said = last?.kind === 'text' && !last.retracted ? excerpt(last.warning ?? last.text) : '';
      session.screen.print(
        `${String(i + 1)}  ${nameOf(conversation)}${unread > 0 ? ` (${String(unread)} new)` : ''}  ${dim(said)}`,
      );
    }
  }),
  open: command('/open N', 'go to a conversation of /list', async (session, rest) => {
    const conversation = session.conversations[Number(rest) - 1];
    if (conversation === undefined) throw new SottoError('CONVERSATION_GONE');
    await session.open(conversation);
  }),
  reply: command('/reply N TEXT', 'answer message N', async (session, rest) => {
    const [number, text] = firstWord(rest);
    const { id } = await session.byNumber(number);
    await say(session, { type: 'text', text: needed(text), replyTo: id });
  }),
  react: command(
    `/react N WORD`,
    `one of ${REACTIONS.join(', ')}; again to take it back`,
    async (session, rest) => {
      const [number, word] = firstWord(rest);
      if (!REACTIONS.includes(word)) throw new SottoError('TERMINAL_COMMAND');
      const message = await session.byNumber(number);
      const removed = message.reactions.some(({ mine, reaction }) => mine && reaction === word);
      await say(session, { type: 'reaction', target: message.id, reaction: word as Reaction, removed });
    },
  ),
  edit: command('/edit N TEXT', 'change what you said', async (session, rest) => {
    const [number, text] = firstWord(rest);
    const { id } = await session.byNumber(number);
    await say(session, { type: 'edit', target: id, text: needed(text) });
  }),
  retract: command('/retract N', 'take back what you said', async (session, rest) => {
    const { id } = await session.byNumber(rest);
    await say(session, { type: 'retract', target: id });
  }),
  warn: command('/warn ABOUT: TEXT', 'say something behind a content warning', async (session, rest) => {
    const colon = rest.indexOf(':');
    if (colon < 1) throw new SottoError('TERMINAL_COMMAND');
    await say(session, {
      type: 'text',
      warning: rest.slice(0, colon).trim(),
      text: needed(rest.slice(colon + 1).trim()),
    });
  }),
  file: command(
    '/file PATH',
    'send a file; pictures and sounds are cleaned of metadata',
    async (session, rest) => {
      try {
        await session.showSaid((await sendFrom(session.talkingWith(), needed(rest))).id);
      } catch (error) {
        if (!hasCode(error, 'FILE_METADATA')) throw error;
        session.screen.print(
          'Nothing was sent: this can not be cleaned of what it says about you (names, places, times).',
        );
        session.screen.print(dim('/plain PATH sends it as it is.'));
      }
    },
  ),
  plain: command('/plain PATH', 'send a file that can not be cleaned, as it is', async (session, rest) => {
    await session.showSaid((await sendFrom(session.talkingWith(), needed(rest), { asIs: true })).id);
  }),
  save: command('/save N PATH', 'fetch a file and write it there', async (session, rest) => {
    const [number, path] = firstWord(rest);
    const id = session.idOf(number);
    session.screen.print(dim('One moment…'));
    await saveTo(session.talkingWith(), id, needed(path));
    session.screen.print(dim('Saved. Be careful with files from people you don’t know.'));
  }),
  show: command('/show N', 'read what stands behind a content warning', async (session, rest) => {
    session.reveal(await session.byNumber(rest));
  }),
  timer: command('/timer 1h', 'messages disappear after 30s, 5m, 1h, 7d; off', async (session, rest) => {
    const count = parseSeconds(rest);
    if (count === undefined) throw new SottoError('TERMINAL_COMMAND');
    await session.conversationOpen().send({ type: 'timer', seconds: count });
    session.screen.print(
      dim(
        count === 0
          ? 'Messages stay from now on.'
          : `From now on messages disappear after ${seconds(count)}, on both sides.`,
      ),
    );
  }),
  search: command('/search WORDS', 'in this conversation', async (session, rest) => {
    const found = await session.talkingWith().search(needed(rest));
    if (found.length === 0) session.screen.print('Nothing found.');
    for (const message of found) session.show(message);
  }),
  safety: command('/safety', 'the number to compare when you meet', async (session) => {
    const { peer } = session.conversationOpen();
    const groups = peer.safetyNumber.match(/.{5}/g) ?? [];
    session.screen.print(
      groups.length === 0
        ? 'There is none yet: the other has not answered.'
        : `${groups.slice(0, 6).join(' ')}\n${groups.slice(6).join(' ')}\n${dim('The same on both screens: nobody sits in between.')}`,
    );
  }),
  block: command('/block', 'never hear from this person here again', async (session) => {
    await session.conversationOpen().block();
    session.screen.print(dim('Blocked. The history stays here until /leave.'));
  }),
  leave: command(
    '/leave',
    'tell them, and forget the conversation with all its messages',
    async (session) => {
      const conversation = session.talkingWith();
      await conversation.leave();
      session.forget(conversation);
    },
  ),
  export: command(
    '/export FILE',
    'write everything, sealed, to move to another device',
    async (session, rest) => {
      const file = needed(rest);
      const passphrase = await session.screen.askHidden('A passphrase for the file, 8 letters or more: ');
      if (passphrase.length < MIN_EXPORT_PASSPHRASE) {
        session.screen.print('That is too short. Nothing was written.');
        return;
      }
      if ((await session.screen.askHidden('Once more: ')) !== passphrase) {
        session.screen.print('They differ. Nothing was written.');
        return;
      }
      try {
        await pipeline(
          Readable.from(session.client.export(passphrase)),
          createWriteStream(file, { mode: 0o600, flags: 'wx' }),
        );
      } catch (error) {
        if (typeof error !== 'object' || error === null || !('syscall' in error)) throw error;
        session.screen.print('The file is there already, or can not be written.');
        return;
      }
      session.screen.print(
        dim('Written. Whoever imports it continues in your place; this profile then stops.'),
      );
    },
  ),
  status: command('/status', 'who you are here, and the connection', (session) => {
    session.screen.print(`${printable(session.persona.name)}, ${session.state}`);
    return Promise.resolve();
  }),
  help: command('/help', 'this list', (session) => {
    for (const { usage, about } of Object.values(COMMANDS))
      session.screen.print(`  ${usage.padEnd(20)} ${dim(about)}`);
    session.screen.print(dim('  Anything else is said to the one you are talking with.'));
    session.screen.print(
      dim('  ✓ the relay has it for them   … it waits here   N is the number before a message'),
    );
    return Promise.resolve();
  }),
  quit: { usage: '/quit', about: 'leave the terminal; nothing is lost', act: () => Promise.resolve('quit') },
};

/** How long a message may take to the relay before it is shown as waiting. */
const SOON_MS = 400;

/** Says it, shows it with its number, and a word when it reaches the relay late. */
export async function say(
  session: Session,
  content: string | Exclude<Content, { type: 'timer' }>,
): Promise<void> {
  const conversation = session.talkingWith();
  const { id, delivered } = await conversation.send(content);
  const soon = await Promise.race([
    delivered.then(() => true),
    new Promise<false>((resolve) => {
      setTimeout(resolve, SOON_MS, false);
    }),
  ]);
  await session.showSaid(id);
  if (soon) return;
  void delivered.then(() => {
    const number = session.current === conversation ? session.numberOf(id) : 0;
    if (number > 0) session.screen.print(dim(`✓ ${String(number)} has reached the relay`));
  });
}
