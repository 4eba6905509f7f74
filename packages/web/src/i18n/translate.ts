// Words: loads one language's compiled catalogue and gives its messages by key. Components that call `t` draw anew when
// the language changes. Not its concern: dates (dates.ts), which language (locales.ts, state/preferences.ts).

import { signal } from '@preact/signals';
import type { messages as english } from './catalogues/en.ts';
import type { messages as englishFiles } from './catalogues/files/en.ts';
import type { messages as englishRooms } from './catalogues/rooms/en.ts';
import type { Locale } from './locales.ts';

export type MessageKey = keyof typeof english | keyof typeof englishRooms | keyof typeof englishFiles;
export type MessageValues = Readonly<Record<string, string | number>>;
/** A catalogue as translators write it: TypeScript sees to it that none lacks a key. */
export type Messages = Readonly<Record<keyof typeof english, string>>;
/** The words of rooms, which are fetched with the first of their screens. */
export type RoomMessages = Readonly<Record<keyof typeof englishRooms, string>>;
/** The words of files and voice notes, which are fetched with the first of them. */
export type FileMessages = Readonly<Record<keyof typeof englishFiles, string>>;

type Compiled = Readonly<Partial<Record<MessageKey, (values: MessageValues) => string>>>;

type Loaders = Readonly<Record<Locale, () => Promise<{ readonly messages: unknown }>>>;

const loaders: Loaders = {
  en: () => import('./catalogues/en.ts'),
  es: () => import('./catalogues/es.ts'),
  fr: () => import('./catalogues/fr.ts'),
  de: () => import('./catalogues/de.ts'),
  pt: () => import('./catalogues/pt.ts'),
  ar: () => import('./catalogues/ar.ts'),
  hi: () => import('./catalogues/hi.ts'),
  'zh-Hans': () => import('./catalogues/zh-Hans.ts'),
};

/** What most people's first minute does without. */
const apart: Readonly<Record<'rooms' | 'files', Loaders>> = {
  rooms: {
    en: () => import('./catalogues/rooms/en.ts'),
    es: () => import('./catalogues/rooms/es.ts'),
    fr: () => import('./catalogues/rooms/fr.ts'),
    de: () => import('./catalogues/rooms/de.ts'),
    pt: () => import('./catalogues/rooms/pt.ts'),
    ar: () => import('./catalogues/rooms/ar.ts'),
    hi: () => import('./catalogues/rooms/hi.ts'),
    'zh-Hans': () => import('./catalogues/rooms/zh-Hans.ts'),
  },
  files: {
    en: () => import('./catalogues/files/en.ts'),
    es: () => import('./catalogues/files/es.ts'),
    fr: () => import('./catalogues/files/fr.ts'),
    de: () => import('./catalogues/files/de.ts'),
    pt: () => import('./catalogues/files/pt.ts'),
    ar: () => import('./catalogues/files/ar.ts'),
    hi: () => import('./catalogues/files/hi.ts'),
    'zh-Hans': () => import('./catalogues/files/zh-Hans.ts'),
  },
};

const fetchedApart = new Set<keyof typeof apart>();
const current = signal<{ readonly locale: Locale; readonly compiled: Compiled } | undefined>(undefined);

/** Loads a language and shows everything in it. Without network the earlier one stays. */
export async function loadLocale(locale: Locale): Promise<void> {
  const all = [loaders, ...[...fetchedApart].map((what) => apart[what])];
  const fetched = await Promise.all(all.map((one) => one[locale]()));
  const compiled = Object.assign({}, ...fetched.map(({ messages }) => messages)) as Compiled;
  current.value = { locale, compiled };
}

/** Fetches what rooms, or files, need words for, in the present language and in those chosen later. */
export async function loadWords(what: keyof typeof apart): Promise<void> {
  if (fetchedApart.has(what)) return;
  const { messages } = await apart[what][locale()]();
  const now = current.peek();
  fetchedApart.add(what);
  if (now !== undefined) current.value = { ...now, compiled: { ...now.compiled, ...(messages as Compiled) } };
}

export function locale(): Locale {
  return current.value?.locale ?? 'en';
}

/** @returns the message of this key in the current language, with its values filled in. */
export function t(key: MessageKey, values: MessageValues = {}): string {
  return current.value?.compiled[key]?.(values) ?? '';
}
