// How messages, states and times read in the terminal. Pure: a message in, lines out.
import { styleText } from 'node:util';
import type { AttachmentMessage, Conversation, Message, RoomNotice, TextMessage } from '../../index.ts';
import { excerpt, printable } from './text-safety.ts';

const REACTION_WORDS: Readonly<Record<string, string>> = {
  'with-you': 'with you',
  'me-too': 'me too',
  'thank-you': 'thank you',
  'take-your-time': 'take your time',
  'a-hug': 'a hug, if you like',
};

export const REACTIONS = Object.keys(REACTION_WORDS);

export const dim = (text: string): string => styleText('dim', text);
export const bold = (text: string): string => styleText('bold', text);

/** "14:05", or with the day when it isn't today. */
export function clock(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return date.toDateString() === new Date(now).toDateString()
    ? time
    : `${date.toLocaleDateString(undefined, { weekday: 'short', day: 'numeric', month: 'short' })} ${time}`;
}

/** Whom one talks with; their name comes with their first words. */
export function nameOf(conversation: Conversation): string {
  return printable(conversation.peer.name) || 'someone';
}

/** What became of something of mine, in a sign; /help says what each means. */
const DELIVERY_MARKS = { waiting: '…', delivered: '✓', failed: '✗ could not be sent' } as const;

/** What showing a message takes from its surroundings. */
export interface View {
  /** Printable already. */
  readonly peerName: string;
  /** What /reply, /edit and /react name a message by; 0: it isn't on this screen. */
  readonly numberOf: (id: string) => number;
  /** Whether what stands behind a content warning was asked for. */
  readonly isOpen: (id: string) => boolean;
  readonly now: number;
}

/** One message as the screen shows it. */
export function showMessage(message: Message, view: View): string {
  const time = dim(clock(message.at, view.now));
  const { peerName } = view;
  switch (message.kind) {
    case 'text':
      return `${time} ${showText(message, view)}`;
    case 'attachment':
      return `${time} ${showFile(message, view)}`;
    case 'unsupported':
      return `${time} ${dim('a message that needs a newer version')}`;
    case 'gap':
      return `${time} ${dim(message.missing === 1 ? 'a message is missing here' : `${String(message.missing)} messages are missing here`)}`;
    case 'restart':
      return `${time} ${dim('the encrypted session began anew')}`;
    case 'relay':
      return `${time} ${dim('the relay lost what it held: messages from around here may be missing')}`;
    case 'timer':
      return `${time} ${dim(message.seconds === 0 ? 'messages stay' : `messages disappear after ${seconds(message.seconds)}`)}`;
    case 'left':
      return `${time} ${dim(`${peerName} has left the conversation`)}`;
    case 'retired':
      return `${time} ${dim(`${peerName} has retired this name`)}`;
    case 'room':
      return `${time} ${dim(roomNotice(message.event, printable(message.member?.name ?? '') || 'someone'))}`;
  }
}

/** What a room tells of itself. */
function roomNotice(event: RoomNotice, name: string): string {
  const words: Readonly<Record<RoomNotice, string>> = {
    joined: `${name} came in`,
    returned: `${name} came back`,
    left: `${name} has left`,
    removed: `${name} was taken out by a host`,
    rejoined: 'this device lost its place and came back: messages may be missing here',
    card: "the room's card has changed",
    door: 'a host changed the door',
    mode: 'a host changed who may write',
    host: `${name} is a host now, or no longer`,
    pinned: 'a host pinned a message',
    relay: 'the relay lost what it held: messages from around here may be missing',
  };
  return words[event];
}

/** "0:42". */
function length(ms: number): string {
  const whole = Math.round(ms / 1_000);
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, '0')}`;
}

function size(bytes: number): string {
  const kib = Math.max(1, Math.round(bytes / 1_024));
  return kib < 1_024 ? `${String(kib)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}

/** Kind, name, type, size, how long it plays, until when it can be fetched: all of it its sender's word but the size. */
function showFile(message: AttachmentMessage, { peerName, numberOf, now }: View): string {
  const number = String(numberOf(message.id));
  const said = message.author === undefined ? peerName : printable(message.author.name) || 'someone';
  const head = `${dim(number)} ${bold(message.mine ? 'you' : said)}`;
  const { file } = message;
  if (message.retracted || file === undefined) return `${head} ${dim('took this back')}`;
  const kinds = { file: 'a file', picture: 'a picture', voice: 'a voice note' } as const;
  const { mediaType, durationMs, keptUntil, isHere } = file;
  const facts = [
    mediaType === 'application/octet-stream' ? '' : mediaType,
    size(file.length),
    durationMs === 0 ? '' : length(durationMs),
    keptUntil === 0 || (isHere && !message.mine) ? '' : `kept until ${clock(keptUntil, now)}`,
    isHere && !message.mine ? 'here' : '',
  ];
  const about = file.description === '' ? '' : `: ${excerpt(file.description)}`;
  const mark = message.delivery === undefined ? '' : ` ${dim(DELIVERY_MARKS[message.delivery])}`;
  const how = message.mine ? '' : ` ${dim(`/save ${number} PATH`)}`;
  return `${head} ${kinds[file.kind]} ${printable(file.name)} (${facts.filter((fact) => fact !== '').join(', ')})${about}${mark}${how}`;
}

function showText(message: TextMessage, { peerName, numberOf, isOpen, now }: View): string {
  const number = String(numberOf(message.id));
  const said = message.author === undefined ? peerName : printable(message.author.name) || 'someone';
  const head = `${dim(number)} ${bold(message.mine ? 'you' : said)}`;
  if (message.retracted) return `${head} ${dim('took this back')}`;
  const isHidden = message.warning !== undefined && !message.mine && !isOpen(message.id);
  const answered = message.replyTo === undefined ? 0 : numberOf(message.replyTo);
  const words = isHidden
    ? dim(`/show ${number} to read it`)
    : printable(message.text).split('\n').join('\n      ');
  const mark = message.delivery === undefined ? '' : ` ${dim(DELIVERY_MARKS[message.delivery])}`;
  const notes = [
    message.edited ? 'edited' : '',
    message.replyTo === undefined ? '' : answered > 0 ? `answers ${String(answered)}` : 'a reply',
    message.warning === undefined ? '' : `about: ${excerpt(message.warning)}`,
    message.expiresAt === undefined
      ? ''
      : `gone in ${seconds(Math.max(0, Math.round((message.expiresAt - now) / 1000)))}`,
    ...message.reactions.map(
      ({ mine, reaction, by }) =>
        `${mine ? 'you' : by === undefined ? peerName : 'somebody'}: ${REACTION_WORDS[reaction] ?? reaction}`,
    ),
  ].filter((note) => note !== '');
  const tail = notes.length === 0 ? '' : ` ${dim(`· ${notes.join(' · ')}`)}`;
  return `${head}  ${words}${mark}${tail}`;
}

/** "30 s", "5 min", "1 h", "7 days". */
export function seconds(count: number): string {
  if (count < 120) return `${String(count)} s`;
  if (count < 7200 && count !== 3600) return `${String(Math.round(count / 60))} min`;
  if (count < 172_800) return `${String(Math.round(count / 3600))} h`;
  return `${String(Math.round(count / 86_400))} days`;
}

/** "30s", "5m", "1h", "7d", "off" → seconds; undefined when it is none of them. */
export function parseSeconds(text: string): number | undefined {
  if (text === 'off' || text === '0') return 0;
  const match = /^(\d{1,6})\s*(s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] as 's' | 'm' | 'h' | 'd'];
  return Number(match[1]) * unit;
}
