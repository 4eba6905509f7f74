// Finds street addresses by a street word beside a house number, in the languages of the interface and some more. It
// works on a list of words, each looked at with at most five neighbours, so its time is linear. It warns of what is
// likely; an address without a number or a street word goes unseen.

import type { Found } from './phone.ts';

interface Word extends Found {
  readonly text: string;
  readonly lower: string;
  /** Whether only spaces, or a comma and spaces, lie between this word and the one before. */
  readonly joined: boolean;
}

/** After the name and the number: 12 Baker Street. The second list is also made of everyday words. */
const AFTER = new Set('street road rd avenue ave boulevard blvd terrace crescent'.split(' '));
const AFTER_CAPITAL = new Set(
  'st lane ln drive dr way close court ct place square park row gardens hill'.split(' '),
);
const NOT_A_NAME = new Set(
  (
    'the a an on in at of off to from down up along across over my our your this that these and or for with by near ' +
    'people men women metres meters miles km m minutes min hours days years cars houses is was are were'
  ).split(' '),
);

/** Before the name: Calle Mayor 5, rue de la Paix, via Roma 3, rua Augusta 12. */
const BEFORE = new Set(
  (
    'calle avenida avda paseo carrer rue boulevard chemin impasse quai rua travessa alameda praça viale piazza corso ' +
    'ulica ul jalan улица ул شارع طريق حي'
  ).split(' '),
);
/** Such words that are also common otherwise: the next word must be a name. */
const BEFORE_CAPITAL = new Set(
  'via plaza place avenue allée allee camino carrera estrada largo strada'.split(' '),
);

/** At the end of a word: Hauptstraße 5, Kerkstraat 12. The second list also ends everyday words: with a capital only. */
const SUFFIX = /(?:straße|strasse|str|gasse|allee|straat|gracht|gatan|vägen|veien|katu)\.?$/;
const SUFFIX_CAPITAL = /(?:platz|weg|damm|ufer|laan|plein|kade|gata|vej|gade)$/;

const postcodes = /^(?:[a-z]{1,2}\d[a-z\d]?)$/i;

const NUMBER = /^\d{1,5}[a-z]?$/i;

/** @param text - Folded. */
export function findAddresses(text: string): readonly Found[] {
  const words = readWords(text);
  const found: Found[] = [];
  words.forEach((word, i) => {
    const span = western(words, i) ?? britishPostcode(words, i);
    if (span !== undefined) found.push({ start: words[span.from]!.start, end: words[span.to]!.end });
    else if (/\p{Script=Han}/u.test(word.text)) found.push(...eastAsian(word));
  });
  return found;
}

function readWords(text: string): readonly Word[] {
  const words: Word[] = [];
  let last = 0;
  for (const match of text.matchAll(/[\p{L}\p{M}\p{N}]+\.?/gu)) {
    const start = match.index;
    const between = text.slice(last, Math.min(start, last + 6));
    const end = start + match[0].length;
    words.push({
      text: match[0],
      lower: match[0].toLowerCase(),
      start,
      end,
      joined: words.length > 0 && /^(?:,? {1,2}|[-'’/])$/.test(between),
    });
    last = end;
  }
  return words;
}

interface WordSpan {
  readonly from: number;
  readonly to: number;
}

const bare = (word: string) => word.replace(/\.$/, '');

function western(words: readonly Word[], i: number): WordSpan | undefined {
  const word = words[i]!;
  const name = bare(word.lower);
  if (AFTER.has(name) || AFTER_CAPITAL.has(name)) {
    const span = numberBefore(words, i, AFTER_CAPITAL.has(name));
    if (span !== undefined) return span;
  }
  const next = words[i + 1];
  if (
    (SUFFIX.test(word.lower) || (SUFFIX_CAPITAL.test(word.lower) && /^\p{Lu}/u.test(word.text))) &&
    word.text.length > 5 &&
    next?.joined === true &&
    NUMBER.test(bare(next.text))
  ) {
    return { from: i, to: i + 1 };
  }
  if (BEFORE.has(name)) return numberAfter(words, i) ?? frenchNumber(words, i);
  if (BEFORE_CAPITAL.has(name) && next !== undefined && /^\p{Lu}/u.test(next.text)) {
    return numberAfter(words, i) ?? frenchNumber(words, i);
  }
  return undefined;
}

/** One or two words of a name, then the number, going back from the street word. */
function numberBefore(words: readonly Word[], street: number, capital: boolean): WordSpan | undefined {
  for (let i = street - 1; i >= Math.max(0, street - 3); i -= 1) {
    if (!words[i + 1]!.joined) return undefined;
    const word = words[i]!;
    if (NUMBER.test(word.text)) return i === street - 1 ? undefined : { from: i, to: street };
    if (NOT_A_NAME.has(word.lower) || (capital && !/^\p{Lu}/u.test(word.text))) return undefined;
  }
  return undefined;
}

/** A name of up to four words, then the number. */
function numberAfter(words: readonly Word[], street: number): WordSpan | undefined {
  for (let i = street + 1; i <= Math.min(words.length - 1, street + 5); i += 1) {
    if (!words[i]!.joined) return undefined;
    if (NUMBER.test(bare(words[i]!.text))) return i === street + 1 ? undefined : { from: street, to: i };
  }
  return undefined;
}

/** Small words between a street word and its name. */
const LINKS = new Set('de du des la le les l d del della dei'.split(' '));

/** 12 rue de la Paix: the number right before, the name after at most three small words. */
function frenchNumber(words: readonly Word[], street: number): WordSpan | undefined {
  const before = words[street - 1];
  if (before === undefined || !words[street]!.joined || !NUMBER.test(before.text)) return undefined;
  let to = street;
  for (let i = street + 1; i <= street + 4 && words[i]?.joined === true; i += 1) {
    to = i;
    if (!LINKS.has(words[i]!.lower)) break;
  }
  return to === street ? undefined : { from: street - 1, to };
}

/** SW1A 1AA. In capitals, so that "a1 2nd" stays what it is. */
function britishPostcode(words: readonly Word[], i: number): WordSpan | undefined {
  const [first, second] = [words[i]!, words[i + 1]];
  if (second?.joined !== true || first.text !== first.text.toUpperCase()) return undefined;
  return postcodes.test(first.text) && /^\d[A-Z]{2}\.?$/.test(second.text)
    ? { from: i, to: i + 1 }
    : undefined;
}

/** 南京路12号, 3丁目4番5号: Chinese and Japanese stand without spaces. */
function eastAsian(word: Word): readonly Found[] {
  if (word.text.length > 200) return [];
  const match = /(?:路|街|道|巷|弄)\d{1,5}[号號]|\d{1,3}丁目\d{1,4}(?:番地?\d{0,4}号?)?/u.exec(word.text);
  if (match === null) return [];
  const name = /\p{Script=Han}{0,6}$/u.exec(word.text.slice(0, match.index))![0].length;
  return [{ start: word.start + match.index - name, end: word.start + match.index + match[0].length }];
}
