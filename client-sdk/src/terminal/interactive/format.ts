// How messages, states and times read in the terminal. Pure: a message in, lines out.
import { styleText } from 'node:util';
import type { Message, TextMessage } from '../../index.ts';
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

function day(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
}

/** What became of something of mine, in words. */
export function deliveryWords({ delivery, keptUntil }: TextMessage): string {
  if (delivery === 'waiting') return 'waiting here, goes out when the relay is reached';
  if (delivery === 'failed') return 'could not be sent';
  if (delivery === undefined) return '';
  return keptUntil === undefined ? 'sent' : `sent, kept until ${day(keptUntil)}`;
}

/** One message as the screen shows it; `number` is what /reply, /edit and /react name it by. */
export function showMessage(message: Message, peerName: string, number: number, now: number): string {
  const time = dim(clock(message.at, now));
  switch (message.kind) {
    case 'text':
      return showText(message, peerName, number, time, now);
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
      return `${time} ${dim(`${printable(peerName)} has left the conversation`)}`;
    case 'retired':
      return `${time} ${dim(`${printable(peerName)} has retired this name`)}`;
  }
}

function showText(message: TextMessage, peerName: string, number: number, time: string, now: number): string {
  const who = message.mine ? 'you' : printable(peerName);
  const head = `${time} ${dim(`${String(number)}`)} ${bold(who)}`;
  if (message.retracted) return `${head} ${dim('took this back')}`;
  const lines = printable(message.text).split('\n');
  const marks = [
    message.edited ? 'edited' : '',
    message.replyTo === undefined ? '' : 'a reply',
    message.warning === undefined ? '' : `about: ${excerpt(message.warning)}`,
    message.expiresAt === undefined
      ? ''
      : `gone in ${seconds(Math.max(0, Math.round((message.expiresAt - now) / 1000)))}`,
    message.mine && message.delivery !== 'delivered' ? deliveryWords(message) : '',
    ...message.reactions.map(
      ({ mine, reaction }) =>
        `${mine ? 'you' : printable(peerName)}: ${REACTION_WORDS[reaction] ?? reaction}`,
    ),
  ].filter((mark) => mark !== '');
  const tail = marks.length === 0 ? '' : ` ${dim(`· ${marks.join(' · ')}`)}`;
  return `${head}  ${lines.join('\n      ')}${tail}`;
}

/** "30 s", "5 min", "1 h", "7 days". */
export function seconds(count: number): string {
  if (count < 120) return `${String(count)} s`;
  if (count < 7200) return `${String(Math.round(count / 60))} min`;
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
