// What I don't want to see in a room, on this device only: people muted or blocked, words, links. Applied when the
// history is read, so that a change holds for what came before too, and nothing is lost by it. Pure.
import type { Message } from '../history/message.ts';
import { hasLink } from './conduct.ts';
import type { RoomFilters } from './types.ts';

export const NO_FILTERS: RoomFilters = { muted: [], blocked: [], words: [], hideLinks: false };

/**
 * @returns undefined where it isn't to be seen at all; behind a warning where a word or a link asks for that.
 */
export function filtered(message: Message, filters: RoomFilters): Message | undefined {
  if ((message.kind !== 'text' && message.kind !== 'attachment') || message.mine) return message;
  const author = message.author?.id ?? '';
  if (isListed(filters.blocked, author) || isListed(filters.muted, author)) return undefined;
  const reactions = message.reactions.filter(({ by }) => by === undefined || !isListed(filters.blocked, by));
  const shown = reactions.length === message.reactions.length ? message : { ...message, reactions };
  if (message.warning !== undefined) return shown;
  const words =
    message.kind === 'text' ? message.text : `${message.file?.name ?? ''} ${message.file?.description ?? ''}`;
  const word = filters.words.find((one) => holds(words, one));
  if (word !== undefined) return { ...shown, warning: word };
  return filters.hideLinks && message.kind === 'text' && hasLink(message.text)
    ? { ...shown, warning: '🔗' }
    : shown;
}

function isListed(list: readonly string[], id: string): boolean {
  return list.includes(id);
}

/** Whole words in any case; in scripts without spaces, anywhere. */
function holds(text: string, word: string): boolean {
  const wanted = fold(word);
  if (wanted === '') return false;
  const folded = fold(text);
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    if (!isLetter(folded[at - 1]) || !isLetter(folded[at])) {
      const end = at + wanted.length;
      if (!isLetter(folded[end]) || !isLetter(folded[end - 1])) return true;
    }
  }
  return false;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase();
}

/** Of a script that puts spaces between words. */
function isLetter(letter: string | undefined): boolean {
  return (
    letter !== undefined &&
    /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{N}]/u.test(
      letter,
    )
  );
}
