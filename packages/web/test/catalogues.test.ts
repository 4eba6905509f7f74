// The words: every language has every key with the same values to fill in, every key is used, every used key is there,
// and what @sotto/care names has words. Plural forms are checked by compiling, as the build does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import messageFormat from '@messageformat/core';
import { CARE_MESSAGE_KEYS } from '@sotto/care';
import { TOPICS } from '@sotto/client';
import { TOPIC_IDS } from '../src/rooms/topic-keys.ts';
import { LOCALES, localeFor } from '../src/i18n/locales.ts';

// The package is CommonJS: its types and its module disagree on where the class is.
const MessageFormat = messageFormat as unknown as typeof messageFormat.default;

const src = fileURLToPath(new URL('../src/', import.meta.url));

/** The words of a language, those of rooms and files with them: they are only fetched apart. */
async function catalogue(locale: string): Promise<Readonly<Record<string, string>>> {
  const files = ['', 'rooms/', 'files/'].map((part) => `../src/i18n/catalogues/${part}${locale}.ts`);
  const fetched = (await Promise.all(files.map((file) => import(file)))) as {
    messages: Record<string, string>;
  }[];
  return Object.assign({}, ...fetched.map(({ messages }) => messages)) as Record<string, string>;
}

/** The names between braces, plural choices aside. */
function valuesOf(message: string): readonly string[] {
  const found = [...message.matchAll(/\{\s*(\w+)\s*(?:\}|,\s*plural)/g)].map(([, name]) => name ?? '');
  return [...new Set(found)].sort();
}

/** Words that a language shares with English. */
const SAME_WORDS: Readonly<Record<string, readonly string[]>> = {
  es: ['PIN', 'Chat', 'Trauma'],
  fr: [
    'Conversations',
    'Pause',
    'Messages',
    'Version {version}',
    'Ambulance',
    'Police',
    'Chat',
    'Stress',
    'Addiction',
  ],
  de: [
    'Offline',
    'Pause',
    'Version {version}',
    'PIN',
    'Passphrase',
    'Chat',
    'Depression',
    'Stress',
    'Trauma',
  ],
  pt: ['PIN', 'Chat', 'Trauma'],
};

/** A brand, or nothing but places for values. */
const isNoEnglish = (text: string): boolean =>
  text === 'WhatsApp' || !/\p{L}/u.test(text.replaceAll(/\{\w+\}/g, ''));

const english = await catalogue('en');
const keys = Object.keys(english);
const code = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('catalogues'))
  .map((file) => readFileSync(join(src, file), 'utf8'))
  .join('\n');

describe.each(LOCALES.map((locale) => [locale]))('%s', (locale) => {
  test('has every key, in words', async () => {
    const messages = await catalogue(locale);
    expect(Object.keys(messages).sort()).toEqual([...keys].sort());
    expect(Object.entries(messages).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('fills in the same values as English', async () => {
    const messages = await catalogue(locale);
    const differing = keys.filter(
      (key) => String(valuesOf(messages[key] ?? '')) !== String(valuesOf(english[key] ?? '')),
    );
    expect(differing).toEqual([]);
  });

  test('compiles, with the plural forms of its language', async () => {
    const format = new MessageFormat(locale, { strict: true });
    const broken = Object.entries(await catalogue(locale)).filter(([, text]) => {
      try {
        format.compile(text);
        return false;
      } catch {
        return true;
      }
    });
    expect(broken).toEqual([]);
  });

  test('says every plural in each form that its numbers take', async () => {
    expect(lackingForms(locale, await catalogue(locale))).toEqual([]);
  });

  test('is not English left as it was', async () => {
    const messages = await catalogue(locale);
    const same = keys.filter((key) => messages[key] === english[key] && !isNoEnglish(english[key] ?? ''));
    expect(same.filter((key) => !(SAME_WORDS[locale] ?? []).includes(english[key] ?? ''))).toEqual(
      locale === 'en' ? keys.filter((key) => !isNoEnglish(english[key] ?? '')) : [],
    );
  });

  test('is in its own letters', async () => {
    const letters = { ar: /\p{Script=Arabic}/u, hi: /\p{Script=Devanagari}/u, 'zh-Hans': /\p{Script=Han}/u }[
      locale as string
    ];
    if (letters === undefined) return;
    const other = Object.values(await catalogue(locale)).filter((text) => !letters.test(text));
    expect(other.filter((text) => !isNoEnglish(text) && text !== 'SMS')).toEqual([]);
  });

  test('offers at least twenty names, each once, none of them a sentence', async () => {
    const names = ((await catalogue(locale))['names'] ?? '').split('|');
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(20);
    expect(names.filter((name) => name.length > 14 || name.trim() === '')).toEqual([]);
  });
});

/** How each language says “you” here is said at the head of its catalogue; these are the ways that it does not. */
const OTHER_YOU: Readonly<Record<string, RegExp>> = {
  es: /(?<!\p{L})(usted|ustedes|vosotros|os|\p{L}+[áé]is)(?!\p{L})/iu,
  // French has one “vous” for two people and for one: only orders and belongings are telling.
  fr: /(?<!\p{L})(votre|veuillez|êtes|avez|cliquez|entrez|choisissez)(?!\p{L})/iu,
  de: /(?<=[\p{Ll},] )(Sie|Ihr|Ihre|Ihren|Ihnen)(?= (?:können|haben|sind|müssen|dürfen|\p{Ll}+en)(?!\p{L}))/u,
  pt: /(?<!\p{L})(tu|teu|tua|teus|tuas|contigo|podes|ficheiro|ficheiros|ecrã)(?!\p{L})/iu,
  hi: /(?<!\p{L})(तुम|तुम्हें|तुम्हारा|तुम्हारी|तुम्हारे|तू|तेरा|रोको|करो|लाओ|सुनो|चलाओ)(?![\p{L}\p{M}])/u,
  'zh-Hans': /您/u,
};

test.each(Object.entries(OTHER_YOU))('%s addresses people in one way', async (locale, other) => {
  const messages = Object.entries(await catalogue(locale));
  expect(messages.filter(([, text]) => other.test(text))).toEqual([]);
});

test.each([
  ['es', 'Solo habláis si los dos queréis.'],
  ['fr', 'Choisissez votre langue.'],
  ['de', 'Wenn Sie können, warten Sie.'],
  ['pt', 'O teu navegador pergunta.'],
  ['hi', 'तुम इसे दे सकते हो।'],
  ['zh-Hans', '您可以关闭。'],
])('another way in %s would be found', (locale, text) => {
  expect(OTHER_YOU[locale]?.test(text)).toBe(true);
});

/** The forms that whole numbers take in a language: a number of people or days is never 1.5, and rarely a million. */
function formsOf(locale: string): readonly string[] {
  const rules = new Intl.PluralRules(locale);
  return [...new Set(Array.from({ length: 1_000 }, (_, count) => rules.select(count)))].sort();
}

/** Keys whose message chooses by number and has no words for some form of the language. */
function lackingForms(locale: string, messages: Readonly<Record<string, string>>): readonly string[] {
  const forms = formsOf(locale);
  return Object.entries(messages).flatMap(([key, text]) => {
    const chosen = [...text.matchAll(/\{\s*\w+,\s*plural,/g)].length;
    const lacking = forms.filter(
      (form) => [...text.matchAll(new RegExp(`\\b${form}\\s*\\{[^}]*[^}\\s][^}]*\\}`, 'g'))].length < chosen,
    );
    return lacking.map((form) => `${key}: ${form}`);
  });
}

test('Arabic has six plural forms, Chinese one, and one that lacks would be found', async () => {
  expect(formsOf('ar')).toEqual(['few', 'many', 'one', 'other', 'two', 'zero']);
  expect(formsOf('zh-Hans')).toEqual(['other']);
  const arabic = await catalogue('ar');
  const people = arabic['room.people'] ?? '';
  expect(lackingForms('ar', { 'room.people': people.replace(/ few \{[^}]*\}/, '') })).toEqual([
    'room.people: few',
  ]);
  expect(lackingForms('ar', { 'room.people': people.replace(/ two \{[^}]*\}/, ' two {}') })).toEqual([
    'room.people: two',
  ]);
});

/** Keys that no line of `source` names, whole or composed. */
function unusedIn(source: string, candidates: readonly string[]): readonly string[] {
  // `care.state.${state}` uses all keys that begin so, `${subject}.title` all that end so.
  const beginnings = [...source.matchAll(/`((?:\w+\.)+)\$\{[^`]*`/g)].map(([, start]) => start ?? '');
  const endings = [...source.matchAll(/`\$\{[^`]*\}(\.\w+)`/g)].map(([, ending]) => ending ?? '');
  return candidates.filter(
    (key) =>
      !source.includes(`'${key}'`) &&
      !source.includes(`"${key}"`) &&
      !(CARE_MESSAGE_KEYS as readonly string[]).includes(key) &&
      !beginnings.some((start) => key.startsWith(start)) &&
      !endings.some((ending) => key.endsWith(ending)),
  );
}

test('every key is used', () => {
  expect(unusedIn(code, keys)).toEqual([]);
});

test('a key that nothing uses would be found', () => {
  expect(unusedIn(code, [...keys, 'nobody.says'])).toEqual(['nobody.says']);
  expect(unusedIn(code.replaceAll("'thread.timer'", "''"), keys)).toEqual(['thread.timer']);
});

test('everything that care names has words', () => {
  expect(CARE_MESSAGE_KEYS.filter((key) => !(key in english))).toEqual([]);
});

test.each([
  [['fr-CA', 'en'], 'fr'],
  [['zh-TW'], 'zh-Hans'],
  [['xx', 'ar-EG'], 'ar'],
  [['nl'], 'en'],
  [[], 'en'],
])('a device that asks for %p gets %s', (wanted, expected) => {
  expect(localeFor(wanted)).toBe(expected);
});

test('every topic that the SDK knows has words', () => {
  expect(TOPIC_IDS).toEqual(TOPICS);
});

test('no word of rooms or files stands among those that everyone fetches first, nor in both', async () => {
  const [first, rooms, files] = await Promise.all([
    import('../src/i18n/catalogues/en.ts'),
    import('../src/i18n/catalogues/rooms/en.ts'),
    import('../src/i18n/catalogues/files/en.ts'),
  ]);
  const apart = [...Object.keys(rooms.messages), ...Object.keys(files.messages)];
  expect(apart.filter((key) => key in first.messages)).toEqual([]);
  expect(new Set(apart).size).toBe(apart.length);
});
